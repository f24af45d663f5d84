# Copyright (c) 2026 panelops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The UAPI module Tokens: shapes, rules, readonly, and the way through WHM."""

from __future__ import annotations

import re

import pytest

from tests.support.server import Server
from tests.support.users import ALICE, BOB, MAILONLY, RESELLER, ROOT

LIST_SHAPE = {"name", "create_time", "expires_at", "has_full_access", "features", "last_used"}


def test_create_and_list(server: Server) -> None:
    expires_at = server.now() + 60
    data = server.uapi_ok("Tokens::create_full_access", name="t", expires_at=expires_at)
    assert re.fullmatch("[A-Z0-9]{32}", data["token"])
    assert abs(data["create_time"] - server.now()) <= 2
    token = server.uapi_tokens()["t"]
    assert set(token) == LIST_SHAPE
    assert (token["expires_at"], token["has_full_access"], token["features"]) == (expires_at, 1, [])
    assert token["last_used"] is None


def test_the_answer_is_flat(server: Server) -> None:
    assert server.uapi("Tokens::list") == {
        "status": 1, "data": [], "errors": None, "messages": None, "warnings": None, "metadata": {},
    }  # fmt: skip
    answer = server.uapi("Tokens::rename", name="x", new_name="y")
    assert list(answer) == ["status", "data", "errors", "messages", "warnings", "metadata"]
    assert (answer["status"], len(answer["errors"])) == (0, 1)


def test_create_never_replaces(server: Server) -> None:
    secret = server.uapi_token("t")
    assert "unique" in server.uapi_refused("Tokens::create_full_access", name="t")
    assert server.status("cpanel", f"cpanel alice:{secret}") == 200
    server.uapi_token("t", BOB)


def test_rename_keeps_the_secret(server: Server) -> None:
    secret = server.uapi_token("old")
    server.uapi_token("other")
    assert server.uapi_ok("Tokens::rename", name="old", new_name="new") is None
    assert set(server.uapi_tokens()) == {"new", "other"}
    assert server.status("cpanel", f"cpanel alice:{secret}") == 200
    assert "unique" in server.uapi_refused("Tokens::rename", name="new", new_name="other")
    assert "old" in server.uapi_refused("Tokens::rename", name="old", new_name="x")
    assert server.uapi_ok("Tokens::rename", name="new", new_name="new") is None


def test_revoke_is_immediate_and_repeatable(server: Server) -> None:
    secret = server.uapi_token("t")
    assert server.uapi_ok("Tokens::revoke", name="t") == 1
    assert server.status("cpanel", f"cpanel alice:{secret}") == 401
    assert server.uapi_ok("Tokens::revoke", name="t") == 1
    assert server.uapi_tokens() == {}


@pytest.mark.parametrize("name", ["", "a b", "ä", "a" * 51, "a/b"])
def test_bad_names_are_refused(server: Server, name: str) -> None:
    for function, parameters in (
        ("create_full_access", {"name": name}),
        ("rename", {"name": "x", "new_name": name}),
        ("revoke", {"name": name}),
    ):
        error = server.uapi_refused(f"Tokens::{function}", **parameters)
        assert "50 characters" in error or "Provide" in error


def test_readonly_is_enforced(server: Server) -> None:
    header = f"cpanel alice:{server.uapi_token('t', readonly=1)}"
    assert server.uapi_tokens(header)["t"]["readonly"] == 1
    assert server.uapi_ok("Email::list_pops", header, skip_main=1) == []
    for function in ("create_full_access", "rename", "revoke"):
        assert "read-only" in server.uapi_refused(f"Tokens::{function}", header, name="t", new_name="u")
    command = '["Tokens", "revoke", {"name": "t"}]'
    assert "read-only" in server.uapi_refused("Batch::strict", header, command=command)
    assert set(server.uapi_tokens()) == {"t"}
    server.uapi_token("full", readonly=0)
    assert "readonly" not in server.uapi_tokens()["full"]


