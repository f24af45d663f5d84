# Copyright (c) 2026 panelops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Which of the calls of a task are answered by somebody hostile."""

from __future__ import annotations

from collections.abc import Callable

from tests.hostile.relay import Heard

When = Callable[[Heard], bool]


def _every() -> When:
    return lambda heard: True


def _first(matches: When) -> Callable[[], When]:
    def plan() -> When:
        seen: list[Heard] = []

        def when(heard: Heard) -> bool:
            if matches(heard):
                seen.append(heard)
                return len(seen) == 1
            return False

        return when

    return plan


def _from_first_change() -> When:
    seen: list[Heard] = []

    def when(heard: Heard) -> bool:
        if heard.changes:
            seen.append(heard)
        return bool(seen)

    return when


FIRST_READ, FIRST_CHANGE, EVERY_CHANGE = "first read", "first change", "every change"
FROM_FIRST_CHANGE, EVERY = "from the first change", "every call"

PLANS: dict[str, Callable[[], When]] = {
    FIRST_READ: _first(lambda heard: not heard.changes),
    FIRST_CHANGE: _first(lambda heard: heard.changes),
    EVERY_CHANGE: lambda: lambda heard: heard.changes,
    FROM_FIRST_CHANGE: _from_first_change,
    EVERY: _every,
}
BLIND = (FROM_FIRST_CHANGE, EVERY)
"""Plans under which no true list of tokens can be had after a change: what nobody holds can only be named."""
