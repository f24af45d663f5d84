# Copyright (c) 2026 panelops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Guide 002: tokens made on the command line. The shell lines are the guide's own."""

from __future__ import annotations

import yaml

from tests.conformance.shell import bash
from tests.conformance.statements import states
from tests.support.server import Server
from tests.support.users import user

USERNAME = user("username")
NO_MAIL = user("nomail")

WITHOUT_EXPIRY = """
uapi --user=username Tokens create_full_access name='exampleToken'
"""
WITH_EXPIRY = """
twentyFourHoursFromNow=$(date +%s -d "$(date) + 24 Hours")
uapi --user=username Tokens create_full_access \\
name='exampleToken' \\
expires_at=$twentyFourHoursFromNow
"""


@states("G2.01")
def test_the_same_permissions(server: Server) -> None:
    for who in (USERNAME, NO_MAIL):
        header = f"cpanel {who[0]}:{server.uapi_token('t', who)}"
        for call in ("Email::list_pops", "Tokens::list", "Variables::get_user_information", "No::such"):
            assert server.uapi(call, header)["errors"] == server.uapi(call, who)["errors"]
    assert "popaccts" in server.uapi_refused("Email::list_pops", header)


@states("G2.02")
def test_the_line_without_expiry(server: Server) -> None:
    done = bash(server, WITHOUT_EXPIRY)
    assert (done.returncode, done.stderr) == (0, "")
    answer = yaml.safe_load(done.stdout)
    assert answer["result"]["status"] == 1
    assert server.status("cpanel", f"cpanel username:{answer['result']['data']['token']}") == 200
    (row,) = server.uapi_ok("Tokens::list", USERNAME)
    assert (row["name"], row["expires_at"]) == ("exampleToken", None)


@states("G2.03")
def test_the_lines_with_expiry(server: Server) -> None:
    done = bash(server, WITH_EXPIRY)
    assert (done.returncode, done.stderr) == (0, "")
    header = f"cpanel username:{yaml.safe_load(done.stdout)['result']['data']['token']}"
    (row,) = server.uapi_ok("Tokens::list", USERNAME)
    assert 0 <= row["create_time"] + 24 * 3600 - row["expires_at"] <= 5
    server.advance(23 * 3600)
    assert server.status("cpanel", header) == 200
    server.advance(3600)
    assert server.status("cpanel", header) == 401


@states("G2.04")
def test_again(server: Server) -> None:
    first = yaml.safe_load(bash(server, WITHOUT_EXPIRY).stdout)["result"]["data"]["token"]
    again = yaml.safe_load(bash(server, WITHOUT_EXPIRY).stdout)["result"]
    assert (again["status"], again["data"]) == (0, None)
    assert first not in bash(server, "uapi --user=username Tokens list").stdout
    assert bash(server, "uapi --user=username Tokens revoke name='exampleToken'").returncode == 0
    second = yaml.safe_load(bash(server, WITHOUT_EXPIRY).stdout)["result"]["data"]["token"]
    assert [server.status("cpanel", f"cpanel username:{secret}") for secret in (first, second)] == [401, 200]
