# Copyright (c) 2026 panelops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A NUL character in a path: no file system allows it, so a sentence names the option before any call."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.support.playbooks import run_playbook
from tests.support.server import Server

NUL = "/srv/a\0b"
SAID = "has a NUL character, which no file system and no name of a user allows"
ONE = dict(name="t", acls=["ssl"])
ROTATED = dict(name="t", acls=["ssl"], expires_in="90d")


def sink(**options: object) -> dict:
    return dict(
        step="decide", service="whm", tokens=[dict(ROTATED, sinks=[dict(type="file", hosts=["localhost"], **options)])]
    )


TASKS: dict[str, tuple[str, dict]] = {
    "ca_path of a WHM token": ("whm_api_token", dict(ONE, ca_path=NUL)),
    "ca_path of WHM tokens": ("whm_api_tokens", dict(tokens=[ONE], ca_path=NUL)),
    "ca_path of WHM's list": ("whm_api_token_info", dict(ca_path=NUL)),
    "ca_path without certificates": ("whm_api_token_info", dict(ca_path=NUL, validate_certs=False)),
    "ca_path of a cPanel token": ("cpanel_api_token", dict(name="t", ca_path=NUL)),
    "ca_path of cPanel tokens": ("cpanel_api_tokens", dict(tokens=[dict(name="t")], ca_path=NUL)),
    "ca_path of cPanel's list": ("cpanel_api_token_info", dict(ca_path=NUL)),
    "ca_path of a rotation": ("api_token_rotation", dict(sink(path="/srv/t"), ca_path=NUL)),
    "ca_path of consumers": ("api_token_rotation", dict(sink(path="/srv/t"), verify=dict(ca_path=NUL))),
    "path of a sink": ("api_token_rotation", sink(path=NUL)),
    "owner of a sink": ("api_token_rotation", sink(path="/srv/t", owner=NUL)),
    "template of a sink": ("api_token_rotation", sink(path="/srv/t", format="template", template=NUL)),
    "dest of a report": ("audit_report", dict(dest=NUL, servers={})),
    "a file in a task for many": ("whm_api_tokens", dict(tokens=[dict(ONE, token_file=NUL)])),
}


@pytest.fixture(scope="module")
def messages(tmp_path_factory: pytest.TempPathFactory, running_server: Server) -> dict[str, str]:
    tasks = [
        {"name": name, f"panelops.cpanel.{module}": options, "ignore_errors": True}
        for name, (module, options) in TASKS.items()
    ]
    lookup = {"msg": "{{ lookup('panelops.cpanel.ci_token', 'ci', ttl='20m', acls=['ssl'], ca_path=path) }}"}
    tasks.append({"name": "ca_path of the lookup", "debug": lookup, "vars": {"path": NUL}, "ignore_errors": True})
    running_server.reset()
    run = run_playbook({"tasks": tasks}, tmp_path_factory.mktemp("play"), running_server.environment)
    assert "Traceback" not in run.output
    assert running_server.calls() == {}
    return {task.name: str(task.data.get("msg")) for task in run.tasks}


@pytest.mark.parametrize("name", [*TASKS, "ca_path of the lookup"])
def test_a_nul_in_a_path(messages: dict[str, str], name: str) -> None:
    option = {"a": "token_file", "ca_path": "ca_path"}.get(name.split()[0], name.split()[0])
    assert f"{option}: {SAID}" in messages[name]


def test_the_path_is_not_repeated(messages: dict[str, str], tmp_path: Path) -> None:
    assert not any("a\0b" in message for message in messages.values())
