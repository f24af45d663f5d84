# Copyright (c) 2026 panelops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The pages "Manage API Tokens", over real sockets: who gets them, what forms they take, and what they never show."""

from __future__ import annotations

import re
from html import unescape
from typing import Any
from urllib.parse import quote

import pytest
import yaml

from tests.support.reference import ALICE, BOB, FIXTURE, RESELLER, ROOT, Reference
from tests.token_server.visits import Fields, Visit
from token_server.privileges import CHART, INITIAL
from token_server.web import privileges

SERVICES = [("whm", ROOT), ("cpanel", ALICE)]
both = pytest.mark.parametrize(("service", "who"), SERVICES, ids=["whm", "cpanel"])
RESELLERS_ACLS = set(yaml.safe_load(FIXTURE)["resellers"][0]["acls"])
BROWSER = {"Accept": "text/html,application/xhtml+xml"}


def names(server: Reference, service: str) -> set[str]:
    return set(server.whm_tokens() if service == "whm" else server.uapi_tokens())


# Who gets them


@both
def test_a_log_in_leads_to_the_list(server: Reference, service: str, who: tuple[str, str]) -> None:
    page = Visit(server, service, who).get()
    assert page.status_code == 200
    assert page.headers["content-type"] == "text/html; charset=utf-8"
    assert "<h1>Manage API Tokens</h1>" in page.text
    assert who[0] in page.text


PAGES = [
    "/",
    "/create",
    "/edit/mine",
    "/manage/mine",
    "/revoke/mine",
    "/revoke-all",
    "/created/0123",
    "/saved",
    "/nothing",
]


@both
def test_nothing_without_a_session(server: Reference, service: str, who: tuple[str, str]) -> None:
    visit = Visit(server, service, who)
    visit.create(name="mine")
    for path in PAGES:
        for headers, kind in (({}, "application/json"), (BROWSER, "text/html")):
            for cookies in ({}, dict.fromkeys(visit.cookies, "x" * 43)):
                answer = visit.get(path, cookies=cookies, headers=headers)
                assert answer.status_code == 401, path
                assert answer.headers["content-type"].startswith(kind)
                assert "mine" not in answer.text
    assert 'id="login_form"' in answer.text
    assert "www-authenticate" not in answer.headers, "the browser would open a window of its own"
    wrong = visit.base[:-1] + str((int(visit.base[-1]) + 1) % 10)
    assert server.request(service, wrong + "/", method="GET", cookies=visit.cookies).status_code == 401


@both
def test_logging_out_ends_the_session(server: Reference, service: str, who: tuple[str, str]) -> None:
    visit = Visit(server, service, who)
    answer = visit.post("/logout", {"form_token": Fields(visit.get().text).values["form_token"][0]})
    assert (answer.status_code, answer.headers["location"]) == (303, "/login")
    assert "Max-Age=0" in answer.headers["set-cookie"]
    assert visit.get().status_code == 401


def test_a_browser_is_told_in_words_that_the_log_in_failed(server: Reference) -> None:
    answers = []
    for user, password in (("root", "wrong"), ("nobody", "x"), ("alice", "alice-password")):
        answer = server.request("whm", "/login/", data={"user": user, "pass": password}, headers=BROWSER)
        assert answer.status_code == 401
        assert "set-cookie" not in answer.headers
        answers.append(answer.content)
    assert len(set(answers)) == 1, "no oracle"
    assert b"The log-in failed" in answers[0]


def test_the_way_to_the_log_in(server: Reference) -> None:
    answer = server.request("whm", "/", method="GET", headers=BROWSER)
    assert (answer.status_code, answer.headers["location"]) == (302, "/login")
    assert server.request("whm", "/", method="GET").status_code == 404


def test_the_pages_are_on_the_tls_ports_only(server: Reference) -> None:
    login = server.request("whm_plain", "/login", data={"user": "root", "pass": "root-password"})
    base, cookies = login.headers["location"], dict(login.cookies)
    assert "logged in as root" in server.request("whm_plain", base, method="GET", cookies=cookies).text
    assert server.request("whm_plain", base + "create", method="GET", cookies=cookies).status_code == 404


