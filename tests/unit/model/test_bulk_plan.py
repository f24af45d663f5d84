# Copyright (c) 2026 panelops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

from dataclasses import replace

import pytest
from ansible_collections.panelops.cpanel.plugins.module_utils._errors import InvalidOption
from ansible_collections.panelops.cpanel.plugins.module_utils._model.bulk_plan import (
    Planner,
    names_to_prune,
    refuse_contradictions,
)
from ansible_collections.panelops.cpanel.plugins.module_utils._model.names import (
    interim_name,
    leftovers_of,
    waiting_name,
)
from ansible_collections.panelops.cpanel.plugins.module_utils._model.plan import (
    DesiredToken,
    Revoke,
    StoredSecret,
    TakeName,
    plan_token,
)
from ansible_collections.panelops.cpanel.plugins.module_utils._model.token import WhmToken
from hypothesis import given
from hypothesis import strategies as st

NOW = 1_790_000_000
SSL = frozenset(["ssl"])
NAMES = [
    "a",
    "b",
    "c",
    "d",
    "a--next-abc123",
    "b--prev-abc123",
    "other",
    interim_name("a", NOW - 99, []),
    interim_name("c", NOW - 99, []),
]

live_states = st.sets(st.sampled_from(NAMES)).map(
    lambda names: {name: WhmToken(name, acls=SSL, create_time=NOW - 99) for name in names}
)
desired = st.lists(
    st.builds(
        DesiredToken,
        st.sampled_from(["a", "b", "c", "d"]),
        present=st.booleans(),
        limits=st.sampled_from([{"acls": SSL}, {"acls": frozenset(["all"])}]),
        rename_from=st.sampled_from([None, "other", "gone"]),
        recreate=st.sampled_from(["never", "always"]),
    ),
    unique_by=lambda desired: desired.name,
)


@given(live_states, desired)
def test_each_plan_is_that_of_the_single_module_on_the_state_before_it(live, many):
    planner, state = Planner(dict(live), NOW), dict(live)
    for desired in many:
        expected = plan_token(state, desired, NOW)
        assert planner.plan(desired) == expected
        state = dict(planner.live)


@given(live_states, desired)
def test_afterwards_every_wish_is_true_and_nothing_is_left_to_do(live, many):
    planner = Planner(dict(live), NOW)
    for desired in many:
        planner.plan(desired)
    for desired in many:
        assert (desired.name in planner.live) == desired.present
        if desired.recreate == "never":
            assert Planner(dict(planner.live), NOW).plan(desired).steps == ()


@given(live_states, desired, st.sampled_from(["", "a", "o", "x"]))
def test_pruning_takes_what_is_not_listed_and_nothing_else(live, many, prefix):
    listed = {desired.name for desired in many}
    names = names_to_prune(live, listed, prefix, NOW)
    for name in live:
        other = any(name in leftovers_of(each, live, NOW) for each in listed)
        sibling = name.partition("--")[0] in listed and ("--next-" in name or "--prev-" in name)
        assert (name in names) == (name.startswith(prefix) and name not in listed and not sibling and not other)


def test_an_empty_list_prunes_everything():
    live = {name: WhmToken(name, create_time=NOW - 9) for name in ("a", "b--next-abc123")}
    assert names_to_prune(live, [], "", NOW) == ("a", "b--next-abc123")


@pytest.mark.parametrize(
    ("many", "message"),
    [
        ([DesiredToken("a"), DesiredToken("b"), DesiredToken("a")], "a is listed more than once"),
        ([DesiredToken("a"), DesiredToken("b", rename_from="a")], "b is to be renamed from it"),
        (
            [DesiredToken("a", rename_from="x"), DesiredToken("b", rename_from="x")],
            "a and b are both to be renamed from x",
        ),
    ],
)
def test_contradictions_are_refused(many, message):
    with pytest.raises(InvalidOption, match=message):
        refuse_contradictions(many)


def test_what_an_interrupted_reissue_of_a_listed_token_left_is_not_pruned() -> None:
    """It may be the only one whose secret anybody has; the plan for the name decides."""
    left, other = interim_name("t", NOW - 9, ()), interim_name("u", NOW - 9, ())
    live = {name: WhmToken(name, create_time=NOW - 9) for name in (left, other, "t", "x")}
    assert names_to_prune(live, ["t"], "", NOW) == (other, "x")


def test_a_listed_name_is_no_leftover() -> None:
    left = interim_name("t", NOW - 9, ())
    live = {name: WhmToken(name, acls=SSL, create_time=NOW - 9) for name in (left, "t")}
    always = DesiredToken("t", recreate="always")
    assert left not in Planner(dict(live), NOW, {"t", left}).plan(always).leftovers
    assert left in Planner(dict(live), NOW, {"t"}).plan(always).leftovers


def test_a_token_that_is_renamed_from_and_is_a_leftover_too_is_revoked_once() -> None:
    """The user renames from the name that an interrupted reissue gave the old token, which has expired since."""
    created = NOW - 1000
    old, waiting = interim_name("t", created, ()), waiting_name("t", created, ())
    live = {
        old: WhmToken(old, acls=SSL, create_time=created, expires_at=NOW - 1),
        waiting: WhmToken(waiting, acls=SSL, create_time=created + 5),
    }
    desired = DesiredToken("t", rename_from=old, stored=StoredSecret("/f", alive=True, holder=waiting))
    planner = Planner(dict(live), NOW)
    assert planner.plan(desired).steps == (
        Revoke((old,)),
        TakeName(waiting, replace(live[waiting], name="t")),
    )
    assert list(planner.live) == ["t"]
