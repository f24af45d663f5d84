# Copyright (c) 2026 panelops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

import pytest
from ansible_collections.panelops.cpanel.plugins.module_utils._errors import InvalidOption
from ansible_collections.panelops.cpanel.plugins.module_utils._model.bulk_plan import (
    Planner,
    check_wishes,
    names_to_prune,
)
from ansible_collections.panelops.cpanel.plugins.module_utils._model.names import aside_name
from ansible_collections.panelops.cpanel.plugins.module_utils._model.plan import Wish, plan_token
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
    aside_name("a", NOW - 9, []),
    aside_name("c", NOW - 9, []),
]

live_states = st.sets(st.sampled_from(NAMES)).map(
    lambda names: {name: WhmToken(name, acls=SSL, create_time=NOW - 99) for name in names}
)
wishes = st.lists(
    st.builds(
        Wish,
        st.sampled_from(["a", "b", "c", "d"]),
        present=st.booleans(),
        limits=st.sampled_from([{"acls": SSL}, {"acls": frozenset(["all"])}]),
        rename_from=st.sampled_from([None, "other", "gone"]),
        recreate=st.sampled_from(["never", "always"]),
    ),
    unique_by=lambda wish: wish.name,
)


@given(live_states, wishes)
def test_each_plan_is_that_of_the_single_module_on_the_state_before_it(live, many):
    planner, state = Planner(dict(live), NOW), dict(live)
    for wish in many:
        expected = plan_token(state, wish, NOW)
        assert planner.plan(wish) == expected
        state = dict(planner.live)


@given(live_states, wishes)
def test_afterwards_every_wish_is_true_and_nothing_is_left_to_do(live, many):
    planner = Planner(dict(live), NOW)
    for wish in many:
        planner.plan(wish)
    for wish in many:
        assert (wish.name in planner.live) == wish.present
        if wish.recreate == "never":
            assert Planner(dict(planner.live), NOW).plan(wish).steps == ()


@given(live_states, wishes, st.sampled_from(["", "a", "o", "x"]))
def test_pruning_takes_what_is_not_listed_and_nothing_else(live, many, prefix):
    listed = {wish.name for wish in many}
    names = names_to_prune(live, listed, prefix)
    for name in live:
        sibling = name.partition("--")[0] in listed and ("--next-" in name or "--prev-" in name)
        assert (name in names) == (name.startswith(prefix) and name not in listed and not sibling)


def test_an_empty_list_prunes_everything():
    assert names_to_prune(["a", "b--next-abc123"], [], "") == ("a", "b--next-abc123")


@pytest.mark.parametrize(
    ("many", "message"),
    [
        ([Wish("a"), Wish("b"), Wish("a")], "a is listed more than once"),
        ([Wish("a"), Wish("b", rename_from="a")], "b is to be renamed from it"),
    ],
)
def test_contradictions_are_refused(many, message):
    with pytest.raises(InvalidOption, match=message):
        check_wishes(many)