@pytest.mark.parametrize("value", ["true", "2", "-1", "yes"])
def test_booleans_are_digits(server: Server, value: str) -> None:
    assert "readonly" in server.uapi_refused("Tokens::create_full_access", name="t", readonly=value)


def test_a_missing_feature_is_refused(server: Server) -> None:
    assert "apitokens" in server.uapi_refused("Tokens::list", MAILONLY)
    assert server.uapi_ok("Email::list_pops", MAILONLY, skip_main=1) == []


def test_unknown_modules_and_functions_are_named(server: Server) -> None:
    assert "NoSuch" in server.uapi_refused("NoSuch::list")
    assert "no_such" in server.uapi_refused("Tokens::no_such")


def test_through_whm(server: Server) -> None:
    call = {"cpanel.user": "bob", "cpanel.module": "Tokens", "cpanel.function": "create_full_access", "name": "t"}
    answer = server.whm("uapi_cpanel", RESELLER, **call)
    assert answer["metadata"]["result"] == 1
    assert answer["data"]["uapi"]["status"] == 1
    secret = answer["data"]["uapi"]["data"]["token"]
    assert server.status("cpanel", f"cpanel bob:{secret}") == 200
    again = server.whm_ok("uapi_cpanel", ROOT, **call)["uapi"]
    assert (again["status"], again["data"]) == (0, None)
    assert "unique" in again["errors"][0]
    for user in ("alice", "rival", "nobody", "root", "", "Bob", "bob\0"):
        assert server.whm("uapi_cpanel", RESELLER, **{**call, "cpanel.user": user})["metadata"]["result"] == 0


def test_the_older_way_through_whm(server: Server) -> None:
    call = {"cpanel_jsonapi_user": "alice", "cpanel_jsonapi_module": "Tokens", "cpanel_jsonapi_func": "list"}
    answer = server.whm("cpanel", **call, cpanel_jsonapi_apiversion=3)
    assert (answer["apiversion"], answer["module"], answer["func"]) == (3, "Tokens", "list")
    assert answer["result"]["data"] == []
    call = {"cpanel_jsonapi_user": "alice", "cpanel_jsonapi_module": "Email", "cpanel_jsonapi_func": "listpops"}
    assert server.whm("cpanel", **call)["cpanelresult"]["event"] == {"result": 1}
    assert "apiversion" in server.whm_refused("cpanel", **call, cpanel_jsonapi_apiversion=1)


def test_api2_on_the_port_of_cpanel(server: Server) -> None:
    path = "/json-api/cpanel?cpanel_jsonapi_module=Email&cpanel_jsonapi_func=listpops&cpanel_jsonapi_apiversion=2"
    secret = server.uapi_token("t")
    answer = server.request("cpanel", path, f"cpanel alice:{secret}", method="GET").json()
    assert answer == {
        "cpanelresult": {"apiversion": 2, "func": "listpops", "module": "Email", "event": {"result": 1}, "data": []}
    }
    missing = server.request("cpanel", "/json-api/cpanel", ALICE).json()["cpanelresult"]
    assert missing["event"]["result"] == 0
    unknown = server.request("cpanel", path.replace("listpops", "nothing"), ALICE).json()["cpanelresult"]
    assert unknown["event"]["result"] == 0
    assert "nothing" in unknown["error"]
    uapi = path.replace("listpops", "list_pops").replace("apiversion=2", "apiversion=3")
    assert server.request("cpanel", uapi, ALICE).json()["result"]["data"][0]["email"] == "alice"


def test_user_information(server: Server) -> None:
    assert server.uapi_ok("Variables::get_user_information")["user"] == "alice"


def test_last_used_is_recorded(server: Server) -> None:
    header = f"cpanel alice:{server.uapi_token('t')}"
    server.advance(500)
    assert abs(server.uapi_tokens(header)["t"]["last_used"] - server.now()) <= 2
