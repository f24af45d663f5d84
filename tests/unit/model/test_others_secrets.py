# Copyright (c) 2026 panelops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A file that holds the live secret of another token: when a plan is refused for it, and what it may replace."""

from __future__ import annotations

from dataclasses import replace

import pytest
from ansible_collections.panelops.cpanel.plugins.module_utils._errors import InvalidOption
from ansible_collections.panelops.cpanel.plugins.module_utils._model.expiry import DesiredExpiry
from ansible_collections.panelops.cpanel.plugins.module_utils._model.names import interim_name, waiting_name
from ansible_collections.panelops.cpanel.plugins.module_utils._model.plan import (
    Create,
    DesiredToken,
    Plan,
    Revoke,
    TakeName,
    Update,
    plan_token,
)
from ansible_collections.panelops.cpanel.plugins.module_utils._model.stored import Issue, Origin, StoredSecret
from ansible_collections.panelops.cpanel.plugins.module_utils._model.token import ApiToken, CpanelToken, WhmToken

NOW = 1_800_000_000
BORN = NOW - 1000
SSL = frozenset(["ssl"])
OWN_FILE = " Give each token a file of its own."
FOREVER = DesiredExpiry(given=True, at=None)
WAITING = waiting_name("t", BORN, [])


def whm(name: str = "t", **more: object) -> WhmToken:
    return WhmToken(**{"name": name, "create_time": BORN, "acls": SSL, **more})


def cpanel(name: str = "t", **more: object) -> CpanelToken:
    return CpanelToken(**{"name": name, "create_time": BORN, **more})


def planned(stored: StoredSecret, *live: ApiToken, kind: type[ApiToken] = WhmToken, **more: object) -> Plan:
    limits = {"acls": SSL} if kind is WhmToken else {}
    wanted = {"limits": limits, "expiry": FOREVER, "recreate": "always", "stored": stored, **more}
    return plan_token({token.name: token for token in live}, DesiredToken("t", kind, **wanted), NOW)


def refusal(stored: StoredSecret, *live: ApiToken, kind: type[ApiToken] = WhmToken) -> str:
    with pytest.raises(InvalidOption) as caught:
        planned(stored, *live, kind=kind)
    return str(caught.value)


def held_by(name: str) -> StoredSecret:
    return StoredSecret("/file", alive=True, holder=name, is_there=True)


@pytest.mark.parametrize("live", [[], [whm()], [whm(expires_at=NOW)]])
def test_the_secret_of_a_live_token_is_not_replaced_where_the_server_names_it(live: list[ApiToken]) -> None:
    said = refusal(held_by("u"), *live, whm("u"))
    assert said == "token_file: /file holds the secret of the live token u, not of t." + OWN_FILE
    assert refusal(held_by("u"), *live, whm("u", expires_at=NOW + 1)) == said


def test_the_secret_of_a_dead_token_is_replaced() -> None:
    assert any(isinstance(step, Create) for step in planned(held_by("u"), whm("u", expires_at=NOW)).steps)
    assert any(isinstance(step, Create) for step in planned(held_by("gone")).steps)


def test_the_secret_of_what_a_reissue_left_or_of_the_name_before_is_the_tokens_own() -> None:
    left = interim_name("t", BORN, [])
    assert planned(held_by(left), whm(left)).changed
    assert planned(held_by("before"), whm("before"), rename_from="before", recreate="if_expired").steps == (
        Update("before", whm()),
    )


WORKS = StoredSecret("/file", alive=True, is_there=True)


@pytest.mark.parametrize(
    ("live", "why"),
    [
        ([], "there is no t"),
        ([cpanel("u")], "there is no t"),
        ([cpanel(expires_at=NOW)], "t has expired"),
        ([cpanel(expires_at=NOW), cpanel(interim_name("t", BORN, []), expires_at=NOW)], "t has expired"),
    ],
)
def test_a_secret_that_works_without_a_live_token_of_that_name_is_anothers(live: list[ApiToken], why: str) -> None:
    said = refusal(WORKS, *live, kind=CpanelToken)
    assert said == f"token_file: /file holds the secret of another live token of the account, for {why}." + OWN_FILE
    for alive in (False, None):
        assert planned(replace(WORKS, alive=alive), *live, kind=CpanelToken).changed


