# Copyright (c) 2026 panelops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Clients and scripts that others wrote: API 2, calls without api.version, sessions for scripts."""

from __future__ import annotations

import re

import pytest

from tests.support.server import Server
from tests.support.users import ALICE, RESELLER, ROOT

API2 = {"cpanel_jsonapi_user": "alice", "cpanel_jsonapi_module": "Email", "cpanel_jsonapi_func": "listpops"}


@pytest.mark.parametrize("method", ["GET", "POST"])
@pytest.mark.parametrize("path", ["/json-api/cpanel", "/json-api/cpanel/"])
@pytest.mark.parametrize("listener", ["whm", "whm_plain", "cpanel", "cpanel_plain"])
def test_the_way_to_api_2_needs_no_version(server: Server, listener: str, path: str, method: str) -> None:
    credentials = ROOT if listener.startswith("whm") else ALICE
    sent = {"params" if method == "GET" else "data": API2}
    answer = server.request(listener, path, credentials, method=method, **sent).json()
    assert answer["cpanelresult"]["event"]["result"] == 1
    # Both at once, as some clients have it.
    query = "?cpanel_jsonapi_apiversion=3&cpanel_jsonapi_func=list_pops"
    rest = {name: value for name, value in API2.items() if name != "cpanel_jsonapi_func"}
    answer = server.request(listener, path + query, credentials, data=rest).json()
    assert (answer["apiversion"], answer["result"]["status"]) == (3, 1)
    assert server.audit()[-1]["function"] in ("Email::list_pops", "cpanel")


def test_a_slash_at_the_end_is_in_the_log_too(server: Server) -> None:
    assert server.request("whm", "/json-api/cpanel/").status_code == 401
    assert server.audit()[-1]["function"] == "cpanel"


def test_a_call_without_a_version_fails_for_clients_of_version_0(server: Server) -> None:
    for path, words in (
        ("/json-api/api_token_create?token_name=t", "api.version=1"),
        ("/json-api/api_token_create?token_name=t&api.version=0", "api.version=1"),
        ("/json-api/no_such", "api.version=1"),
        ("/json-api/cpanel?cpanel_jsonapi_user=nobody", "nobody"),
    ):
        answer = server.request("whm", path, ROOT).json()
        assert (answer["metadata"]["result"], answer["status"]) == (0, 0)
        assert words in answer["statusmsg"]
        assert answer["statusmsg"] == answer["metadata"]["reason"]
    assert server.whm_tokens() == {}
    for answer in (server.whm("no_such"), server.whm("batch", command="no_such")["data"]["result"][0]):
        assert set(answer) == {"metadata"}


@pytest.mark.parametrize(("module", "function"), [("Email", "no_such"), ("Nothing", "listpops"), ("Email", "x" * 300)])
def test_an_unknown_function_of_api_2(server: Server, module: str, function: str) -> None:
    form = {"cpanel_jsonapi_module": module, "cpanel_jsonapi_func": function}
    for listener, credentials in (("cpanel", ALICE), ("whm", ROOT)):
        answer = server.request(
            listener, "/json-api/cpanel", credentials, data={"cpanel_jsonapi_user": "alice", **form}
        ).json()
        result = answer["cpanelresult"]
        assert result["error"] == f"Could not find function '{function[:100]}' in module '{module}'"
        assert result["event"]["result"] == 0


# Sessions


def test_a_header_authenticates_below_the_path_of_a_session(server: Server) -> None:
    for listener, header, call, (user, password) in (
        ("whm", f"whm root:{server.whm_token()}", "json-api/myprivs?api.version=1", RESELLER),
        ("cpanel", f"cpanel alice:{server.uapi_token()}", "execute/Tokens/list", RESELLER),
    ):
        wrong = header[:-1] + ("A" if header[-1] != "A" else "B")
        for path in (f"/cpsess0123456789/{call}", f"/cpsess0000000000/{call}"):
            assert server.request(listener, path, header).status_code == 200
            assert server.request(listener, path, wrong).status_code == 401
            assert server.request(listener, path).status_code == 401
        begun = server.request(listener, "/login", data={"user": user, "pass": password})
        inside, cookies = begun.headers["location"] + call, dict(begun.cookies)
        assert server.request(listener, inside, cookies=cookies).status_code == 200
        assert server.audit()[-1]["user"] == user
        assert server.request(listener, inside, header, cookies=cookies).status_code == 200
        assert server.audit()[-1]["user"] == header.partition(" ")[2].partition(":")[0]
        assert server.request(listener, inside, wrong, cookies=cookies).status_code == 401


@pytest.mark.parametrize("path", ["/login", "/login/"])
@pytest.mark.parametrize("where", ["query", "form", "json"])
def test_a_session_for_a_script(server: Server, path: str, where: str) -> None:
    browser = {"Accept": "text/html"}
    for listener, (user, password), call in (
        ("whm", RESELLER, "/json-api/version?api.version=1"),
        ("cpanel", ALICE, "/execute/Tokens/list"),
    ):
        form = {"user": user, "pass": password}
        sent = {"query": {"data": form, "params": {"login_only": 1}}, "form": {"data": {**form, "login_only": 1}},
                "json": {"json": {**form, "login_only": 1}}}[where]  # fmt: skip
        begun = server.request(listener, path, headers=browser, **sent)
        assert begun.status_code == 200
        assert begun.headers["content-type"].startswith("application/json")
        answer = begun.json()
        assert answer["status"] == 1
        assert re.fullmatch(r"/cpsess\d{10}", answer["security_token"])
        assert answer["redirect"] == answer["security_token"] + "/"
        called = server.request(listener, answer["security_token"] + call, cookies=dict(begun.cookies))
        assert called.status_code == 200


def test_a_script_that_may_not_log_in(server: Server) -> None:
    answers = set()
    for user, password in (("alice", "wrong"), ("nobody", "wrong"), ROOT, ("", "")):
        form = {"user": user, "pass": password}
        answer = server.request("cpanel", "/login?login_only=1", data=form, headers={"Accept": "text/html"})
        assert answer.status_code == 401
        assert "set-cookie" not in answer.headers
        assert answer.json()["status"] == 0
        assert "security_token" not in answer.json()
        answers.add(answer.content)
    assert len(answers) == 1, "no oracle"
    for other in ("0", ""):
        form = {"user": "alice", "pass": ALICE.password}
        assert server.request("cpanel", f"/login?login_only={other}", data=form).status_code == 302


def test_a_password_in_the_address_logs_nobody_in(server: Server) -> None:
    query = {"login_only": 1, "user": "alice", "pass": ALICE.password}
    assert server.request("cpanel", "/login", params=query).status_code == 401
