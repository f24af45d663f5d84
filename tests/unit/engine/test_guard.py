# Copyright (c) 2026 panelops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Which plans would lock the caller out, and what the guard says of them. What it asks a server is shown by playbook tests."""

from __future__ import annotations

from dataclasses import replace

import pytest
from ansible_collections.panelops.cpanel.plugins.module_utils._engine import guard
from ansible_collections.panelops.cpanel.plugins.module_utils._engine.guard import (
    guard_plans,
    new_addresses,
    refuse_ending_every_token,
    refuse_lockout,
)
from ansible_collections.panelops.cpanel.plugins.module_utils._errors import InvalidOption
from ansible_collections.panelops.cpanel.plugins.module_utils._model.plan import Create, Plan, Revoke, Update
from ansible_collections.panelops.cpanel.plugins.module_utils._model.token import CpanelToken, WhmToken

NOW = 1_800_000_000
OWN = WhmToken("own", NOW + 100, acls=frozenset({"ssl", "stats"}), whitelist_ips=("10.0.0.1",))
REMEDY = "Use another credential for it, or give allow_self: true if that is what you want."
NEW = WhmToken("new")


def plan(*steps: Create | Update | Revoke) -> Plan:
    return Plan(None, None, steps)


def narrowed(**more: object) -> Plan:
    return plan(Update("own", replace(OWN, **more)))


@pytest.mark.parametrize(
    ("harmful", "problem"),
    [
        (plan(Revoke(("a", "own"))), "revoke own,"),
        (plan(Create(NEW), Revoke(("own",))), "revoke own,"),
        (plan(Update("own", replace(OWN, name="aside")), Create(OWN)), "reissue own,"),
        (narrowed(acls=frozenset({"ssl"})), "take privileges from own,"),
        (narrowed(acls=frozenset({"ssl", "other"})), "take privileges from own,"),
        (narrowed(acls=frozenset({"ssl"}), expires_at=NOW), "take privileges from own,"),
        (narrowed(expires_at=NOW + 99), "take lifetime from own,"),
        (narrowed(name="renamed", expires_at=NOW + 99), "take lifetime from own,"),
        (plan(Update("other", replace(NEW, name="other")), Revoke(("own",))), "revoke own,"),
    ],
)
def test_what_would_lock_the_caller_out_is_refused(harmful: Plan, problem: str) -> None:
    with pytest.raises(InvalidOption) as caught:
        refuse_lockout(harmful, OWN)
    assert str(caught.value) == f"allow_self: the task would {problem} the token that it authenticates with. {REMEDY}"


def test_a_token_that_never_expires_is_not_given_an_end() -> None:
    with pytest.raises(InvalidOption, match=r"take lifetime from own"):
        refuse_lockout(narrowed(expires_at=NOW + 10**9), replace(OWN, expires_at=None))
    refuse_lockout(narrowed(expires_at=None), replace(OWN, expires_at=None))


@pytest.mark.parametrize(
    "harmless",
    [
        plan(),
        plan(Create(NEW)),
        plan(Revoke(("a", "b"))),
        plan(Update("a", replace(OWN, name="b")), Create(NEW)),
        plan(Update("a", WhmToken("a", NOW))),
        narrowed(),
        narrowed(name="renamed"),
        narrowed(acls=frozenset({"ssl", "stats", "more"})),
        narrowed(acls=frozenset({"all"})),
        narrowed(expires_at=NOW + 100),
        narrowed(expires_at=NOW + 101),
        narrowed(expires_at=None),
        narrowed(whitelist_ips=()),
        plan(Update("own", CpanelToken("own", NOW + 100))),
    ],
)
def test_what_takes_nothing_from_the_caller_is_not_refused(harmless: Plan) -> None:
    refuse_lockout(harmless, OWN)


