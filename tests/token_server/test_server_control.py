# Copyright (c) 2026 panelops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The control port: clock, planned faults of every kind, counters, reset."""

from __future__ import annotations

import time
from collections.abc import Callable
from email.utils import parsedate_to_datetime
from pathlib import Path

import pytest
import requests

from tests.support.server import Server
from tests.support.users import ALICE, RESELLER, ROOT
from tests.support.waiting import until
from token_server.testing import ServerFailed

VERSION = "/json-api/version?api.version=1"
CREATE = "/json-api/api_token_create?api.version=1&token_name=t"


def test_the_secret_is_needed(server: Server) -> None:
    for headers in ({}, {"X-Control-Secret": ""}, {"X-Control-Secret": "wrong"}):
        for method, path in (("GET", "/counters"), ("POST", "/reset"), ("POST", "/clock"), ("GET", "/nothing")):
            response = server.request("control", path, method=method, headers=headers)
            assert response.status_code == 403
            assert response.json()["error"]
    assert server.ready["control"].startswith("http://127.0.0.1:")


@pytest.mark.parametrize(
    ("path", "body"),
    [
        ("/clock", {}), ("/clock", []), ("/clock", {"set": "now"}), ("/clock", {"set": True}), ("/clock", {"set": -1}),
        ("/clock", {"set": 1e300}), ("/clock", {"set": 1, "advance": 1}), ("/clock", {"real": False}),
        ("/clock", {"other": 1}), ("/clock", {"advance": -1e11}), ("/clock", None),
        ("/faults", {}), ("/faults", [1]), ("/faults", [{}]), ("/faults", [{"function": "*", "kind": "bogus"}]),
        ("/faults", [{"function": "*", "kind": "status:99"}]), ("/faults", [{"function": "*", "kind": "delay:-1"}]),
        ("/faults", [{"function": "*", "kind": "html", "call": 0}]), ("/faults", [{"function": "", "kind": "html"}]),
        ("/faults", [{"function": "*", "kind": "html", "call": True}]),
        ("/faults", [{"function": "*", "kind": "html", "extra": 1}]),
    ],
)  # fmt: skip
def test_bad_input_gets_a_sentence(server: Server, path: str, body: object) -> None:
    with pytest.raises(ServerFailed, match=r'^400: \{"error":"[A-Z].*\."\}'):
        server.control("POST", path, body)


def test_unknown_paths_and_methods(server: Server) -> None:
    with pytest.raises(ServerFailed, match="^404"):
        server.control("GET", "/nothing")
    with pytest.raises(ServerFailed, match="^405"):
        server.control("PUT", "/clock")
    with pytest.raises(ServerFailed, match="^400"):
        server.control("POST", "/faults", ["x" * 2_000_000])


def _date(server: Server) -> float:
    return parsedate_to_datetime(server.request("whm", VERSION, ROOT).headers["date"]).timestamp()


def test_the_clock_is_the_servers_date(server: Server) -> None:
    assert abs(_date(server) - time.time()) <= 2
    server.control("POST", "/clock", {"set": 4_000_000_000})
    assert 0 <= _date(server) - 4_000_000_000 <= 2
    server.control("POST", "/clock", {"advance": 86400})
    assert 0 <= _date(server) - 4_000_086_400 <= 2
    assert 0 <= server.whm_ok("api_token_create", token_name="t")["create_time"] - 4_000_086_400 <= 2
    server.control("POST", "/clock", {"advance": -86400})
    assert 0 <= _date(server) - 4_000_000_000 <= 2
    server.control("POST", "/clock", {"real": True})
    assert abs(_date(server) - time.time()) <= 2


def test_a_set_clock_keeps_ticking(server: Server) -> None:
    server.control("POST", "/clock", {"set": 3_000_000_000})
    first = server.control("GET", "/clock")["now"]
    until(lambda: server.control("GET", "/clock")["now"] != first)
    assert first < server.control("GET", "/clock")["now"] < 3_000_000_010


@pytest.mark.parametrize(
    ("kind", "status", "content_type"),
    [
        ("status:503", 503, "text/plain"),
        ("status:429", 429, "text/plain"),
        ("status:401", 401, "application/json"),
        ("status:204", 204, "text/plain"),
        ("html", 200, "text/html"),
        ("login_redirect", 302, "text/html"),
    ],
)
def test_faults_that_replace_the_answer(server: Server, kind: str, status: int, content_type: str) -> None:
    server.fault("api_token_create", kind)
    response = server.request("whm", CREATE, ROOT)
    assert response.status_code == status
    assert response.headers["content-type"].startswith(content_type)
    if kind == "html":
        assert b"<form" in response.content
    if kind == "login_redirect":
        assert response.headers["location"] == "/login"
        assert b"<form" in server.request("whm", "/login", method="GET").content
    assert server.counters("api_token_create") == (1, 0)
    assert server.whm_tokens() == {}
    assert server.request("whm", CREATE, ROOT).json()["metadata"]["result"] == 1, "a fault fires once"


@pytest.mark.parametrize("kind", ["truncated_json", "not_json"])
def test_faults_that_mangle_the_answer(server: Server, kind: str) -> None:
    server.fault("api_token_create", kind)
    response = server.request("whm", CREATE, ROOT)
    assert response.status_code == 200
    with pytest.raises(ValueError, match="."):
        response.json()
    assert list(server.whm_tokens()) == ["t"]
    assert server.counters("api_token_create") == (1, 1)


def test_a_fault_that_delays(server: Server) -> None:
    server.fault("api_token_create", "delay:0.4")
    begin = time.monotonic()
    assert server.request("whm", CREATE, ROOT).json()["metadata"]["result"] == 1
    assert 0.4 <= time.monotonic() - begin < 3


