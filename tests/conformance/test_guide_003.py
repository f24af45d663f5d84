# Copyright (c) 2026 panelops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Guide 003: how to use a cPanel API token."""

from __future__ import annotations

import json
from pathlib import Path
from urllib.parse import urlsplit

import pytest
import requests

from tests.conformance.shell import remote_bash
from tests.conformance.statements import states
from tests.support.server import Server
from tests.support.users import user

USERNAME = user("username")
UAPI = "https://example.com:2083/execute/Tokens/rename?name=12345&new_name=12345luggage"
API2 = "https://example.com:2083/json-api/cpanel?cpanel_jsonapi_module=Email&cpanel_jsonapi_func=listpops"
# The guide's own form of the header, with the secret as an argument.
CALL = "curl -H'Authorization: cpanel username:APITOKEN' '{url}'"


def call(server: Server, home: Path, secret: str, url: str) -> dict:
    """Run the guide's line for an address."""
    done = remote_bash(server, CALL.format(url=url).replace("APITOKEN", secret), home)
    assert (done.returncode, done.stderr) == (0, "")
    return json.loads(done.stdout)


@states("G3.01", "G3.03", "G3.04")
def test_the_call_of_the_guide(server: Server, tmp_path: Path) -> None:
    secret = server.uapi_token("12345", USERNAME)
    assert call(server, tmp_path, secret, UAPI)["status"] == 1
    assert set(server.uapi_tokens(USERNAME)) == {"12345luggage"}
    api2 = call(server, tmp_path, secret, API2)["cpanelresult"]
    assert (api2["apiversion"], api2["event"]["result"]) == (2, 1)
    api1 = call(server, tmp_path, secret, API2 + "&cpanel_jsonapi_apiversion=1")["cpanelresult"]
    assert api1["event"]["result"] == 0


@states("G3.05")
@pytest.mark.parametrize("host", ["127.0.0.1", "localhost"])
def test_by_address(server: Server, tmp_path: Path, host: str) -> None:
    secret = server.uapi_token("t", USERNAME)
    port = urlsplit(server.ready["cpanel"]).port
    assert call(server, tmp_path, secret, f"https://{host}:{port}/execute/Email/list_pops")["status"] == 1


@states("G3.06")
def test_needed_each_time(server: Server) -> None:
    url = f"{server.ready['cpanel']}/execute/Email/list_pops"
    headers = {"Authorization": f"cpanel username:{server.uapi_token('t', USERNAME)}"}
    with requests.Session() as session:
        session.verify = server.ready["ca_file"]
        with_token = session.get(url, headers=headers, timeout=10)
        assert (with_token.status_code, session.get(url, timeout=10).status_code) == (200, 401)
        assert not session.cookies


@states("G3.07")
def test_for_others(server: Server) -> None:
    header = f"cpanel username:{server.uapi_token('developer', USERNAME)}"
    shown = server.uapi_ok("Variables::get_user_information", header)
    assert shown["user"] == "username"
    whole = {"Authorization": header, "User-Agent": "somebody-else/1.0"}
    assert server.request("cpanel", "/execute/Email/list_pops", headers=whole, source="127.0.0.7").json()["status"] == 1
