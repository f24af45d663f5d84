# Copyright (c) 2026 panelops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The forms of the pages "Manage API Tokens": what they take, and what they do."""

from __future__ import annotations

from typing import Any

import pytest

from tests.support.server import Server
from tests.support.users import ALICE, BOB, MAILONLY, RESELLER, RESELLERS_ACLS, ROOT
from tests.token_server.visits import SERVICES, Fields, Visit, both, names
from token_server.privileges import CHART, INITIAL
from token_server.web import privileges

# What the forms take


@both
@pytest.mark.parametrize("name", ["", "x" * 51, "with space", "umläut", "a/b", '"><script>alert(1)</script>', "a\nb"])
def test_bad_names(server: Server, service: str, who: tuple[str, str], name: str) -> None:
    visit = Visit(server, service, who)
    answer = visit.send("/create", name=name)
    fields = Fields(answer.text)
    assert (answer.status_code, fields.invalid) == (422, {"name"})
    assert "1 to 50 characters" in answer.text
    assert fields.values["name"] == [name.strip()], "what was entered is kept"
    assert "<script>alert" not in answer.text
    assert names(server, service) == set()


@both
def test_a_name_that_is_taken(server: Server, service: str, who: tuple[str, str]) -> None:
    visit = Visit(server, service, who)
    visit.create(name="mine")
    answer = visit.send("/create", name="mine", expires="date", date="2090-01-31")
    fields = Fields(answer.text)
    assert (answer.status_code, fields.invalid) == (422, {"name"})
    assert "must be unique" in answer.text
    assert (fields.values["name"], fields.values["expires"], fields.values["date"]) == (
        ["mine"],
        ["date"],
        ["2090-01-31"],
    )


@both
@pytest.mark.parametrize(
    ("date", "rule"),
    [
        ("", "YYYY-MM-DD"),
        ("31.12.2090", "YYYY-MM-DD"),
        ("2090-02-30", "YYYY-MM-DD"),
        ("20900101", "YYYY-MM-DD"),
        ("2020-01-01", "must lie in the future"),
    ],
)
def test_bad_dates(server: Server, service: str, who: tuple[str, str], date: str, rule: str) -> None:
    answer = Visit(server, service, who).send("/create", name="mine", expires="date", date=date)
    fields = Fields(answer.text)
    assert (answer.status_code, fields.invalid) == (422, {"date"})
    assert rule in answer.text
    assert (fields.values["name"], fields.values["date"]) == (["mine"], [date])
    assert names(server, service) == set()


@both
def test_an_expiry_must_be_chosen(server: Server, service: str, who: tuple[str, str]) -> None:
    answer = Visit(server, service, who).send("/create", name="mine", expires=None)
    assert (answer.status_code, Fields(answer.text).invalid) == (422, {"date"})
    assert names(server, service) == set()


@pytest.mark.parametrize(
    ("ips", "rule"),
    [
        ("10.0.0.1\n300.1.1.1", "Invalid \u201c300.1.1.1\u201d"),
        ("10.0.0.0/33", "Invalid \u201c10.0.0.0/33\u201d"),
        ("any\n10.0.0.1", "Invalid \u201cany\u201d"),
        ("10.0.0.1, 10.0.0.2", "Invalid \u201c10.0.0.1, 10.0.0.2\u201d"),
        ("\n".join(f"10.0.0.{number}" for number in range(101)), "at most 100"),
        ("</textarea><script>alert(1)</script>", "Invalid"),
    ],
)
def test_bad_addresses(server: Server, ips: str, rule: str) -> None:
    answer = Visit(server, "whm", ROOT).send("/create", name="mine", ips=ips)
    fields = Fields(answer.text)
    assert (answer.status_code, fields.invalid) == (422, {"ips"})
    assert rule in answer.text
    assert "<script>alert" not in answer.text
    assert (fields.values["name"], fields.values["ips"]) == (["mine"], [ips])
    assert server.whm_tokens() == {}


def test_all_faults_are_told_at_once(server: Server) -> None:
    answer = Visit(server, "whm", ROOT).send("/create", name="a b", expires="date", date="x", ips="x", acl=None)
    assert Fields(answer.text).invalid == {"name", "date", "ips", "privileges"}
    assert "Select at least one privilege." in answer.text
    assert server.whm_tokens() == {}, "without privileges the API would give all of them"


