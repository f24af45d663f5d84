# Copyright (c) 2026 panelops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Run the playbooks of a molecule scenario without molecule: ``run_scenario.py NAME [OPTION ...]``.

The targets of ``ansible-test integration`` are this with a name. Options are those of ansible-playbook.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path

import yaml

SCENARIOS = Path(__file__).resolve().parents[2] / "extensions" / "molecule"
PLAYBOOKS = {"create": "shared/create.yml", "destroy": "shared/destroy.yml"}
OPTIONS = {"check": ["--check"]}


def main(scenario: str, options: list[str]) -> int:
    """Return the exit status: that of the first playbook that fails, or 0."""
    common = _read(SCENARIOS / "config.yml")
    own = _read(SCENARIOS / scenario / "molecule.yml")
    variables = {**_variables(common), **_variables(own)}
    steps = own["scenario"].get("test_sequence", common["scenario"]["test_sequence"])
    with tempfile.TemporaryDirectory(prefix="scenario-") as folder:
        inventory = Path(folder, "inventory.json")
        inventory.write_text(json.dumps({"all": {"hosts": {"instance": {}}, "vars": variables}}), encoding="utf-8")
        environment = {**os.environ, **common["provisioner"]["env"], "MOLECULE_EPHEMERAL_DIRECTORY": folder}
        status = 0
        for step in steps:
            if status and step != "destroy":
                continue
            playbook = SCENARIOS / PLAYBOOKS.get(step, f"{scenario}/{_playbook(step)}.yml")
            if step == "prepare" and not playbook.exists():
                continue
            print(f"== {scenario}: {step}", flush=True)
            command = ["ansible-playbook", "-i", str(inventory), str(playbook), *OPTIONS.get(step, []), *options]
            status = subprocess.run(command, env=environment, check=False).returncode or status
    return status


def _playbook(step: str) -> str:
    """Checks and second runs are of the same playbook."""
    return "converge" if step in ("check", "idempotence") else step


def _variables(settings: dict) -> dict:
    variables: dict = settings.get("provisioner", {}).get("inventory", {}).get("group_vars", {}).get("all", {})
    return variables


def _read(file: Path) -> dict:
    content: dict = yaml.safe_load(file.read_text(encoding="utf-8"))
    return content


sys.exit(main(sys.argv[1], sys.argv[2:]))
