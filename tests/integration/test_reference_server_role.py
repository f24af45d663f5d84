# Copyright (c) 2026 panelops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The role reference_server: idempotent, restarts when told otherwise, and never takes another's process for the server."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
from pathlib import Path

import pytest
import requests
import yaml

from tests.support.playbooks import Run, run_playbook, task
from tests.support.pythons import path_with_plain_python

FIXTURE = {"root": {"password": "role-canary-4Wt8nJ"}}


def role(folder: Path, tmp_path: Path, *options: str, **variables: object) -> Run:
    ports = {f"reference_server_{name}_port": "0" for name in ("whm", "cpanel")}
    given = {"reference_server_dir": str(folder), "reference_server_python": sys.executable, **ports, **variables}
    include = {
        "name": "role",
        "ansible.builtin.include_role": {"name": "panelops.cpanel.reference_server"},
        "vars": given,
    }
    tell = {"name": "ready", "ansible.builtin.debug": {"var": "reference_server_ready"}}
    path = path_with_plain_python(tmp_path)
    return run_playbook({"environment": {"PATH": path}, "tasks": [include, tell]}, tmp_path, {}, options, timeout=400)


def changes(run: Run) -> list[str]:
    assert run.status == 0, run.output
    return [task.name for task in run.tasks if task.changed]


def ready(folder: Path) -> dict:
    return json.loads((folder / "ready.json").read_text(encoding="utf-8"))


def is_running(pid: int) -> bool:
    try:
        return b"token_server" in Path(f"/proc/{pid}/cmdline").read_bytes()
    except OSError:
        return False


@pytest.fixture
def folder(tmp_path: Path):
    place = tmp_path / "a server"
    yield place
    if (place / "ready.json").exists() and is_running(ready(place)["pid"]):
        os.kill(ready(place)["pid"], signal.SIGTERM)


def test_start_repeat_alter_kill_stop(folder: Path, tmp_path: Path) -> None:
    assert changes(role(folder, tmp_path, reference_server_fixture=FIXTURE))
    first = ready(folder)
    assert is_running(first["pid"])
    assert Path(first["root_password_file"]).read_text().strip() == FIXTURE["root"]["password"]
    assert folder.stat().st_mode & 0o777 == 0o700
    repeat = role(folder, tmp_path, reference_server_fixture=FIXTURE)
    assert changes(repeat) == []
    assert "tools.py" not in repeat.output, "the files of the package are not listed as skipped"
    assert repeat["ready"].data["reference_server_ready"]["pid"] == first["pid"]

    more = {**FIXTURE, "accounts": [{"username": "alice", "password": "role-canary-2Bv6kD", "domain": "alice.example"}]}
    assert changes(role(folder, tmp_path, reference_server_fixture=more))
    second = ready(folder)
    assert not is_running(first["pid"])
    assert is_running(second["pid"])

    os.kill(second["pid"], signal.SIGKILL)
    bystander = subprocess.Popen(["sleep", "600"])
    try:
        # The process number of the killed server now belongs to somebody else.
        (folder / "ready.json").write_text(json.dumps({**second, "pid": bystander.pid}))
        assert changes(role(folder, tmp_path, reference_server_fixture=more))
        assert bystander.poll() is None
    finally:
        bystander.kill()
        bystander.wait()
    assert is_running(ready(folder)["pid"])

    last = ready(folder)["pid"]
    assert changes(role(folder, tmp_path, reference_server_state="stopped"))
    assert not is_running(last)
    assert changes(role(folder, tmp_path, reference_server_state="stopped")) == []
    assert (folder / "state" / "token_server.sqlite3").exists()


def test_the_server_speaks_the_dialect_that_the_role_is_given(folder: Path, tmp_path: Path) -> None:
    spoken = {"batch": "one", "denied": "403"}
    assert changes(role(folder, tmp_path, reference_server_dialect=spoken))
    first = ready(folder)
    denied = requests.get(f"{first['whm']}/json-api/version?api.version=1", verify=first["ca_file"], timeout=10)
    assert denied.status_code == 403
    assert changes(role(folder, tmp_path, reference_server_dialect=spoken)) == []
    assert changes(role(folder, tmp_path))
    assert ready(folder)["pid"] != first["pid"]


def test_check_mode_changes_nothing(folder: Path, tmp_path: Path) -> None:
    run = role(folder, tmp_path, "--check", reference_server_fixture=FIXTURE)
    assert changes(run)
    assert not folder.exists()


def test_on_another_host_the_package_and_its_requirements_are_installed(folder: Path, tmp_path: Path) -> None:
    other = {
        "ansible_connection": "ansible.builtin.local",
        "reference_server_python": "",
    }  # by its full name it is not "local"
    run = role(folder, tmp_path, **other)
    assert changes(run)
    command = Path(f"/proc/{ready(folder)['pid']}/cmdline").read_bytes().split(b"\0")
    assert command[0].decode() == str(folder / "venv" / "bin" / "python")
    assert (folder / "package" / "token_server" / "server.py").exists()
    for path in ("/login", "/pages/pages.css"):
        shown = requests.get(ready(folder)["whm"] + path, verify=ready(folder)["ca_file"], timeout=10)
        assert shown.status_code == 200
    assert changes(role(folder, tmp_path, **other)) == []
    # Another version of the collection replaces the package as a whole, and the server with it.
    (folder / "package" / "version").write_text("another")
    (folder / "package" / "token_server" / "gone.py").touch()
    before = ready(folder)["pid"]
    assert "Unpack it" in " ".join(changes(role(folder, tmp_path, **other)))
    assert not (folder / "package" / "token_server" / "gone.py").exists()
    assert ready(folder)["pid"] != before
    role(folder, tmp_path, reference_server_state="stopped")
    shutil.rmtree(folder)


@pytest.mark.parametrize(("address", "written"), [("::1", "::1"), ("127.0.0.1", "127.0.0.1"), ("::", "::1")])
def test_the_playbook_writes_the_address_that_the_server_listens_on(
    folder: Path, tmp_path: Path, address: str, written: str
) -> None:
    given = {"reference_server_dir": str(folder), "reference_server_python": sys.executable}
    given["reference_server_host"] = address
    playbook = yaml.safe_dump([{"ansible.builtin.import_playbook": "panelops.cpanel.reference_server"}])
    run = run_playbook(playbook, tmp_path, {}, ("-e", json.dumps(given)))
    assert run.status == 0, run.output
    shown = subprocess.run(
        ["bash", "-c", '. "$1/environment"; echo "$WHM_HOST $CPANEL_HOST"', "bash", str(folder)],
        capture_output=True,
        text=True,
        check=True,
    )
    assert shown.stdout.split() == [written, written]
    ask = [task("list", "whm_api_token_info")]
    script = '. "$1/environment"; exec "${@:2}"'
    (tmp_path / "ask.yml").write_text(yaml.safe_dump([{"hosts": "localhost", "gather_facts": False, "tasks": ask}]))
    asked = subprocess.run(
        ["bash", "-c", script, "bash", str(folder), "ansible-playbook", str(tmp_path / "ask.yml")],
        capture_output=True,
        text=True,
        check=False,
    )
    assert asked.returncode == 0, asked.stdout
