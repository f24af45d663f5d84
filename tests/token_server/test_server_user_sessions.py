# Copyright (c) 2026 panelops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Sessions that ``create_user_session`` opens: on each service, from the command line, over a restart."""

from __future__ import annotations

import json
from collections.abc import Callable
from urllib.parse import urlsplit

import pytest

from tests.support.server import Server
from tests.support.users import ALICE, BOB, RESELLER, RIVAL
from tests.token_server.test_server_commandline import run_tool


def enter(server: Server, service: str, url: str) -> int:
    """Follow the URL of a session, call a function in it, and return the status."""
    parts = urlsplit(url)
    entered = server.request(service, f"{parts.path}?{parts.query}", method="GET")
    if entered.status_code != 302:
        return entered.status_code
    call = {"whm": "json-api/version?api.version=1", "cpanel": "execute/Tokens/list"}[service]
    return server.request(service, entered.headers["location"] + call, cookies=dict(entered.cookies)).status_code


@pytest.mark.parametrize(
    ("user", "service", "listener"),
    [("alice", "cpaneld", "cpanel"), ("reseller", "whostmgrd", "whm"), ("root", "whostmgrd", "whm")],
)
def test_a_session_on_each_service(server: Server, user: str, service: str, listener: str) -> None:
    answer = server.whm("create_user_session", user=user, service=service)
    assert answer["metadata"]["reason"] == "Created session"
    data = answer["data"]
    assert data["service"] == service
    assert data["expires"] - server.now() in range(6 * 3600 - 5, 6 * 3600 + 1)
    assert data["url"].startswith(server.ready[listener])
    assert enter(server, listener, data["url"]) == 200
    other = {"whm": "cpanel", "cpanel": "whm"}[listener]
    assert enter(server, other, data["url"]) == 401, "a session belongs to one service"
    server.advance(6 * 3600 + 1)
    assert enter(server, listener, data["url"]) == 401


def test_a_session_from_the_command_line(server: Server) -> None:
    arguments = ("--output=json", "create_user_session", "user=alice", "service=cpaneld")
    data = json.loads(run_tool(server, "whmapi1", *arguments).stdout)["data"]
    assert enter(server, "cpanel", data["url"]) == 200
    server.whm_ok("passwd", user="alice", password="another")
    assert enter(server, "cpanel", data["url"]) == 401


def test_sessions_outlast_a_restart_and_no_server_opens_none(start: Callable[..., Server]) -> None:
    server = start()
    data = server.whm_ok("create_user_session", user="alice", service="cpaneld")
    server.restart()
    assert enter(server, "cpanel", data["url"]) == 200
    server.stop()
    arguments = ("--output=json", "create_user_session", "user=alice", "service=cpaneld")
    metadata = json.loads(run_tool(server, "whmapi1", *arguments).stdout)["metadata"]
    assert (metadata["result"], "is not running" in metadata["reason"]) == (0, True)
    for path in server.files():
        assert data["session"].encode() not in path.read_bytes(), path


def test_a_session_for_webmail(server: Server) -> None:
    server.uapi_ok("Email::add_pop", BOB, email="info", password="secret")
    for user in ("bob", "info@bob.example"):
        data = server.whm_ok("create_user_session", user=user, service="webmaild")
        assert (data["service"], urlsplit(data["url"]).port) == ("webmaild", 2096)
        assert enter(server, "cpanel", data["url"]) == 401, "it opens nothing but webmail"
    server.whm_ok("setacls", reseller="rival", **{"acl-create-user-session": 1})
    foreign = server.whm_refused("create_user_session", RIVAL, user="info@bob.example", service="webmaild")
    missing = server.whm_refused("create_user_session", RIVAL, user="none@bob.example", service="webmaild")
    assert foreign.replace("info@", "none@") == missing
    server.whm_ok("suspendacct", user="bob")
    assert "suspended" in server.whm_refused("create_user_session", user="info@bob.example", service="webmaild")


def test_another_host_for_the_url(server: Server) -> None:
    for given, host in (("panel.example", "panel.example"), ("192.0.2.7", "192.0.2.7"), ("fc00::1", "[fc00::1]")):
        data = server.whm_ok("create_user_session", user="alice", service="cpaneld", preferred_domain=given)
        assert data["url"].startswith(f"https://{host}:{server.cpanel_port}/cpsess")
    for wrong in ("a/b", "user@host", "evil.example/?x="):
        server.whm_refused("create_user_session", user="alice", service="cpaneld", preferred_domain=wrong)


def test_who_gets_no_session(server: Server) -> None:
    assert "webmaild" in server.whm_refused("create_user_session", user="alice", service="ftpd")
    assert "suspended" in server.whm_refused("create_user_session", user="suspended", service="cpaneld")
    assert "does not have access" in server.whm_refused("create_user_session", user=ALICE.name, service="whostmgrd")
    assert "create-user-session" in server.whm_refused("create_user_session", RESELLER, user="bob", service="cpaneld")
