# Copyright (c) 2026 panelops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What results hold, and what they do not hold if the task says so."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.integration.desired import SERVICES
from tests.support.playbooks import run_playbook, task
from tests.support.server import Server


@pytest.mark.parametrize("way", ["in process", "module"])
def test_no_diff_where_the_task_wants_none(
    server: Server, tmp_path: Path, way: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """``diff: false`` on a task counts, also under ``ansible-playbook --diff``."""
    monkeypatch.setenv("PANELOPS_WAY", way)
    tasks = [
        task(f"{service} {diff}", f"{service}_api_token{many}", **options(f"{service}{diff}"), _diff=diff)
        for service in ("whm", "cpanel")
        for many, options in (("", lambda name: {"name": name}), ("s", lambda name: {"tokens": [{"name": f"{name}s"}]}))
        for diff in (False, True)
    ]
    for each in tasks:
        arguments = each.get("panelops.cpanel.whm_api_token") or {}
        for token in (arguments, *each.get("panelops.cpanel.whm_api_tokens", {}).get("tokens", ())):
            if token:
                token["acls"] = ["ssl"]
    run = run_playbook({"tasks": tasks}, tmp_path, server.environment, ("--diff",))
    assert run.status == 0, run.output
    assert [each.changed for each in run.tasks] == [True] * 8
    assert [bool(each.diff) for each in run.tasks] == [False, True] * 4
    for name in ("whmFalse", "cpanelFalse"):
        assert f'"name": "{name}' not in run.output
    assert '"name": "whmTrue' in run.output


def test_no_diff_of_a_report_where_the_task_wants_none(tmp_path: Path) -> None:
    servers = {"web1": {"unreachable": True}}
    tasks = [
        task(f"{diff}", "audit_report", servers=servers, dest=str(tmp_path / f"report-{diff}"), _diff=diff)
        for diff in (False, True)
    ]
    run = run_playbook({"tasks": tasks}, tmp_path, {}, ("--diff",))
    assert [each.changed for each in run.tasks] == [True, True], run.output
    assert [bool(each.diff) for each in run.tasks] == [False, True]


@pytest.mark.parametrize("many", [False, True], ids=["single", "bulk"])
@pytest.mark.parametrize("name", SERVICES)
def test_last_used_of_a_token_that_changes(server: Server, name: str, many: bool) -> None:
    """It is there whatever is done to the token, on a server that reports it; the answers to changes leave it out."""
    service = SERVICES[name]
    assert service.authenticates(server, service.make(server, "t"))
    changes = [{"name": "u", "rename_from": "t"}, {"name": "u", "recreate": "always"}, {"name": "new"}]
    if service.is_whm:
        changes.insert(0, {"name": "t", "acls": ["ssl"]})
    for change in changes:
        checked = service.run(server, change, many=many, check_mode=True)
        (entry,) = service.run(server, change, many=many).entries
        assert entry["changed"], change
        used = entry[service.module].get("last_used", "is missing")
        new = change.get("recreate") or change["name"] == "new"
        assert used is None if new else isinstance(used, int), change
        assert checked.entries[0][service.module].keys() == entry[service.module].keys(), change
