# Copyright (c) 2026 panelops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The guard against guessing passwords: an address that fails too often is refused for a while."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field

from token_server.state.clock import Clock

_REMEMBERED = 10_000


class Lockouts:
    """Counts failed log-ins per peer address. ``failures`` of 0 switches the guard off; ``lockout`` is in seconds."""

    def __init__(self, clock: Clock, failures: int, lockout: float) -> None:
        self._clock = clock
        self._limit = failures
        self._lockout = lockout
        self._failures: dict[str, Failures] = {}

    def locked(self, peer: str) -> bool:
        """Tell whether passwords from this address are refused now, right ones too."""
        failures = self._failures.get(peer)
        if failures is None:
            return False
        if self._clock.now() >= failures.last + self._lockout:
            del self._failures[peer]
            return False
        return 0 < self._limit <= failures.by_user.total()

    def failed(self, peer: str, user: str | None) -> None:
        """Count a wrong password for a user, or for None if there is no such user."""
        if self._limit:
            if len(self._failures) >= _REMEMBERED:
                self._failures.clear()
            failures = self._failures.setdefault(peer, Failures())
            failures.by_user[user] += 1
            failures.last = self._clock.now()

    def succeeded(self, peer: str, user: str) -> None:
        """Forget the failures of a user who has logged in, and of nobody else.

        Whoever has an account could otherwise guess at another one for ever, and log in to their own in between.
        """
        failures = self._failures.get(peer)
        if failures is not None:
            del failures.by_user[user]

    def clear(self) -> None:
        """Forget all failures."""
        self._failures.clear()


@dataclass(slots=True)
class Failures:
    """The wrong passwords from one address, by user, and when the last of them came."""

    by_user: Counter[str | None] = field(default_factory=Counter)
    last: float = 0.0