@pytest.mark.parametrize(
    "live",
    [
        [cpanel()],
        [cpanel(expires_at=NOW + 1)],
        [cpanel(expires_at=NOW), cpanel(interim_name("t", BORN, []), expires_at=NOW + 1)],
    ],
)
def test_a_secret_that_works_may_be_the_tokens_own(live: list[ApiToken]) -> None:
    assert planned(WORKS, *live, kind=CpanelToken).changed


HERE = Origin("s", "shop", "cpanel", "t")


@pytest.mark.parametrize("name", ["before", "long-before"])
def test_a_mark_with_a_name_before_is_the_tokens_own(name: str) -> None:
    stored = replace(WORKS, alive=None, here=HERE, mark=replace(HERE, name=name, create_time=BORN))
    plan = planned(stored, cpanel("before"), kind=CpanelToken, rename_from="before")
    assert any(isinstance(step, Create) for step in plan.steps)
    assert plan.warnings == ()


def test_an_earlier_secret_is_warned_of_also_by_the_name_before() -> None:
    stored = replace(WORKS, here=HERE, mark=replace(HERE, name="before", create_time=BORN - 1))
    plan = planned(stored, cpanel("before"), kind=CpanelToken, rename_from="before", recreate="if_expired")
    assert plan.steps == (Update("before", cpanel()),)
    (warning,) = plan.warnings
    assert warning.startswith("/file holds an earlier secret of t, by its mark: ")


def test_that_a_dead_secret_is_left_where_it_is_is_told_once() -> None:
    stored = replace(WORKS, alive=False, here=HERE, mark=replace(HERE, server="other", create_time=BORN - 1))
    plan = planned(stored, cpanel(), kind=CpanelToken, recreate="never")
    assert plan.steps == ()
    assert plan.warnings == ("The stored secret is not that of t, and recreate: never leaves it so.",)


def test_other_limits_are_not_warned_of_where_the_stored_secret_works() -> None:
    stricter = {"kind": CpanelToken, "recreate": "if_changed", "limits": {"readonly": True}}
    plan = planned(WORKS, cpanel(), **stricter)
    assert [type(step) for step in plan.steps] == [Update, Create, Revoke]
    assert plan.warnings == ()


def test_a_new_token_that_waits_takes_the_name_of_the_expired_one_and_nothing_else() -> None:
    old, waiting = whm(expires_at=NOW - 1), whm(WAITING, create_time=NOW - 1, expires_at=NOW + 1)
    after = replace(waiting, name="t")
    assert planned(held_by(WAITING), old, waiting, recreate="if_expired", expiry=DesiredExpiry()) == Plan(
        old, after, (Revoke(("t",)), TakeName(WAITING, after)), (), (WAITING,)
    )


def test_a_new_token_that_waits_is_replaced_too_where_every_run_issues_another_secret() -> None:
    old, waiting = whm(expires_at=NOW - 1), whm(WAITING, create_time=NOW - 1)
    create, revoke, take = planned(held_by(WAITING), old, waiting).steps
    assert (type(create), type(take)) == (Create, TakeName)
    assert create.token.name not in ("t", WAITING)
    assert revoke == Revoke(("t", WAITING))


def test_of_two_leftovers_the_younger_is_followed_even_at_the_beginning_of_time() -> None:
    first, second = (whm(f"t--old-00000{time}", create_time=time) for time in (0, 1))
    plan = planned(replace(WORKS, unfinished=(Issue(),)), first, second, recreate="if_expired")
    assert plan.before == second