def test_one_s_own_privileges_are_offered_and_ticked(server: Server) -> None:
    for who, own in ((ROOT, CHART), (RESELLER, set(RESELLERS_ACLS))):
        visit = Visit(server, "whm", who)
        assert set(Fields(visit.get("/create").text).values["acl"]) == own
        visit.create(name="mine")
        granted = {acl for acl, given in server.whm_tokens(who)["mine"]["acls"].items() if given}
        assert granted == own


@pytest.mark.parametrize("acl", [["all"], ["list-accts", "kill-dns"], ["no-such-privilege"], [""]])
def test_privileges_that_are_not_offered(server: Server, acl: list[str]) -> None:
    answer = Visit(server, "whm", RESELLER).send("/create", name="mine", acl=acl)
    assert (answer.status_code, Fields(answer.text).invalid) == (422, {"privileges"})
    assert server.whm_tokens(RESELLER) == {}


def test_every_privilege_of_the_chart_has_its_place() -> None:
    placed = [choice.acl for group in privileges.groups(CHART, frozenset()) for choice in group.choices]
    assert sorted(placed) == sorted(CHART)
    groups = {group.title: group for group in privileges.groups(CHART | {"software-x"}, frozenset({"all"}))}
    assert {choice.acl for choice in groups["Initial Privileges"].choices} == INITIAL
    assert "software-x" in {choice.label for choice in groups["Server"].choices}
    assert [choice.ticked for choice in groups["Everything"].choices] == [True]
    assert all(privileges.label(acl) != acl for acl in CHART)


# What it does


def test_expiry_is_the_last_second_of_the_day_by_the_server_s_clock(server: Server) -> None:
    server.control("POST", "/clock", {"set": 1_709_208_000})  # 2024-02-29 12:00:00 UTC
    for service, who in SERVICES:
        visit = Visit(server, service, who)
        assert Fields(visit.get("/create").text).values["date"] == ["2025-02-28"], "a year from a leap day"
        secret = visit.create(name="mine", expires="date", date="2024-02-29")
        for second, status in ((1_709_251_198, 200), (1_709_251_199, 401)):
            server.control("POST", "/clock", {"set": second + 0.01})
            assert server.status(service, f"{service} {who[0]}:{secret}") == status
        server.control("POST", "/clock", {"set": 1_709_208_000})


def test_editing_another_field_keeps_the_second_of_the_expiry(server: Server) -> None:
    moment = server.now() + 50 * 24 * 3600
    server.whm_token("mine", expires_at=moment, acl="list-accts", whitelist_ip=["127.0.0.0/8", "2001:db8::/32"])
    visit = Visit(server, "whm", ROOT)
    before = server.whm_tokens()["mine"]
    visit.follow(visit.send("/edit/mine"))
    assert server.whm_tokens()["mine"] == before, "saving without a change changes nothing"
    visit.follow(visit.send("/edit/mine", name="yours", acl=["list-accts", "list-pkgs"]))
    after = server.whm_tokens()
    assert set(after) == {"yours"}
    assert {acl for acl, given in after["yours"]["acls"].items() if given} == {"list-accts", "list-pkgs"}
    assert (after["yours"]["expires_at"], after["yours"]["whitelist_ips"]) == (moment, before["whitelist_ips"])
    visit.follow(visit.send("/edit/yours", expires="never", ips=""))
    assert (server.whm_tokens()["yours"]["expires_at"], server.whm_tokens()["yours"]["whitelist_ips"]) == (None, None)


def test_an_expired_token_needs_a_new_date_to_be_edited(server: Server) -> None:
    server.whm_token("mine", expires_at=server.now() + 60)
    server.advance(61)
    visit = Visit(server, "whm", ROOT)
    answer = visit.send("/edit/mine")
    assert (answer.status_code, Fields(answer.text).invalid) == (422, {"date"})
    assert "expires_at" not in answer.text
    visit.follow(visit.send("/edit/mine", date="2090-01-01"))


def test_editing_does_not_give_back_what_the_owner_has_lost(server: Server) -> None:
    server.whm_token("mine", RESELLER, acl=["list-accts", "passwd"])
    server.whm_ok("setacls", reseller="reseller", **{"acl-list-accts": 1, "acl-manage-api-tokens": 1})
    visit = Visit(server, "whm", RESELLER)
    assert "do not have any more" in visit.says("/edit/mine")
    visit.follow(visit.send("/edit/mine"))
    assert {acl for acl, given in server.whm_tokens(RESELLER)["mine"]["acls"].items() if given} == {"list-accts"}


