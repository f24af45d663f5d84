# Copyright (c) 2026 panelops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Many calls in one request."""

from __future__ import annotations

import json
import os
import subprocess
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from urllib.parse import quote, urlencode

import pytest

from tests.support.server import Server
from tests.support.users import ALICE, RESELLER, ROOT
from tests.support.waiting import until


def _command(function: str, **parameters: str) -> str:
    return f"{function}?{urlencode(parameters)}" if parameters else function


def test_answers_come_in_order(server: Server) -> None:
    through = {"cpanel.user": "alice", "cpanel.module": "Tokens", "cpanel.function": "create_full_access", "name": "c"}
    commands = [
        "version",
        _command("api_token_create", token_name="a", acl="passwd"),
        "no_such",
        _command("uapi_cpanel", **through),
        "api_token_list",
    ]
    for spelling in ({"command": commands}, {f"command-{n}": command for n, command in enumerate(commands)}):
        server.reset()
        result = server.whm("batch", **spelling)["data"]["result"]
        assert [answer["metadata"]["command"] for answer in result] == [
            "version", "api_token_create", "no_such", "uapi_cpanel", "api_token_list",
        ]  # fmt: skip
        assert [answer["metadata"]["result"] for answer in result] == [1, 1, 0, 1, 1]
        assert result[1]["data"]["acls"] == ["passwd"]
        assert list(result[4]["data"]["tokens"]) == ["a"]
        secret = result[3]["data"]["uapi"]["data"]["token"]
        assert server.status("cpanel", f"cpanel alice:{secret}") == 200


def test_abort_on_error(server: Server) -> None:
    commands = [_command("api_token_create", token_name=name) for name in ("a", "a", "b")]
    assert len(server.whm("batch", command=commands, abort_on_error=1)["data"]["result"]) == 2
    assert list(server.whm_tokens()) == ["a"]
    assert len(server.whm("batch", command=commands, abort_on_error=0)["data"]["result"]) == 3
    assert list(server.whm_tokens()) == ["a", "b"]
    assert "1 or 0" in server.whm_refused("batch", command=commands, abort_on_error="yes")


@pytest.mark.parametrize(
    ("dialect", "result", "reason"),
    [
        ([], 0, "One or more commands failed."),
        (["batch=zero"], 0, "One or more commands failed."),
        (["batch=one"], 1, "OK"),
    ],
)
def test_the_result_of_a_batch_whose_command_failed(
    start: Callable[..., Server], dialect: list[str], result: int, reason: str
) -> None:
    server = start(*(option for choice in dialect for option in ("--dialect", choice)))
    metadata = {"command": "batch", "reason": reason, "result": result, "version": 1}
    nested = f"batch?{urlencode({'command': 'no_such'})}"
    for commands in (["version", "no_such"], ["no_such", "version"], [nested, "version"]):
        answer = server.whm("batch", command=commands)
        assert answer["metadata"] == metadata
        assert len(answer["data"]["result"]) == 2
    assert server.whm("batch", command=["version"])["metadata"] == {**metadata, "reason": "OK", "result": 1}
    assert "data" not in server.whm("batch"), "a batch that was refused has no answers"


def test_the_python_starter_passes_the_dialect_on(start: Callable[..., Server]) -> None:
    assert start(dialect={"batch": "one"}).whm("batch", command="no_such")["metadata"]["result"] == 1


def test_privileges_hold_inside(server: Server) -> None:
    (answer,) = server.whm("batch", RESELLER, command="setacls?reseller=reseller&acl-all=1")["data"]["result"]
    assert answer["metadata"]["result"] == 0
    assert "all" in answer["metadata"]["reason"]


def test_nesting_and_length_are_limited(server: Server) -> None:
    command = "version"
    for _number in range(5):
        command = f"batch?command={quote(command)}"
    answer = server.whm("batch", command=command)
    assert "nested" in json.dumps(answer)
    assert server.counters("version") == (0, 0)
    assert "command" in server.whm_refused("batch")
    assert "10000" in server.whm_refused("batch", command=["version"] * 10001)


