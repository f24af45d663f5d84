# Copyright (c) 2026 panelops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""WHM's ``createacct``: what an account gets, what the answer shows, and what is refused."""

from __future__ import annotations

import pytest

from tests.support.server import Server
from tests.support.users import RESELLER


def summary(server: Server, username: str) -> dict:
    """Return what ``accountsummary`` shows of an account."""
    (row,) = server.whm_ok("accountsummary", user=username)["acct"]
    return row


def test_createacct(server: Server) -> None:
    answer = server.whm("createacct", username="carol", domain="carol.example", password="carol-password")
    assert answer["metadata"]["reason"] == "Account Creation Ok"
    assert server.status("cpanel", ("carol", "carol-password")) == 200
    assert server.status("whm", ("carol", "carol-password")) == 401
    assert "carol" in server.whm_refused("createacct", username="carol", domain="x.example")
    assert "carol.example" in server.whm_refused("createacct", username="carla", domain="carol.example")
    server.whm_ok("createacct", RESELLER, username="dave", domain="dave.example")
    assert {row["user"] for row in server.whm_ok("listaccts", RESELLER)["acct"]} == {"reseller", "bob", "dave"}


@pytest.mark.parametrize(
    "wrong",
    [
        {"username": "root"},
        {"username": "1carol"},
        {"username": "c" * 17},
        {"username": "ca rol"},
        {"username": ""},
        {"domain": "nodot"},
        {"domain": "-a.example"},
        {"domain": "a\0.example"},
        {"contactemail": "nobody"},
        {"contactemail": "a b@carol.example"},
        {"contactemail": "@carol.example"},
        {"plan": "two\nlines"},
        {"quota": "-1"},
        {"quota": "1000000"},
        {"customip": "somewhere"},
        {"uid": "0"},
        {"owner": "alice"},
        {"owner": "nobody"},
        {"ownerself": "yes"},
        {"showpass": "1"},
        {"pass": "one", "password": "another"},
        {"domain": "bob.example"},
        {"reseller": "yes"},
        {"password": "p" * 1025},
        {"password": "a\0b"},
    ],
)
def test_createacct_refuses_what_is_wrong(server: Server, wrong: dict) -> None:
    server.whm_refused("createacct", **{"username": "carol", "domain": "carol.example", **wrong})
    assert "carol" not in {row["user"] for row in server.whm_ok("listaccts")["acct"]}


def test_a_new_reseller(server: Server) -> None:
    server.whm_ok("createacct", username="carol", domain="carol.example", password="secret", reseller=1)
    carol = ("carol", "secret")
    assert server.status("whm", carol) == 200
    server.whm_token("t", carol)
    assert "all" in server.whm_refused("createacct", RESELLER, username="eve", domain="eve.example", reseller=1)


def test_the_answer_shows_what_the_account_got(server: Server) -> None:
    answer = server.whm(
        "createacct", username="carol", password="carol-password", plan="gold", contactemail="c@x.example"
    )
    data = answer["data"]
    assert (data["ip"], data["package"]) == ("127.0.0.1", "gold")
    assert data["nameserver"]
    assert set(data) >= {f"nameserver{entry}{number}" for entry in ("", "a", "entry") for number in ("", "2", "3", "4")}
    raw = answer["metadata"]["output"]["raw"]
    for line in ("| UserName: carol", "| PassWord: carol-password", "| Package: gold", "| Contact Email: c@x.example"):
        assert line in raw.splitlines()


def test_the_password_is_shown_unless_it_is_not_to_be(server: Server) -> None:
    hidden = server.whm("createacct", username="carol", password="carol-password", showpass="n")
    assert "carol-password" not in str(hidden)
    assert server.status("cpanel", ("carol", "carol-password")) == 200
    raw = server.whm("createacct", username="dave")["metadata"]["output"]["raw"]
    (generated,) = [line.removeprefix("| PassWord: ") for line in raw.splitlines() if line.startswith("| PassWord: ")]
    assert server.status("cpanel", ("dave", generated)) == 200


def test_what_is_not_given_has_a_default(server: Server) -> None:
    server.whm_ok("createacct", username="Carol")
    row = summary(server, "carol")
    assert (row["domain"], row["plan"], row["owner"], row["disklimit"]) == (
        "carol.example.com",
        "default",
        "root",
        "unlimited",
    )
    assert row["email"] == "*unknown*"
    assert server.whm_ok("accountsummary", domain="Carol.Example.com")["acct"] == [row]


def test_what_is_given_is_kept(server: Server) -> None:
    given = {"plan": "gold", "contactemail": "c@x.example", "quota": 500, "customip": "192.0.2.7", "uid": 5000}
    server.whm_ok("createacct", username="carol", owner="reseller", **given)
    row = summary(server, "carol")
    shown = (row["plan"], row["email"], row["disklimit"], row["ip"], row["uid"], row["owner"])
    assert shown == ("gold", "c@x.example", "500M", "192.0.2.7", 5000, "reseller")
    assert "uid" in server.whm_refused("createacct", username="dave", uid=5000)
    server.whm_ok("createacct", username="dave")
    assert summary(server, "dave")["uid"] == 5001


def test_an_account_can_own_itself(server: Server) -> None:
    server.whm_ok("createacct", username="carol", ownerself=1)
    assert summary(server, "carol")["owner"] == "carol"


def test_a_reseller_creates_accounts_of_its_own_only(server: Server) -> None:
    server.whm_ok("createacct", RESELLER, username="carol", owner="reseller")
    for more in ({"owner": "root"}, {"owner": "rival"}, {"ownerself": 1}, {"uid": 5000}):
        assert "all" in server.whm_refused("createacct", RESELLER, username="dave", **more)
