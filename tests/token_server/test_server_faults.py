# Copyright (c) 2026 panelops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The fault ``answer_without_commit``: a token store that cannot be written. And names that the vendor reserves."""

from __future__ import annotations

import json
from concurrent.futures import ThreadPoolExecutor

import pytest

from tests.support.server import Server
from tests.support.users import ALICE, RESELLER, ROOT
from token_server.functions.permissions import UAPI_FUNCTIONS, WHM_FUNCTIONS

KIND = "answer_without_commit"

WHM_MUTATIONS: dict[str, dict[str, object]] = {
    "api_token_create": {"token_name": "new"},
    "api_token_revoke": {"token_name": "old"},
    "api_token_update": {"token_name": "old", "new_name": "renamed"},
    "createacct": {"username": "fresh", "domain": "fresh.example", "password": "fresh-password"},
    "modifyacct": {"user": "alice", "newuser": "alicia"},
    "passwd": {"user": "alice", "password": "another-password"},
    "removeacct": {"username": "alice"},
    "saveacllist": {"acllist": "support", "acl-list-accts": 1},
    "setacls": {"reseller": "reseller", "acl-list-accts": 1},
    "setupreseller": {"user": "alice"},
    "suspendacct": {"user": "alice"},
    "unsetupreseller": {"user": "reseller"},
    "unsuspendacct": {"user": "suspended"},
}
UAPI_MUTATIONS: dict[str, dict[str, object]] = {
    "Email::add_pop": {"email": "info", "password": "a-password"},
    "Tokens::create_full_access": {"name": "new"},
    "Tokens::rename": {"name": "mine", "new_name": "renamed"},
    "Tokens::revoke": {"name": "mine"},
}


def _everything(server: Server) -> object:
    """Return what the server would tell of its whole state, without the times of use."""
    whm = {name: {**token, "last_used": None} for name, token in server.whm_tokens().items()}
    uapi = {name: {**token, "last_used": None} for name, token in server.uapi_tokens().items()}
    return (
        whm,
        uapi,
        server.whm_ok("listaccts")["acct"],
        server.whm_ok("listacls")["acl"],
        server.whm_ok("listresellers"),
        server.uapi_ok("Email::list_pops"),
    )


@pytest.mark.parametrize(("function", "parameters"), [*WHM_MUTATIONS.items(), *UAPI_MUTATIONS.items()])
def test_every_mutation_can_answer_and_change_nothing(
    server: Server, function: str, parameters: dict[str, object]
) -> None:
    server.whm_token("old")
    server.uapi_token("mine")
    before = _everything(server)
    server.forget_counters()
    server.fault(function, KIND)
    call = server.uapi_ok if "::" in function else server.whm_ok
    call(function, **parameters)
    assert server.counters(function) == (1, 0)
    assert _everything(server) == before
    # The fault is over, and the same call now does it.
    call(function, **parameters)
    assert server.counters(function) == (2, 1)


def test_the_list_of_mutations_above_is_whole() -> None:
    tables = ((WHM_FUNCTIONS, WHM_MUTATIONS), (UAPI_FUNCTIONS, UAPI_MUTATIONS))
    for rules, mutations in tables:
        assert {name for name, rule in rules.items() if rule.mutates} == set(mutations)


def test_the_secret_of_a_token_that_was_not_kept_does_not_work(server: Server) -> None:
    server.fault("api_token_create", KIND)
    secret = server.whm_token("never")
    assert not server.whm_accepts(secret)
    assert "never" not in server.whm_tokens()
    secret = server.whm_token("never")
    assert server.whm_accepts(secret)


def test_a_call_that_is_refused_is_refused_as_ever(server: Server) -> None:
    server.fault("api_token_revoke", KIND)
    assert "do not have" in server.whm_refused("api_token_revoke", token_name="unknown")


def test_a_whole_batch_changes_nothing(server: Server) -> None:
    server.whm_token("old")
    before = _everything(server)
    server.fault("batch", KIND)
    commands = ["api_token_revoke?token_name=old", "batch?command=api_token_create%3Ftoken_name%3Dnew"]
    answer = server.whm_ok("batch", command=commands)
    assert [inner["metadata"]["result"] for inner in answer["result"]] == [1, 1]
    assert _everything(server) == before


def test_one_command_of_a_batch_changes_nothing(server: Server) -> None:
    server.whm_token("old")
    server.fault("api_token_create", KIND, call=2)
    commands = [f"api_token_create?token_name=new-{number}" for number in (1, 2, 3)]
    server.whm_ok("batch", command=commands)
    assert set(server.whm_tokens()) == {"old", "new-1", "new-3"}


def test_uapi_in_batches_and_through_whm(server: Server) -> None:
    server.fault("Batch::strict", KIND)
    command = json.dumps(["Tokens", "create_full_access", {"name": "batched"}])
    server.uapi_ok("Batch::strict", command=command)
    server.fault("uapi_cpanel", KIND)
    called = {"cpanel.user": "alice", "cpanel.module": "Tokens", "cpanel.function": "create_full_access"}
    answer = server.whm_ok("uapi_cpanel", **called, name="called")
    assert answer["uapi"]["data"]["token"]
    assert server.uapi_tokens() == {}


def test_other_requests_are_kept_while_a_batch_changes_nothing(server: Server) -> None:
    server.fault("batch", KIND)
    commands = [f"api_token_create?token_name=lost-{number}" for number in range(300)]
    with ThreadPoolExecutor(2) as pool:
        lost = pool.submit(server.whm, "batch", ROOT, command=commands)
        kept = [server.uapi_token(f"kept-{number}") for number in range(20)]
        assert len(lost.result()["data"]["result"]) == 300
    assert server.whm_tokens() == {}
    assert len(server.uapi_tokens()) == len(kept) == 20


@pytest.mark.parametrize("name", ["WebPros_Dashboard", "WP-Dashboard"])
def test_names_of_the_vendors_products_are_refused_to_root(server: Server, name: str) -> None:
    assert "reserved" in server.whm_refused("api_token_create", token_name=name)
    server.whm_token("plain")
    assert "reserved" in server.whm_refused("api_token_update", token_name="plain", new_name=name)
    assert set(server.whm_tokens()) == {"plain"}
    # Only root's are: a reseller's and an account's tokens have any name, and so has one that only resembles.
    server.whm_token(name, RESELLER)
    server.uapi_token(name, ALICE)
    server.whm_token(f"{name}-2")