def test_numbers_give_the_order(server: Server) -> None:
    names = {f"command-{number}": _command("api_token_create", token_name=f"t{number}") for number in (10, 9, 2)}
    result = server.whm_ok("batch", **names)["result"]
    assert [answer["data"]["name"] for answer in result] == ["t2", "t9", "t10"]


def test_strict_stops_at_the_first_failure(server: Server) -> None:
    create = ["Tokens", "create_full_access", {"name": "a", "readonly": 0}]
    commands = [json.dumps(create), json.dumps(create), json.dumps(["Tokens", "revoke", {"name": "a"}])]
    answer = server.uapi("Batch::strict", command=commands)
    assert answer["status"] == 0
    assert "2" in answer["errors"][0]
    assert [inner["status"] for inner in answer["data"]] == [1, 0]
    assert set(server.uapi_tokens()) == {"a"}
    answer = server.uapi("Batch::strict", **{"command-1": '["Tokens","list"]', "command-0": commands[2]})
    assert answer["status"] == 1
    assert [inner["data"] for inner in answer["data"]] == [1, []]


@pytest.mark.parametrize(
    "command",
    ["", "x", "{}", "[]", '["Tokens"]', '["Tokens","list",3]', '["Tokens","list",{"a":{}}]', '["a","b",{},1]', "[1,2]",
     "[" * 100_000, '["Tokens","list",{"a":' + "9" * 5000 + "}]", '["Tokens","list",{"a":[[1]]}]', "null", "\0"],
)  # fmt: skip
def test_strict_refuses_malformed_commands(server: Server, command: str) -> None:
    assert "JSON array" in server.uapi_refused("Batch::strict", command=['["Tokens","list"]', command])
    assert server.counters("Tokens::list") == (0, 0)


def test_strict_takes_odd_texts_and_nests_little(server: Server) -> None:
    answer = server.uapi("Batch::strict", command='["To\\ud800kens","li\\u0000st",{"na\\udfffme":"\\ud800"}]')
    assert answer["status"] == 0
    command = json.dumps(["Tokens", "list", {}])
    for _number in range(4):
        command = json.dumps(["Batch", "strict", {"command": command}])
    assert "nested" in json.dumps(server.uapi("Batch::strict", command=command))
    assert "Provide" in server.uapi_refused("Batch::strict")


def test_a_batch_of_a_thousand(server: Server) -> None:
    commands = [_command("api_token_create", token_name=f"t{number}") for number in range(1000)]
    result = server.whm_ok("batch", ROOT, command=commands)["result"]
    assert {answer["metadata"]["result"] for answer in result} == {1}
    assert len(server.whm_tokens()) == 1000
    assert server.counters("api_token_create") == (1000, 1000)


# Each command is authenticated anew


def _ended(server: Server, cause: str, credentials: tuple[str, str] | str, *commands: str) -> None:
    """Run commands of which only the last must not be called any more, for this cause."""
    answer = server.whm("batch", credentials, command=[*commands, "api_token_create?token_name=late"])
    *results, last = [inner["metadata"]["result"] for inner in answer["data"]["result"]]
    assert (results, last) == ([1] * len(commands), 0), answer
    assert "not authenticated" in answer["data"]["result"][-1]["metadata"]["reason"]
    line = server.audit()[-2]
    assert (line["function"], line["outcome"], line["reason"]) == ("api_token_create", "denied", cause)
    assert server.counters("api_token_create")[1] == server.counters("api_token_create")[0] - 1


def test_a_batch_ends_with_its_own_token(server: Server) -> None:
    header = f"whm root:{server.whm_token('own')}"
    _ended(server, "unknown or revoked token", header, "version", "api_token_revoke?token_name=own")
    assert list(server.whm_tokens()) == []


def test_a_batch_ends_with_its_account(server: Server) -> None:
    for command, cause in (
        ("suspendacct?user=reseller", "account suspended"),
        ("removeacct?user=reseller", "account removed or renamed"),
        ("modifyacct?user=reseller&newuser=other", "account removed or renamed"),
    ):
        server.reset()
        _ended(server, cause, RESELLER, "version", command)
    server.reset()
    _ended(server, "password changed", RESELLER, "passwd?user=reseller&password=another-Canary-1")


