# Copyright (c) 2026 panelops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What to do about places that do not hold the live secret of a token that is not due. Pure.

A copy is made only from a place that is proven to hold the live secret, so that a planted or a retired one is never spread. Without such
a place the token rotates, which fills all of them.
"""

from __future__ import annotations

import enum
from collections.abc import Sequence
from dataclasses import dataclass

from .state import Family, Reason

MOST_RETIRED = 2
"""While so many retired tokens live, no further one is made because of a place: something there does not keep what it is given."""


SINK_MISSING, SINK_STALE = "sink_missing", "sink_stale"
BECAUSE_OF_PLACES = (SINK_MISSING, SINK_STALE)
"""Reasons of a rotation: no place of the token holds its live secret."""


class Holding(enum.Enum):
    """What a place holds. A result has the value."""

    LIVE = "live"
    RETIRED = "retired"
    STAGED = "staged"
    DEAD = "dead"
    """A secret that the server refuses."""
    MISSING = "missing"
    OTHER = "other"
    """Something that a secret must not replace."""
    UNPROVEN = "unproven"
    """A secret of which nobody can say whether it is the live one."""
    UNKNOWN = "unknown"
    """Nobody knows."""


STALE = (Holding.RETIRED, Holding.STAGED, Holding.DEAD)
"""Secrets that are the token's own, or nobody's, and that the live one replaces."""

FILLED = (*STALE, Holding.MISSING)
"""What is filled with the live secret."""


@dataclass(frozen=True)
class Reading:
    """What was read at a place of a token.

    ``label`` is what messages call the place. ``why`` is a sentence on what is not known or may not be replaced. ``same``: equal numbers
    mean equal secrets; ``None`` where no secret could be made out. ``may_be_retired``: it works, and may be that of a retired token.
    """

    label: str
    holding: Holding
    why: str = ""
    same: int | None = None
    may_be_retired: bool = False

    @property
    def told(self) -> str:
        """The place and what it holds, as a part of a sentence."""
        return f"{self.label} {_TOLD[self.holding]}"


_TOLD = {
    Holding.LIVE: "holds the live secret",
    Holding.RETIRED: "holds a retired secret",
    Holding.STAGED: "holds the secret of a staged token",
    Holding.DEAD: "holds a secret that does not work",
    Holding.MISSING: "holds no secret",
    Holding.OTHER: "holds something else",
    Holding.UNPROVEN: "holds a secret that cannot be proven",
    Holding.UNKNOWN: "could not be read",
}


@dataclass(frozen=True)
class Repair:
    """What to do about the places of one token.

    ``source`` is the number of the place to copy from, and ``targets`` are those to fill. ``reason`` is why the token rotates instead.
    ``trouble`` is a sentence on what is wrong and cannot be repaired, or not by this run.
    """

    source: int | None = None
    targets: tuple[int, ...] = ()
    reason: Reason | None = None
    trouble: str = ""

    @property
    def is_needed(self) -> bool:
        """Is there anything that a run repairs?"""
        return bool(self.targets) or self.reason is not None


def repair_of(readings: Sequence[Reading], family: Family, now: int) -> Repair:
    """What to do about the places of a token that is live and not due.

    :param now: the server's time in Unix seconds.
    """
    trouble = " ".join(
        f"{each.label}: {each.why}" for each in readings if each.holding in (Holding.OTHER, Holding.UNKNOWN)
    )
    lacking = tuple(number for number, each in enumerate(readings) if each.holding in FILLED)
    unproven = {each.same for each in readings if each.holding is Holding.UNPROVEN and each.same is not None}
    source = next((number for number, each in enumerate(readings) if each.holding is Holding.LIVE), None)
    if source is not None:
        return Repair(source if lacking else None, lacking, None, trouble)
    if not lacking and len(unproven) < 2:
        return Repair(trouble=trouble)
    told = "; ".join(readings[number].told for number in lacking) or "its places hold different secrets"
    if trouble:
        # The rotation would refuse that place before it creates anything.
        return Repair(trouble=f"{trouble} Until that is repaired, nothing else is: {told}.")
    retired = [each.token.name for each in family.retired if not each.token.is_expired(now)]
    if len(retired) >= MOST_RETIRED:
        return Repair(
            trouble=f"{told}. The token does not rotate for that while {' and '.join(retired)} still work, for something there may not "
            "keep what it is given. Find out what, and run again with rotate_force: true, or when their overlap is over."
        )
    missing = all(readings[number].holding is Holding.MISSING for number in lacking) and bool(lacking)
    return Repair(reason=Reason(SINK_MISSING if missing else SINK_STALE, told))
