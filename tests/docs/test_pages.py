# Copyright (c) 2026 panelops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Every block of README and docs is run as it stands, against a reference server, or says why not."""

from __future__ import annotations

import os
import signal
import subprocess
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

import pytest
import requests
import yaml

from tests.docs.reader import script
from tests.support.blocks import PAGES, all_blocks, blocks_to_run
from tests.support.limits import patience
from tests.support.paths import REPOSITORY
from tests.support.pythons import path_with_plain_python
from token_server.testing import ReferenceServer

OWN_TEST = {"docs/reference-server.md", "docs/ci.md", "docs/consumers.md"}
"""Run by a test of their own."""
FIXTURE = {
    "accounts": [
        {"username": name, "password": f"{name}-likes-{liking}", "domain": f"{name}.example"}
        for name, liking in (("alice", "tea"), ("bob", "cake"))
    ]
}
"""The users of the playbook reference_server, which the README tells its readers to run."""

TO_RUN = [
    page
    for page in PAGES
    if str(page.relative_to(REPOSITORY)) not in OWN_TEST and blocks_to_run(page.read_text(encoding="utf-8"))
]


@pytest.fixture
def connection(tmp_path: Path) -> Iterator[dict[str, str]]:
    """The environment of a shell that has read the file of the playbook reference_server."""
    fixture = tmp_path / "fixture.yml"
    fixture.write_text(yaml.safe_dump(FIXTURE), encoding="utf-8")
    with ReferenceServer(tmp_path / "state", fixture=fixture) as server:
        yield {
            "WHM_HOST": "127.0.0.1",
            "WHM_PORT": str(urlsplit(server.ready["whm"]).port),
            "WHM_USERNAME": "root",
            "WHM_PASSWORD": server.root_password,
            "WHM_CA_PATH": server.ready["ca_file"],
            "CPANEL_HOST": "127.0.0.1",
            "CPANEL_PORT": str(urlsplit(server.ready["cpanel"]).port),
            "CPANEL_CA_PATH": server.ready["ca_file"],
        }


@pytest.fixture
def reader(connection: dict[str, str], tmp_path: Path) -> Iterator[dict[str, str]]:
    """The environment of a reader with an empty home folder, and an inventory with that server."""
    home, folder = tmp_path / "home", tmp_path / "reader"
    home.mkdir()
    folder.mkdir()
    inventory = tmp_path / "inventory.yml"
    server = {
        "ansible_host": "127.0.0.1",
        "ansible_connection": "local",
        "vault_whm_api_token": _admin_token(connection),
    }
    inventory.write_text(yaml.safe_dump({"whm_servers": {"hosts": {"whm1": server}}}), encoding="utf-8")
    # The collection as installed for the reader: found by its name alone.
    installed = {
        "HOME": str(home),
        "ANSIBLE_HOME": str(home / ".ansible"),
        "PYTHONPATH": "",
        "PATH": path_with_plain_python(tmp_path),
    }
    yield {**os.environ, **installed, **connection, "ANSIBLE_INVENTORY": str(inventory)}
    for process in _processes_of(home):
        os.kill(process, signal.SIGKILL)


def _admin_token(connection: dict[str, str]) -> str:
    """A token that may do everything, as the vault of a reader would hold it."""
    answer = requests.post(
        f"https://127.0.0.1:{connection['WHM_PORT']}/json-api/api_token_create?api.version=1",
        data={"token_name": "ansible-prod-admin", "acl": "all"},
        auth=("root", connection["WHM_PASSWORD"]),
        verify=connection["WHM_CA_PATH"],
        timeout=patience(10),
    )
    token: str = answer.json()["data"]["token"]
    return token


def _processes_of(home: Path) -> list[int]:
    """Those that name the folder."""
    listed = subprocess.run(["ps", "-eww", "-o", "pid=,args="], capture_output=True, text=True, check=True).stdout
    return [int(line.split()[0]) for line in listed.splitlines() if str(home) in line]


@pytest.mark.parametrize("page", TO_RUN, ids=lambda page: str(page.relative_to(REPOSITORY)))
def test_every_block_of_a_page_runs(page: Path, reader: dict[str, str], tmp_path: Path) -> None:
    done = subprocess.run(
        ["bash", "-c", script(blocks_to_run(page.read_text(encoding="utf-8")))],
        cwd=tmp_path / "reader",
        env=reader,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        timeout=patience(300),
        check=False,
    )
    assert done.returncode == 0, done.stdout
    assert not _processes_of(tmp_path / "home"), "a page leaves nothing running"


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(REPOSITORY)))
def test_no_block_is_forgotten(page: Path) -> None:
    text = page.read_text(encoding="utf-8")
    fences = [line for line in text.splitlines() if line.lstrip().startswith("```")]
    assert len(fences) == 2 * len(all_blocks(text)), "a block that is not at the beginning of its lines is not seen"
