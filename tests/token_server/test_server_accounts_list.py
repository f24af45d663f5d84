# Copyright (c) 2026 panelops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Which accounts are shown, and what of them: searches, fields, and expressions that would hang another server."""

from __future__ import annotations

import time

import pytest

from tests.support.server import Server
from tests.support.users import ALICE, RESELLER

FIELDS = {
    *("user", "domain", "owner", "ip", "plan", "email", "partition", "startdate", "unix_startdate", "suspended"),
    *("suspendreason", "suspendtime", "diskused", "disklimit", "uid", "backup", "is_locked"),
}


def found(server: Server, search: str, **how: str) -> set[str]:
    """Return the names of the accounts that a search finds."""
    return {row["user"] for row in server.whm_ok("listaccts", search=search, **how)["acct"]}


def test_the_fields_of_a_row(server: Server) -> None:
    server.control("POST", "/clock", {"set": 1_369_238_580})
    server.whm_ok("createacct", username="carol", quota=500)
    rows = {row["user"]: row for row in server.whm_ok("listaccts")["acct"]}
    assert all(set(row) == FIELDS for row in rows.values())
    carol = rows["carol"]
    assert (carol["startdate"], carol["unix_startdate"]) == ("13 May 22 16:03", 1_369_238_580)
    assert (carol["disklimit"], carol["diskused"], carol["partition"]) == ("500M", "0M", "home")
    assert rows["suspended"]["suspendreason"] == "Unknown"
    assert len({row["uid"] for row in rows.values()}) == len(rows)
    assert server.whm_ok("accountsummary", user="carol")["acct"] == [carol]


def test_searches(server: Server) -> None:
    server.whm_ok("createacct", username="alicia", plan="gold", customip="192.0.2.7", owner="reseller")
    assert found(server, "ali") == found(server, "ali", searchtype="user") == {"alice", "alicia"}
    assert found(server, "ali", searchmethod="exact") == set()
    assert found(server, "alice", searchmethod="exact") == {"alice"}
    assert found(server, "^(bob|alice)$") == {"alice", "bob"}
    assert found(server, "bob\\.example$", searchtype="domain") == {"bob"}
    assert found(server, "reseller", searchtype="owner", searchmethod="exact") == {"bob", "alicia"}
    assert found(server, "^gold", searchtype="package") == {"alicia"}
    assert found(server, "192.0.2.7", searchtype="ip", searchmethod="exact") == {"alicia"}
    assert found(server, "nobody") == set()
    assert len(server.whm_ok("listaccts", searchtype="domain")["acct"]) == 7, "without a search, all"


def test_a_search_finds_nobody_elses_accounts(server: Server) -> None:
    rows = server.whm_ok("listaccts", RESELLER, search=".")["acct"]
    assert {row["user"] for row in rows} == {"reseller", "bob"}


def test_the_fields_that_are_wanted(server: Server) -> None:
    rows = server.whm_ok("listaccts", want="user, domain", search="alice")["acct"]
    assert rows == [{"user": "alice", "domain": "alice.example"}]


@pytest.mark.parametrize(
    "wrong",
    [
        {"searchtype": "email"},
        {"searchmethod": "glob"},
        {"want": "user,password"},
        {"want": ","},
        {"search": "("},
        {"search": "a)"},
        {"search": "*"},
        {"search": "a**"},
        {"search": "[a"},
        {"search": "[z-a]"},
        {"search": "(?=a)"},
        {"search": "(a)\\1"},
        {"search": "a{3,2}"},
        {"search": "a{1,255}" * 20},
        {"search": "(" * 100 + ")" * 100},
        {"search": "a" * 201},
    ],
)
def test_wrong_searches_are_refused(server: Server, wrong: dict) -> None:
    assert f"\u201c{next(iter(wrong))}\u201d" in server.whm_refused("listaccts", **wrong)


@pytest.mark.parametrize("search", ["(a+)+$", "(a|aa)+$", "(.*)*x", "(a|b|ab)*c", "(.?){200}a{200}"])
def test_no_expression_hangs_the_server(server: Server, search: str) -> None:
    server.whm_ok("createacct", username="carol", domain=".".join(["a" * 60] * 4) + ".example")
    began = time.monotonic()
    server.whm("listaccts", search=search, searchtype="domain")
    assert time.monotonic() - began < 10
    assert server.status("cpanel", ALICE) == 200


def test_one_account_by_its_domain(server: Server) -> None:
    assert server.whm_ok("accountsummary", domain="bob.example")["acct"][0]["user"] == "bob"
    assert server.whm_ok("accountsummary", RESELLER, domain="BOB.example")["acct"][0]["user"] == "bob"
    foreign = server.whm_refused("accountsummary", RESELLER, domain="alice.example")
    missing = server.whm_refused("accountsummary", RESELLER, domain="nobody.example")
    assert foreign.replace("alice", "nobody") == missing
    assert "user" in server.whm_refused("accountsummary")
