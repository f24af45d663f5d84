# Copyright (c) 2026 panelops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Pure planning of re-issues: what goes aside, what a stored secret proves, and which plans would lock us out."""

from __future__ import annotations

from dataclasses import replace

import pytest
from ansible_collections.panelops.cpanel.plugins.module_utils._engine.guard import (
    refuse_ending_every_token,
    refuse_lockout,
)
from ansible_collections.panelops.cpanel.plugins.module_utils._errors import InvalidOption
from ansible_collections.panelops.cpanel.plugins.module_utils._model.bulk_plan import Planner
from ansible_collections.panelops.cpanel.plugins.module_utils._model.expiry import DesiredExpiry
from ansible_collections.panelops.cpanel.plugins.module_utils._model.names import (
    interim_name,
    leftovers_of,
    waiting_name,
)
from ansible_collections.panelops.cpanel.plugins.module_utils._model.plan import (
    Create,
    DesiredToken,
    Revoke,
    TakeName,
    Update,
    plan_token,
)
from ansible_collections.panelops.cpanel.plugins.module_utils._model.stored import Issue, StoredSecret
from ansible_collections.panelops.cpanel.plugins.module_utils._model.token import CpanelToken, WhmToken

NOW = 1_800_000_000
NEVER = DesiredExpiry(given=True, at=None)
KINDS = {WhmToken: {"acls": frozenset(["ssl"])}, CpanelToken: {}}


def of(*tokens):
    return {token.name: token for token in tokens}


def token(kind, name, **more):
    return kind(name=name, create_time=NOW - 1000, **{**KINDS[kind], **more})


def steps(plan):
    return [type(step) for step in plan.steps]


@pytest.mark.parametrize("kind", KINDS)
def test_the_old_token_goes_aside_until_the_new_one_exists(kind) -> None:
    plan = plan_token(of(token(kind, "t")), DesiredToken("t", kind, recreate="always"), NOW)
    assert steps(plan) == [Update, Create, Revoke]
    renamed, create, revoke = plan.steps
    assert leftovers_of("t", of(renamed.token), NOW) == revoke.names
    assert renamed.token.limits() == create.token.limits() == plan.before.limits()


def test_where_the_old_one_has_expired_the_new_one_waits_aside_on_whm_only() -> None:
    desired = dict(recreate="always", limits={})
    for kind, expected in ((WhmToken, [Create, Revoke, TakeName]), (CpanelToken, [Update, Create, Revoke])):
        live = of(token(kind, "t", expires_at=NOW - 1))
        from_now = DesiredToken("t", kind, expiry=NEVER, **desired)
        plan = plan_token(live, from_now, NOW)
        assert steps(plan) == expected
        assert plan.after.name == "t"
    aside = plan_token(
        of(token(WhmToken, "t", expires_at=NOW - 1)), DesiredToken("t", expiry=NEVER, **desired), NOW
    ).steps
    assert aside[0].token.name == aside[2].name
    assert aside[1].names == ("t",)
    assert aside[2].token.name == "t"