@pytest.mark.parametrize("listener", ["whm", "cpanel"])
def test_files_of_the_pages(server: Reference, listener: str) -> None:
    for name, kind in (("pages.css", "text/css"), ("pages.js", "text/javascript"), ("icon.svg", "image/svg+xml")):
        answer = server.request(listener, f"/pages/{name}", method="GET")
        assert (answer.status_code, answer.headers["content-type"].partition(";")[0]) == (200, kind)
    for name in ("", "nothing.css", "../render.py", "..%2frender.py", "../templates/base.html", "pages.css/"):
        assert server.request(listener, f"/pages/{name}", method="GET").status_code == 404, name


@both
def test_headers(server: Reference, service: str, who: tuple[str, str]) -> None:
    visit = Visit(server, service, who)
    visit.create(name="mine")
    pages = [visit.get(path) for path in PAGES] + [server.request(service, "/login", method="GET")]
    for page in [page for page in pages if page.status_code != 303]:
        assert page.headers["cache-control"] == "no-store"
        assert page.headers["referrer-policy"] == "no-referrer"
        assert page.headers["x-content-type-options"] == "nosniff"
        policy = page.headers["content-security-policy"]
        for part in (
            "default-src 'none'",
            "script-src 'self'",
            "form-action 'self'",
            "frame-ancestors 'none'",
            "base-uri 'none'",
        ):
            assert part in policy
        assert "unsafe" not in policy
        assert not re.search(r"<script(?! src)|\son[a-z]+=|\sstyle=|<style|javascript:", page.text), (
            "the policy would stop it"
        )


# Forms of other sites

FORMS: dict[str, dict[str, dict[str, str]]] = {
    "whm": {
        "/create": {"name": "new", "expires": "never", "acl": "all"},
        "/edit/mine": {"name": "mine", "expires": "never", "acl": "all"},
        "/revoke/mine": {},
        "/revoke-all": {"name": "mine"},
        "/logout": {},
    },
    "cpanel": {
        "/create": {"name": "new", "expires": "never"},
        "/manage/mine": {"name": "mine", "expires": "never"},
        "/revoke/mine": {},
        "/logout": {},
    },
}


@both
def test_forged_forms_do_nothing(server: Reference, service: str, who: tuple[str, str]) -> None:
    visit, other = Visit(server, service, who), Visit(server, service, who)
    visit.create(name="mine")
    others = Fields(other.get("/create").text).values["form_token"][0]
    own = Fields(visit.get("/create").text).values["form_token"][0]
    assert own != others
    before = server.control("GET", "/counters")["functions"]
    for path, fields in FORMS[service].items():
        for forged in (
            {},
            {"form_token": ""},
            {"form_token": others},
            {"form_token": own[:-1]},
            {"form_token": "\u00e9"},
        ):
            answer = visit.post(path, {**fields, **forged})
            assert answer.status_code == 403, (path, forged)
            assert "nothing was done" in answer.text
        assert visit.post(f"{path}?form_token={own}", fields).status_code == 403, "a token in the address is none"
    assert server.control("GET", "/counters")["functions"] == before
    line = server.audit()[-1]
    assert (line["function"], line["outcome"], line["reason"]) == ("(page)", "denied", "form of another page")
    assert names(server, service) == {"mine"}
    for path, fields in FORMS[service].items():
        assert visit.post(path, {**fields, "form_token": own}).status_code == 303, path


def test_other_sites_cannot_log_anybody_in(server: Reference) -> None:
    form = {"user": "root", "pass": "root-password"}
    for site, status in (("cross-site", 403), ("same-site", 403), ("same-origin", 302), ("none", 302)):
        answer = server.request("whm", "/login", data=form, headers={"Sec-Fetch-Site": site})
        assert answer.status_code == status
        assert ("set-cookie" in answer.headers) == (status == 302)


