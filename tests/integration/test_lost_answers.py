# Copyright (c) 2026 panelops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Invariant I4: a mutation whose answer is lost is settled by reading the state, never sent again blindly."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.support.cores import run_core
from tests.support.playbooks import run_playbook, task
from tests.support.server import Server

LOST = ["drop_before_commit", "drop_after_commit", "truncated_json", "not_json", "status:503"]


@pytest.mark.parametrize("kind", LOST)
def test_a_lost_create_ends_with_one_token_whose_secret_we_have(server: Server, tmp_path: Path, kind: str) -> None:
    server.fault("api_token_create", kind)
    run = run_playbook(
        {"tasks": [task("t", "whm_api_token", name="t", acls=["list-accts"])]}, tmp_path, server.environment
    )
    assert run.status == 0, run.output
    assert list(server.whm_tokens()) == ["t"]
    assert server.whm_accepts(run["t"].data["token"])


@pytest.mark.parametrize("kind", LOST)
def test_lost_updates_and_revocations(server: Server, tmp_path: Path, kind: str) -> None:
    secret = server.whm_token("t", acl=["list-accts", "ssl"])
    server.fault("api_token_update", kind)
    server.fault("api_token_update", kind, call=3)
    server.fault("api_token_revoke", kind)
    run = run_playbook(
        {
            "tasks": [
                task("narrow", "whm_api_token", name="t", acls=["ssl"], expires_at="2035-01-01"),
                task("rename", "whm_api_token", name="u", rename_from="t"),
                task("info", "whm_api_token_info"),
                task("repeat", "whm_api_token", name="u", acls=["ssl"], expires_at="2035-01-01"),
                task("revoke", "whm_api_token", name="u", state="absent"),
            ]
        },
        tmp_path,
        server.environment,
    )
    assert run.status == 0, run.output
    (token,) = run["info"].data["whm_api_tokens"]
    assert (token["name"], token["acls"]) == ("u", ["ssl"])
    assert not run["repeat"].changed
    assert server.whm_tokens() == {}
    assert not server.whm_accepts(secret)


@pytest.mark.parametrize("function", ["api_token_update", "api_token_create", "api_token_revoke"])
@pytest.mark.parametrize("kind", ["drop_before_commit", "drop_after_commit"])
def test_a_lost_answer_within_a_reissue(server: Server, tmp_path: Path, function: str, kind: str) -> None:
    server.whm_token("t", acl="list-accts")
    server.fault(function, kind)
    run = run_playbook(
        {"tasks": [task("t", "whm_api_token", name="t", recreate="always")]}, tmp_path, server.environment
    )
    assert run.status == 0, run.output
    assert list(server.whm_tokens()) == ["t"]
    assert server.whm_accepts(run["t"].data["token"])


def test_answers_lost_twice_fail_with_a_sentence_and_leave_nothing_behind(server: Server, tmp_path: Path) -> None:
    server.fault("api_token_create", "drop_after_commit")
    server.fault("api_token_create", "drop_after_commit", call=2)
    wish = {"tasks": [task("t", "whm_api_token", name="t", acls=["list-accts"])]}
    failed = run_playbook(wish, tmp_path, server.environment)["t"]
    assert failed.failed
    assert "was lost twice" in failed.msg
    assert server.whm_tokens() == {}
    assert run_playbook(wish, tmp_path, server.environment)["t"].changed


def test_a_secret_is_returned_although_a_later_step_failed(server: Server, tmp_path: Path) -> None:
    server.whm_token("t", acl="list-accts")
    server.fault("api_token_revoke", "status:401")
    again = {"tasks": [task("t", "whm_api_token", name="t", recreate="always")]}
    failed = run_playbook(again, tmp_path, server.environment)["t"]
    assert failed.failed
    assert "its secret is in token" in failed.msg
    secret = failed.data["token"]
    assert server.whm_accepts(secret)
    # Nobody can know any more which of the two is in use, so a run says what is left, and how to end it.
    (left,) = [name for name in server.whm_tokens() if name != "t"]
    told = run_core("whm_api_token", server.environment, name="t")
    assert not told["changed"]
    assert f"{left} is left of an interrupted reissue of t." in told["warnings"][0]
    end = {"tasks": [task("end", "whm_api_token", name=left, state="absent")]}
    assert run_playbook(end, tmp_path, server.environment)["end"].changed
    assert list(server.whm_tokens()) == ["t"]
    assert server.whm_accepts(secret)


def test_reads_are_tried_again(server: Server, tmp_path: Path) -> None:
    for call, kind in enumerate(["status:503", "drop_before_commit"], 1):
        server.fault("api_token_list", kind, call)
    run = run_playbook(
        {"tasks": [task("t", "whm_api_token", name="t", acls=["list-accts"])]}, tmp_path, server.environment
    )
    assert run.status == 0, run.output
    assert server.calls()["api_token_list"] == 3
    assert server.commits() == {"api_token_create": 1}
