# Copyright (c) 2026 panelops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

from dataclasses import replace

import pytest
from ansible_collections.panelops.cpanel.plugins.module_utils._errors import InvalidOption
from ansible_collections.panelops.cpanel.plugins.module_utils._model.expiry import DesiredExpiry
from ansible_collections.panelops.cpanel.plugins.module_utils._model.names import interim_name
from ansible_collections.panelops.cpanel.plugins.module_utils._model.plan import (
    Create,
    DesiredToken,
    Plan,
    Revoke,
    Update,
    plan_token,
)
from ansible_collections.panelops.cpanel.plugins.module_utils._model.stored import Issue, StoredSecret
from ansible_collections.panelops.cpanel.plugins.module_utils._model.token import WhmToken
from hypothesis import given
from hypothesis import strategies as st

NOW = 1_790_000_000
SSL = frozenset(["ssl"])
OLD = NOW - 10**7 - 1
ASIDE = interim_name("t", OLD, [])
ALWAYS = DesiredToken("t", recreate="always")
acls = st.frozensets(st.sampled_from(["list-accts", "create-acct", "ssl"]), min_size=1)
lists = st.sets(st.sampled_from(["10.0.0.1", "10.1.0.0/16", "2001:db8::/60"])).map(lambda items: tuple(sorted(items)))
expiries = st.one_of(st.none(), st.integers(NOW - 10**6, NOW + 10**8))
tokens = st.builds(
    WhmToken,
    name=st.just("t"),
    acls=acls,
    expires_at=expiries,
    whitelist_ips=lists,
    create_time=st.integers(NOW - 10**7, NOW),
)
desired_expiries = st.one_of(
    st.just(DesiredExpiry()),
    st.builds(lambda at: DesiredExpiry(given=True, at=at), st.one_of(st.none(), st.integers(NOW + 2, NOW + 10**8))),
    st.builds(
        lambda life, part: DesiredExpiry(given=True, lifetime=life, renew_before=life // part),
        st.integers(10, 10**8),
        st.integers(2, 9),
    ),
)
desired = st.builds(
    DesiredToken,
    st.just("t"),
    present=st.booleans(),
    limits=st.fixed_dictionaries({}, optional={"acls": acls, "whitelist_ips": lists}),
    expiry=desired_expiries,
    rename_from=st.sampled_from([None, "before", "u"]),
    recreate=st.sampled_from(["never", "if_expired", "if_unusable"]),
)


@st.composite
def states(draw):
    live = {}
    for name in draw(st.sets(st.sampled_from(["t", "before", "u", "t--next-abc123", "t--prev-abc123"]))):
        live[name] = replace(draw(tokens), name=name)
    if draw(st.booleans()):
        # Older than the one that came after it.
        live[ASIDE] = replace(draw(tokens), name=ASIDE, create_time=OLD)
    return live


def carry_out(live: dict, plan: Plan) -> dict:
    """The server's part, as its rules say."""
    live = dict(live)
    for step in plan.steps:
        if isinstance(step, Create):
            assert step.token.name not in live, "names are unique"
            live[step.token.name] = replace(step.token, create_time=NOW)
        elif isinstance(step, Update):
            assert step.token.name == step.name or step.token.name not in live
            del live[step.name]
            live[step.token.name] = step.token
        else:
            for name in step.names:
                del live[name]
    return live


def planned(live, desired):
    try:
        return plan_token(live, desired, NOW)
    except InvalidOption:
        return None


@given(states(), desired)
def test_the_second_run_has_nothing_to_do(live, desired):
    plan = planned(live, desired)
    if plan:
        after = carry_out(live, plan)
        assert plan_token(after, desired, NOW).steps == ()
        assert plan_token(after, desired, NOW + 1).changed is False


@given(states(), desired)
def test_the_plan_predicts_what_is_there_afterwards(live, desired):
    plan = planned(live, desired)
    if plan:
        token = carry_out(live, plan).get("t")
        assert (token and token.settings()) == (plan.after and plan.after.settings())
        assert plan.changed == (carry_out(live, plan) != live)


@given(states(), desired)
def test_what_is_not_wished_stays(live, desired):
    plan = planned(live, desired)
    if plan and plan.after and (source := live.get("t") or live.get(ASIDE) or live.get(desired.rename_from)):
        assert "acls" in desired.limits or plan.after.acls == source.acls
        assert "whitelist_ips" in desired.limits or plan.after.whitelist_ips == source.whitelist_ips
        assert desired.expiry.given or plan.after.expires_at == source.expires_at
        assert source.name == ASIDE or not any(isinstance(step, Create) for step in plan.steps), (
            "no secret changes unless asked"
        )


@given(states(), desired)
def test_no_other_token_is_touched(live, desired):
    plan = planned(live, desired)
    if plan:
        after = carry_out(live, plan)
        concerned = {"t", desired.rename_from, ASIDE}
        for name in set(live) - concerned:
            assert after[name] == live[name]


@given(states(), desired)
def test_a_present_token_is_never_left_expired(live, desired):
    plan = planned(live, desired)
    if plan and plan.after:
        assert plan.after.expires_at is None or plan.after.expires_at > NOW


@given(states(), desired, st.data())
def test_a_reissue_killed_anywhere_ends_right_at_the_next_run(live, desired, data):
    desired = replace(desired, present=True, recreate="always")
    plan = planned(live, desired)
    if plan is None:
        return
    done = data.draw(st.integers(0, len(plan.steps)))
    halfway = carry_out(live, replace(plan, steps=plan.steps[:done]))
    if live.get("t") and (live["t"].expires_at is None or live["t"].expires_at > NOW):
        # One that has expired serves nobody: it may go before its successor has the name.
        assert any(token.create_time == live["t"].create_time for token in halfway.values()) or "t" in halfway
    after = carry_out(halfway, plan_token(halfway, desired, NOW))
    assert [name for name in after if name == "t" or name.startswith("t--old-")] == ["t"]
    assert after["t"].settings() == plan.after.settings(), "as if nothing had happened"
    assert after.keys() == carry_out(live, plan).keys()


def test_a_killed_reissue_forgets_no_limit():
    old = WhmToken("t", acls=SSL, whitelist_ips=("192.0.2.7",), expires_at=NOW + 99, create_time=NOW - 99)
    halfway = carry_out({"t": old}, replace(plan := plan_token({"t": old}, ALWAYS, NOW), steps=plan.steps[:1]))
    assert plan_token(halfway, ALWAYS, NOW).after.settings() == old.settings()


ISSUE = Issue((NOW,), dict(acls=["ssl"], expires_at=NOW + 99, whitelist_ips=[]))


@pytest.mark.parametrize(
    "wish",
    [{"recreate": "always"}, {"recreate": "if_expired", "stored": StoredSecret("/t", unfinished=(ISSUE,))}],
    ids=["always", "note"],
)
def test_a_killed_reissue_of_an_expired_token_with_another_name_leaves_nothing(wish):
    live = {"before": WhmToken("before", acls=SSL, expires_at=NOW - 1, create_time=NOW - 99)}
    desired = replace(ALWAYS, rename_from="before", expiry=DesiredExpiry(given=True, at=NOW + 99), **wish)
    plan = plan_token(live, desired, NOW)
    for done in range(len(plan.steps)):
        halfway = carry_out(live, replace(plan, steps=plan.steps[:done]))
        after = carry_out(halfway, plan_token(halfway, desired, NOW))
        assert after.keys() == {"t"}, done


def test_a_killed_reissue_does_not_take_another_token_for_its_own():
    live = {name: WhmToken(name, acls=SSL, create_time=NOW - 99) for name in ("t", "before")}
    desired = replace(ALWAYS, rename_from="before")
    halfway = carry_out(live, replace(plan := plan_token(live, desired, NOW), steps=plan.steps[:1]))
    assert carry_out(halfway, plan_token(halfway, desired, NOW))["before"] == live["before"]


def test_a_reissue_creates_before_it_revokes():
    old = WhmToken("t", acls=SSL, create_time=NOW - 99)
    plan = plan_token({"t": old}, ALWAYS, NOW)
    aside, create, revoke = plan.steps
    assert isinstance(aside, Update)
    assert isinstance(create, Create)
    assert revoke == Revoke((aside.token.name,))
    assert plan.diff["before"]["secret"] != plan.diff["after"]["secret"]


def test_creation_needs_privileges():
    with pytest.raises(InvalidOption, match=r"^acls: .*never implied"):
        plan_token({}, DesiredToken("t"), NOW)


def test_an_expired_token_is_not_taken_for_a_live_one():
    live = {"t": WhmToken("t", acls=SSL, expires_at=NOW - 1)}
    with pytest.raises(InvalidOption, match=r"^expires_at: the token t expired at "):
        plan_token(live, DesiredToken("t"), NOW)
    renewed = plan_token(live, DesiredToken("t", expiry=DesiredExpiry(given=True, lifetime=60)), NOW)
    assert renewed.after.expires_at == NOW + 60


def test_the_servers_clock_decides_what_is_past():
    with pytest.raises(InvalidOption, match="is in the past"):
        plan_token({}, DesiredToken("t", limits={"acls": SSL}, expiry=DesiredExpiry(given=True, at=NOW)), NOW)


def test_a_name_that_exists_is_not_overwritten_by_a_rename():
    live = {name: WhmToken(name, acls=SSL) for name in ("t", "before")}
    plan = plan_token(live, DesiredToken("t", rename_from="before"), NOW)
    assert plan.changed is False
    assert "before was not renamed" in plan.warnings[0]


def test_absent_also_ends_what_a_reissue_left():
    aside = interim_name("t", NOW, [])
    live = {name: WhmToken(name, acls=SSL, create_time=NOW) for name in ("t", aside, "t2", "t--old-server")}
    assert plan_token(live, DesiredToken("t", present=False), NOW).steps == (Revoke(("t", aside)),)
    assert plan_token({}, DesiredToken("t", present=False), NOW).changed is False


@given(states())
def test_only_expired_revokes_the_dead_and_nothing_else(live):
    plan = plan_token(live, DesiredToken("t", present=False, only_expired=True), NOW)
    current = live.get("t")
    dead = current is not None and current.expires_at is not None and current.expires_at <= NOW
    assert plan.steps == ((Revoke(("t",)),) if dead else ())
    assert plan.after == (None if dead else current)
