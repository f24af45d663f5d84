# Copyright (c) 2026 panelops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Stored secrets of suspended accounts: the server refuses them, but they work again when the suspension ends, so they are not dead."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.support.cores import result_of_core
from tests.support.playbooks import run_playbook, task
from tests.support.server import Server

RECREATE = ("if_expired", "if_unusable", "if_changed")


def run(server: Server, path: Path, many: bool, environment: dict[str, str] | None = None, **more: object) -> dict:
    """Run the module on the token of alice whose secret is in a file."""
    check_mode = bool(more.pop("check_mode", False))
    token = {"name": "t", "account": "alice", "token_file": str(path), **more}
    environment = environment or server.environment
    if many:
        return result_of_core("cpanel_api_tokens", environment, check_mode=check_mode, tokens=[token])
    return result_of_core("cpanel_api_token", environment, check_mode=check_mode, **token)


@pytest.mark.parametrize("many", [False, True], ids=["single", "bulk"])
@pytest.mark.parametrize("recreate", RECREATE)
def test_the_secret_of_a_suspended_account_is_left_alone(
    server: Server, tmp_path: Path, many: bool, recreate: str
) -> None:
    path = tmp_path / "t"
    secret = server.uapi_token("t")
    path.write_text(f"{secret}\n")
    path.chmod(0o600)
    server.whm_ok("suspendacct", user="alice")
    server.forget_counters()
    for check_mode in (True, False):
        result = run(server, path, many, recreate=recreate, check_mode=check_mode)
        assert not result.get("failed"), result["msg"]
        assert not result["changed"]
        (warning,) = result["warnings"]
        assert warning == (
            f"The account alice is suspended, so it cannot be known whether {path} holds the secret of t. "
            "No new secret is issued for that reason."
        )
    assert server.commits() == {}
    server.whm_ok("unsuspendacct", user="alice")
    again = run(server, path, many, recreate=recreate)
    assert (again["changed"], again["warnings"]) == (False, [])
    assert server.uapi_accepts(path.read_text().strip())


def test_in_a_playbook(server: Server, tmp_path: Path) -> None:
    path = tmp_path / "t"
    path.write_text(server.uapi_token("t") + "\n")
    path.chmod(0o600)
    server.whm_ok("suspendacct", user="alice")
    mine = task("t", "cpanel_api_token", name="t", account="alice", token_file=str(path), recreate="if_unusable")
    run = run_playbook({"tasks": [mine]}, tmp_path, server.environment)
    assert not run["t"].failed, run["t"].msg
    assert not run["t"].changed
    assert "The account alice is suspended" in " ".join(run.output.split())


@pytest.mark.parametrize("many", [False, True], ids=["single", "bulk"])
@pytest.mark.parametrize("acl", ["acct-summary", "list-accts"])
def test_a_dead_secret_is_replaced_by_a_caller_that_may_ask(
    server: Server, tmp_path: Path, acl: str, many: bool
) -> None:
    path = tmp_path / "t"
    path.write_text("A" * 32 + "\n")
    server.uapi_token("t")
    environment = as_token(server, "cpanel-api", acl)
    result = run(server, path, many, environment, recreate="if_unusable")
    assert result["changed"], result
    assert server.uapi_accepts(path.read_text().strip())


@pytest.mark.parametrize("many", [False, True], ids=["single", "bulk"])
def test_a_caller_that_may_not_ask_is_told_which_privilege_it_needs(server: Server, tmp_path: Path, many: bool) -> None:
    path = tmp_path / "t"
    path.write_text("A" * 32 + "\n")
    path.chmod(0o600)
    server.uapi_token("t")
    result = run(server, path, many, as_token(server, "cpanel-api"), recreate="if_unusable")
    assert not result.get("failed"), result["msg"]
    assert not result["changed"]
    (warning,) = result["warnings"]
    assert f"The server does not accept the secret in {path}, but whether the account alice is suspended" in warning
    assert "The server refused listaccts" in warning
    assert "acct-summary or list-accts" in warning
    assert path.read_text() == "A" * 32 + "\n"


@pytest.mark.parametrize("kind", ["status:503", "not_json"])
def test_a_suspension_that_cannot_be_read_is_not_taken_for_none(server: Server, tmp_path: Path, kind: str) -> None:
    path = tmp_path / "t"
    path.write_text("A" * 32 + "\n")
    path.chmod(0o600)
    old = server.uapi_token("t")
    for call in (1, 2, 3):
        server.fault("accountsummary", kind, call)
    result = run(server, path, many=False, recreate="if_unusable")
    assert not result["changed"]
    assert "whether the account alice is suspended could not be read" in result["warnings"][0]
    assert server.uapi_accepts(old)


def test_a_secret_that_works_costs_no_more_calls(server: Server, tmp_path: Path) -> None:
    path = tmp_path / "t"
    path.write_text(server.uapi_token("t") + "\n")
    path.chmod(0o600)
    server.forget_counters()
    assert not run(server, path, many=False)["changed"]
    assert set(server.calls()) == {"uapi_cpanel", "Tokens::list"}


def as_token(server: Server, *acls: str) -> dict[str, str]:
    """The environment of a caller with these privileges only."""
    secret = server.whm_token("limited", acl=list(acls))
    return {**server.environment, "WHM_PASSWORD": "", "WHM_API_TOKEN": secret}
