# Copyright (c) 2026 panelops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Resellers and their privileges, and the saved lists of privileges."""

from __future__ import annotations

from tests.support.server import Server
from tests.support.users import ALICE, BOB, RESELLER, RIVAL


def privileges(server: Server, reseller: tuple[str, str]) -> set[str]:
    """Return the privileges that a reseller has."""
    (mine,) = server.whm_ok("myprivs", reseller)["privileges"]
    return {name for name, flag in mine.items() if flag}


def test_setupreseller(server: Server) -> None:
    assert server.status("whm", ALICE) == 401
    server.whm_ok("setupreseller", user="alice", makeowner=1)
    assert server.status("whm", ALICE) == 200
    assert "already" in server.whm_refused("setupreseller", user="alice")
    assert {"acct-summary", "manage-api-tokens"} <= privileges(server, ALICE)
    assert server.whm_ok("accountsummary", ALICE, user="alice")["acct"][0]["owner"] == "alice"


def test_setacls_adds_what_is_named_whatever_its_value(server: Server) -> None:
    server.whm_ok(
        "setacls", reseller="rival", **{"acl-list-accts": 1, "acl-passwd": 0, "acl-quota": "", "acl-ssl": "no"}
    )
    assert privileges(server, RIVAL) == {"list-accts", "passwd", "ssl"}
    assert "manage-api-tokens" in server.whm_refused("api_token_create", RIVAL, token_name="t")
    assert "not a reseller" in server.whm_refused("setacls", reseller="bob", **{"acl-passwd": 1})
    assert "unknown" in server.whm_refused("setacls", reseller="rival", **{"acl-nonsense": 1})
    assert privileges(server, RIVAL) == {"list-accts", "passwd", "ssl"}


def test_saved_lists(server: Server) -> None:
    assert server.whm_ok("listacls") == {"acl": []}, "resellers are no lists"
    server.whm_ok("saveacllist", acllist="support", **{"acl-list-accts": 1, "acl-passwd": 1, "acl-quota": 0})
    server.whm_ok("saveacllist", acllist="billing", **{"acl-create-acct": 1})
    lists = {
        row["name"]: {name for name, flag in row["privileges"].items() if flag}
        for row in server.whm_ok("listacls")["acl"]
    }
    assert lists == {"billing": {"create-acct"}, "support": {"list-accts", "passwd"}}
    server.whm_ok("setacls", reseller="rival", acllist="support")
    assert privileges(server, RIVAL) == {"list-accts", "passwd"}
    server.whm_ok("saveacllist", acllist="support", **{"acl-list-accts": 1, "acl-passwd": 0})
    assert {row["name"]: row["privileges"]["passwd"] for row in server.whm_ok("listacls")["acl"]}["support"] == 0
    assert privileges(server, RIVAL) == {"list-accts", "passwd"}, "what was given stays"
    assert "1 or 0" in server.whm_refused("saveacllist", acllist="support", **{"acl-passwd": "yes"})
    assert "unknown" in server.whm_refused("saveacllist", acllist="support", **{"acl-nonsense": 1})
    assert "nothere" in server.whm_refused("setacls", reseller="rival", acllist="nothere")
    assert "not both" in server.whm_refused("setacls", reseller="rival", acllist="support", **{"acl-passwd": 1})
    server.reset()
    assert server.whm_ok("listacls") == {"acl": []}


def test_unsetupreseller(server: Server) -> None:
    header = f"whm reseller:{server.whm_token('t', RESELLER)}"
    server.whm_ok("unsetupreseller", user="reseller")
    assert (server.status("whm", RESELLER), server.status("whm", header)) == (401, 401)
    assert server.status("cpanel", RESELLER) == 200
    assert server.whm_ok("listresellers") == {"reseller": ["rival"]}
    assert "not a reseller" in server.whm_refused("unsetupreseller", user="reseller")
    assert "not a reseller" in server.whm_refused("unsetupreseller", user="bob")


def test_listresellers_and_acctcounts(server: Server) -> None:
    assert server.whm_ok("listresellers") == {"reseller": ["reseller", "rival"]}
    counted = {"active": 1, "limit": None, "suspended": 0, "user": "reseller"}
    assert server.whm_ok("acctcounts", user="reseller") == {"reseller": counted}
    assert server.whm_ok("acctcounts", RESELLER) == {"reseller": counted}
    server.whm_ok("suspendacct", user="bob")
    assert server.whm_ok("acctcounts", RESELLER)["reseller"] == {**counted, "active": 0, "suspended": 1}
    assert server.whm_ok("acctcounts")["reseller"]["suspended"] == 1, "that of the fixture belongs to root"
    assert "rival" in server.whm_refused("acctcounts", RESELLER, user="rival")
    assert "root" in server.whm_refused("acctcounts", RESELLER, user="root")
    assert "not a reseller" in server.whm_refused("acctcounts", user=BOB.name)
