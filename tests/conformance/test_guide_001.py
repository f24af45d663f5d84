# Copyright (c) 2026 panelops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Guide 001: creating, renaming and revoking a cPanel token, step by step."""

from __future__ import annotations

from tests.conformance.statements import states
from tests.support.server import Server

API2 = {"cpanel_jsonapi_module": "Email", "cpanel_jsonapi_func": "listpops", "cpanel_jsonapi_apiversion": "2"}


@states("G1.01")
def test_both_interfaces(server: Server) -> None:
    header = f"cpanel alice:{server.uapi_token('t')}"
    assert server.uapi_ok("Email::list_pops", header, skip_main=1) == []
    api2 = server.request("cpanel", "/json-api/cpanel", header, data=API2).json()
    assert api2["cpanelresult"]["event"] == {"result": 1}


@states("G1.02")
def test_valid_until(server: Server) -> None:
    moment = server.now() + 30 * 24 * 3600
    header = f"cpanel alice:{server.uapi_token('t', expires_at=moment)}"
    for now, status in ((moment - 30, 200), (moment, 401), (moment + 1, 401)):
        server.control("POST", "/clock", {"set": now})
        assert server.status("cpanel", header) == status


@states("G1.03", "G1.04", "G1.05")
def test_the_steps(server: Server) -> None:
    header = f"cpanel alice:{server.uapi_token('first-name')}"
    assert set(server.uapi_tokens()) == {"first-name"}
    server.uapi_ok("Tokens::rename", name="first-name", new_name="second-name")
    assert set(server.uapi_tokens()) == {"second-name"}
    assert server.status("cpanel", header) == 200
    assert server.uapi_ok("Tokens::revoke", name="second-name") == 1
    assert server.uapi_tokens() == {}
    assert server.status("cpanel", header) == 401
