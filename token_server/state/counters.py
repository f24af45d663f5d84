# Copyright (c) 2026 panelops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Counters of calls, for those who test clients: what was called, and what changed something."""

from __future__ import annotations


class Counters:
    """How often what was called, and how many of these calls committed a change."""

    def __init__(self) -> None:
        self.http_requests = 0
        self._functions: dict[str, list[int]] = {}

    def called(self, function: str) -> None:
        """Count one call of a function."""
        self._functions.setdefault(function, [0, 0])[0] += 1

    def committed(self, function: str, commits: int) -> None:
        """Count the changes that a call of a function has committed."""
        self._functions.setdefault(function, [0, 0])[1] += commits

    def clear(self) -> None:
        """Begin again at zero."""
        self.http_requests = 0
        self._functions.clear()

    def as_object(self) -> dict[str, object]:
        """Return the counters as the control port shows them."""
        return {
            "http_requests": self.http_requests,
            "functions": {
                name: {"calls": calls, "commits": commits} for name, (calls, commits) in sorted(self._functions.items())
            },
        }
