# Copyright (c) 2026 panelops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Packages from PyPI and npm for the API of WHM."""

from __future__ import annotations

from typing import Any

from tests.clients.programs import Program
from tests.support.server import Server
from tests.support.users import ROOT

WRONG = "WRONG0TOKEN0WRONG0TOKEN0WRONG0TO"


def test_cpanel_lib_takes_a_token_through_its_life(server: Server, node: Program) -> None:
    own = server.whm_token("own")

    def call(token: str, *calls: list[Any]) -> list[Any]:
        return node.calls(server, "with_cpanel_lib.js", "whm", list(calls), user="root", token=token)

    ends = server.now() + 3600
    created, listed, updated = call(
        own,
        ["api_token_create", {"token_name": "deploy", "acl": "list-accts"}],
        ["api_token_list", {}],
        ["api_token_update", {"token_name": "deploy", "new_name": "release", "acl": "list-accts", "expires_at": ends}],
    )
    assert [answer["metadata"]["result"] for answer in (created, listed, updated)] == [1, 1, 1]
    assert set(listed["data"]["tokens"]) == {"own", "deploy"}
    assert (updated["data"]["name"], updated["data"]["expires_at"]) == ("release", ends)
    secret = created["data"]["token"]
    (accounts,) = call(secret, ["listaccts", {}])
    assert "alice" in {account["user"] for account in accounts["data"]["acct"]}
    (refused,) = call(secret, ["api_token_list", {}])
    assert refused["metadata"]["result"] == 0
    (revoked,) = call(own, ["api_token_revoke", {"token_name": "release"}])
    assert revoked["metadata"]["result"] == 1
    for token in (secret, WRONG):
        (denied,) = call(token, ["listaccts", {}])
        assert denied["cpanelresult"]["error"] == "Access denied"


def test_cpanel_rest_api_takes_a_token_through_its_life(server: Server, node: Program) -> None:
    own = server.whm_token("own")

    def call(token: str, *calls: list[Any]) -> list[Any]:
        return node.calls(server, "with_cpanel_rest_api.js", "whm", list(calls), user="root", token=token)

    created, listed, accounts, inside, unknown = call(
        own,
        ["api_token_create", {"token_name": "deploy"}],
        ["api_token_list", {}],
        ["listaccts", {"search": "^alice$", "searchtype": "user"}],
        ["Tokens::list", {}, "alice"],
        ["no_such_function", {}],
    )
    assert set(listed["tokens"]) == {"own", "deploy"}
    assert [account["user"] for account in accounts["acct"]] == ["alice"]
    assert inside == []
    assert "Unknown app" in unknown["failed"]
    (revoked,) = call(own, ["api_token_revoke", {"token_name": "deploy"}])
    assert revoked["metadata"]["result"] == 1
    assert call(created["token"], ["listaccts", {}]) == [{"failed": 401}]
    assert call(WRONG, ["listaccts", {}]) == [{"failed": 401}]


def test_cpanel_client_makes_suspends_and_removes_an_account_with_a_token_as_its_password(
    server: Server, python_apart: Program
) -> None:
    secret = server.whm_token("billing")

    def call(*calls: list[str]) -> list[Any]:
        return python_apart.calls(server, "with_cpanel_client.py", "whm", list(calls), user="root", password=secret)

    created, suspended = call(
        ["create_account", "new@shop.example", "shop.example", "default"], ["suspend_account", "shopexample"]
    )
    assert (created["success"], created["username"], suspended["success"]) == (1, "shopexample", 1), (
        created,
        suspended,
    )
    assert "shop.example" in created["data"]
    accounts = {account["user"]: account for account in server.whm_ok("listaccts", ROOT)["acct"]}
    assert accounts["shopexample"]["suspended"] == 1
    (removed,) = call(["terminate_account", "shopexample"])
    assert removed["success"] == 1, removed
    assert "shopexample" not in {account["user"] for account in server.whm_ok("listaccts", ROOT)["acct"]}
    (missing,) = call(["terminate_account", "shopexample"])
    assert missing["success"] == 0
