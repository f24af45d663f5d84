# Copyright (c) 2026 panelops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The tarball that Galaxy would get: what its importer says, and what somebody who has nothing else can do with it."""

from __future__ import annotations

import os
import re
import shlex
import subprocess
import sys
from pathlib import Path

import pytest
import yaml

from tests.support.blocks import all_blocks
from tests.support.limits import patience
from tests.support.paths import REPOSITORY
from tests.support.pythons import path_with_plain_python


def run(*command: object, cwd: Path = REPOSITORY, timeout: float = 240, **environment: str) -> str:
    """Run a command that must succeed; return its output, standard error included."""
    done = subprocess.run(
        list(map(str, command)),
        cwd=cwd,
        env={**os.environ, **environment},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        timeout=patience(timeout),
        check=False,
    )
    assert done.returncode == 0, done.stdout
    return done.stdout


@pytest.fixture(scope="module")
def tarball(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Built from what git knows of this checkout."""
    folder = tmp_path_factory.mktemp("package")
    source = folder / "ansible_collections" / "panelops" / "cpanel"
    run(REPOSITORY / "dev" / "copy.sh", source)
    run("ansible-galaxy", "collection", "build", "--output-path", folder, cwd=source)
    (built,) = folder.glob("panelops-cpanel-*.tar.gz")
    return built


@pytest.fixture(scope="module")
def installed(tarball: Path, tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """Installed by somebody whose home folder is empty; what to add to the environment."""
    home = tmp_path_factory.mktemp("home")
    environment = {
        "HOME": str(home),
        "PYTHONPATH": "",
        "PATH": path_with_plain_python(home),
        "ANSIBLE_HOME": str(home / ".ansible"),
        "ANSIBLE_COLLECTIONS_PATH": str(home / ".ansible" / "collections"),
    }
    run("ansible-galaxy", "collection", "install", tarball, cwd=home, **environment)
    return environment


def test_the_importer_of_galaxy_has_nothing_to_say(tarball: Path, tmp_path: Path) -> None:
    settings = tmp_path / "importer.cfg"
    settings.write_text("[galaxy-importer]\nRUN_ANSIBLE_TEST = False\n", encoding="utf-8")
    importer = (sys.executable, "-m", "galaxy_importer.main", tarball)
    said = run(*importer, cwd=tmp_path, GALAXY_IMPORTER_CONFIG=str(settings))
    assert "Importer processing completed successfully" in said
    assert not re.findall(r"(?im)^.*(?:\bwarning\b|\berror\b).*$", said)


def test_nothing_of_the_workshop_is_in_it(installed: dict[str, str]) -> None:
    folder = Path(installed["ANSIBLE_COLLECTIONS_PATH"], "ansible_collections", "panelops", "cpanel")
    names = {path.name for path in folder.iterdir()}
    assert not names & {".cache", ".ci", ".git", "dev", "benchmarks", "Makefile"}
    assert {"plugins", "roles", "playbooks", "token_server", "docs", "examples", "README.md", "LICENSE"} <= names
    assert not list(folder.rglob("*.pyc"))


def commands_of_the_server(installed: dict[str, str], home: Path) -> str:
    """What docs/reference-server.md has a user type who has the collection from Galaxy."""
    text = (REPOSITORY / "docs" / "reference-server.md").read_text(encoding="utf-8")
    (block,) = [each for each in all_blocks(text) if each.kind == "console" and "TOKEN_SERVER_STATE" in each.text]
    lines = [line.removeprefix("$ ") for line in block.text.splitlines() if line.startswith("$ ")]
    script = "\n".join(lines).replace("/path/to/", f"{home}/")
    return script.replace("~/.ansible/collections/", f"{installed['ANSIBLE_COLLECTIONS_PATH']}/")


def test_a_new_user_starts_a_server_and_runs_the_quickstart(installed: dict[str, str]) -> None:
    """With nothing but the tarball and Ansible: the steps of the README."""
    home = Path(installed["HOME"])
    server = ("ansible-playbook", "panelops.cpanel.reference_server")
    try:
        said = run(*server, cwd=home, **installed)
        connection = home / ".local" / "share" / "panelops-reference-server" / "environment"
        assert f"source {connection}" in said
        assert connection.stat().st_mode & 0o777 == 0o600
        script = f"source {shlex.quote(str(connection))} && ansible-playbook panelops.cpanel.quickstart"
        said = run("bash", "-c", script, cwd=home, **installed)
        assert re.search(r"ok=\d+ +changed=\d+ +unreachable=0 +failed=0", said)
        said = run("bash", "-ec", commands_of_the_server(installed, home), cwd=home, **installed)
        assert '"acct":[' in said
        assert "Packed the account alice with" in said
        assert (home / "alice.tar.gz").exists()
    finally:
        run(*server, "-e", "reference_server_state=stopped", cwd=home, **installed)
    processes = subprocess.run(["ps", "-eww", "-o", "args"], capture_output=True, text=True, check=True).stdout
    assert str(home) not in processes


def test_ansible_builder_finds_what_an_execution_environment_needs(installed: dict[str, str], tmp_path: Path) -> None:
    found = yaml.safe_load(run("ansible-builder", "introspect", installed["ANSIBLE_COLLECTIONS_PATH"]))
    assert [line.partition("#")[0].strip() for line in found["python"]] == ["requests>=2.25"]
    for definition in ("meta", "examples/awx"):
        file = REPOSITORY / definition / "execution-environment.yml"
        said = run("ansible-builder", "create", "--file", file, "--context", tmp_path / definition)
        assert "Complete!" in said
        assert (tmp_path / definition / "Dockerfile").exists()
