# Copyright (c) 2026 panelops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What servers say: read whatever its encoding, quoted where it explains a failure, harmless on a terminal and in a log."""

from __future__ import annotations

import json
import os
import unicodedata
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.integration.desired import SERVICES
from tests.support.cores import result_of_core, run_core
from tests.support.dialects import objects, of_tokens
from tests.support.odd_servers import Serve, answer, odd_server
from tests.support.playbooks import run_playbook, task
from tests.support.proxy import speaking
from tests.support.server import Server

pytestmark = pytest.mark.usefixtures("hurried")

READS = {"whm_api_token_info": {}, "cpanel_api_token_info": {}, "cpanel_api_token_info ": {"account": "alice"}}
"""A module for each kind of answer: WHM's, UAPI's, and UAPI's through WHM."""


def saying(body: bytes, *headers: str, status: str = "200 OK") -> Serve:
    return lambda stream: stream.sendall(answer(body, *headers, status=status))


@pytest.mark.parametrize("byte", [b"\xe9", b"\xff", b"\x00", b"\t", b"\xed\xa0\x80"])
def test_one_odd_byte_hides_nothing(tmp_path: Path, byte: bytes) -> None:
    """Such as a comment in Latin-1 that somebody gave the reason of a suspension."""
    tokens = b'{"t":{"create_time":1,"acls":{"ssl":1},"note":"caf' + byte + b'"}}'
    body = b'{"metadata":{"result":1,"reason":"' + byte + b'"},"data":{"tokens":' + tokens + b"}}"
    with odd_server(tmp_path, saying(body)) as environment:
        (token,) = run_core("whm_api_token_info", environment)["whm_api_tokens"]
    assert (token["name"], token["acls"]) == ("t", ["ssl"])


def test_a_byte_order_mark_hides_nothing(tmp_path: Path) -> None:
    body = b'\xef\xbb\xbf{"metadata":{"result":1},"data":{"tokens":{}}}'
    with odd_server(tmp_path, saying(body)) as environment:
        assert run_core("whm_api_token_info", environment)["whm_api_tokens"] == []


LICENSE = "License File Expired"
EXPLAINED = {
    "API 2": {"cpanelresult": {"error": LICENSE}},
    "API 2 with data": {"cpanelresult": {"apiversion": "2", "data": {"reason": LICENSE, "result": "0"}}},
    "API 0": {"status": 0, "statusmsg": LICENSE},
    "API 0 in a list": {"result": [{"status": 0, "statusmsg": LICENSE}], "statusmsg": LICENSE},
    "a gateway": {"message": LICENSE},
    "an error": {"error": LICENSE},
    "several errors": {"errors": [LICENSE, "Ask your provider."]},
    "metadata without a result": {"metadata": {"reason": LICENSE}},
}


@pytest.mark.parametrize("read", READS)
@pytest.mark.parametrize("shape", EXPLAINED)
def test_a_server_that_explains_itself_is_quoted(tmp_path: Path, shape: str, read: str) -> None:
    with odd_server(tmp_path, saying(json.dumps(EXPLAINED[shape]).encode())) as environment:
        result = result_of_core(read.strip(), environment, **READS[read])
    assert LICENSE in result["msg"]


@pytest.mark.parametrize("name", SERVICES)
@pytest.mark.parametrize("shape", EXPLAINED)
def test_it_is_quoted_for_a_change_too(server: Server, shape: str, name: str) -> None:
    """Whether it was done, the state says: here it was, so it is revoked."""
    service = SERVICES[name]

    def change(answer: dict) -> None:
        if any("create_time" in each and "token" in each for each in objects(answer)):
            answer.clear()
            answer.update(EXPLAINED[shape])

    with speaking(server, change) as environment:
        failed = service.run(server, {"name": "t"}, many=False, environment=environment)
    refused = "status" in EXPLAINED[shape] and name == "cpanel as the account"
    if (
        refused
    ):  # A status of 0 is what UAPI says too when it has done nothing: so the token that is there is another run's.
        assert LICENSE in " ".join(failed.result["warnings"])
    else:
        assert LICENSE in failed.result["msg"]
        assert service.tokens(server) == {}


@pytest.mark.parametrize(
    ("body", "status", "told"),
    [
        (b"\n\nYour license has expired.\nMore.", "200 OK", "something that is not JSON: 'Your license has expired.'"),
        (b'{"message":"Under maintenance"}', "503 Unavailable", "answered with HTTP 503, 'Under maintenance'."),
        (b'{"statusmsg":"Gone"}', "404 Not Found", "answered with HTTP 404, 'Gone'."),
        (b"<h1>oops</h1>", "500 Oops", "answered with HTTP 500. Try again"),
        (b'{"metadata":{"result":0}}', "200 OK", "The server refused api_token_list: no reason given"),
        (b'{"metadata":{"result":0},"statusmsg":"Busy"}', "200 OK", "The server refused api_token_list: Busy"),
        (b"AAAABBBBCCCCDDDDEEEEFFFFGGGG1111 is it", "200 OK", "not JSON: '... is it'"),
        (b"---\ndata:\n  token: AAAABBBBCCCCDDDDEEEEFFFFGGGG1111", "200 OK", "not JSON: 'data:'"),
        (b'{"data":{"token":"AAAABBBBCCCCDDDDEEEEFFFFGGGG1111"', "200 OK", "answered with JSON that breaks off."),
        (b"long " * 10_000, "200 OK", "long long ...'. Try again"),
    ],
)
def test_other_words(tmp_path: Path, body: bytes, status: str, told: str) -> None:
    with odd_server(tmp_path, saying(body, status=status)) as environment:
        result = result_of_core("whm_api_token_info", environment)
    assert told in result["msg"]
    assert "AAAABBBB" not in result["msg"]
    assert len(result["msg"]) < 800


