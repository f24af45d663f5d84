# Copyright (c) 2026 panelops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Which tokens wait for a window or for a later run; and that none is dead before its turn."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC
from itertools import islice

from ansible_collections.panelops.cpanel.plugins.module_utils._rotation.urgency import (
    BlastRadius,
    Candidate,
    Wait,
    waits,
    waves,
)
from ansible_collections.panelops.cpanel.plugins.module_utils._rotation.window import Window
from hypothesis import given
from hypothesis import strategies as st

NOW = 1_800_000_000  # a Friday, 08:00
HOUR, DAY = 3600, 86400
WEEKEND = Window(frozenset([5]), 0, 24 * 60)
OPENS = NOW + 16 * HOUR


def token(name: str, left: int | None, lead: int = 10 * DAY, **more: object) -> Candidate:
    """A token that is due, and lives for this many seconds."""
    expires_at = None if left is None else NOW + left
    return Candidate((None, name), expires_at, lead, NOW if expires_at is None else expires_at - lead, **more)


def waiting(*tokens: Candidate, **radius: object) -> dict[str, Wait]:
    return {name: wait for (_account, name), wait in waits(tokens, BlastRadius(**radius), NOW).items()}


def test_without_a_window_and_a_limit_none_waits() -> None:
    assert waiting(token("a", 9 * DAY), token("b", None)) == {}


def test_a_token_waits_for_the_window() -> None:
    wait = Wait("It waits for the window, which opens at 2027-01-16T00:00:00Z.", OPENS)
    assert waiting(token("a", 9 * DAY), token("b", None), window=WEEKEND) == {"a": wait, "b": wait}
    opened = waits([token("a", 9 * DAY)], BlastRadius(WEEKEND), OPENS)
    assert opened == {}


def test_what_would_be_dead_before_the_next_window_is_over_does_not_wait() -> None:
    assert waiting(token("a", 16 * HOUR), token("b", 40 * HOUR), token("c", 40 * HOUR + 1), window=WEEKEND).keys() == {
        "c"
    }


def test_what_an_interrupted_run_has_left_does_not_wait_for_the_window() -> None:
    assert waiting(token("a", 9 * DAY, is_repair=True), window=WEEKEND) == {}
    assert waiting(token("a", 9 * DAY, is_repair=True), token("b", 8 * DAY), limit=1).keys() == {"a"}


def test_beyond_the_limit_the_most_urgent_go_first() -> None:
    tokens = [token("a", None), token("b", 8 * DAY), token("c", 6 * DAY), token("d", 7 * DAY), token("e", 6 * DAY)]
    late = replace(tokens[0], key=("alice", "late"), next_due=NOW - 1)
    found = waiting(*tokens, late, limit=3)
    assert found.keys() == {"a", "b", "late"}
    why = "It waits for a later run, because a run rotates 3 at most, and others are more urgent."
    assert found["a"] == Wait(why, None)
    assert found["b"] == Wait(f"{why} It does not wait beyond 2027-01-18T08:00:01Z.", NOW + 3 * DAY + 1)
    assert waiting(*tokens, late, limit=5).keys() == {"a"}


def test_with_less_than_half_of_its_time_a_token_ignores_the_limit() -> None:
    first = [token("a", 4 * DAY)]
    assert waiting(*first, token("b", 5 * DAY), limit=1).keys() == {"b"}
    assert waiting(*first, token("b", 5 * DAY - 1), limit=1) == {}
    assert waiting(*first, token("b", 5 * DAY, lead=10 * DAY + 1), limit=1) == {}


def test_what_the_next_window_would_find_dead_ignores_the_limit() -> None:
    """The limit may hold back nothing for which no run comes in time."""
    lead = 8 * DAY
    tokens = [token("a", 5 * DAY, lead), token("b", 16 * HOUR + 8 * DAY, lead)]
    now = OPENS + HOUR
    assert waits([replace(tokens[1], expires_at=OPENS + 8 * DAY), tokens[0]], BlastRadius(WEEKEND, 1), now) == {}
    assert (
        len(waits([replace(tokens[1], expires_at=OPENS + 8 * DAY + 1), tokens[0]], BlastRadius(WEEKEND, 1), now)) == 1
    )


