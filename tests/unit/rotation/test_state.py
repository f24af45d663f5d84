# Copyright (c) 2026 panelops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""When a token is due, and what its siblings are called."""

from __future__ import annotations

import json

from ansible_collections.panelops.cpanel.plugins.module_utils._model.names import (
    LONGEST_ROTATED,
    doubtful_name,
    is_doubtful,
    is_sibling,
    is_staged,
    retired_name,
    retired_stamp,
    staged_name,
)
from ansible_collections.panelops.cpanel.plugins.module_utils._model.token import LONGEST_NAME, CpanelToken, WhmToken
from ansible_collections.panelops.cpanel.plugins.module_utils._rotation.grace import over
from ansible_collections.panelops.cpanel.plugins.module_utils._rotation.state import (
    AHEAD,
    KEPT,
    DesiredRotation,
    Family,
    Replacement,
    Retired,
    due,
    held_back,
    next_due,
    replacement_of,
)
from hypothesis import given
from hypothesis import strategies as st

NOW = 1_800_000_000
DAY = 86400


def whm(name: str = "t", **more: object) -> WhmToken:
    return WhmToken(**{"name": name, "create_time": NOW, "acls": frozenset({"ssl"}), **more})


@given(
    lifetime=st.integers(2, 400 * DAY),
    share=st.floats(0.01, 0.99),
    max_age=st.none() | st.integers(1, 400 * DAY),
    waits=st.lists(st.integers(1, 30 * DAY), max_size=40),
)
def test_a_token_is_due_from_one_moment_on_whenever_runs_come(
    lifetime: int, share: float, max_age: int | None, waits: list[int]
) -> None:
    """So a late run skips nothing, and an early one does nothing."""
    desired = DesiredRotation("t", lifetime=lifetime, rotate_before=int(lifetime * share), max_age=max_age)
    token = whm(expires_at=NOW + lifetime)
    moment = next_due(token, desired)
    assert moment is not None
    now = NOW
    for wait in waits:
        now += wait
        assert (due(Family(token), desired, now) is not None) == (now >= moment)


@given(st.from_regex(r"[A-Za-z0-9_-]{1,37}", fullmatch=True), st.integers(1, 2**31 - 1))
def test_names_of_siblings_fit_and_are_recognized(name: str, number: int) -> None:
    assert LONGEST_ROTATED == 37
    staged, retired = staged_name(name), retired_name(name, number, ())
    assert len(staged) <= LONGEST_NAME
    assert len(retired) <= LONGEST_NAME
    assert is_staged(staged, name)
    assert not is_staged(retired, name)
    assert retired_stamp(retired, name) == number
    assert retired_stamp(staged, name) is None
    assert is_sibling(staged, {name})
    assert is_sibling(retired, {name})
    assert not is_sibling(staged, {name + "x"})


def test_two_retired_tokens_have_two_names() -> None:
    first = retired_name("t", NOW, ())
    second = retired_name("t", NOW, {first})
    assert retired_stamp(second, "t") == NOW + 1


def test_reasons() -> None:
    def word(family: Family, **desired: object) -> str:
        reason = due(family, DesiredRotation("t", **desired), NOW + 10)
        return reason.word if reason else ""

    assert word(Family(None)) == "missing"
    assert word(Family(None, retired=(Retired(whm("t--prev-1"), 1),))) == "unfinished"
    assert word(Family(whm(), staged=(whm("t--next-1"),))) == "unfinished"
    younger = whm("t--prev-1", create_time=NOW + 5)
    assert word(Family(whm(), retired=(Retired(younger, 1),))) == "unfinished", "it may be the one that is delivered"
    older = whm("t--prev-1", create_time=NOW - 5)
    assert word(Family(whm(), retired=(Retired(older, 1),))) == ""
    assert word(Family(whm(expires_at=NOW + 10))) == "expired"
    assert word(Family(whm()), force=True) == "forced"
    assert word(Family(whm()), limits={"acls": frozenset({"ssl"})}) == ""
    assert word(Family(whm()), limits={"acls": frozenset({"all"})}) == "limits"
    assert word(Family(whm()), lifetime=DAY) == "lifetime"
    assert word(Family(whm(expires_at=NOW + 90 * DAY)), lifetime=90 * DAY) == ""
    assert word(Family(whm(expires_at=NOW + 20 * DAY)), lifetime=90 * DAY) == "rotate_before", "a third"
    assert word(Family(whm(expires_at=NOW + 20 * DAY)), lifetime=90 * DAY, rotate_before=DAY) == ""
    assert word(Family(whm()), max_age=11) == ""
    assert word(Family(whm()), max_age=10) == "max_age"


