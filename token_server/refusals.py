# Copyright (c) 2026 panelops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The one exception with which a function says no."""

from __future__ import annotations

_QUOTED = 100


def quoted(text: str) -> str:
    """Return a name between the vendor's quotation marks, cut off if it is longer than any name could be."""
    return f"\u201c{text[:_QUOTED]}\u201d"


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


def missing(parameter: str) -> Refused:
    """Return the refusal of a call that lacks a parameter."""
    return Refused(f"Provide the {quoted(parameter)} argument.", cause=f"missing {parameter}")


class ServerError(Exception):
    """A reason why the server (or a command-line tool) cannot run; the text is one sentence for the operator."""
