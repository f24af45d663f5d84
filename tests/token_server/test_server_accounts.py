# Copyright (c) 2026 panelops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Who may call what: every function of WHM, its privilege, and which accounts a caller reaches."""

from __future__ import annotations

import pytest

from tests.support.server import Server
from tests.support.users import RESELLER, RIVAL
from token_server.functions.permissions import WHM_FUNCTIONS


def test_about_the_server(server: Server) -> None:
    assert server.whm_ok("version")["version"]
    assert server.whm_ok("gethostname")["hostname"]
    assert "api_token_create" in server.whm_ok("applist")["app"]
    answer = server.whm("loadavg")
    assert answer["metadata"]["result"] == 1
    assert [float(answer[key]) >= 0 for key in ("one", "five", "fifteen")] == [True] * 3
    loads = server.whm_ok("systemloadavg")
    assert [float(loads[key]) >= 0 for key in ("one", "five", "fifteen")] == [True] * 3


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


def test_no_privileges_no_token(server: Server) -> None:
    server.whm_ok("setacls", reseller="rival")
    assert server.whm_ok("applist", RIVAL)["app"] == [
        "applist", "batch", "gethostname", "loadavg", "myprivs", "systemloadavg", "version",
    ]  # fmt: skip
