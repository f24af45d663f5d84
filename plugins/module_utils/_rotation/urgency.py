# Copyright (c) 2026 panelops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Which of the tokens that are due wait for a window or for a later run, so that a run changes no more than it may. Pure.

None waits until it is dead. One that waits for a window is alive until that is over, at whichever moment of it the next run comes. One
that waits for a later run has half of its O(tokens[].rotate_before) left, and is alive until the next window is over if there are windows.

Times are Unix seconds of the server's clock, durations are seconds.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from itertools import islice

from .._model.expiry import to_iso
from .._model.token import ApiToken
from .entries import Key, RotationEntry
from .repair import BECAUSE_OF_PLACES
from .rotating import RotatingToken
from .state import UNFINISHED, lead
from .window import Period, Window


@dataclass(frozen=True)
class BlastRadius:
    """How much a run may change on a server; ``None`` where nothing is said.

    ``window`` is when, ``limit`` how many tokens at most, and after ``stop_after`` failed ones it begins no further one.
    """

    window: Window | None = None
    limit: int | None = None
    stop_after: int | None = None


@dataclass(frozen=True)
class Candidate:
    """A live token that is due.

    ``expires_at`` and ``next_due`` are ``None`` for never, ``lead`` is for how long before its expiry it is due. ``is_repair``: did an
    earlier run not finish, or do places lack its secret?
    """

    key: Key
    expires_at: int | None
    lead: int
    next_due: int | None
    is_repair: bool = False

    @classmethod
    def of(cls, rotating: RotatingToken, live: ApiToken, entry: RotationEntry) -> Candidate:
        """A live token that is due, and its entry."""
        return cls(
            rotating.key,
            live.expires_at,
            lead(live, rotating.desired),
            entry.next_due,
            entry.reason in (UNFINISHED, *BECAUSE_OF_PLACES),
        )

    def is_over_by(self, moment: int) -> bool:
        """Is it dead at that time?"""
        return self.expires_at is not None and self.expires_at <= moment


@dataclass(frozen=True)
class Wait:
    """Why a token waits, as a sentence, and until when; ``None`` if no time is known."""

    sentence: str
    until: int | None


def waits(candidates: Iterable[Candidate], radius: BlastRadius, now: int) -> dict[Key, Wait]:
    """Those of the tokens that wait. Without a window and a limit none does."""
    present, following = _next_periods(radius.window, now)
    waiting: dict[Key, Wait] = {}
    taken = 0
    for each in sorted(candidates, key=_urgency):
        if present is not None and now < present.opens and not each.is_repair and not each.is_over_by(present.closes):
            waiting[each.key] = Wait(f"It waits for the window, which opens at {to_iso(present.opens)}.", present.opens)
        elif radius.limit is None or taken < radius.limit or _is_pressing(each, following, now):
            taken += 1
        else:
            waiting[each.key] = _beyond(radius.limit, each)
    return waiting


def waves(candidates: Iterable[Candidate], radius: BlastRadius) -> dict[Key, int]:
    """In which wave each of the tokens goes, from 0 on: the most urgent first, and no more in one than may fail."""
    ordered = sorted(candidates, key=_urgency)
    return {each.key: number // (radius.stop_after or len(ordered)) for number, each in enumerate(ordered)}


def _next_periods(window: Window | None, now: int) -> tuple[Period | None, Period | None]:
    """When the window is open, or opens next; and the next time that it opens after ``now``."""
    if window is None:
        return None, None
    first, second = islice(window.periods(now), 2)
    return first, second if first.opens <= now else first


def _urgency(candidate: Candidate) -> tuple[float, float, tuple[str, str]]:
    """What dies first comes first; of what never does, what has been due for the longest."""
    never = float("inf")
    account, name = candidate.key
    expires_at = never if candidate.expires_at is None else candidate.expires_at
    return (expires_at, never if candidate.next_due is None else candidate.next_due, (account or "", name))


def _is_pressing(candidate: Candidate, following: Period | None, now: int) -> bool:
    """Could it die before another run takes it?"""
    if candidate.expires_at is None:
        return False
    if following is not None and candidate.is_over_by(following.closes):
        return True
    return _presses_from(candidate.expires_at, candidate.lead) <= now


def _presses_from(expires_at: int, lead: int) -> int:
    """The first second with less than half of the lead left."""
    return expires_at - (lead + 1) // 2 + 1


def _beyond(limit: int, candidate: Candidate) -> Wait:
    sentence = f"It waits for a later run, because a run rotates {limit} at most, and others are more urgent."
    if candidate.expires_at is None:
        return Wait(sentence, None)
    until = _presses_from(candidate.expires_at, candidate.lead)
    return Wait(f"{sentence} It does not wait beyond {to_iso(until)}.", until)
