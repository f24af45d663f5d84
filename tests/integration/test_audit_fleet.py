# Copyright (c) 2026 panelops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The audit of several servers with many accounts each; benchmarks/audit.py does the same at full size."""

from __future__ import annotations

import json
from pathlib import Path

import yaml

from benchmarks.support.fleet import fleet
from tests.support.playbooks import run_playbook

SERVERS, ACCOUNTS = 3, 150


def test_reading_takes_a_call_for_fifty_accounts_and_two_more(tmp_path: Path) -> None:
    play = {
        "hosts": "whm",
        "gather_facts": False,
        "roles": [{"role": "panelops.cpanel.audit", "audit_accounts": True, "audit_dir": str(tmp_path / "report")}],
    }
    with fleet(tmp_path, SERVERS, ACCOUNTS) as running:
        running.forget()
        run = run_playbook(yaml.safe_dump([play]), tmp_path, {}, ("-i", str(running.inventory)))
        assert run.status == 0, run.output
        assert running.calls() == dict.fromkeys(running.servers, ACCOUNTS // 50 + 2)
    report = json.loads((tmp_path / "report" / "api-tokens.json").read_text(encoding="utf-8"))
    summary = report["summary"]
    assert (summary["servers_read"], summary["accounts"]) == (SERVERS, SERVERS * ACCOUNTS)
    assert summary["tokens"] == SERVERS * (ACCOUNTS + 4)
    # By root's tokens and the accounts' in fleet: every fifth has no expiry, every fourth a name of one word, and so on.
    assert summary["kinds"]["no_expiry"] == SERVERS * (ACCOUNTS // 5 + 1)
    assert summary["kinds"]["expired"] == SERVERS * (ACCOUNTS // 5 + 1)
    assert summary["kinds"]["all_privileges"] == SERVERS - 1, "one of them is on a token that has expired"
