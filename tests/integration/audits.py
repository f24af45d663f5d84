# Copyright (c) 2026 panelops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Runs of the role audit over an inventory of reference servers."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path

import yaml

from tests.integration.playbooks import Run, run_playbook
from tests.integration.server import Server

NOBODY = {"audit_port": 9, "audit_password": "x", "ansible_host": "127.0.0.1"}
"""The variables of a server where nothing listens."""


def host_variables(server: Server) -> dict:
    """What an inventory says of a reference server."""
    return {
        "ansible_host": "127.0.0.1",
        "audit_port": server.port,
        "audit_username": "root",
        "audit_password": server.root_password,
        "audit_ca_path": server.ready["ca_file"],
    }


def audit(
    folder: Path, servers: Mapping[str, Server | dict], *options: str, play: Mapping | None = None, **variables: object
) -> tuple[Run, dict]:
    """Run the role; answer the run and the report (empty if there is none).

    :param servers: by the name in the inventory: a server, or the variables of a host.
    :param play: further keywords of the play.
    """
    hosts = {name: host_variables(each) if isinstance(each, Server) else each for name, each in servers.items()}
    inventory = folder / "inventory.yml"
    inventory.write_text(yaml.safe_dump({"whm": {"hosts": hosts}}), encoding="utf-8")
    given = {"audit_dir": str(folder / "report"), **{f"audit_{key}": value for key, value in variables.items()}}
    role = {"name": "audit", "ansible.builtin.include_role": {"name": "panelops.cpanel.audit"}}
    text = {"hosts": "whm", "gather_facts": False, "vars": given, "tasks": [role], **(play or {})}
    run = run_playbook(yaml.safe_dump([text], sort_keys=False), folder, {}, ("-i", str(inventory), *options))
    path = folder / "report" / "api-tokens.json"
    return run, json.loads(path.read_text(encoding="utf-8")) if path.exists() else {}
