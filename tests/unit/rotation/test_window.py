# Copyright (c) 2026 panelops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""When a window is open, in zones with and without summer time."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from itertools import islice
from zoneinfo import ZoneInfo

import pytest
from ansible_collections.panelops.cpanel.plugins.module_utils._errors import InvalidOption
from ansible_collections.panelops.cpanel.plugins.module_utils._model.expiry import named_zone, to_iso
from ansible_collections.panelops.cpanel.plugins.module_utils._rotation.window import DAYS, Period, Window, window_of
from hypothesis import given
from hypothesis import strategies as st

BERLIN = ZoneInfo("Europe/Berlin")
ZONES = st.sampled_from([UTC, BERLIN, ZoneInfo("America/New_York"), ZoneInfo("Australia/Lord_Howe")])
TIMES = st.integers(1_600_000_000, 2_100_000_000)
WINDOWS = st.builds(
    Window, st.frozensets(st.integers(0, 6), min_size=1), st.integers(0, 1439), st.integers(1, 1440), ZONES
)


def at(text: str) -> int:
    """Unix seconds of a time of UTC."""
    return int(datetime.fromisoformat(text).replace(tzinfo=UTC).timestamp())


def told(window: Window, since: str, count: int = 1) -> list[tuple[str, str]]:
    """The next times for which the window is open, as text."""
    return [(to_iso(each.opens), to_iso(each.closes)) for each in islice(window.periods(at(since)), count)]


def test_a_window_over_midnight_belongs_to_the_day_on_which_it_opens() -> None:
    window = window_of(["mon", "tue"], "22:00-04:00", BERLIN)
    # 2026-06-01 is a Monday.
    monday, tuesday = (
        ("2026-06-01T20:00:00Z", "2026-06-02T02:00:00Z"),
        ("2026-06-02T20:00:00Z", "2026-06-03T02:00:00Z"),
    )
    assert told(window, "2026-06-01T00:00", 2) == [monday, tuesday]
    assert told(window, "2026-06-02T01:59:59") == [monday]
    assert told(window, "2026-06-02T02:00") == [tuesday]
    assert told(window, "2026-06-03T02:00") == [("2026-06-08T20:00:00Z", "2026-06-09T02:00:00Z")]


@pytest.mark.parametrize(
    ("hours", "day", "opens", "closes"),
    [
        # Clocks skip from 02:00 to 03:00 on 2026-03-29, and show 02:00 to 03:00 twice on 2026-10-25.
        ("01:00-04:00", "2026-03-29", "2026-03-29T00:00:00Z", "2026-03-29T02:00:00Z"),
        ("02:15-02:45", "2026-03-29", "2026-03-29T01:15:00Z", "2026-03-29T01:45:00Z"),
        ("02:30-03:15", "2026-03-29", "2026-03-29T01:30:00Z", "2026-03-29T02:15:00Z"),
        ("01:00-04:00", "2026-10-25", "2026-10-24T23:00:00Z", "2026-10-25T03:00:00Z"),
        ("02:15-02:45", "2026-10-25", "2026-10-25T00:15:00Z", "2026-10-25T01:45:00Z"),
    ],
)
def test_summer_time(hours: str, day: str, opens: str, closes: str) -> None:
    window = window_of(["sun"], hours, BERLIN)
    before = (datetime.fromisoformat(day) - timedelta(days=1)).date().isoformat()
    assert told(window, f"{before}T00:00") == [(opens, closes)]


@given(WINDOWS, TIMES)
def test_windows_follow_each_other(window: Window, now: int) -> None:
    periods = list(islice(window.periods(now), 4))
    assert periods[0].closes > now
    assert all(each.opens < each.closes for each in periods)
    assert [each.opens for each in periods] == sorted({each.opens for each in periods})
    assert next(window.periods(periods[1].closes - 1)) in periods


@given(WINDOWS, TIMES)
def test_no_gap_is_longer_than_the_longest(window: Window, now: int) -> None:
    first, second, third = islice(window.periods(now), 3)
    assert max(second.opens - first.closes, third.opens - second.closes, first.opens - now) <= window.longest_gap()


@given(WINDOWS, TIMES)
def test_an_open_window_is_open_by_the_clocks_of_its_zone(window: Window, now: int) -> None:
    period = next(window.periods(now))
    local = datetime.fromtimestamp(now, window.zone)
    since = timedelta(hours=local.hour, minutes=local.minute)
    opens = timedelta(minutes=window.opens)
    days_ago = [days for days in (0, 1) if (local.weekday() - days) % 7 in window.days]
    by_clocks = any(
        opens <= since + timedelta(days=days) < opens + timedelta(minutes=window.lasts) for days in days_ago
    )
    if all(
        datetime.fromtimestamp(now + hours * 3600, window.zone).utcoffset() == local.utcoffset() for hours in (-49, 25)
    ):
        assert by_clocks == (period.opens <= now)


@pytest.mark.parametrize(
    ("days", "hours", "gap"),
    [
        (None, "22:00-04:00", 18),
        (["sat"], None, 6 * 24),
        (["mon", "wed"], "00:00-24:00", 4 * 24),
        (list(DAYS), None, 0),
        (["sun", "mon"], "23:00-01:00", 5 * 24 + 22),
    ],
)
def test_the_longest_gap(days: list[str] | None, hours: str | None, gap: int) -> None:
    assert window_of(days, hours, UTC).longest_gap() == gap * 3600
    assert window_of(days, hours, BERLIN).longest_gap() == (gap + 1 if gap else 0) * 3600


def test_whole_days() -> None:
    assert told(window_of(["sat"], None, UTC), "2026-06-01T00:00") == [("2026-06-06T00:00:00Z", "2026-06-07T00:00:00Z")]
    assert next(window_of(None, "12:00-24:00", UTC).periods(0)) == Period(43200, 86400)


@pytest.mark.parametrize(
    ("days", "hours", "message"),
    [
        (None, None, "window: gives neither days nor hours, so it would always be open. Give one of them."),
        ([], None, "window.days: is empty, so the window would never open. Name days, or leave it out."),
        *(
            (
                None,
                hours,
                f"window.hours: {hours!r} is not a span of hours. Give them as HH:MM-HH:MM, such as 22:00-04:00.",
            )
            for hours in ("22-4", "22:00", "24:00-04:00", "22:00-24:30", "22:60-23:00", "2:00-4:00", "٢٢:00-04:00", "")
        ),
        (
            None,
            "04:00-04:00",
            "window.hours: '04:00-04:00' ends when it begins. Leave hours out for whole days, or give another end.",
        ),
    ],
)
def test_what_is_no_window(days: list[str] | None, hours: str | None, message: str) -> None:
    with pytest.raises(InvalidOption) as refused:
        window_of(days, hours, UTC)
    assert str(refused.value) == message


def test_a_zone_that_is_unknown() -> None:
    for name in ("Mars/Olympus", "", "../etc/passwd", "Europe", "a\0b"):
        with pytest.raises(
            InvalidOption, match=r"^window.zone: .* is not known on the host that runs the module\. Give a name"
        ):
            named_zone(name, "window.zone")
