# Copyright (c) 2026 panelops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The one exception with which a function says no."""

from __future__ import annotations


class Refused(Exception):
    """A function that was called and did not do what was asked.

    ``reason`` goes to the client and may quote what it sent. ``cause`` goes to the audit log and is always a fixed
    phrase: a parameter value might be a secret that somebody put into the wrong field. ``denied`` marks a missing
    permission, as against a request that could not be fulfilled.
    """

    def __init__(self, reason: str, *, cause: str, denied: bool = False) -> None:
        super().__init__(reason)
        self.reason = reason
        self.cause = cause
        self.denied = denied


class ServerError(Exception):
    """A reason why the server (or a command-line tool) cannot run; the text is one sentence for the operator."""