LEFT = interim_name("t", NOW - 1000, [])
FILE = StoredSecret("/file")
MINE, LEFTS = replace(FILE, alive=True, holder="t"), replace(FILE, alive=True, holder=LEFT)
UNKNOWN = replace(FILE, alive=None)
BEGUN = replace(FILE, unfinished=(Issue((NOW - 1060,)),))
NOTHING, TIDY, ANOTHER = [], [Revoke], [Update, Create, Revoke]


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize(
    ("stored", "left", "recreate", "expected"),
    [
        (MINE, False, "if_expired", NOTHING),
        (MINE, True, "if_expired", TIDY),
        (MINE, True, "never", TIDY),
        (None, True, "if_expired", NOTHING),
        (None, True, "if_unusable", NOTHING),
        (None, True, "always", ANOTHER),
        (UNKNOWN, False, "if_unusable", NOTHING),
        (UNKNOWN, True, "if_expired", NOTHING),
        (UNKNOWN, True, "if_unusable", ANOTHER),
        (UNKNOWN, True, "never", NOTHING),
        (FILE, False, "if_expired", InvalidOption),
        (FILE, True, "if_expired", InvalidOption),
        (FILE, False, "if_unusable", ANOTHER),
        (FILE, False, "if_changed", ANOTHER),
        (FILE, True, "never", NOTHING),
        (LEFTS, True, "if_expired", InvalidOption),
        (LEFTS, True, "if_unusable", ANOTHER),
        (BEGUN, False, "if_expired", ANOTHER),
        (BEGUN, False, "never", NOTHING),
        (replace(UNKNOWN, unfinished=BEGUN.unfinished), True, "if_expired", ANOTHER),
        (replace(UNKNOWN, unfinished=BEGUN.unfinished), False, "if_expired", NOTHING),
        (replace(FILE, unfinished=(Issue((NOW - 1121,)),)), False, "if_expired", InvalidOption),
        (replace(FILE, unfinished=(Issue((NOW - 997,)),)), False, "if_expired", InvalidOption),
        (replace(FILE, unfinished=(Issue(),)), False, "if_expired", InvalidOption),
    ],
)
def test_what_a_stored_secret_proves(kind, stored, left, recreate, expected) -> None:
    """One that cannot be tied to a token may be that of one put aside; and what it may belong to is not revoked."""
    live = of(token(kind, "t"), *([token(kind, LEFT)] if left else []))
    issues = tuple(replace(each, limits=live["t"].limits()) for each in stored.unfinished) if stored else ()
    stored = replace(stored, unfinished=issues) if stored else None
    desired = DesiredToken("t", kind, recreate=recreate, stored=stored)
    if expected is InvalidOption:
        with pytest.raises(InvalidOption, match="does not hold the secret of the live token t"):
            plan_token(live, desired, NOW)
        return
    plan = plan_token(live, desired, NOW)
    assert steps(plan) == expected
    if expected and expected[-1] is Revoke and left:
        assert LEFT in plan.steps[-1].names
    stays = left and expected == NOTHING
    assert any(LEFT in warning for warning in plan.warnings) is stays
    lost = stored is not None and stored.alive is False
    assert any("recreate: never" in warning for warning in plan.warnings) is (lost and recreate == "never")
    cut_off = expected == ANOTHER and recreate != "always"
    assert any("cut off" in warning for warning in plan.warnings) is cut_off


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize(
    ("stored", "recreate", "expected"),
    [
        (None, "if_expired", [Update]),
        (UNKNOWN, "if_expired", [Update]),
        (LEFTS, "if_unusable", [Update]),
        (FILE, "if_expired", InvalidOption),
        (FILE, "if_unusable", [Create, Revoke]),
        (None, "always", [Create, Revoke]),
    ],
)
def test_an_old_token_alone_gets_its_name_back(kind, stored, recreate, expected) -> None:
    desired = DesiredToken("t", kind, recreate=recreate, stored=stored)
    if expected is InvalidOption:
        with pytest.raises(InvalidOption, match="does not hold the secret of the live token"):
            plan_token(of(token(kind, LEFT)), desired, NOW)
        return
    plan = plan_token(of(token(kind, LEFT)), desired, NOW)
    assert steps(plan) == expected
    assert plan.after.limits() == plan.before.limits()


def test_a_new_token_whose_secret_is_stored_takes_the_name_of_the_expired_one() -> None:
    waiting = waiting_name("t", NOW - 1000, [])
    live = of(token(WhmToken, "t", expires_at=NOW - 1), replace(token(WhmToken, waiting), create_time=NOW - 1))
    stored = replace(FILE, alive=True, holder=waiting)
    plan = plan_token(live, DesiredToken("t", stored=stored), NOW)
    assert plan.steps == (Revoke(("t",)), TakeName(waiting, plan.after))
    assert plan.after.create_time == NOW - 1


def test_a_name_put_aside_fits_and_is_known_again() -> None:
    long = "n" * 50
    live: dict = {}
    for _each in range(50):
        name = interim_name(long, NOW, live)
        assert len(name) <= 50
        assert name not in live
        live[name] = WhmToken(name, create_time=NOW)
    assert set(leftovers_of(long, live, NOW)) == set(live)
    assert leftovers_of("n" * 49 + "m", live, NOW) == ()


def test_the_guard_of_whm_looks_at_each_step() -> None:
    own = token(WhmToken, "own", expires_at=NOW + 100, acls=frozenset(["ssl", "stats"]))
    live = of(own, token(WhmToken, "other"))

    def plan(name, **more):
        return plan_token(live, DesiredToken(name, **more), NOW)

    for harmful in (
        plan("own", present=False),
        plan("own", recreate="always"),
        plan("own", limits={"acls": frozenset(["ssl"])}),
        plan("new", rename_from="own", limits={"acls": frozenset(["stats"])}),
    ):
        with pytest.raises(InvalidOption, match="allow_self"):
            refuse_lockout(harmful, own)
    for harmless in (
        plan("other", recreate="always"),
        plan("own", limits={"acls": frozenset(["all"])}),
        plan("own", expiry=NEVER),
        plan("new", rename_from="own"),
    ):
        assert harmless.changed
        refuse_lockout(harmless, own)


def test_the_guard_of_cpanel_knows_only_where_every_live_token_ends() -> None:
    own, past, other = (
        token(CpanelToken, "own"),
        token(CpanelToken, "past", expires_at=NOW),
        token(CpanelToken, "other"),
    )

    def refuse(live: dict, *desired: DesiredToken) -> None:
        planner = Planner(dict(live), NOW)
        refuse_ending_every_token([planner.plan(each) for each in desired], live, NOW)

    def gone(name: str) -> DesiredToken:
        return DesiredToken(name, CpanelToken, present=False)

    again = DesiredToken("own", CpanelToken, recreate="always")
    for live, desired in (
        (of(own, past), [gone("own")]),
        (of(own, past), [again]),
        (of(own, other), [gone("own"), gone("other")]),
        (of(own, other), [gone("other"), again]),
    ):
        with pytest.raises(InvalidOption, match="only live token"):
            refuse(live, *desired)
    refuse(of(own, other), gone("own"))
    refuse(of(own, past), gone("past"))
    refuse(of(own, other), again)
