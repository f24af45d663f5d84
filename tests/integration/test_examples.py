# Copyright (c) 2026 panelops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The examples of the documentation run as they stand."""

from __future__ import annotations

import importlib
import os
import subprocess
import sys
from pathlib import Path

import pytest
import yaml

from tests.support.limits import patience
from tests.support.openbao import ROOT_TOKEN
from tests.support.paths import REPOSITORY
from tests.support.playbooks import run_playbook
from tests.support.server import Server
from tests.support.users import ALICE, MAILONLY

MODULES = sorted(path.stem for path in (REPOSITORY / "plugins" / "modules").glob("*.py"))


def documentation(name: str, kind: str = "modules") -> object:
    return importlib.import_module(f"ansible_collections.panelops.cpanel.plugins.{kind}.{name}")


@pytest.mark.parametrize("module", MODULES)
def test_the_examples_of_a_module(request: pytest.FixtureRequest, server: Server, tmp_path: Path, module: str) -> None:
    # One example changes every account, and this one may have no API tokens.
    server.whm_ok("removeacct", user=MAILONLY.name)
    admin = server.whm_token("admin", acl="all")
    secrets = tmp_path / "secrets"
    secrets.mkdir()
    tasks = yaml.safe_load(documentation(module).EXAMPLES)
    variables = {
        "whm_host": "127.0.0.1",
        "whm_admin_token": admin,
        "alice_password": ALICE.password,
        "secrets_dir": str(secrets),
    }
    if module == "api_token_store":
        variables |= {"vault_url": request.getfixturevalue("store").url, "vault_token": ROOT_TOKEN}
    run = run_playbook({"vars": variables, "tasks": tasks}, tmp_path, server.environment)
    assert run.status == 0, run.output
    assert len(run.tasks) == len(tasks)
    assert all(sink["ok"] for task in run.tasks for sink in task.data.get("sinks") or ())


def test_the_examples_of_the_lookup(server: Server, tmp_path: Path) -> None:
    tasks = yaml.safe_load(documentation("ci_token", "lookup").EXAMPLES)
    variables = {"whm_host": "127.0.0.1", "whm_admin_token": server.whm_token("admin", acl="all")}
    environment = {**server.environment, "ANSIBLE_CALLBACKS_ENABLED": "task_results,panelops.cpanel.ci_token"}
    run = run_playbook({"vars": variables, "tasks": tasks}, tmp_path, environment)
    assert run.status == 0, run.output
    assert len(run.tasks) == len(tasks)
    assert list(server.whm_tokens()) == ["admin"]
    assert server.uapi_tokens() == {}


@pytest.mark.parametrize("module", [module for module in MODULES if not module.startswith("api_token_")])
def test_every_documented_return_value_is_returned_and_no_other(server: Server, tmp_path: Path, module: str) -> None:
    returned = yaml.safe_load(documentation(module).RETURN)
    service = module.split("_", maxsplit=1)[0]
    create = {"name": "t", "expires_in": "1d", **({"acls": ["list-accts"]} if service == "whm" else {})}
    if module == "audit_report":
        options = {"servers": {"web1": None}, "dest": str(tmp_path / "report")}
        tasks = [{"name": "report", "panelops.cpanel.audit_report": options}]
    elif module.endswith("_info"):
        create_it = {f"panelops.cpanel.{service}_api_token": create}
        tasks = [{"name": "create", **create_it}, {"name": "info", f"panelops.cpanel.{module}": {}}]
    else:
        options = {"tokens": [create]} if module.endswith("tokens") else create
        tasks = [{"name": "create", f"panelops.cpanel.{module}": options}]
    data = run_playbook({"tasks": tasks}, tmp_path, server.environment).tasks[-1].data
    common = {"changed", "invocation", "diff", "warnings"}
    # Who writes is told only where several hosts could; the tests of the role audit see that.
    expected = {key for key, documented in returned.items() if documented["returned"] != "if O(servers) is not given"}
    assert {key for key in data if not key.startswith("_")} - common == expected
    for key, documented in returned.items():
        if "contains" in documented:
            always = {name for name, part in documented["contains"].items() if part["returned"] == "success"}
            for value in data[key][:1] if documented["type"] == "list" else [data[key]]:
                assert always <= set(value) <= set(documented["contains"])


def test_the_demo_passes_and_leaves_no_process_behind(tmp_path: Path) -> None:
    environment = os.environ | {"TMPDIR": str(tmp_path)}
    command = [sys.executable, "-m", "examples.demo"]
    done = subprocess.run(
        command, cwd=REPOSITORY, env=environment, capture_output=True, text=True, timeout=patience(120), check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert "Every second run of a managing task only read." in done.stdout
    assert list(tmp_path.iterdir()) == [], "the state folder is gone"
    commands = [path.read_bytes() for path in Path("/proc").glob("[0-9]*/cmdline") if path.exists()]
    assert not [line for line in commands if str(tmp_path).encode() in line]