@both
def test_looking_changes_nothing(server: Reference, service: str, who: tuple[str, str]) -> None:
    visit = Visit(server, service, who)
    visit.create(name="mine")
    for path in (*FORMS[service], *PAGES):
        visit.get(f"{path}?name=new&expires=never&acl=all&form_token=x")
    assert names(server, service) == {"mine"}


# The secret


@both
def test_the_secret_is_shown_once(server: Reference, service: str, who: tuple[str, str]) -> None:
    visit = Visit(server, service, who)
    sent = visit.send("/create", name="mine")
    assert sent.status_code == 303
    address = sent.headers["location"].removeprefix(visit.base)
    # Another session does not get it, whatever it guesses.
    stranger = Visit(server, service, who)
    assert stranger.get(address).status_code == 303
    first = visit.get(address)
    secret = first.text.partition('<input id="token" value="')[2].partition('"')[0]
    assert re.fullmatch("[A-Z0-9]{32}", secret)
    assert server.status(service, f"{service} {who[0]}:{secret}") == 200
    again = visit.get(address)
    assert again.status_code == 303
    assert "not shown again" in visit.follow(again).text
    assert len(names(server, service)) == 1, "loading the page again creates nothing"
    for path in PAGES:
        assert secret not in visit.get(path).text
    folder = server.server.state
    for file in [*folder.iterdir(), *folder.parent.glob("*.log")]:
        assert secret.encode() not in file.read_bytes(), file
    assert secret not in sent.headers["location"]


def test_two_secrets_at_once_are_both_shown(server: Reference) -> None:
    visit = Visit(server, "cpanel", ALICE)
    sent = [visit.send("/create", name=name) for name in ("one", "two")]
    texts = [unescape(visit.follow(answer).text) for answer in sent]
    for name, text in zip(("one", "two"), texts, strict=True):
        assert f"You have created the API token \u201c{name}\u201d." in text
        secret = text.partition('<input id="token" value="')[2].partition('"')[0]
        assert server.status("cpanel", f"cpanel alice:{secret}") == 200


def test_a_secret_does_not_wait_for_ever(server: Reference) -> None:
    visit = Visit(server, "whm", ROOT)
    sent = visit.send("/create", name="mine")
    server.advance(121)
    assert "not shown again" in visit.follow(visit.follow(sent)).text


# What the forms take


@both
@pytest.mark.parametrize("name", ["", "x" * 51, "with space", "umläut", "a/b", '"><script>alert(1)</script>', "a\nb"])
def test_bad_names(server: Reference, service: str, who: tuple[str, str], name: str) -> None:
    visit = Visit(server, service, who)
    answer = visit.send("/create", name=name)
    fields = Fields(answer.text)
    assert (answer.status_code, fields.invalid) == (422, {"name"})
    assert "1 to 50 characters" in answer.text
    assert fields.values["name"] == [name.strip()], "what was entered is kept"
    assert "<script>alert" not in answer.text
    assert names(server, service) == set()


@both
def test_a_name_that_is_taken(server: Reference, service: str, who: tuple[str, str]) -> None:
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
def test_bad_dates(server: Reference, service: str, who: tuple[str, str], date: str, rule: str) -> None:
    answer = Visit(server, service, who).send("/create", name="mine", expires="date", date=date)
    fields = Fields(answer.text)
    assert (answer.status_code, fields.invalid) == (422, {"date"})
    assert rule in answer.text
    assert (fields.values["name"], fields.values["date"]) == (["mine"], [date])
    assert names(server, service) == set()


@both
def test_an_expiry_must_be_chosen(server: Reference, service: str, who: tuple[str, str]) -> None:
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
def test_bad_addresses(server: Reference, ips: str, rule: str) -> None:
    answer = Visit(server, "whm", ROOT).send("/create", name="mine", ips=ips)
    fields = Fields(answer.text)
    assert (answer.status_code, fields.invalid) == (422, {"ips"})
    assert rule in answer.text
    assert "<script>alert" not in answer.text
    assert (fields.values["name"], fields.values["ips"]) == (["mine"], [ips])
    assert server.whm_tokens() == {}


