# Copyright (c) 2026 panelops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The pages "Manage API Tokens", over real sockets: who gets them, and what they never show."""

from __future__ import annotations

import re
from html import unescape

import pytest

from tests.support.server import Server
from tests.support.users import ALICE, ROOT
from tests.token_server.visits import Fields, Visit, both, names

BROWSER = {"Accept": "text/html,application/xhtml+xml"}


@both
def test_a_log_in_leads_to_the_list(server: Server, service: str, who: tuple[str, str]) -> None:
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
def test_nothing_without_a_session(server: Server, service: str, who: tuple[str, str]) -> None:
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
def test_logging_out_ends_the_session(server: Server, service: str, who: tuple[str, str]) -> None:
    visit = Visit(server, service, who)
    answer = visit.post("/logout", {"form_token": Fields(visit.get().text).values["form_token"][0]})
    assert (answer.status_code, answer.headers["location"]) == (303, "/login")
    assert "Max-Age=0" in answer.headers["set-cookie"]
    assert visit.get().status_code == 401


def test_a_browser_is_told_in_words_that_the_log_in_failed(server: Server) -> None:
    answers = []
    for user, password in (("root", "wrong"), ("nobody", "x"), ALICE):
        answer = server.request("whm", "/login/", data={"user": user, "pass": password}, headers=BROWSER)
        assert answer.status_code == 401
        assert "set-cookie" not in answer.headers
        answers.append(answer.content)
    assert len(set(answers)) == 1, "no oracle"
    assert b"The log-in failed" in answers[0]


def test_the_way_to_the_log_in(server: Server) -> None:
    answer = server.request("whm", "/", method="GET", headers=BROWSER)
    assert (answer.status_code, answer.headers["location"]) == (302, "/login")
    assert server.request("whm", "/", method="GET").status_code == 404


def test_the_pages_are_on_the_tls_ports_only(server: Server) -> None:
    login = server.request("whm_plain", "/login", data={"user": "root", "pass": ROOT.password})
    base, cookies = login.headers["location"], dict(login.cookies)
    assert "logged in as root" in server.request("whm_plain", base, method="GET", cookies=cookies).text
    assert server.request("whm_plain", base + "create", method="GET", cookies=cookies).status_code == 404


@pytest.mark.parametrize("listener", ["whm", "cpanel"])
def test_files_of_the_pages(server: Server, listener: str) -> None:
    for name, kind in (("pages.css", "text/css"), ("pages.js", "text/javascript"), ("icon.svg", "image/svg+xml")):
        answer = server.request(listener, f"/pages/{name}", method="GET")
        assert (answer.status_code, answer.headers["content-type"].partition(";")[0]) == (200, kind)
    for name in ("", "nothing.css", "../render.py", "..%2frender.py", "../templates/base.html", "pages.css/"):
        assert server.request(listener, f"/pages/{name}", method="GET").status_code == 404, name


@both
def test_headers(server: Server, service: str, who: tuple[str, str]) -> None:
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


def test_a_session_that_a_function_opened(server: Server) -> None:
    """The pages of a session that ``create_user_session`` opened are those of its account."""
    data = server.whm_ok("create_user_session", user="alice", service="cpaneld")
    entered = server.request("cpanel", data["url"].removeprefix(server.ready["cpanel"]), method="GET")
    page = server.request("cpanel", entered.headers["location"], method="GET", cookies=dict(entered.cookies))
    assert "API tokens of" not in page.text
    assert "You have no API tokens yet." in page.text


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
def test_forged_forms_do_nothing(server: Server, service: str, who: tuple[str, str]) -> None:
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


def test_other_sites_cannot_log_anybody_in(server: Server) -> None:
    form = {"user": "root", "pass": ROOT.password}
    for site, status in (("cross-site", 403), ("same-site", 403), ("same-origin", 302), ("none", 302)):
        answer = server.request("whm", "/login", data=form, headers={"Sec-Fetch-Site": site})
        assert answer.status_code == status
        assert ("set-cookie" in answer.headers) == (status == 302)


@both
def test_looking_changes_nothing(server: Server, service: str, who: tuple[str, str]) -> None:
    visit = Visit(server, service, who)
    visit.create(name="mine")
    for path in (*FORMS[service], *PAGES):
        visit.get(f"{path}?name=new&expires=never&acl=all&form_token=x")
    assert names(server, service) == {"mine"}


# The secret


@both
def test_the_secret_is_shown_once(server: Server, service: str, who: tuple[str, str]) -> None:
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
    for file in [*server.files(), *server.state.parent.glob("*.log")]:
        assert secret.encode() not in file.read_bytes(), file
    assert secret not in sent.headers["location"]


def test_two_secrets_at_once_are_both_shown(server: Server) -> None:
    visit = Visit(server, "cpanel", ALICE)
    sent = [visit.send("/create", name=name) for name in ("one", "two")]
    texts = [unescape(visit.follow(answer).text) for answer in sent]
    for name, text in zip(("one", "two"), texts, strict=True):
        assert f"You have created the API token \u201c{name}\u201d." in text
        secret = text.partition('<input id="token" value="')[2].partition('"')[0]
        assert server.status("cpanel", f"cpanel alice:{secret}") == 200


def test_a_secret_does_not_wait_for_ever(server: Server) -> None:
    visit = Visit(server, "whm", ROOT)
    sent = visit.send("/create", name="mine")
    server.advance(121)
    assert "not shown again" in visit.follow(visit.follow(sent)).text