@pytest.mark.parametrize(
    ("planned", "addresses"),
    [
        (narrowed(whitelist_ips=("::1",)), ("::1",)),
        (narrowed(whitelist_ips=()), ()),
        (narrowed(), ()),
        (plan(Update("other", WhmToken("other", whitelist_ips=("::1",)))), ()),
        (plan(Create(replace(NEW, whitelist_ips=("::1",)))), ()),
        (plan(Revoke(("own",))), ()),
        (plan(Update("own", CpanelToken("own"))), ()),
        (plan(Create(NEW), Update("own", replace(OWN, whitelist_ips=("::1",)))), ("::1",)),
    ],
)
def test_which_new_allowlist_must_be_tried(planned: Plan, addresses: tuple[str, ...]) -> None:
    assert new_addresses(planned, OWN) == addresses


def guarded(*plans: Plan, own: WhmToken | None = OWN) -> tuple[list[str], int]:
    """In check mode: the warnings, and how often the caller's own token was asked for."""
    asked = []

    def ask() -> WhmToken | None:
        asked.append(own)
        return own

    return guard_plans(None, iter(plans), True, ask), len(asked)


def test_the_own_token_is_asked_for_once_and_only_where_a_token_that_exists_is_concerned() -> None:
    assert guarded() == ([], 0)
    assert guarded(plan(Create(NEW)), plan()) == ([], 0)
    assert guarded(plan(Create(NEW)), plan(Create(NEW), Revoke(("a",)))) == ([], 1)
    assert guarded(plan(Revoke(("own",))), own=None) == ([], 1)
    assert guarded(narrowed(), plan(Revoke(("a",)))) == ([], 1)


def test_every_plan_is_guarded() -> None:
    with pytest.raises(InvalidOption, match=r"revoke own"):
        guarded(plan(Revoke(("a",))), plan(Revoke(("own",))))


def test_check_mode_says_what_a_real_run_tries() -> None:
    warning = (
        "A real run first tries from here, with a short-lived token, whether the new whitelist_ips of own admit us."
    )
    assert guarded(narrowed(), narrowed(whitelist_ips=("::1",)), narrowed(whitelist_ips=())) == ([warning], 1)


def test_a_real_run_tries_each_new_allowlist_of_the_own_token(monkeypatch: pytest.MonkeyPatch) -> None:
    tried: list[object] = []
    monkeypatch.setattr(guard, "refuse_shut_out", lambda *arguments: tried.append(arguments))
    plans = [narrowed(), narrowed(whitelist_ips=("::1",)), narrowed(whitelist_ips=("::2",))]
    assert guard_plans("access", plans, False, lambda: OWN) == []
    assert tried == [("access", OWN, ("::1",)), ("access", OWN, ("::2",))]


A, B, PAST = CpanelToken("a"), CpanelToken("b", NOW + 1), CpanelToken("past", NOW)
ONE = "allow_self: a is the account's only live token, so the task authenticates with it, and would end it."
BOTH = "allow_self: a and b are the account's only live tokens, so the task authenticates with one of them, and would end it."


@pytest.mark.parametrize(
    ("live", "plans", "sentence"),
    [
        ([A, PAST], [plan(Revoke(("a",)))], ONE),
        ([A], [plan(Revoke(("a", "past", "other")))], ONE),
        ([A], [Plan(A, A, (Update("a", CpanelToken("aside")), Create(A), Revoke(("aside",))))], ONE),
        ([B, A, PAST], [plan(Revoke(("a",))), plan(Revoke(("b",)))], BOTH),
        ([B, A], [plan(Revoke(("b",))), Plan(A, A, (Create(A),))], BOTH),
    ],
)
def test_an_account_does_not_end_all_of_its_live_tokens(live: list, plans: list, sentence: str) -> None:
    with pytest.raises(InvalidOption) as caught:
        refuse_ending_every_token(iter(plans), {token.name: token for token in live}, NOW)
    assert str(caught.value) == f"{sentence} {REMEDY}"


@pytest.mark.parametrize(
    ("live", "plans"),
    [
        ([], [plan(Revoke(("a",)))]),
        ([PAST], [plan(Revoke(("past",)))]),
        ([A, B], [plan(Revoke(("a",)))]),
        ([A], [Plan(None, A, (Create(A),))]),
        ([A], [Plan(A, A, (Update("a", CpanelToken("b")),))]),
        ([A], []),
    ],
)
def test_an_account_may_end_tokens_while_another_lives(live: list, plans: list) -> None:
    refuse_ending_every_token(plans, {token.name: token for token in live}, NOW)
