# Copyright (c) 2026 panelops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Accounts, resellers, privileges: every function that is not about tokens, and who may call what."""

from __future__ import annotations

import sqlite3

import pytest

from tests.support.server import Server
from tests.support.users import ALICE, BOB, RESELLER, RIVAL, ROOT
from token_server.functions.permissions import WHM_FUNCTIONS


def test_about_the_server(server: Server) -> None:
    assert server.whm_ok("version")["version"]
    assert server.whm_ok("gethostname")["hostname"]
    assert "api_token_create" in server.whm_ok("applist")["app"]
    answer = server.whm("loadavg")
    assert answer["metadata"]["result"] == 1
    assert [float(answer[key]) >= 0 for key in ("one", "five", "fifteen")] == [True] * 3


def test_an_unknown_function(server: Server) -> None:
    assert (
        server.whm_refused("no_such") == "Unknown app (\u201cno_such\u201d) requested for this version (1) of the API."
    )


def test_privileges_of_the_caller(server: Server) -> None:
    (mine,) = server.whm_ok("myprivs", RESELLER)["privileges"]
    assert (mine["list-accts"], mine["all"], mine["create-dns"]) == (1, 0, 0)
    (roots,) = server.whm_ok("myprivs")["privileges"]
    assert set(roots.values()) == {1}
    header = f"whm root:{server.whm_token('t', acl='passwd')}"
    (tokens,) = server.whm_ok("myprivs", header)["privileges"]
    assert [name for name, flag in tokens.items() if flag] == ["passwd"]


@pytest.mark.parametrize("function", sorted(name for name, rule in WHM_FUNCTIONS.items() if rule.privilege))
def test_each_function_needs_its_privilege(server: Server, function: str) -> None:
    privilege = WHM_FUNCTIONS[function].privilege
    assert privilege is not None
    other = "news"
    without = f"whm root:{server.whm_token('without', acl=other)}"
    before = server.whm_ok("listaccts")
    assert f"\u201c{privilege}\u201d" in server.whm_refused(
        function, without, user="alice", username="new1", domain="n.example"
    )
    assert server.whm_ok("listaccts") == before
    line = server.audit()[-2]
    assert (line["function"], line["outcome"], line["reason"]) == (function, "denied", f"needs {privilege}")
    assert function not in server.whm_ok("applist", without)["app"]
    having = f"whm root:{server.whm_token('having', acl=privilege)}"
    reason = server.whm(function, having, user="nobody")["metadata"]["reason"]
    assert "Permission denied" not in reason
    assert function in server.whm_ok("applist", having)["app"]


def test_who_sees_which_accounts(server: Server) -> None:
    everybody = {row["user"]: row for row in server.whm_ok("listaccts")["acct"]}
    assert set(everybody) == {"reseller", "rival", "alice", "bob", "suspended", "mailonly"}
    assert (everybody["bob"]["owner"], everybody["alice"]["owner"]) == ("reseller", "root")
    assert {row["user"] for row in server.whm_ok("listaccts", RESELLER)["acct"]} == {"reseller", "bob"}
    assert server.whm_ok("accountsummary", user="bob")["acct"][0]["domain"] == "bob.example"
    assert server.whm_ok("accountsummary", RESELLER, user="bob")["acct"][0]["owner"] == "reseller"
    foreign = server.whm_refused("accountsummary", RESELLER, user="alice")
    missing = server.whm_refused("accountsummary", RESELLER, user="nobody")
    assert foreign.replace("alice", "nobody") == missing


def test_createacct(server: Server) -> None:
    answer = server.whm("createacct", username="carol", domain="carol.example", password="carol-password")
    assert answer["metadata"]["reason"] == "Account Creation Ok"
    assert server.status("cpanel", ("carol", "carol-password")) == 200
    assert server.status("whm", ("carol", "carol-password")) == 401
    assert "carol" in server.whm_refused("createacct", username="carol", domain="x.example")
    server.whm_ok("createacct", RESELLER, username="dave", domain="dave.example")
    assert {row["user"] for row in server.whm_ok("listaccts", RESELLER)["acct"]} == {"reseller", "bob", "dave"}


@pytest.mark.parametrize(
    "wrong",
    [
        {"username": "root"},
        {"username": "Carol"},
        {"username": "1carol"},
        {"username": "c" * 17},
        {"username": "ca rol"},
        {"username": ""},
        {"domain": "nodot"},
        {"domain": "-a.example"},
        {"domain": "a\0.example"},
        {"domain": ""},
        {"reseller": "yes"},
        {"password": "p" * 1025},
        {"password": "a\0b"},
    ],
)
def test_createacct_refuses_what_is_wrong(server: Server, wrong: dict) -> None:
    server.whm_refused("createacct", **{"username": "carol", "domain": "carol.example", **wrong})
    assert "carol" not in server.whm("listaccts")