@pytest.mark.parametrize(("kind", "committed"), [("drop_before_commit", False), ("drop_after_commit", True)])
@pytest.mark.parametrize("listener", ["whm", "cpanel", "cpanel_plain"])
def test_faults_that_drop_the_connection(server: Server, listener: str, kind: str, committed: bool) -> None:
    function, path, credentials = ("api_token_create", CREATE, ROOT)
    if listener != "whm":
        function, path = "Tokens::create_full_access", "/execute/Tokens/create_full_access?name=t"
        credentials = ALICE
    server.fault(function, kind)
    with pytest.raises(requests.ConnectionError):
        server.request(listener, path, credentials)
    assert server.counters(function) == (1, int(committed))
    tokens = server.whm_tokens() if listener == "whm" else server.uapi_tokens()
    assert list(tokens) == (["t"] if committed else [])


@pytest.mark.parametrize(("kind", "committed"), [("kill_before_commit", False), ("kill_after_commit", True)])
def test_faults_that_kill_the_server(start: Callable[..., Server], kind: str, committed: bool) -> None:
    server = start()
    server.control("POST", "/clock", {"advance": 5000})
    server.fault("api_token_create", kind)
    with pytest.raises(requests.ConnectionError):
        server.request("whm", CREATE, ROOT)
    assert server.wait() == -9
    server.start()
    assert list(server.whm_tokens()) == (["t"] if committed else [])
    assert abs(server.now() - time.time() - 5000) < 60, "a killed server keeps its clock"


def test_faults_count_their_calls(server: Server) -> None:
    server.fault("version", "status:500", call=3)
    statuses = [server.request("whm", VERSION, ROOT).status_code for _number in range(4)]
    assert statuses == [200, 200, 500, 200]
    server.fault("*", "status:502", call=2)
    server.fault("gethostname", "status:503", call=1)
    server.whm("version")
    assert server.request("whm", "/json-api/gethostname?api.version=1", ROOT).status_code in (502, 503)
    assert server.status("whm", ROOT) == 200
    server.fault("*", "status:500")
    server.control("DELETE", "/faults")
    assert server.status("whm", ROOT) == 200


def test_faults_inside_batches(server: Server) -> None:
    create = "uapi_cpanel?cpanel.user=alice&cpanel.module=Tokens&cpanel.function=create_full_access&name="
    commands = {"command": [create + name for name in ("a", "b", "c")]}
    for kind, kept in (("drop_before_commit", ["a"]), ("drop_after_commit", ["a", "b"])):
        server.reset()
        server.fault("Tokens::create_full_access", kind, call=2)
        with pytest.raises(requests.ConnectionError):
            server.whm("batch", **commands)
        assert list(server.uapi_tokens()) == kept
        assert server.counters("Tokens::create_full_access") == (2, len(kept))
    server.reset()
    server.fault("Tokens::create_full_access", "status:503", call=3)
    assert server.request("whm", "/json-api/batch?api.version=1", ROOT, data=commands).status_code == 503
    assert list(server.uapi_tokens()) == ["a", "b"]


def test_counters(server: Server) -> None:
    assert server.control("GET", "/counters") == {"http_requests": 0, "functions": {}}
    server.whm_token("a")
    server.whm_refused("api_token_create", token_name="a")
    server.whm("batch", command=["api_token_list", "api_token_revoke?token_name=a", "no_such"])
    server.whm("uapi_cpanel", **{"cpanel.user": "alice", "cpanel.module": "Tokens", "cpanel.function": "list"})
    server.uapi("Tokens::revoke", name="not-there")
    server.status("whm", None)
    assert server.control("GET", "/counters") == {
        "http_requests": 6,
        "functions": {
            "(unknown)": {"calls": 1, "commits": 0},
            "Tokens::list": {"calls": 1, "commits": 0},
            "Tokens::revoke": {"calls": 1, "commits": 0},
            "api_token_create": {"calls": 2, "commits": 1},
            "api_token_list": {"calls": 1, "commits": 0},
            "api_token_revoke": {"calls": 1, "commits": 1},
            "batch": {"calls": 1, "commits": 0},
            "uapi_cpanel": {"calls": 1, "commits": 0},
        },
    }
    server.forget_counters()
    assert server.control("GET", "/counters") == {"http_requests": 0, "functions": {}}


def test_reset(server: Server) -> None:
    before = (dict(server.ready), Path(server.ready["ca_file"]).read_bytes())
    token = server.whm_token("t")
    server.uapi_token("t")
    server.whm_ok("passwd", user="root", password="changed")
    root = ("root", "changed")
    server.whm_ok("removeacct", root, user="bob")
    server.whm_ok("createacct", root, username="new", domain="new.example")
    server.whm_ok("setacls", root, reseller="reseller")
    server.whm_ok("suspendacct", root, user="rival")
    login = server.request("whm", "/login", data={"user": "root", "pass": "changed"})
    server.advance(10_000)
    server.fault("*", "status:500")
    server.reset()
    assert (server.ready, Path(server.ready["ca_file"]).read_bytes()) == before
    assert server.control("GET", "/counters") == {"http_requests": 0, "functions": {}}
    assert abs(server.now() - time.time()) <= 2
    assert {row["user"] for row in server.whm_ok("listaccts")["acct"]} == {
        "reseller", "rival", "alice", "bob", "suspended", "mailonly",
    }  # fmt: skip
    assert server.whm_tokens() == {}
    assert server.uapi_tokens() == {}
    assert server.status("whm", f"whm root:{token}") == 401
    assert server.whm_tokens(RESELLER) == {}
    path = login.headers["location"] + VERSION[1:]
    assert server.request("whm", path, cookies=dict(login.cookies)).status_code == 401
