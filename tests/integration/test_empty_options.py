# Copyright (c) 2026 panelops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A variable that is empty by mistake must not widen what a task does, or lose a secret: before any call it is refused."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.support.cores import result_of_core
from tests.support.playbooks import run_playbook, task
from tests.support.server import Server

WHM = dict(name="t", acls=["list-accts"])


def refused(server: Server, module: str, sentence: str, **options: object) -> None:
    """A core must refuse these options with this sentence, and make no call."""
    server.forget_counters()
    result = result_of_core(module, server.environment, **options)
    assert result.get("failed"), result
    assert sentence in result["msg"]
    assert server.http_requests() == 0


@pytest.mark.parametrize("empty", ["", " "])
@pytest.mark.parametrize("module", ["whm_api_tokens", "cpanel_api_tokens"])
def test_an_empty_prefix_does_not_prune_everything(server: Server, module: str, empty: str) -> None:
    server.whm_token("other")
    server.uapi_token("other")
    refused(server, module, "prune_prefix: is empty. Leave it out", tokens=[], prune=True, prune_prefix=empty)
    assert list(server.whm_tokens()) == list(server.uapi_tokens()) == ["other"]


def test_a_prefix_that_is_null_does_not_prune_everything(server: Server, tmp_path: Path) -> None:
    """As a module and in Ansible's own process."""
    server.whm_token("other")
    tasks = [
        task("null", "whm_api_tokens", tokens=[], prune=True, prune_prefix=None),
        task(
            "null as a module", "whm_api_tokens", tokens=[], prune=True, prune_prefix=None, _environment={"OTHER": "x"}
        ),
    ]
    run = run_playbook({"ignore_errors": True, "tasks": tasks}, tmp_path, server.environment)
    for result in run.tasks:
        assert result.failed
        assert "prune_prefix" in result.msg
    assert list(server.whm_tokens()) == ["other"]


def test_a_pattern_is_no_prefix(server: Server) -> None:
    refused(server, "whm_api_tokens", "prune_prefix: 'prod-*'", tokens=[], prune=True, prune_prefix="prod-*")


def test_without_a_prefix_all_that_is_not_listed_is_pruned(server: Server) -> None:
    server.whm_token("other")
    result = result_of_core("whm_api_tokens", server.environment, tokens=[WHM], prune=True)
    assert result["pruned"] == [{"name": "other"}]
    assert list(server.whm_tokens()) == ["t"]


@pytest.mark.parametrize("option", ["token_file", "owner", "group", "mode", "rename_from"])
@pytest.mark.parametrize(
    ("module", "token"), [("whm_api_token", WHM), ("cpanel_api_token", {"name": "t"})], ids=["whm", "cpanel"]
)
def test_an_option_of_a_token_is_empty(server: Server, module: str, token: dict, option: str) -> None:
    options = {**token, option: ""}
    refused(server, module, f"{option}: is empty.", **options)
    refused(server, f"{module}s", f"{option}: is empty.", tokens=[options])


@pytest.mark.parametrize("empty", ["", " "])
def test_an_account_is_empty(server: Server, empty: str) -> None:
    said = "account: is empty. Name the account"
    refused(server, "cpanel_api_token", said, name="t", account=empty)
    refused(server, "cpanel_api_tokens", said, tokens=[{"name": "t", "account": empty}])
    refused(server, "cpanel_api_token_info", said, account=empty)


def test_an_account_in_a_list_that_cannot_be_one(server: Server) -> None:
    refused(server, "cpanel_api_tokens", "account: must be", tokens=[{"name": "t", "account": "a b"}])


def test_accounts_to_prune_are_empty(server: Server) -> None:
    """Otherwise the account itself, which CPANEL_USERNAME names, would lose its tokens."""
    server.uapi_token("other")
    refused(server, "cpanel_api_tokens", "accounts: is empty.", tokens=[], accounts=[], prune=True)
    refused(server, "cpanel_api_tokens", "accounts: is empty.", tokens=[], accounts=[""], prune=True)
    assert list(server.uapi_tokens()) == ["other"]


@pytest.mark.parametrize("module", ["whm_api_token_info", "cpanel_api_token_info"])
@pytest.mark.parametrize("option", ["name", "pattern", "expiring_within"])
def test_a_selection_is_empty(server: Server, module: str, option: str) -> None:
    refused(server, module, f"{option}: ", **{option: ""})


@pytest.mark.parametrize("empty", ["", " ", None])
@pytest.mark.parametrize(
    ("told", "more", "sink"),
    [
        ("sinks[0]: hosts", {}, {"type": "file", "hosts": ["consumer1", "EMPTY"]}),
        ("sinks[0]: hosts", {}, {"type": "vault", "key": "secret", "hosts": ["EMPTY"]}),
        ("verify_from", {"verify_from": ["EMPTY"]}, {"type": "file", "hosts": ["consumer1"]}),
    ],
    ids=["file", "vault", "verify_from"],
)
def test_a_consumer_without_a_name_is_not_the_host_of_the_play(
    server: Server, told: str, more: dict, sink: dict, empty: str | None
) -> None:
    """Ansible delegates a task to nobody then: the secret would lie on the server, and count as delivered."""
    options = json.loads(
        json.dumps({**WHM, **more, "sinks": [{**sink, "path": "/copy"}]}).replace('"EMPTY"', json.dumps(empty))
    )
    sentence = f"{told}: has an empty name, so nobody knows where the secret would go. Name each host."
    refused(server, "api_token_rotation", sentence, step="decide", tokens=[options])


def test_a_vault_file_for_no_host_is_not_one_for_the_controller(server: Server) -> None:
    sink = {"type": "vault", "key": "secret", "path": "/copy", "hosts": []}
    sentence = (
        "sinks[0]: hosts: is empty, so the secret would go nowhere. Name a host, or leave it out for the controller."
    )
    refused(server, "api_token_rotation", sentence, step="decide", tokens=[{**WHM, "sinks": [sink]}])
