# Copyright (c) 2026 panelops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a run says to a secret of a store, whatever the store and others do meanwhile."""

from __future__ import annotations

from hypothesis import example, given
from hypothesis import strategies as st

from tests.unit.sinks.memory import EVENTS, Memory, deliver, delivering, place, restore

OTHERS = {"other": "first", "n": 5, "nested": {"a": [1, None]}, "": "no name"}
NEW = {"token": "new", "host": "whm.example.com"}
OLD = st.sampled_from([{}, {"token": "old"}, {"token": "old", "host": "h"}, {"token": None}, {"token": 1}])
DAYS = st.lists(st.sampled_from(EVENTS), max_size=40)


def others(content: dict) -> dict:
    return {key: value for key, value in content.items() if key not in NEW}


def check_others(memory: Memory) -> None:
    """Nothing of ours has changed a key that is not ours."""
    for earlier, later in zip(memory.history, memory.history[1:], strict=False):
        if later in memory.ours:
            assert others(later) == others(earlier)


@given(OLD, DAYS)
@example({}, ["lost before"] * 30)
@example({"token": "old"}, ["well", "lost after", "our key changed"])
@example({"token": "old"}, ["well", "lost after", "read refused"])
def test_a_delivery(old: dict, events: list[str]) -> None:
    memory = Memory({**OTHERS, **old})
    sink = delivering(memory, NEW)
    memory.events = iter(events)
    (told,) = deliver(memory, sink)
    check_others(memory)
    assert told.place == place()
    assert (told.msg is None) == told.ok
    if told.ok:
        assert memory.ours, "it is there because we have written it"
        assert not told.unchanged
    if told.unchanged:
        assert not memory.ours, "no consumer can have got it, not even for a moment"
        assert (
            told.taken_over
            or {key: memory.content.get(key) for key in NEW} == {key: old.get(key) for key in NEW}
            or "our key changed" in events
        )
    if told.taken_over:
        assert memory.content["token"].startswith("that of another run")
    if not {"our key changed", "refused", "read refused"} & set(events) and len(events) <= 12:
        assert told.ok, "what passes does not fail a delivery"
        assert {key: memory.content.get(key) for key in NEW} == NEW


@given(OLD, DAYS)
@example({}, [])
def test_a_rollback(old: dict, events: list[str]) -> None:
    memory = Memory({**OTHERS, **old})
    held = {key: memory.content.get(key) for key in NEW}
    (delivered,) = deliver(memory, delivering(memory, NEW))
    memory.events = iter(events)
    told = restore(memory, delivered, held)
    check_others(memory)
    now = {key: memory.content.get(key) for key in NEW}
    if told.restored:
        assert told.unchanged
        if "our key changed" not in events:
            assert now == held
            assert "host" not in memory.content or held["host"] is not None
    else:
        assert not told.ok
        assert not told.unchanged, "a consumer has got the new copy, and may still have it"
    if told.taken_over:
        assert now["token"].startswith("that of another run")


@given(DAYS, st.integers(0, 3))
def test_two_runs_interleaved(events: list[str], before: int) -> None:
    """The other run delivers to its own key between any look of this one and its write."""
    memory = Memory({**OTHERS, "a": "old a", "b": "old b"})
    ours, theirs = delivering(memory, {"a": "new a"}), delivering(memory, {"b": "new b"}, name="u")
    count, told = 0, []

    def other_run() -> None:
        nonlocal count
        count += 1
        if count == before + 1:
            kept, memory.events = memory.events, iter(())
            told.extend(deliver(memory, theirs))
            memory.events = kept

    memory.before_write = other_run
    passing = [event for event in events if event in ("well", "other key changed", "lost before", "lost after")][:8]
    memory.events = iter(passing)
    told += deliver(memory, ours)
    if not any(each.place.name == "u" for each in told):
        told += deliver(memory, theirs)
    assert all(each.ok for each in told)
    assert (memory.content["a"], memory.content["b"]) == ("new a", "new b")
    assert others({key: value for key, value in memory.content.items() if key != "other"}) == {
        **{key: value for key, value in OTHERS.items() if key != "other"},
        "a": "new a",
        "b": "new b",
    }


def test_several_sinks_are_one_write() -> None:
    memory = Memory({**OTHERS, "a": "old a", "b": "old b", "c": "old c"})
    sinks = [delivering(memory, {key: f"new {key}"}, name=key) for key in "abc"]
    memory.content["b"] = "that of another run"
    told = deliver(memory, *sinks)
    assert [(each.place.name, each.ok, each.taken_over) for each in told] == [
        ("a", True, False),
        ("b", False, True),
        ("c", True, False),
    ]
    assert memory.content == {**OTHERS, "a": "new a", "b": "that of another run", "c": "new c"}
    assert len(memory.ours) == 1


def test_nobody_waits_if_nobody_is_in_the_way() -> None:
    from ansible_collections.panelops.cpanel.plugins.plugin_utils._sinks.conversation import Conversation, Silence

    memory, waits = Memory({}), []
    Conversation(memory, [delivering(memory, NEW)], Silence(60), pause=waits.append).deliver()
    assert waits == []