def test_a_cpanel_token_gets_another_name_or_expiry_and_keeps_its_secret(server: Server) -> None:
    moment = server.now() + 50 * 24 * 3600
    header = f"cpanel alice:{server.uapi_token('mine', expires_at=moment, readonly=1)}"
    visit = Visit(server, "cpanel", ALICE)
    visit.follow(visit.send("/manage/mine", name="yours"))
    assert server.uapi_tokens()["yours"]["expires_at"] == moment
    assert server.audit()[-3]["function"] == "Tokens::rename"
    visit.follow(visit.send("/manage/yours", name="theirs", date="2090-12-31"))
    token = server.uapi_tokens()["theirs"]
    assert (token["expires_at"], token["readonly"]) == (3_818_447_999, 1)
    assert server.status("cpanel", header) == 200
    visit.follow(visit.send("/manage/theirs", expires="never"))
    assert server.uapi_tokens()["theirs"]["expires_at"] is None
    assert server.counters("Tokens::edit") == (2, 2)
    server.uapi_token("other")
    answer = visit.send("/manage/theirs", name="other", expires="date", date="2090-12-31")
    assert (answer.status_code, Fields(answer.text).invalid) == (422, {"name"})
    assert server.uapi_tokens()["theirs"]["expires_at"] is None
    assert "could not find" in server.uapi_refused("Tokens::edit", name="theirs", new_name="x"), "no client can"


def test_the_same_rules_as_for_clients(server: Server) -> None:
    """Ownership, privileges and features."""
    server.uapi_token("his", BOB)
    visit = Visit(server, "cpanel", ALICE)
    assert "his" not in visit.says()
    for path in ("/manage/his", "/revoke/his"):
        assert "There is no API token of this name." in visit.says(path)
    form_token = Fields(visit.get("/create").text).values["form_token"][0]
    for path in ("/manage/his", "/revoke/his"):
        assert visit.post(path, {"form_token": form_token, "name": "x", "expires": "never"}).status_code == 404
    assert set(server.uapi_tokens(BOB)) == {"his"}

    mailonly = Visit(server, "cpanel", MAILONLY)
    for path in ("/", "/create"):
        assert mailonly.get(path).status_code == 403
        assert "apitokens" in mailonly.says(path)

    reseller = Visit(server, "whm", RESELLER)
    server.whm_ok("setacls", reseller="reseller", **{"acl-list-accts": 1})
    for path in ("/", "/create", "/edit/x", "/revoke/x", "/revoke-all"):
        assert reseller.get(path).status_code == 403
        assert "manage-api-tokens" in reseller.says(path)
    server.whm_ok("suspendacct", user="alice")
    assert visit.get().status_code == 401


def test_calls_of_the_pages_are_counted_logged_and_disturbed_like_others(server: Server) -> None:
    visit = Visit(server, "whm", ROOT)
    form: dict[str, Any] = Fields(visit.get("/create").text).values
    server.fault("api_token_create", "status:503")
    assert visit.post("/create", {**form, "name": "mine"}).status_code == 503
    visit.post("/create", {**form, "name": "mine"})
    assert server.counters("api_token_create") == (2, 1)
    line = server.audit()[-1]
    assert (line["user"], line["function"], line["mutation"], line["outcome"]) == (
        "root",
        "api_token_create",
        True,
        "ok",
    )


def test_revoke_all_revokes_what_was_named_and_nothing_newer(server: Server) -> None:
    visit = Visit(server, "whm", ROOT)
    assert "You have no API tokens." in visit.says("/revoke-all")
    for name in ("one", "two", "three"):
        server.whm_token(name)
    fields = Fields(visit.get("/revoke-all").text).values
    assert fields["name"] == ["one", "three", "two"]
    server.whm_ok("api_token_revoke", token_name="two")
    server.whm_token("newer")
    assert "revoked" in visit.follow(visit.post("/revoke-all", fields)).text
    assert set(server.whm_tokens()) == {"newer"}
    assert server.counters("api_token_revoke") == (2, 2)
