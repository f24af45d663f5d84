# Copyright (c) 2026 panelops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What becomes of an account: renamed, changed, suspended, removed, with another password."""

from __future__ import annotations

import sqlite3

import pytest

from tests.support.server import Server
from tests.support.users import ALICE, BOB, RESELLER, ROOT
from tests.token_server.test_server_accounts_create import summary
from tests.token_server.visits import Visit


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


def test_passwd_says_what_it_changed(server: Server) -> None:
    answer = server.whm("passwd", user="alice", password="changed")
    assert answer["data"] == {"app": ["system"]}
    assert answer["metadata"]["reason"] == "Password changed for user \u201calice\u201d."


def test_modifyacct_changes_what_is_given_and_nothing_else(server: Server) -> None:
    before = summary(server, "alice")
    answer = server.whm("modifyacct", user="alice", contactemail="a@x.example")
    assert (answer["metadata"]["reason"], answer["data"]) == (
        "Account Modified",
        {"user": "alice", "domain": "alice.example"},
    )
    assert summary(server, "alice") == {**before, "email": "a@x.example"}
    server.whm_ok("modifyacct", user="alice", DNS="New.example", owner="reseller", QUOTA=200, BACKUP=1)
    changed = {"domain": "new.example", "owner": "reseller", "disklimit": "200M", "backup": 1}
    assert summary(server, "alice") == {**before, "email": "a@x.example", **changed}
    server.whm_ok("modifyacct", user="alice", contactemail="", QUOTA="unlimited", domain="alice.example", OWNER="root")
    assert summary(server, "alice") == {**before, "backup": 1}


@pytest.mark.parametrize(
    "wrong",
    [
        {"domain": "bob.example"},
        {"DNS": "nodot"},
        {"contactemail": "nobody"},
        {"owner": "alice"},
        {"OWNER": "nobody"},
        {"QUOTA": "much"},
        {"BACKUP": "yes"},
    ],
)
def test_modifyacct_refuses_what_is_wrong(server: Server, wrong: dict) -> None:
    before = summary(server, "alice")
    server.whm_refused("modifyacct", user="alice", newuser="alicia", **wrong)
    assert summary(server, "alice") == before, "nothing of it was done"


def test_a_reseller_gives_no_account_away(server: Server) -> None:
    for change in ({"owner": "root"}, {"BACKUP": 1}):
        assert "all" in server.whm_refused("modifyacct", RESELLER, user="bob", **change)
    server.whm_ok("modifyacct", RESELLER, user="bob", contactemail="b@x.example")


def test_a_suspension_is_shown_with_its_reason_and_time(server: Server) -> None:
    before = summary(server, "alice")
    assert (before["suspended"], before["suspendreason"], before["suspendtime"]) == (0, "not suspended", None)
    now = server.now()
    server.whm_ok("suspendacct", user="alice", reason="Nonpayment")
    row = summary(server, "alice")
    assert (row["suspended"], row["suspendreason"], row["is_locked"]) == (1, "Nonpayment", 0)
    assert now <= row["suspendtime"] <= server.now()
    server.whm_ok("suspendacct", user="alice", reason="another")
    assert summary(server, "alice") == row, "it was suspended already"
    server.whm_ok("unsuspendacct", user="alice")
    assert summary(server, "alice") == before
    server.whm_ok("suspendacct", user="alice")
    assert summary(server, "alice")["suspendreason"] == "Unknown"
    assert "one line" in server.whm_refused("suspendacct", user="bob", reason="two\nlines")


def test_only_root_ends_a_locked_suspension(server: Server) -> None:
    server.whm_ok("suspendacct", user="bob", disallowun=1)
    assert summary(server, "bob")["is_locked"] == 1
    assert "Only root" in server.whm_refused("unsuspendacct", RESELLER, user="bob")
    server.whm_ok("unsuspendacct", user="bob")
    server.whm_ok("suspendacct", user="bob")
    server.whm_ok("unsuspendacct", RESELLER, user="bob")
    assert server.status("cpanel", BOB) == 200


def test_a_suspension_that_goes_on_can_be_locked(server: Server) -> None:
    """What root says of an account that its reseller has suspended counts."""
    server.whm_ok("suspendacct", RESELLER, user="bob", reason="Nonpayment")
    before = summary(server, "bob")
    server.advance(60)
    server.whm_ok("suspendacct", user="bob", disallowun=1)
    assert summary(server, "bob") == {**before, "is_locked": 1}
    server.whm_ok("suspendacct", RESELLER, user="bob")
    assert "Only root" in server.whm_refused("unsuspendacct", RESELLER, user="bob")


@pytest.mark.parametrize("passwords", [[ALICE[1]], ["another-7Yq2mW", ALICE[1]]])
def test_a_change_of_the_password_ends_every_session_for_ever(server: Server, passwords: list[str]) -> None:
    """Also if the new password is the old one, or comes back later: whoever changes it wants to be rid of a guest."""
    visits = [Visit(server, "cpanel", ALICE), Visit(server, "cpanel", ALICE)]
    assert all(visit.get().status_code == 200 for visit in visits)
    for password in passwords:
        server.whm_ok("passwd", user=ALICE[0], password=password)
    assert [visit.get().status_code for visit in visits] == [401, 401]
    assert Visit(server, "cpanel", ALICE).get().status_code == 200