def test_a_batch_ends_when_its_token_expires(server: Server) -> None:
    header = f"whm root:{server.whm_token('own', expires_at=server.now() + 1000)}"
    server.fault("api_token_create", "delay:2")
    with ThreadPoolExecutor(1) as pool:
        running = pool.submit(_ended, server, "expired token", header, "version")
        until(lambda: server.counters("api_token_create")[0] == 2)
        server.advance(1000)
        running.result()


def test_a_batch_ends_when_its_token_may_not_be_used_from_here(server: Server) -> None:
    header = f"whm root:{server.whm_token('own')}"
    _ended(server, "address not allowed", header, "api_token_update?token_name=own&whitelist_ip=192.0.2.1")


def test_the_rest_of_a_batch_has_the_privileges_that_are_left(server: Server) -> None:
    header = f"whm root:{server.whm_token('own')}"
    commands = ["listaccts", "api_token_update?token_name=own&acl=manage-api-tokens", "listaccts", "version"]
    result = server.whm("batch", header, command=commands)["data"]["result"]
    assert [inner["metadata"]["result"] for inner in result] == [1, 1, 0, 1]
    assert "list-accts" in result[2]["metadata"]["reason"]


def test_a_nested_batch_ends_too(server: Server) -> None:
    header = f"whm root:{server.whm_token('own')}"
    inner = f"batch?{urlencode({'command': ['api_token_revoke?token_name=own', 'version']}, doseq=True)}"
    result = server.whm("batch", header, command=[inner, "version"])["data"]["result"]
    assert [answer["metadata"]["result"] for answer in result[0]["data"]["result"]] == [1, 0]
    assert result[1]["metadata"]["result"] == 0


def test_a_strict_batch_ends_with_its_own_token(server: Server) -> None:
    header = f"cpanel alice:{server.uapi_token('own')}"
    commands = ['["Tokens","revoke",{"name":"own"}]', '["Tokens","create_full_access",{"name":"late"}]']
    answer = server.uapi("Batch::strict", header, command=commands)
    assert [inner["status"] for inner in answer["data"]] == [1, 0]
    assert "not authenticated" in answer["errors"][1]
    assert server.audit()[-2]["reason"] == "unknown or revoked token"
    assert server.uapi_tokens() == {}


def test_a_batch_of_a_session_goes_on_while_its_password_is_the_same(server: Server) -> None:
    begun = server.request("whm", "/login", data={"user": "root", "pass": ROOT.password})
    path = f"{begun.headers['location']}json-api/batch?api.version=1"
    commands = ["version", "passwd?user=root&password=another-Canary-1", "version"]
    answer = server.request("whm", path, cookies=dict(begun.cookies), data={"command": commands}).json()
    assert [inner["metadata"]["result"] for inner in answer["data"]["result"]] == [1, 1, 0]


def test_the_tools_need_no_credential_that_could_end(server: Server) -> None:
    environment = {**os.environ, **server.on_the_server}
    arguments = ["api_token_create?token_name%3Dt", "api_token_revoke?token_name%3Dt", "version"]
    done = subprocess.run(
        ["whmapi1", "--output=json", "batch", *(f"command-{number}={text}" for number, text in enumerate(arguments))],
        env=environment, capture_output=True, text=True, check=True,
    )  # fmt: skip
    assert [inner["metadata"]["result"] for inner in json.loads(done.stdout)["data"]["result"]] == [1, 1, 1]


def test_a_read_only_token_begins_no_batch(server: Server) -> None:
    header = f"cpanel alice:{server.uapi_token('reader', readonly=1)}"
    assert "read-only" in server.uapi_refused("Batch::strict", header, command='["Email","list_pops"]')
    assert server.counters("Email::list_pops") == (0, 0)
    assert server.uapi_ok("Batch::strict", ALICE, command='["Email","list_pops"]')
