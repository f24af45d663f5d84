# Copyright (c) 2026 panelops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""From delivered to live: the steps of a promotion, whole, and whether there is still anything to promote."""

from __future__ import annotations

from dataclasses import replace

import pytest
from ansible_collections.panelops.cpanel.plugins.module_utils._model.plan import Update
from ansible_collections.panelops.cpanel.plugins.module_utils._model.token import ApiToken, CpanelToken, WhmToken
from ansible_collections.panelops.cpanel.plugins.module_utils._rotation.state import (
    LAST_BREATH,
    Promotion,
    PromotionState,
    ended_at_once,
    promotion,
)

NOW = 1_800_000_000
OVERLAP = 100
SSL = frozenset({"ssl"})


def whm(name: str = "t", create_time: int = 500, expires_at: int | None = None) -> WhmToken:
    return WhmToken(name, expires_at, create_time, acls=SSL)


def cpanel(name: str = "t", create_time: int = 500, expires_at: int | None = None) -> CpanelToken:
    return CpanelToken(name, expires_at, create_time)


OWN, OWN_OF_CPANEL = whm("t--next-a", 1000), cpanel("t--next-a", 1000)
DECISIVE, DECISIVE_OF_CPANEL = Update("t--next-a", whm("t", 1000)), Update("t--next-a", cpanel("t", 1000))


def promoted(*live: ApiToken, own: ApiToken = OWN, overlap: int = OVERLAP) -> Promotion:
    return promotion({token.name: token for token in live}, "t", own, overlap, NOW)


def steps(*live: ApiToken, overlap: int = OVERLAP) -> tuple[Update, ...]:
    found = promoted(*live, overlap=overlap)
    assert found.state is PromotionState.UNFINISHED
    return found.steps


@pytest.mark.parametrize(
    ("live", "state"),
    [
        ([whm("t", 1000)], PromotionState.DONE),
        ([whm("t", 1000), whm("t--prev-1", 500)], PromotionState.DONE),
        ([whm("t", 1000), whm("t--next-b", 2000)], PromotionState.DONE),
        ([whm("t--prev-1", 1000)], PromotionState.TAKEN_OVER),
        ([whm("t", 1000), whm("t--prev-1", 1000)], PromotionState.TAKEN_OVER),
        ([whm("t", 1001)], PromotionState.TAKEN_OVER),
        ([whm("t", 999), whm("t--next-b", 1001)], PromotionState.TAKEN_OVER),
        ([whm("t--next-b", 1001)], PromotionState.TAKEN_OVER),
        ([], PromotionState.VANISHED),
        ([whm("t", 999)], PromotionState.VANISHED),
        ([whm("t", 999), whm("t--next-b", 1000), whm("t--prev-1", 2000)], PromotionState.VANISHED),
        ([whm("u", 1000), whm("u--prev-1", 1000)], PromotionState.VANISHED),
        ([OWN, whm("t", 1000)], PromotionState.TAKEN_OVER),
        ([OWN, whm("t", 1001)], PromotionState.TAKEN_OVER),
    ],
)
def test_nothing_is_left_to_promote(live: list, state: PromotionState) -> None:
    assert promoted(*live) == Promotion(state, (), None)


def test_a_first_token_only_takes_its_name() -> None:
    assert promoted(OWN) == Promotion(PromotionState.UNFINISHED, (DECISIVE,), DECISIVE)
    assert promoted(OWN_OF_CPANEL, own=OWN_OF_CPANEL) == Promotion(
        PromotionState.UNFINISHED, (DECISIVE_OF_CPANEL,), DECISIVE_OF_CPANEL
    )


def test_the_live_token_of_whm_is_retired_first_under_the_time_of_its_creation() -> None:
    retire = Update("t", whm("t--prev-dw", 500, NOW + OVERLAP))
    assert promoted(OWN, whm()) == Promotion(PromotionState.UNFINISHED, (retire, DECISIVE), DECISIVE)


def test_the_live_token_of_cpanel_is_retired_first_under_the_time_of_its_retirement() -> None:
    retire = Update("t", cpanel("t--prev-tro8w0", 500))
    assert promoted(OWN_OF_CPANEL, cpanel()) == Promotion(
        PromotionState.UNFINISHED, (retire, DECISIVE_OF_CPANEL), DECISIVE_OF_CPANEL
    )


@pytest.mark.parametrize(
    ("expires_at", "overlap", "end"),
    [
        (None, 100, NOW + 100),
        (None, 0, NOW + LAST_BREATH),
        (None, LAST_BREATH + 1, NOW + LAST_BREATH + 1),
        (NOW + 99, 100, NOW + 99),
        (NOW + 101, 100, NOW + 100),
        (NOW - 7, 100, NOW + LAST_BREATH),
        (NOW + LAST_BREATH + 1, 100, NOW + LAST_BREATH + 1),
    ],
)
def test_when_a_retired_token_of_whm_ends(expires_at: int | None, overlap: int, end: int) -> None:
    assert LAST_BREATH == 5
    retire, _decisive = steps(OWN, whm(expires_at=expires_at), overlap=overlap)
    assert retire.token.expires_at == end


