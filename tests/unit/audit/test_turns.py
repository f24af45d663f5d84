# Copyright (c) 2026 panelops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Which hosts are still to come, and which writes the report."""

from __future__ import annotations

from pathlib import Path

import pytest
from ansible_collections.panelops.cpanel.plugins.plugin_utils._audit.turns import Turn, in_order


def turn(batch: str, **fields: object) -> Turn:
    given = dict(host=batch[0], play="p", everyone="bacd", alive="bacd", left_out=(), order=None, lockstep=True)
    return Turn(**{**given, "batch": list(batch), **fields})


def to_come(batch: str, read: str, **fields: object) -> list[str]:
    return turn(batch, **fields).to_come({host: {"x": 1} for host in read}, lambda host: host != "d")


@pytest.mark.parametrize(
    ("order", "batch", "expected"),
    [
        (None, "ba", ["c"]),
        ("inventory", "c", []),
        ("reverse_inventory", "dc", ["b", "a"]),
        ("sorted", "ab", ["c"]),
        ("reverse_sorted", "dc", ["b", "a"]),
        ("reverse_sorted", "ba", []),
    ],
)
def test_who_comes_later_follows_the_order_of_the_play(order: str | None, batch: str, expected: list[str]) -> None:
    assert to_come(batch, batch, order=order) == expected


def test_in_a_shuffled_play_anyone_who_was_not_read_and_whose_conditions_hold() -> None:
    assert to_come("c", "c", order="shuffle") == ["b", "a"]
    assert to_come("c", "ac", order="shuffle") == ["b"]


def test_who_failed_does_not_come() -> None:
    assert to_come("b", "b", alive="ba") == ["a"]


def test_without_lockstep_others_of_the_batch_still_come() -> None:
    assert to_come("bacd", "c", lockstep=False) == ["b", "a"]
    assert to_come("bacd", "c", lockstep=True) == []


def test_the_first_that_runs_this_use_of_the_role_writes() -> None:
    kept = {"b": {"invocation": "old"}, "a": {"invocation": "new"}, "c": {"invocation": "new"}, "d": {}}
    assert turn("bacd", host="c").writer(kept.__getitem__) == "a"
    assert turn("bacd", host="d").writer(kept.__getitem__) == "d", "it has nothing, and does not wait for another"
    assert turn("bacd", host="c", lockstep=False).writer(kept.__getitem__) == "c"


def test_what_another_play_read_does_not_count() -> None:
    kept = {"b": {"play": "p", "host": "x"}, "a": {"play": "earlier"}, "c": {}, "d": {}}
    assert turn("b").reads(kept.__getitem__) == {"b": kept["b"], "a": None, "c": None, "d": None}


def test_a_report_on_less_is_not_written_over_one_on_more(tmp_path: Path) -> None:
    told = []
    for number in (1, 3, 2, 3, 4):
        with in_order(tmp_path / "note", number) as newest:
            told.append(newest)
    assert told == [True, True, False, True, True]
