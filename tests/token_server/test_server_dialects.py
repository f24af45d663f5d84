# Copyright (c) 2026 panelops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Dialects: what each value changes in the answers, and how a running server is told to speak another one."""

from __future__ import annotations

from collections.abc import Callable

import pytest
import requests

from tests.support.server import Server
from tests.support.users import ALICE, ROOT
from token_server import dialects
from token_server.testing import ServerFailed

DEFAULTS = {name: values[0] for name, values in dialects.CHOICES.items()}
DENIED = {
    "apiversion": "2",
    "error": "Access denied",
    "data": {"reason": "Access denied", "result": "0"},
    "type": "text",
}
PATHS = {"whm": "/json-api/version?api.version=1", "cpanel": "/execute/Email/list_pops"}
SECRET = "A" * 32


def test_the_defaults_are_the_first_choices(server: Server) -> None:
    assert server.control("GET", "/dialect") == DEFAULTS
    assert dialects.parse([]) == dialects.Dialect(**DEFAULTS)


def test_a_running_server_is_told_and_a_reset_brings_back_its_own(start: Callable[..., Server]) -> None:
    server = start(dialect={"revoke": "ok"})
    own = {**DEFAULTS, "revoke": "ok"}
    assert server.control("GET", "/dialect") == own
    assert server.control("POST", "/dialect", {"lists": "lean"}) == {**own, "lists": "lean"}
    assert server.control("POST", "/dialect", {"denied": "403", "revoke": "error"}) == {
        **DEFAULTS,
        "lists": "lean",
        "denied": "403",
    }
    server.reset()
    assert server.control("GET", "/dialect") == own
    server.control("POST", "/dialect", {"lists": "lean"})
    server.restart()
    assert server.control("GET", "/dialect") == own


@pytest.mark.parametrize(
    ("body", "words"),
    [
        ([], "object of names and values"), (None, "must be JSON"), ({"batsh": "one"}, "The dialects are batch, revoke"),
        ({"denied": 401}, "is one of 401, 403, page, redirect"), ({"batch": ["one"]}, "is one of zero, one"),
        ({"lists": "lean", "revoke": ""}, "is one of error, ok"),
    ],
)  # fmt: skip
def test_a_bad_dialect_gets_a_sentence_and_changes_nothing(server: Server, body: object, words: str) -> None:
    with pytest.raises(ServerFailed, match="^400: ") as caught:
        server.control("POST", "/dialect", body)
    assert words in str(caught.value)
    assert server.control("GET", "/dialect") == DEFAULTS


def test_whm_revokes_an_unknown_name(server: Server) -> None:
    assert "unknown-one" in server.whm_refused("api_token_revoke", token_name="unknown-one")
    server.speak("revoke=ok")
    server.whm_token("known")
    server.forget_counters()
    assert server.whm("api_token_revoke", token_name=["known", "unknown-one"])["metadata"]["result"] == 1
    assert server.whm("api_token_revoke", token_name="unknown-one")["metadata"]["result"] == 1
    assert server.counters("api_token_revoke") == (2, 1)
    assert server.whm_tokens() == {}
    assert "Invalid" in server.whm_refused("api_token_revoke", token_name="no name")


def test_uapi_revokes_an_unknown_name(server: Server) -> None:
    for value, answer in (("one", 1), ("zero", 0)):
        server.control("POST", "/dialect", {"uapi_revoke": value})
        assert server.uapi_ok("Tokens::revoke", name="unknown-one") == answer
    server.control("POST", "/dialect", {"uapi_revoke": "error"})
    assert "unknown-one" in server.uapi_refused("Tokens::revoke", name="unknown-one")
    for value in dialects.CHOICES["uapi_revoke"]:
        server.control("POST", "/dialect", {"uapi_revoke": value})
        server.uapi_token("known")
        assert server.uapi_ok("Tokens::revoke", name="known") == 1
        assert server.uapi_tokens() == {}


def json_with(status: int) -> Callable[[requests.Response], None]:
    def check(answer: requests.Response) -> None:
        assert answer.status_code == status
        assert answer.json() == {"cpanelresult": DENIED}
        assert ("WWW-Authenticate" in answer.headers) is (status == 401)

    return check


def the_page(answer: requests.Response) -> None:
    assert answer.status_code == 200
    assert answer.headers["Content-Type"].startswith("text/html")
    assert '<form id="login_form"' in answer.text


def the_redirect(answer: requests.Response) -> None:
    assert (answer.status_code, answer.headers["Location"], answer.content) == (302, "/login", b"")