def test_all_faults_are_told_at_once(server: Reference) -> None:
    answer = Visit(server, "whm", ROOT).send("/create", name="a b", expires="date", date="x", ips="x", acl=None)
    assert Fields(answer.text).invalid == {"name", "date", "ips", "privileges"}
    assert "Select at least one privilege." in answer.text
    assert server.whm_tokens() == {}, "without privileges the API would give all of them"


def test_one_s_own_privileges_are_offered_and_ticked(server: Reference) -> None:
    for who, own in ((ROOT, CHART), (RESELLER, RESELLERS_ACLS)):
        visit = Visit(server, "whm", who)
        assert set(Fields(visit.get("/create").text).values["acl"]) == own
        visit.create(name="mine")
        granted = {acl for acl, given in server.whm_tokens(who)["mine"]["acls"].items() if given}
        assert granted == own


@pytest.mark.parametrize("acl", [["all"], ["list-accts", "kill-dns"], ["no-such-privilege"], [""]])
def test_privileges_that_are_not_offered(server: Reference, acl: list[str]) -> None:
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


def test_expiry_is_the_last_second_of_the_day_by_the_server_s_clock(server: Reference) -> None:
    server.control("POST", "/clock", {"set": 1_709_208_000})  # 2024-02-29 12:00:00 UTC
    for service, who in SERVICES:
        visit = Visit(server, service, who)
        assert Fields(visit.get("/create").text).values["date"] == ["2025-02-28"], "a year from a leap day"
        secret = visit.create(name="mine", expires="date", date="2024-02-29")
        for second, status in ((1_709_251_198, 200), (1_709_251_199, 401)):
            server.control("POST", "/clock", {"set": second + 0.01})
            assert server.status(service, f"{service} {who[0]}:{secret}") == status
        server.control("POST", "/clock", {"set": 1_709_208_000})


def test_editing_another_field_keeps_the_second_of_the_expiry(server: Reference) -> None:
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


def test_an_expired_token_needs_a_new_date_to_be_edited(server: Reference) -> None:
    server.whm_token("mine", expires_at=server.now() + 60)
    server.advance(61)
    visit = Visit(server, "whm", ROOT)
    answer = visit.send("/edit/mine")
    assert (answer.status_code, Fields(answer.text).invalid) == (422, {"date"})
    assert "expires_at" not in answer.text
    visit.follow(visit.send("/edit/mine", date="2090-01-01"))


def test_editing_does_not_give_back_what_the_owner_has_lost(server: Reference) -> None:
    server.whm_token("mine", RESELLER, acl=["list-accts", "passwd"])
    server.whm_ok("setacls", reseller="reseller", **{"acl-list-accts": 1, "acl-manage-api-tokens": 1})
    visit = Visit(server, "whm", RESELLER)
    assert "do not have any more" in visit.says("/edit/mine")
    visit.follow(visit.send("/edit/mine"))
    assert {acl for acl, given in server.whm_tokens(RESELLER)["mine"]["acls"].items() if given} == {"list-accts"}


def test_a_cpanel_token_gets_another_name_or_expiry_and_keeps_its_secret(server: Reference) -> None:
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


def test_the_same_rules_as_for_clients(server: Reference) -> None:
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

    mailonly = Visit(server, "cpanel", ("mailonly", "mailonly-password"))
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


def test_calls_of_the_pages_are_counted_logged_and_disturbed_like_others(server: Reference) -> None:
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


def test_revoke_all_revokes_what_was_named_and_nothing_newer(server: Reference) -> None:
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


# What the list shows