def test_a_token_from_before_the_clock_was_set_back_counts_as_older() -> None:
    future = whm("t--prev-1", create_time=NOW + 9999, expires_at=NOW - KEPT)
    family = Family(whm(), retired=(Retired(future, 1),))
    assert due(family, DesiredRotation("t"), NOW + 10) is None
    assert over(family, DAY, NOW) == ("t--prev-1",)


def test_a_staged_token_is_never_wider_than_what_it_replaces() -> None:
    live = whm(expires_at=NOW + 5 * DAY, whitelist_ips=("192.0.2.1/32",))
    replacement = replacement_of(Family(live), DesiredRotation("t", limits={"acls": frozenset({"list-accts"})}))
    assert replacement.limits == {"acls": frozenset({"list-accts"}), "whitelist_ips": ("192.0.2.1/32",)}
    assert replacement.lifetime == 5 * DAY


def test_a_replacement_survives_the_way_through_a_play() -> None:
    """One step returns it as plain data, the next one is given that."""
    whm_like = Replacement({"acls": frozenset({"ssl", "list-accts"}), "whitelist_ips": ("192.0.2.1",)}, DAY)
    assert Replacement.of(WhmToken, json.loads(json.dumps(whm_like.as_dict()))) == whm_like
    cpanel_like = Replacement({"readonly": True}, None)
    assert Replacement.of(CpanelToken, json.loads(json.dumps(cpanel_like.as_dict()))) == cpanel_like
    assert cpanel_like.token(CpanelToken, "t--next-1", NOW) == CpanelToken("t--next-1", readonly=True)


@given(st.from_regex(r"[A-Za-z0-9_-]{1,37}", fullmatch=True))
def test_the_name_of_a_staged_token_says_whether_its_delivery_failed(name: str) -> None:
    staged = staged_name(name)
    doubtful = doubtful_name(staged)
    assert (is_doubtful(staged), is_doubtful(doubtful)) == (False, True)
    assert is_staged(doubtful, name)
    assert len(doubtful) == len(staged)


def family_with(*names: str) -> Family:
    return Family(whm(), tuple(whm(f"t--next-{name}") for name in names))


def test_a_killed_run_holds_nothing_back_and_a_failed_delivery_does_until_its_overlap_is_over() -> None:
    assert held_back(family_with("abc123"), silent=True, overlap=100, now=NOW) is None
    failed = family_with("zbc123")
    assert "t--next-zbc123" in (held_back(failed, silent=True, overlap=100, now=NOW + 99) or "")
    assert held_back(failed, silent=True, overlap=100, now=NOW + 100) is None
    assert held_back(failed, silent=True, overlap=1000, now=NOW - AHEAD) is not None
    assert held_back(failed, silent=True, overlap=1000, now=NOW - AHEAD - 1) is None, "when it was created is not known"
    assert held_back(failed, silent=False, overlap=100, now=NOW) is None, (
        "its places are read before anything is staged"
    )


def test_why_no_token_is_staged_is_said_in_whole_sentences() -> None:
    assert held_back(family_with("zbc123"), silent=True, overlap=100, now=NOW) == (
        "t--next-zbc123 of an earlier run may have been delivered: its sink could not say how far it came. Another token is staged "
        "when the overlap of that one is over, at 2027-01-15T08:01:40Z. To go on at once, revoke t--next-zbc123 if no consumer holds "
        "it. The old token is unchanged."
    )
    young, old = whm("t--next-zbc123"), whm("t--next-zbc124", create_time=NOW - 1)
    third = (
        "t--next-zbc123 and t--next-zbc124 of earlier runs may have been delivered, so no third token is staged. Repair the sink, "
        "revoke those of the two that no consumer holds (state: absent), and run again."
    )
    assert held_back(Family(whm(), (young, old)), silent=False, overlap=100, now=NOW) == (
        f"{third} The old token is unchanged."
    )
    assert held_back(Family(None, (young, old)), silent=False, overlap=100, now=NOW) == third


def test_there_is_never_a_third() -> None:
    later = NOW + 400 * DAY
    for silent in (True, False):
        assert "no third" in (held_back(family_with("zbc123", "zbc124"), silent=silent, overlap=0, now=later) or "")
    assert "no third" in (held_back(family_with("abc123", "zbc124"), silent=True, overlap=0, now=later) or "")
    assert held_back(family_with("abc123", "abc124"), silent=False, overlap=100, now=NOW) is None