CHECKS = {"401": json_with(401), "403": json_with(403), "page": the_page, "redirect": the_redirect}


@pytest.mark.parametrize("how", dialects.CHOICES["denied"])
def test_who_is_not_authenticated(server: Server, how: str) -> None:
    server.control("POST", "/dialect", {"denied": how})
    for listener, path in PATHS.items():
        wrong = ("root" if listener == "whm" else "alice", "wrong")
        answers = [
            server.request(listener, path, credentials)
            for credentials in (None, wrong, f"{listener} {wrong[0]}:{SECRET}", "bogus x")
        ]
        answers.append(server.request(listener, f"/cpsess0123456789{path}"))
        for answer in answers:
            CHECKS[how](answer)
            assert answer.content == answers[0].content, "the same whatever the reason"
    assert server.audit()[-1]["outcome"] == "denied"
    assert server.status("whm", ROOT) == 200
    login = server.request("whm", "/login", data={"user": "root", "pass": "wrong"})
    assert login.status_code == 401, "the form to log in is no API call"
    server.fault("version", "status:401")
    assert server.request("whm", PATHS["whm"], ROOT).status_code == 401, "a planned fault is as planned"


@pytest.mark.parametrize(
    ("how", "never", "some_day"),
    [("null", None, int), ("empty", "", int), ("text", "", str)],
)
def test_expiries_in_the_list_of_uapi(server: Server, how: str, never: object, some_day: type) -> None:
    end = server.now() + 1000
    server.uapi_token("never")
    server.uapi_token("some-day", expires_at=end)
    server.whm_token("whm", expires_at=end)
    # What was listed before is not listed like that again.
    server.uapi_ok("Tokens::list")
    server.control("POST", "/dialect", {"expires": how})
    rows = {row["name"]: row["expires_at"] for row in server.uapi_ok("Tokens::list")}
    assert rows == {"never": never, "some-day": some_day(end)}
    assert server.whm_tokens()["whm"]["expires_at"] == end


def test_lean_lists(server: Server) -> None:
    for name, limits in (("open", {}), ("limited", {"whitelist_ip": "127.0.0.1"})):
        server.whm_token(name, **limits)
    server.uapi_token("full")
    server.uapi_token("reads", readonly=1)
    whm, uapi = server.whm_ok("api_token_list")["tokens"], server.uapi_ok("Tokens::list")
    server.control("POST", "/dialect", {"lists": "lean"})
    lean_whm, lean_uapi = server.whm_ok("api_token_list")["tokens"], server.uapi_ok("Tokens::list")
    assert {name: set(whm[name]) - set(lean_whm[name]) for name in whm} == {
        "open": {"last_used", "whitelist_ips"},
        "limited": {"last_used"},
    }
    assert lean_whm["limited"]["whitelist_ips"] == ["127.0.0.1"]
    assert [set(row) - set(lean) for row, lean in zip(uapi, lean_uapi, strict=True)] == [
        {"last_used", "has_full_access", "features"}
    ] * 2
    assert [row.get("readonly") for row in lean_uapi] == [None, 1]
    for full, lean in ((whm["open"], lean_whm["open"]), (uapi[0], lean_uapi[0])):
        assert lean.items() <= full.items()


@pytest.mark.parametrize("dialect", [{"expires": "text", "lists": "lean"}, {"expires": "empty"}])
@pytest.mark.parametrize("listener", ["whm", "cpanel"])
def test_the_pages_look_the_same(server: Server, dialect: dict[str, str], listener: str) -> None:
    server.uapi_token("never-ends")
    server.uapi_token("ends", expires_at=server.now() + 10_000_000)
    server.whm_token("of-root", expires_at=server.now() + 10_000_000)
    user = ROOT if listener == "whm" else ALICE
    login = server.request(listener, "/login", data={"user": user.name, "pass": user.password})
    cookie, page = login.headers["Set-Cookie"].partition(";")[0], login.headers["Location"]

    def shown() -> str:
        answer = server.request(listener, page, method="GET", headers={"Cookie": cookie})
        assert answer.status_code == 200
        return answer.text

    before = shown()
    assert ("of-root" if listener == "whm" else "never-ends") in before
    server.control("POST", "/dialect", dialect)
    assert shown() == before


def test_the_command_line_tools_speak_the_default(start: Callable[..., Server]) -> None:
    server = start(dialect={"expires": "text", "lists": "lean"})
    end = server.now() + 1000
    server.uapi_token("ends", expires_at=end)
    (row,) = server.tool("uapi", "--user=alice", "Tokens", "list")["result"]["data"]
    assert (row["expires_at"], row["last_used"]) == (end, None)