def test_rows_of_whm(server: Reference) -> None:
    now = server.now()
    server.whm_token("plain")
    server.whm_token("limited", whitelist_ip=["10.5.3.0/24", "12AB:0:0:CD30::/60"], expires_at=now + 31 * 86400)
    server.whm_token("soon", expires_at=now + 30 * 86400 - 1)
    server.whm_token("gone", expires_at=now + 60)
    server.advance(61)
    text = Visit(server, "whm", ROOT).says()
    rows = {row.partition('"')[0]: row for row in text.split('data-name="')[1:]}
    assert "Any" in rows["plain"]
    assert "Never" in rows["plain"]
    assert re.search(r">\d\d \d\d \d{4} \d\d:\d\d:\d\d<", rows["plain"])
    assert "10.5.3.0/24" in rows["limited"]
    assert "12ab:0000:0000:cd30:0000:0000:0000:0000/60" in rows["limited"]
    assert [("Expires soon" in rows[name], "Expired" in rows[name]) for name in ("limited", "soon", "gone")] == [
        (False, False),
        (True, False),
        (False, True),
    ]
    assert 'class="soon"' in rows["soon"]
    assert 'class="expired"' in rows["gone"]


def test_the_table_needs_all_of_the_initial_privileges(server: Reference) -> None:
    server.whm_token("mine", RESELLER)
    visit = Visit(server, "whm", RESELLER)
    text = visit.says()
    assert "Initial Privileges" in text
    assert "<table" not in text
    assert "mine" not in text
    assert re.fullmatch("[A-Z0-9]{32}", visit.create(name="other")), "creating one does not need them"
    server.whm_ok("setacls", reseller="reseller", **{f"acl-{acl}": 1 for acl in INITIAL})
    assert "<table" in visit.says()


@both
def test_search_without_javascript(server: Reference, service: str, who: tuple[str, str]) -> None:
    visit = Visit(server, service, who)
    for name in ("ci-deploy", "CI-test", "backup"):
        visit.create(name=name)
    shown = re.findall(r'data-name="([^"]+)">', visit.says("/?search=ci-"))
    assert sorted(shown) == ["ci-deploy", "ci-test"]
    hidden = visit.get("/?search=" + quote('"><script>alert(1)</script>')).text
    assert "<script>alert" not in hidden
    assert 'data-name="backup" hidden' in hidden


def test_last_use_of_a_cpanel_token(server: Reference) -> None:
    visit = Visit(server, "cpanel", ALICE)
    secret = visit.create(name="mine")
    cell = re.compile(r'data-label="Last Used">(?:<time[^>]*>)?([^<]*)<')
    assert cell.findall(visit.says()) == ["Never"]
    server.control("POST", "/clock", {"set": 1_800_000_000})
    assert server.status("cpanel", f"cpanel alice:{secret}") == 200
    visit = Visit(server, "cpanel", ALICE)
    assert cell.findall(visit.says()) == ["01 15 2027 08:00:00"]


@both
def test_a_message_is_shown_once(server: Reference, service: str, who: tuple[str, str]) -> None:
    visit = Visit(server, service, who)
    visit.create(name="mine")
    assert "You have revoked the API token \u201cmine\u201d." in unescape(visit.follow(visit.send("/revoke/mine")).text)
    assert "You have revoked" not in visit.says()
    assert names(server, service) == set()


@both
def test_creating_another(server: Reference, service: str, who: tuple[str, str]) -> None:
    visit = Visit(server, service, who)
    assert visit.get("/saved").headers["location"] == visit.base + "/"
    assert visit.get("/saved?another=1").headers["location"] == visit.base + "/create"


def test_a_session_that_a_function_opened(server: Reference) -> None:
    """The pages of a session that ``create_user_session`` opened are those of its account."""
    data = server.whm_ok("create_user_session", user="alice", service="cpaneld")
    entered = server.request("cpanel", data["url"].removeprefix(server.server.ready["cpanel"]), method="GET")
    page = server.request("cpanel", entered.headers["location"], method="GET", cookies=dict(entered.cookies))
    assert "API tokens of" not in page.text
    assert "You have no API tokens yet." in page.text
