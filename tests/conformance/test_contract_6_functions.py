# Copyright (c) 2026 panelops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Section C6 of the wire contract: other functions that clients of the token API use."""

from __future__ import annotations

import re

import pytest

from tests.conformance.calls import WHM_CALLS
from tests.conformance.chart import CHART
from tests.conformance.statements import states
from tests.support.server import Server
from tests.support.users import ALICE, BOB, RESELLER, ROOT

API2 = {"cpanel_jsonapi_module": "Email", "cpanel_jsonapi_func": "listpops"}


def users(server: Server, who: tuple[str, str] = ROOT) -> dict[str, dict]:
    """Return what ``listaccts`` shows to somebody, by name."""
    return {account["user"]: account for account in server.whm_ok("listaccts", who)["acct"]}


@states("C6.01")
def test_version_and_hostname(server: Server) -> None:
    assert re.fullmatch(r"11\.[0-9]+\.[0-9]+\.[0-9]+", server.whm_ok("version")["version"])
    assert server.whm_ok("gethostname")["hostname"]


@states("C6.02")
def test_applist(server: Server) -> None:
    assert set(server.whm_ok("applist")["app"]) == {name for name, _parameters in WHM_CALLS}


@states("C6.03")
def test_loadavg(server: Server) -> None:
    answer = server.whm("loadavg")
    assert set(answer) == {"metadata", "one", "five", "fifteen"}
    assert all(float(answer[key]) >= 0 for key in ("one", "five", "fifteen"))


@states("C6.04")
def test_myprivs(server: Server) -> None:
    (mine,) = server.whm_ok("myprivs", RESELLER)["privileges"]
    assert set(mine) == CHART
    assert (mine["list-accts"], mine["quota"]) == (1, 0)
    (everything,) = server.whm_ok("myprivs")["privileges"]
    assert set(everything.values()) == {1}
    header = f"whm reseller:{server.whm_token('t', RESELLER, acl='list-accts')}"
    (narrow,) = server.whm_ok("myprivs", header)["privileges"]
    assert [name for name, granted in narrow.items() if granted] == ["list-accts"]


@states("C6.05")
def test_accounts(server: Server) -> None:
    assert {"alice", "bob", "reseller"} <= set(users(server))
    assert set(users(server, RESELLER)) == {"bob", "reseller"}
    (bob,) = server.whm_ok("accountsummary", RESELLER, user="bob")["acct"]
    assert bob == users(server)["bob"]
    assert (bob["owner"], bob["domain"], bob["suspended"]) == ("reseller", "bob.example", 0)
    assert "alice" in server.whm_refused("accountsummary", RESELLER, user="alice")


@states("C6.06")
def test_createacct(server: Server) -> None:
    given = {"username": "carol", "domain": "carol.example", "password": "carol-password"}
    answer = server.whm("createacct", RESELLER, **given)
    assert (answer["metadata"]["result"], answer["metadata"]["reason"]) == (1, "Account Creation Ok")
    assert (users(server)["carol"]["owner"], users(server)["carol"]["domain"]) == ("reseller", "carol.example")
    assert server.status("cpanel", ("carol", "carol-password")) == 200
    assert server.status("whm", ("carol", "carol-password")) == 401
    assert "carol" in server.whm_refused("createacct", **given)
    server.whm_ok("createacct", username="dealer", domain="dealer.example", password="dealer-password", reseller=1)
    assert server.status("whm", ("dealer", "dealer-password")) == 200


@states("C6.07")
@pytest.mark.parametrize("parameter", ["user", "username"])
def test_removeacct(server: Server, parameter: str) -> None:
    answer = server.whm("removeacct", **{parameter: "alice"})
    assert (answer["metadata"]["result"], answer["metadata"]["reason"]) == (1, "alice account removed")
    assert "alice" not in users(server)


@states("C6.08")
def test_suspension(server: Server) -> None:
    header = f"cpanel alice:{server.uapi_token('t')}"
    for function, suspended, status in (("suspendacct", 1, 401), ("unsuspendacct", 0, 200)):
        server.whm_ok(function, user="alice")
        assert users(server)["alice"]["suspended"] == suspended
        assert server.status("cpanel", ALICE) == server.status("cpanel", header) == status