def test_older_staged_tokens_are_retired_after_it_and_younger_ones_are_left_alone() -> None:
    older, same, younger = whm("t--next-b", 999), whm("t--next-c", 1000), whm("t--next-d", 1001)
    assert steps(OWN, older, same, younger) == (
        DECISIVE,
        Update("t--next-b", whm("t--prev-rr", 999, NOW + OVERLAP)),
    )


def test_two_tokens_are_not_retired_under_one_name() -> None:
    live, first, second = whm("t", 7), whm("t--next-b", 7), whm("t--next-c", 7)
    found = steps(OWN, live, first, second, whm("t--prev-8", 1, 1))
    assert [step.token.name for step in found] == ["t--prev-7", "t", "t--prev-9", "t--prev-a"]
    of_cpanel = [cpanel("t", 7), cpanel("t--next-b", 7), OWN_OF_CPANEL]
    assert [step.token.name for step in promoted(*of_cpanel, own=OWN_OF_CPANEL).steps] == [
        *("t--prev-tro8w0", "t", "t--prev-tro8w1")
    ]


def test_contested_tokens_of_cpanel_are_retired_anew_and_with_them_all_others() -> None:
    """Where create times contradict each other, the times in the names are not to be trusted either."""
    contested, older = cpanel("t--prev-1", 500), cpanel("t--prev-2", 499)
    assert promoted(OWN_OF_CPANEL, cpanel(), contested, older, own=OWN_OF_CPANEL).steps == (
        Update("t", cpanel("t--prev-tro8w0", 500)),
        DECISIVE_OF_CPANEL,
        Update("t--prev-1", cpanel("t--prev-tro8w1", 500)),
        Update("t--prev-2", cpanel("t--prev-tro8w2", 499)),
    )
    staged = cpanel("t--next-b", 999)
    *_others, first, second, third = promoted(
        OWN_OF_CPANEL, cpanel(), contested, older, staged, own=OWN_OF_CPANEL
    ).steps
    assert [each.name for each in (first, second, third)] == ["t--next-b", "t--prev-1", "t--prev-2"]


@pytest.mark.parametrize(
    ("expires_at", "overlap", "end"),
    [
        (None, 100, NOW + 100),
        (NOW + 101, 100, NOW + 100),
        (NOW + 100, 100, None),
        (NOW + 6, 0, NOW + 5),
        (NOW + 5, 0, None),
    ],
)
def test_a_token_that_was_retired_before_ends_no_later(expires_at: int | None, overlap: int, end: int | None) -> None:
    retired = whm("t--prev-1", 999, expires_at)
    shortened = (Update("t--prev-1", replace(retired, expires_at=end)),) if end else ()
    assert steps(OWN, retired, overlap=overlap) == (DECISIVE, *shortened)


@pytest.mark.parametrize(("expires_at", "end"), [(NOW + 700, None), (NOW + 701, NOW + 100), (None, NOW + 100)])
def test_what_was_given_longer_keeps_it(expires_at: int | None, end: int | None) -> None:
    """Somebody who is not known may need it. What would live longer than even that was retired by another clock."""
    retired = whm("t--prev-1", 999, expires_at)
    found = promotion({token.name: token for token in (OWN, retired)}, "t", OWN, 100, NOW, 700)
    shortened = (Update("t--prev-1", replace(retired, expires_at=end)),) if end else ()
    assert found.steps == (DECISIVE, *shortened)


def test_a_retired_token_that_is_not_older_keeps_its_time() -> None:
    assert steps(OWN, whm("t--prev-1", 1000), whm("t--prev-2", 1001)) == (DECISIVE,)
    assert promoted(OWN_OF_CPANEL, cpanel("t", 1), cpanel("t--prev-1", 0), own=OWN_OF_CPANEL).steps[1:] == (
        DECISIVE_OF_CPANEL,
    )


def test_an_emergency_ends_what_is_older_on_cpanel() -> None:
    live = [cpanel("t", 500), cpanel("t--next-a", 499), cpanel("t--prev-1", 499), cpanel("t--prev-2", 500)]
    tokens = {token.name: token for token in [*live, cpanel("u", 1), cpanel("u--prev-1", 1)]}
    assert ended_at_once(tokens, "t", NOW) == ("t--next-a", "t--prev-1")
    assert ended_at_once({"t--prev-1": cpanel("t--prev-1", 1)}, "t", NOW) == ()


def test_an_emergency_leaves_those_of_whm_to_their_expiry() -> None:
    assert ended_at_once({"t": whm("t", 500), "t--prev-1": whm("t--prev-1", 1)}, "t", NOW) == ()
