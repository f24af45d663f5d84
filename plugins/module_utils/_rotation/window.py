# Copyright (c) 2026 panelops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""When rotations may take place (O(window)). Pure.

Days and hours are those of clocks on the wall in one time zone. A window belongs to the day on which it opens. Summer time moves its
opening and its end as it moves all clocks: a time that clocks skip counts as if they had not, and of a time that they show twice a window
opens at the first and ends at the second.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta, timezone, tzinfo

from .._errors import InvalidOption

DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")

_MINUTE = 60
_HOUR = 60 * _MINUTE
_MINUTES_A_DAY = 24 * 60
_MINUTES_A_WEEK = 7 * _MINUTES_A_DAY

_HOURS = re.compile(r"([01][0-9]|2[0-3]):([0-5][0-9]) ?- ?(?:([01][0-9]|2[0-3]):([0-5][0-9])|24:00)")


@dataclass(frozen=True)
class Period:
    """One time for which the window is open: from the second ``opens`` until just before the second ``closes``, in Unix seconds."""

    opens: int
    closes: int


@dataclass(frozen=True)
class Window:
    """On which days the window opens (0 is Monday), how many minutes after midnight, and for how many minutes, at most a day."""

    days: frozenset[int]
    opens: int
    lasts: int
    zone: tzinfo = timezone.utc

    def longest_gap(self) -> int:
        """For how many seconds the window is closed at the longest. An hour more than by the week, if summer time may end in between."""
        openings = sorted(day * _MINUTES_A_DAY + self.opens for day in self.days)
        following = [*openings[1:], openings[0] + _MINUTES_A_WEEK]
        gap = max(after - before - self.lasts for before, after in zip(openings, following))
        return gap * _MINUTE + (_HOUR if gap and self.zone is not timezone.utc else 0)

    def periods(self, now: int) -> Iterator[Period]:
        """The times for which the window is open: first the one that is not over at ``now`` (Unix seconds), then all that follow."""
        # A day before that of the zone: its window may go on beyond midnight, and summer time may end during it.
        day = datetime.fromtimestamp(now, self.zone).date() - timedelta(days=2)
        while True:
            if day.weekday() in self.days:
                period = self._on(day)
                if period.closes > now:
                    yield period
            day += timedelta(days=1)

    def _on(self, day: date) -> Period:
        opening = datetime.combine(day, time()) + timedelta(minutes=self.opens)
        closing = opening + timedelta(minutes=self.lasts)
        opens = self._seconds(opening, 0)
        closes = max(self._seconds(closing, fold) for fold in (0, 1))
        # One that opens in the hour that clocks skip would end before it has begun.
        return Period(opens, closes if closes > opens else opens + self.lasts * _MINUTE)

    def _seconds(self, local: datetime, fold: int) -> int:
        return int(local.replace(tzinfo=self.zone, fold=fold).timestamp())


def window_of(days: Sequence[str] | None, hours: str | None, zone: tzinfo) -> Window:
    """The window of these options.

    :param days: the days on which it opens; ``None`` for each. :param hours: from when until when; ``None`` for the whole day.
    :raises InvalidOption: it would always be open, or never, or the hours are not understood.
    """
    if days is None and hours is None:
        raise InvalidOption("window", "gives neither days nor hours, so it would always be open.", "Give one of them.")
    if days is not None and not days:
        raise InvalidOption("window.days", "is empty, so the window would never open.", "Name days, or leave it out.")
    opens, lasts = (0, _MINUTES_A_DAY) if hours is None else _span(hours)
    return Window(frozenset(range(7) if days is None else map(DAYS.index, days)), opens, lasts, zone)


def _span(hours: str) -> tuple[int, int]:
    """The minute of the day at which a window opens, and how many minutes it lasts."""
    match = _HOURS.fullmatch(hours.strip())
    remedy = "Give them as HH:MM-HH:MM, such as 22:00-04:00."
    if match is None:
        raise InvalidOption("window.hours", f"{hours!r} is not a span of hours.", remedy)
    first, first_minute, last, last_minute = match.groups()
    opens = int(first) * 60 + int(first_minute)
    closes = _MINUTES_A_DAY if last is None else int(last) * 60 + int(last_minute)
    if opens == closes:
        raise InvalidOption(
            "window.hours", f"{hours!r} ends when it begins.", "Leave hours out for whole days, or give another end."
        )
    return opens, (closes - opens) % _MINUTES_A_DAY or _MINUTES_A_DAY
