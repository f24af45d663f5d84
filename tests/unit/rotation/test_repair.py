# Copyright (c) 2026 panelops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What is done about places that do not hold the live secret."""

from __future__ import annotations

import pytest
from ansible_collections.panelops.cpanel.plugins.module_utils._model.token import WhmToken
from ansible_collections.panelops.cpanel.plugins.module_utils._rotation.repair import (
    FILLED,
    STALE,
    Holding,
    Reading,
    Repair,
    repair_of,
)
from ansible_collections.panelops.cpanel.plugins.module_utils._rotation.state import Family, Retired
from hypothesis import given
from hypothesis import strategies as st

NOW = 1_800_000_000
LIVE, MISSING, DEAD, RETIRED = Holding.LIVE, Holding.MISSING, Holding.DEAD, Holding.RETIRED
OTHER, UNKNOWN, UNPROVEN = Holding.OTHER, Holding.UNKNOWN, Holding.UNPROVEN


def family(*ends: int) -> Family:
    """A live token, and retired ones that expire so many seconds from now."""
    retired = [
        Retired(WhmToken(name=f"t--prev-{number}", create_time=NOW - 1000, expires_at=NOW + end), number)
        for number, end in enumerate(ends)
    ]
    return Family(WhmToken(name="t", create_time=NOW - 10), (), tuple(retired))


def readings(*holdings: Holding, same: tuple[int | None, ...] = ()) -> list[Reading]:
    numbers = same or (None,) * len(holdings)
    return [
        Reading(f"place {number}", each, "it is odd." if each in (OTHER, UNKNOWN) else "", numbers[number])
        for number, each in enumerate(holdings)
    ]


def repair(*holdings: Holding, ends: tuple[int, ...] = (), same: tuple[int | None, ...] = ()) -> Repair:
    return repair_of(readings(*holdings, same=same), family(*ends), NOW)


@pytest.mark.parametrize(
    ("holdings", "source", "targets"),
    [
        ([LIVE, LIVE], None, ()),
        ([MISSING, LIVE], 1, (0,)),
        ([DEAD, MISSING, LIVE, RETIRED, Holding.STAGED], 2, (0, 1, 3, 4)),
        ([LIVE, UNPROVEN, OTHER, UNKNOWN, MISSING], 0, (4,)),
    ],
)
def test_copies(holdings: list, source: int | None, targets: tuple) -> None:
    found = repair(*holdings)
    assert (found.source, found.targets, found.reason) == (source, targets, None)


@pytest.mark.parametrize(
    ("holdings", "word", "text"),
    [
        ([MISSING], "sink_missing", "place 0 holds no secret"),
        ([MISSING, DEAD], "sink_stale", "place 0 holds no secret; place 1 holds a secret that does not work"),
        ([RETIRED], "sink_stale", "place 0 holds a retired secret"),
    ],
)
def test_rotations(holdings: list, word: str, text: str) -> None:
    reason = repair(*holdings).reason
    assert reason is not None
    assert (reason.word, reason.text) == (word, text)


def test_what_cannot_be_proven() -> None:
    """Equal copies are fine. Where they differ, or one is missing, the token rotates."""
    assert not repair(UNPROVEN, UNPROVEN, same=(1, 1)).is_needed
    # The text of a template, in which nobody can say where a secret stands, differs from nothing.
    assert not repair(UNPROVEN, UNPROVEN, same=(1, None)).is_needed
    different = repair(UNPROVEN, UNPROVEN, same=(1, 2)).reason
    assert different is not None
    assert (different.word, different.text) == ("sink_stale", "its places hold different secrets")
    missing = repair(UNPROVEN, MISSING, same=(1, None)).reason
    assert missing is not None
    assert missing.word == "sink_missing"


def test_trouble_is_told_and_keeps_a_rotation_from_starting() -> None:
    assert repair(LIVE, UNKNOWN).trouble == "place 1: it is odd."
    found = repair(MISSING, UNKNOWN)
    assert found.reason is None
    assert found.trouble == "place 1: it is odd. Until that is repaired, nothing else is: place 0 holds no secret."


def test_no_third_rotation() -> None:
    """What has expired does not count."""
    assert repair(MISSING, ends=(10,)).reason is not None
    assert repair(MISSING, ends=(10, -10)).reason is not None
    found = repair(MISSING, ends=(10, 20))
    assert found.reason is None
    assert found.trouble.startswith(
        "place 0 holds no secret. The token does not rotate for that while t--prev-0 and t--prev-1 still work,"
    )
    assert repair(MISSING, LIVE, ends=(10, 20)).targets == (0,), "a copy makes no token"


@given(st.lists(st.tuples(st.sampled_from(Holding), st.integers(0, 2)), min_size=1, max_size=6), st.integers(0, 3))
def test_nothing_but_the_live_secret_is_copied_and_nothing_else_is_replaced(places: list, retired: int) -> None:
    holdings = [holding for holding, _same in places]
    found = repair(*holdings, same=tuple(same for _holding, same in places), ends=(10,) * retired)
    assert all(holdings[number] in FILLED for number in found.targets)
    assert (found.source is not None) == bool(found.targets)
    if found.source is not None:
        assert holdings[found.source] is LIVE
        assert found.targets == tuple(number for number, each in enumerate(holdings) if each in FILLED)
    if found.reason is not None:
        assert LIVE not in holdings
        assert not {OTHER, UNKNOWN} & set(holdings)
        assert retired < 2
        assert (found.reason.word == "sink_stale") == (bool(set(STALE) & set(holdings)) or MISSING not in holdings)
    if {OTHER, UNKNOWN} & set(holdings):
        assert found.trouble
