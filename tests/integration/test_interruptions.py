# Copyright (c) 2026 panelops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Ansible's time limit of a task, and Ctrl-C, in the middle of a change: no token is left whose secret nobody has."""

from __future__ import annotations

import signal
from pathlib import Path

import pytest

from tests.integration.desired import SERVICES
from tests.support.limits import patience
from tests.support.playbooks import run_playbook, task
from tests.support.processes import start
from tests.support.server import Server
from tests.support.waiting import until

LIMIT = {"ANSIBLE_TASK_TIMEOUT": "3"}
SLOW = "delay:5"
"""Longer than the limit."""


@pytest.mark.parametrize("many", [False, True])
@pytest.mark.parametrize("name", SERVICES)
def test_a_create_that_outlasts_the_limit_is_revoked(server: Server, tmp_path: Path, name: str, many: bool) -> None:
    """The limit ends the task while the server is still at work."""
    service = SERVICES[name]
    names = ("a", "b", "c") if many else ("a",)
    entries = [service.options({"name": each}) for each in names]
    wanted = task("t", f"{service.module}s", tokens=entries) if many else task("t", service.module, **entries[0])
    server.fault(service.create, SLOW, len(names))
    run = run_playbook({"tasks": [wanted]}, tmp_path, {**server.environment, **LIMIT})
    assert run.status != 0
    assert "imed out" in run.output or "imeout" in run.output, run.output
    # However late the server does what it was asked.
    until(lambda: server.commits().get(service.create) == len(names))
    assert service.tokens(server) == {}


def test_after_the_limit_the_old_token_is_as_it_was(server: Server, tmp_path: Path) -> None:
    old = server.whm_token("t", acl="list-accts")
    before = server.whm_tokens()
    server.fault("api_token_create", SLOW)
    again = task("t", "whm_api_token", name="t", recreate="always")
    run = run_playbook({"tasks": [again]}, tmp_path, {**server.environment, **LIMIT})
    assert run.status != 0
    until(lambda: server.commits()["api_token_create"] == 2)
    assert server.whm_tokens() == before
    assert server.whm_accepts(old)


def interrupt_a_slow_create(server: Server, **options: object) -> None:
    """Send Ctrl-C to a module while the server is creating its token, and wait for its end."""
    server.fault("api_token_create", "delay:1")
    process = start("whm_api_token", server.environment, dict(name="t", acls=["ssl"], **options))
    until(lambda: server.calls().get("api_token_create") == 1)
    process.send_signal(signal.SIGINT)
    process.communicate(timeout=patience(60))
    assert process.returncode != 0


def test_ctrl_c_in_the_middle_of_a_create_leaves_nothing(server: Server) -> None:
    interrupt_a_slow_create(server)
    until(lambda: server.commits().get("api_token_create") == 1)
    assert server.whm_tokens() == {}


def test_a_secret_that_is_stored_is_not_lost(server: Server, tmp_path: Path) -> None:
    """So its token stays: the next run finds it as it should be."""
    path = tmp_path / "secret"
    interrupt_a_slow_create(server, token_file=str(path))
    until(lambda: server.commits().get("api_token_create") == 1)
    assert list(server.whm_tokens()) == ["t"]
    assert server.whm_accepts(path.read_text().strip())
