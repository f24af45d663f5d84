# Copyright (c) 2026 panelops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Invariant I3 for callbacks: whatever writes down what a run does, those of other collections too, it is given no secret.

Secrets are recognized by their shape, so those that a run creates and withdraws again count as well.
"""

from __future__ import annotations

import os
import re
import sys
from pathlib import Path

import pytest
import yaml

from tests.support.missing import missing
from tests.support.paths import OTHERS
from tests.support.playbooks import Run, run_playbook, task
from tests.support.rotating import sink
from tests.support.server import Server

SECRET = re.compile(rb"(?<![A-Za-z0-9])[A-Z0-9]{32}(?![A-Za-z0-9])")
"""The shape of the secrets that cPanel & WHM makes."""

SHOWN = {
    "default": {"ANSIBLE_STDOUT_CALLBACK": "ansible.builtin.default"},
    "json": {"ANSIBLE_STDOUT_CALLBACK": "ansible.posix.json"},
}
"""What writes to the terminal; a run has one of them."""

ENABLED = ("junit", "tree", "ansible.posix.profile_tasks", "community.general.log_plays", "task_results")
"""What writes elsewhere; a run has all of them. (The last one is that of the tests.)"""


@pytest.fixture(autouse=True)
def _others() -> None:
    if not OTHERS.exists():
        missing("the collections of dev/requirements-collections*.txt could not be downloaded")


def plays(folder: Path) -> str:
    """Everything that handles secrets, once as it should go, and once with failures."""
    (folder / "works.yml").write_text(
        yaml.safe_dump(
            [
                {
                    "name": "Use it",
                    "ansible.builtin.command": {"cmd": "grep -qEx '.{32}'", "stdin": "{{ rotate_secret }}"},
                    "changed_when": True,
                    "no_log": True,
                }
            ]
        )
    )
    (folder / "fails.yml").write_text(
        yaml.safe_dump([{"name": "Break", "ansible.builtin.command": {"cmd": "false"}, "changed_when": True}])
    )
    (folder / "password").write_text("of the vault\n")

    def rotating(name: str, tasks: str) -> dict:
        sinks = [
            sink(folder / f"{name}.env", "app", format="env", key="TOKEN"),
            {"type": "vault", "path": str(folder / f"{name}.yml"), "key": "whm_token"},
            {"type": "tasks", "tasks": str(folder / tasks)},
        ]
        token = {"name": name, "acls": ["list-accts"], "sinks": sinks}
        return {"rotate_tokens": [token], "rotate_force": True}

    def allowed_to_fail(name: str, *tasks: dict) -> dict:
        return {"name": name, "block": list(tasks), "rescue": [{"name": "Go on", "ansible.builtin.meta": "noop"}]}

    def role(name: str, **variables: object) -> dict:
        include = {"name": f"panelops.cpanel.{name}"}
        return {"name": f"Role {name}", "ansible.builtin.include_role": include, "vars": variables}

    lookup = "{{ lookup('panelops.cpanel.ci_token', 'job', acls=[%s], ttl='5m') }}"
    stored = {"token_file": str(folder / "stored"), "recreate": "always"}
    many = [{"name": f"m{n}", "acls": ["ssl"], "token_file": str(folder / f"m{n}"), "recreate": "always"} for n in "12"]
    command = {"name": "Use a token of the job", "ansible.builtin.command": "true", "changed_when": False}
    tasks = [
        role("rotate", **rotating("good", "works.yml")),
        role("rotate", **rotating("good", "works.yml")),
        allowed_to_fail("A sink that fails", role("rotate", **rotating("bad", "fails.yml"))),
        task("store one", "whm_api_token", name="one", acls=["ssl"], **stored),
        task("store it again", "whm_api_token", name="one", acls=["ssl"], **stored),
        allowed_to_fail("refused", task("refuse", "whm_api_token", name="one", acls=["no-such"], **stored)),
        task("store many", "whm_api_tokens", tokens=many),
        allowed_to_fail("half", task("half", "whm_api_tokens", tokens=[*many, {"name": "x", "acls": ["no-such"]}])),
        task("list", "whm_api_token_info"),
        {**command, "environment": {"TOKEN": lookup % "'list-accts'"}},
        allowed_to_fail("no token", {**command, "environment": {"TOKEN": lookup % "'no-such'"}}),
        role("audit", audit_report=str(folder / "audit")),
    ]
    play = {"hosts": "localhost", "connection": "local", "gather_facts": False, "tasks": tasks}
    return yaml.safe_dump([play], sort_keys=False)


def run_shown(server: Server, folder: Path, shown: dict[str, str], *options: str) -> tuple[Run, Path]:
    """Run the plays, and return the folder that holds everything that callbacks wrote."""
    written = folder / "written"
    written.mkdir()
    inventory = folder / "hosts.yml"
    here = {"ansible_connection": "local", "ansible_python_interpreter": sys.executable}
    inventory.write_text(yaml.safe_dump({"all": {"hosts": {"localhost": here, "app": here}}}))
    environment = {
        **server.environment,
        **shown,
        "ANSIBLE_COLLECTIONS_PATH": f"{os.environ['ANSIBLE_COLLECTIONS_PATH']}:{OTHERS}",
        "JUNIT_OUTPUT_DIR": str(written / "junit"),
        "ANSIBLE_CALLBACK_TREE_DIR": str(written / "tree"),
        "ANSIBLE_LOG_FOLDER": str(written / "plays"),
        "ANSIBLE_LOG_PATH": str(written / "ansible.log"),
        "ANSIBLE_VAULT_PASSWORD_FILE": str(folder / "password"),
    }
    run = run_playbook(
        plays(folder), folder, environment, ("-i", str(inventory), "-vv", "--diff", *options), enabled=ENABLED
    )
    return run, written


def with_secrets(run: Run, written: Path) -> list[str]:
    """Where something of a secret's shape stands."""
    texts = {"the output": run.output.encode()}
    texts |= {str(path.relative_to(written)): path.read_bytes() for path in written.rglob("*") if path.is_file()}
    return [where for where, text in texts.items() if SECRET.search(text)]


@pytest.mark.parametrize("shown", SHOWN)
def test_no_callback_is_given_a_secret(server: Server, tmp_path: Path, shown: str) -> None:
    run, written = run_shown(server, tmp_path, SHOWN[shown])
    assert run.status == 0, run.output[-3000:]
    assert {path.name for path in written.iterdir()} == {"junit", "tree", "plays", "ansible.log"}
    assert with_secrets(run, written) == []
    assert SECRET.search((tmp_path / "stored").read_bytes())


def test_what_is_looked_for_would_be_found(server: Server, tmp_path: Path) -> None:
    """A secret that a task returns, as documented, is seen by each of them."""
    written = tmp_path / "written"
    run = run_playbook(
        {"tasks": [task("shown", "whm_api_token", name="t", acls=["ssl"])]},
        tmp_path,
        {**server.environment, "ANSIBLE_LOG_PATH": str(written)},
        ("-v",),
    )
    assert SECRET.search(run.output.encode())
    assert SECRET.search(written.read_bytes())
