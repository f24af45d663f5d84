# Copyright (c) 2026 panelops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The guard against guessing passwords: an address that fails too often is refused for a while."""

from __future__ import annotations

from token_server.state.clock import Clock

_REMEMBERED = 10_000


class Lockouts:
    """Counts failed log-ins per peer address. ``failures`` of 0 switches the guard off; ``lockout`` is in seconds."""

    def __init__(self, clock: Clock, failures: int, lockout: float) -> None:
        self._clock = clock
        self._limit = failures
        self._lockout = lockout
        self._failures: dict[str, tuple[int, float]] = {}

    def locked(self, peer: str) -> bool:
        """Tell whether passwords from this address are refused now, right ones too."""
        count, last = self._failures.get(peer, (0, 0.0))
        if count and self._clock.now() >= last + self._lockout:
            del self._failures[peer]
            return False
        return 0 < self._limit <= count

    def failed(self, peer: str) -> None:
        """Count a wrong password."""
        if self._limit:
            if len(self._failures) >= _REMEMBERED:
                self._failures.clear()
            count, _last = self._failures.get(peer, (0, 0.0))
            self._failures[peer] = (count + 1, self._clock.now())

    def succeeded(self, peer: str) -> None:
        """Forget the failures of an address that has logged in."""
        self._failures.pop(peer, None)

    def clear(self) -> None:
        """Forget all failures."""
        self._failures.clear()