@states("C6.09")
def test_modifyacct(server: Server) -> None:
    server.whm_ok("modifyacct", user="alice", newuser="alicia")
    assert "alice" not in users(server)
    assert users(server)["alicia"]["domain"] == "alice.example"
    assert "bob" in server.whm_refused("modifyacct", user="alicia", newuser="bob")


@states("C6.10", "C6.11")
def test_resellers(server: Server) -> None:
    assert server.status("whm", BOB) == 401
    server.whm_ok("setupreseller", user="bob")
    assert server.status("whm", BOB) == 200
    server.whm_ok("setacls", reseller="bob", **{"acl-list-accts": 1, "acl-manage-api-tokens": 0})
    (mine,) = server.whm_ok("myprivs", BOB)["privileges"]
    assert [name for name, granted in mine.items() if granted] == ["list-accts", "manage-api-tokens"]
    header = f"whm bob:{server.whm_token('t', BOB)}"
    assert server.whm_ok("listaccts", header)["acct"]
    server.whm_ok("setacls", reseller="bob", **{"acl-manage-api-tokens": 1})
    assert "list-accts" in server.whm_refused("listaccts", header)
    assert "not-a-privilege" in server.whm_refused("setacls", reseller="bob", **{"acl-not-a-privilege": 1})


@states("C6.12")
def test_passwd(server: Server) -> None:
    answer = server.whm("passwd", user="alice", password="another-password")
    assert answer["metadata"]["reason"] == "Password changed for user \u201calice\u201d."
    assert answer["data"]["app"]
    assert server.status("cpanel", ALICE) == 401
    assert server.status("cpanel", ("alice", "another-password")) == 200


@states("C6.13")
def test_uapi_functions(server: Server) -> None:
    assert [row["email"] for row in server.uapi_ok("Email::list_pops")] == ["alice"]
    assert server.uapi_ok("Email::list_pops", skip_main=1) == []
    shown = server.uapi_ok("Variables::get_user_information")
    assert (shown["user"], shown["domain"]) == ("alice", "alice.example")


@states("C6.14")
def test_api2(server: Server) -> None:
    header = f"cpanel alice:{server.uapi_token('t')}"
    answer = server.request("cpanel", "/json-api/cpanel", header, method="GET", params=API2).json()
    result = {"apiversion": 2, "func": "listpops", "module": "Email", "event": {"result": 1}, "data": []}
    assert answer == {"cpanelresult": result}
    unknown = server.request(
        "cpanel", "/json-api/cpanel", header, data={**API2, "cpanel_jsonapi_func": "nopops"}
    ).json()
    assert unknown["cpanelresult"]["event"] == {"result": 0}
    assert "nopops" in unknown["cpanelresult"]["error"]


@states("C6.15")
def test_unknown_whm_functions(server: Server) -> None:
    reason = "Unknown app (\u201cno_such\u201d) requested for this version (1) of the API."
    assert server.whm_refused("no_such") == reason


@states("C6.16")
def test_unknown_uapi_functions(server: Server) -> None:
    assert "NoSuch" in server.uapi_refused("NoSuch::list")
    assert "no_such" in server.uapi_refused("Tokens::no_such")


@states("C6.17")
def test_missing_privileges(server: Server) -> None:
    header = f"whm root:{server.whm_token('t', acl='news')}"
    refused = {}
    for name, parameters in WHM_CALLS:
        answer = server.whm(name, header, **parameters)
        if answer["metadata"]["result"] == 0:
            refused[name] = answer["metadata"]["reason"]
    assert set(refused) == {name for name, _parameters in WHM_CALLS} - set(server.whm_ok("applist", header)["app"])
    assert len(refused) == 23
    for name, reason in refused.items():
        assert name in reason
        assert any(f"\u201c{privilege}\u201d" in reason for privilege in CHART)
