# Copyright (c) 2026 panelops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Section C5 of the wire contract: the command line on the server itself."""

from __future__ import annotations

import json

import pytest
import yaml

from tests.conformance.shell import bash
from tests.conformance.statements import states
from tests.support.paths import COMMANDS
from tests.support.server import Server

PARSERS = {
    "": yaml.safe_load,
    "--output=yaml": yaml.safe_load,
    "--output=json": json.loads,
    "--output=jsonpretty": json.loads,
}


@states("C5.01")
def test_whmapi1(server: Server) -> None:
    done = bash(server, "whmapi1 --output=json api_token_create token_name=t acl-0=list-accts acl-1=quota")
    assert done.returncode == 0
    created = json.loads(done.stdout)
    assert created["metadata"] == {"command": "api_token_create", "reason": "OK", "result": 1, "version": 1}
    assert created["data"]["acls"] == ["list-accts", "quota"]
    assert server.status("whm", f"whm root:{created['data']['token']}") == 200
    done = bash(server, "whmapi1 --output=json --user=reseller api_token_create token_name=t acl=quota")
    assert "quota" in json.loads(done.stdout)["metadata"]["reason"]
    done = bash(server, "whmapi1 --output=json --user=reseller api_token_create token_name=t")
    assert server.status("whm", f"whm reseller:{json.loads(done.stdout)['data']['token']}") == 200


@states("C5.02")
def test_uapi(server: Server) -> None:
    done = bash(server, "uapi --output=json --user=alice Tokens create_full_access name=t readonly=1")
    assert done.returncode == 0
    secret = json.loads(done.stdout)["result"]["data"]["token"]
    assert server.status("cpanel", f"cpanel alice:{secret}") == 200
    assert server.uapi_tokens()["t"]["readonly"] == 1
    without = bash(server, "uapi Tokens list")
    assert without.returncode != 0
    assert "--user" in without.stderr


@states("C5.03")
@pytest.mark.parametrize("tool", ["whmapi1 version", "uapi --user=alice Email list_pops"])
def test_full_path(server: Server, tool: str) -> None:
    assert bash(server, f'cd /; "{COMMANDS}"/{tool}').returncode == 0


@states("C5.04")
@pytest.mark.parametrize("option", PARSERS)
def test_outputs(server: Server, option: str) -> None:
    server.uapi_token("t")
    printed = bash(server, f"uapi {option} --user=alice Tokens list").stdout
    wrapped = {"apiversion": 3, "module": "Tokens", "func": "list", "result": server.uapi("Tokens::list")}
    assert PARSERS[option](printed) == wrapped
    lines = {"": 9, "--output=yaml": 9, "--output=json": 1, "--output=jsonpretty": 9}
    assert min(len(printed.splitlines()), 9) == lines[option]
    assert printed.startswith("---\n") is ("json" not in option)
    assert PARSERS[option](bash(server, f"whmapi1 {option} api_token_list").stdout) == server.whm("api_token_list")


@states("C5.05")
def test_values_are_encoded(server: Server) -> None:
    lines = "whmapi1 passwd user=alice password=a%26b%3Dc%2Bd%20e%25"
    assert bash(server, lines).returncode == 0
    assert server.status("cpanel", ("alice", "a&b=c+d e%")) == 200


@states("C5.06")
def test_no_credential(server: Server) -> None:
    assert server.whm_tokens() == {}
    done = bash(server, "env -u HOME whmapi1 --output=json api_token_create token_name=first </dev/null")
    secret = json.loads(done.stdout)["data"]["token"]
    assert server.whm_ok("api_token_list", f"whm root:{secret}")["tokens"]["first"]["acls"]["all"] == 1
    refused = bash(server, "whmapi1 api_token_create token_name=second", caller="alice")
    assert refused.returncode != 0
    assert "root" in refused.stderr
    assert set(server.whm_tokens()) == {"first"}


@states("C5.07", "G2.05")
def test_a_caller_who_is_not_root(server: Server) -> None:
    refused = bash(server, "uapi --output=json Tokens create_full_access name=t", caller="alice")
    result = json.loads(refused.stdout)["result"]
    assert result["status"] == 0
    assert "root" in result["errors"][0]
    assert server.uapi_tokens() == {}
    listed = bash(server, "uapi --output=json --user=alice Tokens list", caller="alice")
    assert json.loads(listed.stdout)["result"]["data"] == []
    foreign = bash(server, "uapi --output=json --user=bob Tokens list", caller="alice")
    assert (foreign.returncode != 0, foreign.stdout) == (True, "")


@states("C5.08")
@pytest.mark.parametrize(
    "lines",
    [
        "whmapi1",
        "whmapi1 --output=xml version",
        "whmapi1 --user=alice version",
        "whmapi1 --user=nobody version",
        "whmapi1 version notapair",
        "uapi --user=nobody Tokens list",
        "uapi --user=alice Tokens",
        "TOKEN_SERVER_STATE=/nowhere whmapi1 version",
    ],
)
def test_calls_that_never_run(server: Server, lines: str) -> None:
    done = bash(server, lines)
    assert done.returncode != 0
    assert done.stdout == ""
    assert len(done.stderr.splitlines()) == 1


@states("C5.09")
def test_a_function_that_failed(server: Server) -> None:
    done = bash(server, "whmapi1 --output=json no_such_function")
    assert done.returncode == 0
    assert json.loads(done.stdout)["metadata"]["result"] == 0
