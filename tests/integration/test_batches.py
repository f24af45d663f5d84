# Copyright (c) 2026 panelops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Batches in which commands fail: the answers inside count, whatever the server says of the batch as a whole."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.cores import result_of_core, run_core
from tests.support.playbooks import run_playbook, task
from tests.support.proxy import speaking
from tests.support.server import Server, write_fixture

NO_SUCH = ["no-such-acl"]


@pytest.fixture(scope="module", params=["zero", "one"])
def running_dialect(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A server for each way to say that a command of a batch failed."""
    folder = tmp_path_factory.mktemp("server")
    with Server(folder / "state", fixture=write_fixture(folder), dialect={"batch": request.param}) as server:
        yield server


@pytest.fixture
def dialect(running_dialect: Server) -> Server:
    """The same, as new."""
    running_dialect.reset()
    return running_dialect


def says_zero(answer: dict) -> None:
    """A batch with a failed command has the result 0, and all its answers."""
    if answer["metadata"]["command"] == "batch":
        results = [inner["metadata"]["result"] for inner in answer["data"]["result"]]
        answer["metadata"].update(result=min(results), reason="One or more commands failed.")


def one_too_few(answer: dict) -> None:
    """A batch loses its last answer."""
    if answer["metadata"]["command"] == "batch":
        del answer["data"]["result"][-1]


def good_and_bad(**options: object) -> list[dict]:
    acls = {"good1": ["list-accts"], "bad": NO_SUCH, "good2": ["ssl"]}
    return [dict(name=name, acls=granted, **options) for name, granted in acls.items()]


def check_halves(server: Server, result: dict) -> None:
    """Two of three were created, and their secrets returned."""
    assert result["msg"].startswith("1 of 3 failed. bad: The server refused api_token_create: ")
    assert result["changed"]
    entries = {entry["name"]: entry for entry in result["whm_api_tokens"]}
    assert [name for name, entry in entries.items() if entry.get("failed")] == ["bad"]
    assert sorted(server.whm_tokens()) == ["good1", "good2"]
    for name in ("good1", "good2"):
        assert server.whm_accepts(entries[name]["token"])


def test_whoever_says_zero_loses_no_secret(server: Server) -> None:
    with speaking(server, says_zero) as environment:
        check_halves(server, result_of_core("whm_api_tokens", environment, tokens=good_and_bad()))


def test_secrets_come_back_in_both_dialects(dialect: Server) -> None:
    check_halves(dialect, result_of_core("whm_api_tokens", dialect.environment, tokens=good_and_bad()))


def test_secrets_are_stored_in_both_dialects(dialect: Server, tmp_path: Path) -> None:
    tokens = [dict(each, token_file=str(tmp_path / each["name"])) for each in good_and_bad()]
    run = run_playbook({"tasks": [task("t", "whm_api_tokens", tokens=tokens)]}, tmp_path, dialect.environment)["t"]
    assert "1 of 3 failed. bad: The server refused api_token_create" in run.msg
    assert run.changed
    for name in ("good1", "good2"):
        assert dialect.whm_accepts((tmp_path / name).read_text().strip())
    assert not (tmp_path / "bad").exists()


def test_accounts_in_both_dialects(dialect: Server) -> None:
    """One account is suspended: its tokens can neither be created nor keep the others' from being read."""
    accounts = ("alice", "suspended", "bob")
    tokens = [dict(name="t", account=account) for account in accounts]
    result = result_of_core("cpanel_api_tokens", dialect.environment, tokens=tokens)
    entries = {entry["account"]: entry for entry in result["cpanel_api_tokens"]}
    assert [account for account, entry in entries.items() if entry.get("failed")] == ["suspended"], result["msg"]
    assert dialect.uapi_accepts(entries["alice"]["token"])
    assert dialect.uapi_accepts(entries["bob"]["token"], "bob")
    read = run_core("cpanel_api_token_info", dialect.environment, accounts=["*"])
    assert {token["account"] for token in read["cpanel_api_tokens"]} >= {"alice", "bob"}


def test_a_reissue_of_many_in_both_dialects(dialect: Server) -> None:
    secrets = {name: dialect.whm_token(name, acl="list-accts") for name in ("good1", "bad", "good2")}
    wished = good_and_bad(recreate="always")
    result = result_of_core("whm_api_tokens", dialect.environment, tokens=wished)
    entries = {entry["name"]: entry for entry in result["whm_api_tokens"]}
    assert "The old token is unchanged." in entries["bad"]["msg"]
    assert sorted(dialect.whm_tokens()) == ["bad", "good1", "good2"]
    assert dialect.whm_accepts(secrets["bad"])
    for name in ("good1", "good2"):
        assert dialect.whm_accepts(entries[name]["token"])
        assert not dialect.whm_accepts(secrets[name])


def test_a_batch_that_is_refused_as_a_whole(dialect: Server) -> None:
    """There is no answer inside, so the refusal is that of each command."""
    dialect.whm_token("reader", acl="list-accts")

    def refused(answer: dict) -> None:
        if answer["metadata"]["command"] == "batch":
            answer["metadata"].update(result=0, reason="Permission denied")
            del answer["data"]

    with speaking(dialect, refused) as environment:
        result = result_of_core("whm_api_tokens", environment, tokens=good_and_bad()[::2])
    assert result["msg"].startswith("2 of 2 failed. good1: The server refused batch: Permission denied")


@pytest.mark.parametrize("result", [0, 1])
def test_another_number_of_answers_to_changes_is_a_lost_response(dialect: Server, result: int) -> None:
    """Which answer is missing cannot be known, so the state decides, and no secret is taken for another token's."""
    spoilt = []

    def spoil(answer: dict) -> None:
        if answer["metadata"]["command"] == "batch" and not spoilt:
            spoilt.append(True)
            one_too_few(answer)
            answer["metadata"]["result"] = result

    with speaking(dialect, spoil) as environment:
        done = run_core("whm_api_tokens", environment, tokens=good_and_bad()[::2])
    assert spoilt
    assert sorted(dialect.whm_tokens()) == ["good1", "good2"]
    for entry in done["whm_api_tokens"]:
        assert dialect.whm_accepts(entry["token"])


@pytest.mark.parametrize("result", [0, 1])
def test_another_number_of_answers_to_reads_says_so(dialect: Server, result: int) -> None:
    def spoil(answer: dict) -> None:
        one_too_few(answer)
        answer["metadata"]["result"] = result if answer["metadata"]["command"] == "batch" else 1

    with speaking(dialect, spoil) as environment:
        told = result_of_core("cpanel_api_token_info", environment, accounts=["alice", "bob"])
    assert "answer to batch is unusable: the number of answers (1) is not that of the commands (2)." in told["msg"]