def test_a_new_reseller(server: Server) -> None:
    server.whm_ok("createacct", username="carol", domain="carol.example", password="secret", reseller=1)
    carol = ("carol", "secret")
    assert server.status("whm", carol) == 200
    server.whm_token("t", carol)
    assert "all" in server.whm_refused("createacct", RESELLER, username="eve", domain="eve.example", reseller=1)


def test_setupreseller_and_setacls(server: Server) -> None:
    assert server.status("whm", ALICE) == 401
    server.whm_ok("setupreseller", user="alice", makeowner=1)
    assert server.status("whm", ALICE) == 200
    assert "already" in server.whm_refused("setupreseller", user="alice")
    server.whm_ok("setacls", reseller="alice", **{"acl-list-accts": 1, "acl-passwd": 0})
    lists = {row["name"]: row["privileges"] for row in server.whm_ok("listacls")["acl"]}
    assert [name for name, flag in lists["alice"].items() if flag] == ["list-accts"]
    assert server.whm_ok("listaccts", ALICE)["acct"][0]["owner"] == "alice"
    assert "manage-api-tokens" in server.whm_refused("api_token_create", ALICE, token_name="t")
    assert "not a reseller" in server.whm_refused("setacls", reseller="bob", **{"acl-passwd": 1})
    assert "unknown" in server.whm_refused("setacls", reseller="alice", **{"acl-nonsense": 1})
    assert "1 or 0" in server.whm_refused("setacls", reseller="alice", **{"acl-passwd": "yes"})


def test_no_privileges_no_token(server: Server) -> None:
    server.whm_ok("setacls", reseller="rival")
    assert server.whm_ok("applist", RIVAL)["app"] == [
        "applist", "batch", "gethostname", "loadavg", "myprivs", "version",
    ]  # fmt: skip


def test_renaming_an_account_keeps_its_tokens(server: Server) -> None:
    token, whm = server.uapi_token("t", RESELLER), server.whm_token("t", RESELLER)
    server.whm_ok("modifyacct", user="reseller", newuser="renamed")
    assert server.status("cpanel", f"cpanel renamed:{token}") == 200
    assert server.status("whm", f"whm renamed:{whm}") == 200
    assert server.status("cpanel", f"cpanel reseller:{token}") == 401
    assert server.whm_ok("accountsummary", user="bob")["acct"][0]["owner"] == "renamed"
    assert "alice" in server.whm_refused("modifyacct", user="renamed", newuser="alice")
    assert "lower-case" in server.whm_refused("modifyacct", user="renamed", newuser="Bad Name")
    assert "root" in server.whm_refused("modifyacct", user="renamed", newuser="root")


def test_removing_an_account_revokes_its_tokens(server: Server) -> None:
    token, whm = server.uapi_token("t", RESELLER), server.whm_token("t", RESELLER)
    answer = server.whm("removeacct", username="reseller")
    assert answer["metadata"]["reason"] == "reseller account removed"
    assert server.status("cpanel", f"cpanel reseller:{token}") == 401
    assert server.status("whm", f"whm reseller:{whm}") == 401
    assert server.whm_ok("accountsummary", user="bob")["acct"][0]["owner"] == "root"
    with sqlite3.connect(server.state / "token_server.sqlite3") as connection:
        assert connection.execute("SELECT count(*) FROM tokens").fetchone() == (0,), "nothing of them is left"
    connection.close()
    server.whm_ok("createacct", username="reseller", domain="reseller.example", password="new", reseller=1)
    assert server.whm_tokens(("reseller", "new")) == {}
    assert server.status("whm", f"whm reseller:{whm}") == 401


def test_nobody_removes_or_suspends_root(server: Server) -> None:
    for function in ("removeacct", "suspendacct", "modifyacct", "setupreseller"):
        server.whm_refused(function, user="root", newuser="other")
    assert server.status("whm", ROOT) == 200


def test_passwd(server: Server) -> None:
    server.whm_ok("passwd", RESELLER, user="bob", password="changed")
    assert (server.status("cpanel", BOB), server.status("cpanel", ("bob", "changed"))) == (401, 200)
    assert "alice" in server.whm_refused("passwd", RESELLER, user="alice", password="changed")
    assert "root" in server.whm_refused("passwd", RESELLER, user="root", password="changed")
    assert "password" in server.whm_refused("passwd", user="bob")
    server.whm_ok("passwd", user="root", password="changed")
    assert (server.status("whm", ROOT), server.status("whm", ("root", "changed"))) == (401, 200)