@pytest.mark.parametrize("status", [0, 1])
def test_words_of_the_command_line_are_quoted(tmp_path: Path, status: int) -> None:
    command = tmp_path / "whmapi1"
    command.write_text(f"#!/bin/sh\necho\necho 'License File Expired: see your provider'\nexit {status}\n")
    command.chmod(0o755)
    environment = {"PATH": f"{tmp_path}{os.pathsep}{os.environ['PATH']}"}
    result = result_of_core("whm_api_token_info", environment, transport="cli")
    assert result["msg"] == (
        f"No answer to api_token_list: whmapi1 ended with status {status} and wrote no JSON object, but "
        "'License File Expired: see your provider'."
    )


EVIL = "No\x1b[2J\x07\r\n::error::owned\u202egnp\u2066\x9b31m\u200b\ud800 end"


def check_harmless(text: str) -> None:
    """No control or format character, and the words between them are there."""
    odd = [each for each in text if unicodedata.category(each) in ("Cc", "Cf", "Cs", "Zl", "Zp")]
    assert odd == []
    assert "::error::owned" in text
    assert " end" in text


EVIL_ANSWERS: dict[str, Callable[[str], bytes]] = {
    "WHM": lambda text: json.dumps({"metadata": {"result": 0, "reason": text}}).encode(),
    "not the API": lambda text: json.dumps({"error": text}).encode(),
    "text": lambda text: text.replace("\r\n", " ").encode("utf-8", "surrogatepass"),
}


@pytest.mark.parametrize("shape", EVIL_ANSWERS)
def test_control_characters_reach_no_message(tmp_path: Path, shape: str) -> None:
    with odd_server(tmp_path, saying(EVIL_ANSWERS[shape](EVIL))) as environment:
        check_harmless(str(result_of_core("whm_api_token_info", environment)["msg"]))


@pytest.mark.parametrize("name", SERVICES)
@pytest.mark.parametrize("many", [False, True])
def test_control_characters_of_a_refusal_reach_no_message(server: Server, name: str, many: bool) -> None:
    service = SERVICES[name]

    def refuse(answer: dict) -> None:
        for each in objects(answer):
            if "create_time" in each and "token" in each:
                answer.clear()
                answer.update(metadata={"result": 0, "reason": EVIL}, status=0, errors=[EVIL])

    with speaking(server, refuse) as environment:
        failed = service.run(server, {"name": "t"}, many=many, environment=environment)
    # The refusal is not true: where it is the function's own, the token that is there passes for another run's.
    (said,) = [failed.result["msg"]] if failed.failed else failed.result["warnings"]
    check_harmless(said)


def test_a_ci_job_sees_no_control_characters(tmp_path: Path) -> None:
    """A line of the log that begins with ``::error::`` would be a command to the runner."""
    look = {
        "name": "look",
        "ansible.builtin.debug": {"msg": "{{ lookup('panelops.cpanel.ci_token', 'job', acls=['ssl']) }}"},
    }
    with odd_server(tmp_path, saying(EVIL_ANSWERS["WHM"](EVIL))) as environment:
        run = run_playbook(
            {"tasks": [look, task("t", "whm_api_token_info")], "ignore_errors": True}, tmp_path, environment
        )
    assert "\x1b" not in run.output
    assert "\x07" not in run.output
    assert "\u202e" not in run.output
    assert not [line for line in run.output.splitlines() if line.startswith("::error::")]
    assert run.output.count("::error::owned") >= 2


NO_TIMES = [float("inf"), float("-inf"), float("nan"), 10**30, -(10**30), 1e300, "9" * 40]


@pytest.mark.parametrize("seconds", NO_TIMES, ids=str)
@pytest.mark.parametrize("name", SERVICES)
def test_a_time_without_a_date_is_a_sentence(server: Server, name: str, seconds: object) -> None:
    service = SERVICES[name]
    secret = service.make(server, "t")

    def change(token: dict) -> None:
        token["expires_at"] = seconds

    with speaking(server, of_tokens(change)) as environment:
        failed = service.run(server, {"name": "t"}, many=False, environment=environment)
        assert failed.result["msg"].startswith(f"The server's answer to {service.list} is not one that ")
    assert service.is_secret_of(server, secret, "t")


@pytest.mark.parametrize("seconds", NO_TIMES, ids=str)
@pytest.mark.parametrize("name", SERVICES)
def test_a_time_without_a_date_costs_no_secret(server: Server, name: str, seconds: object) -> None:
    """It stands in the answer to the creation only."""
    service = SERVICES[name]

    def change(token: dict) -> None:
        if "token" in token:
            token.update(create_time=seconds, expires_at=seconds)

    with speaking(server, of_tokens(change)) as environment:
        made = service.run(server, {"name": "t"}, many=False, environment=environment)
    assert not made.failed, made.result
    made.assert_every_token_has_a_holder(server, {})
    json.loads(json.dumps(made.result), parse_constant=pytest.fail)