TOKENS = st.lists(
    st.builds(lambda left, lead: (left, lead), st.integers(1, 60 * DAY), st.integers(1, 30 * DAY)),
    min_size=1,
    max_size=8,
)


@given(TOKENS, st.integers(1, 4), st.booleans())
def test_who_waits_is_less_urgent_than_who_goes_and_the_limit_is_kept(
    tokens: list, limit: int, in_window: bool
) -> None:
    candidates = [token(str(number), left, lead) for number, (left, lead) in enumerate(tokens)]
    window = Window(frozenset(range(7)), 0, 1440) if in_window else None
    found = waits(candidates, BlastRadius(window, limit), NOW)
    going = [each for each in candidates if each.key not in found]
    assert len(going) >= min(limit, len(candidates))
    left = [each for each in candidates if each.key in found]
    assert all(2 * (each.expires_at - NOW) >= each.lead for each in left)
    beyond = [each for each in going if 2 * (each.expires_at - NOW) >= each.lead and not in_window]
    # Those that go within the limit go before all that wait.
    for each in beyond:
        assert all(each.expires_at <= other.expires_at for other in left)
    assert len(beyond) <= limit


@given(st.data())
def test_no_token_dies_because_of_a_window_or_a_limit(data: st.DataObject) -> None:
    """Runs come in each window, at any moment of it, and otherwise when they like: what one lets wait is alive when the next one comes."""
    days = data.draw(st.frozensets(st.integers(0, 6), min_size=1))
    window = Window(days, data.draw(st.integers(0, 1439)), data.draw(st.integers(1, 1440)), UTC)
    radius = BlastRadius(window, data.draw(st.none() | st.integers(1, 2)))
    longer = st.integers(1, 20 * DAY)
    tokens = {}
    for number in range(data.draw(st.integers(1, 6))):
        lead = window.longest_gap() + data.draw(longer)
        tokens[number] = token(str(number), lead + data.draw(st.integers(0, 20 * DAY)), lead)
    runs = []
    for period in islice(window.periods(NOW), 60):
        runs.append(data.draw(st.integers(max(period.opens, NOW), period.closes - 1)))
    runs += data.draw(st.lists(st.integers(NOW, NOW + 40 * DAY), max_size=5))
    waited = set()
    for now in sorted(runs):
        due = [each for each in tokens.values() if each.next_due <= now]
        found = waits(due, radius, now)
        for each in due:
            # What was not due when a run came waited for nothing but the runs.
            assert each.expires_at > now or each.key not in waited, "it died while it waited"
            if each.key not in found:
                del tokens[int(each.key[1])]
        waited |= found.keys()


@given(st.data())
def test_no_token_dies_because_of_a_limit_alone(data: st.DataObject) -> None:
    """Runs come at least once within half of that time."""
    lead = data.draw(st.integers(2 * HOUR, 20 * DAY))
    tokens = {number: token(str(number), lead + data.draw(st.integers(0, 9 * DAY)), lead) for number in range(6)}
    now = NOW
    while tokens:
        due = [each for each in tokens.values() if each.next_due <= now]
        found = waits(due, BlastRadius(None, 1), now)
        for each in due:
            assert each.expires_at > now, "it died while it waited"
            if each.key not in found:
                del tokens[int(each.key[1])]
        now += data.draw(st.integers(lead // 4, lead // 2 - 1))


@given(TOKENS, st.integers(1, 4))
def test_waves_hold_as_many_as_may_fail_and_the_most_urgent_come_first(tokens: list, size: int) -> None:
    candidates = [token(str(number), left, lead) for number, (left, lead) in enumerate(tokens)]
    found = waves(candidates, BlastRadius(stop_after=size))
    assert found.keys() == {each.key for each in candidates}
    counts = [list(found.values()).count(wave) for wave in range(max(found.values()) + 1)]
    assert all(count == size for count in counts[:-1])
    assert 0 < counts[-1] <= size
    for one in candidates:
        assert all(found[one.key] <= found[each.key] for each in candidates if one.expires_at < each.expires_at)
    assert set(waves(candidates, BlastRadius()).values()) == {0}
    assert waves([], BlastRadius()) == {}
