# Copyright (c) 2026 panelops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A file whose owner, group or mode cannot be set, in the middle of a bulk task: every secret that was created is handed over."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.integration.desired import SERVICES, Service
from tests.support.playbooks import run_playbook, task
from tests.support.processes import run_module
from tests.support.server import Server

IMPOSSIBLE = {
    "owner": {"owner": "nosuch-user"},
    "group": {"group": "nosuch-group"},
    "mode": {"mode": "no-mode"},
}


class Scene:
    """Three tokens in one task: the second one has the file, the last one has a file that nothing is wrong with."""

    def __init__(self, server: Server, service: Service, folder: Path, attribute: dict) -> None:
        self.server = server
        self.service = service
        self.module = f"{service.module}s"
        self.second, self.third = folder / "second", folder / "third"
        tokens = [
            {"name": "first"},
            {"name": "second", "token_file": str(self.second), **attribute},
            {"name": "third", "token_file": str(self.third)},
        ]
        self.tokens = [service.options(token) for token in tokens]

    def store_second(self) -> None:
        """Let the second token be there, its secret in the file."""
        self.second.write_text(self.service.make(self.server, "second") + "\n")
        self.second.chmod(0o600)

    def assert_every_secret_is_held(self, result: dict) -> None:
        """For each live token, its secret is in the result or in its file, and works."""
        assert result.get("failed"), result
        held = {entry["name"]: entry["token"] for entry in result.get(self.module, ()) if "token" in entry}
        for path in (self.second, self.third):
            if path.exists():
                held.setdefault(path.name, path.read_text().strip())
        assert set(self.service.tokens(self.server)) <= set(held), result
        for name in self.service.tokens(self.server):
            assert self.service.is_secret_of(self.server, held[name], name), name
        left = {path.name for path in self.second.parent.iterdir()}
        assert left <= {"second", "third"}, "no file that was reserved is left"


@pytest.mark.parametrize("attribute", IMPOSSIBLE)
@pytest.mark.parametrize("stored", [False, True], ids=["new", "stored"])
@pytest.mark.parametrize("name", SERVICES)
def test_every_created_secret_is_in_the_result_or_a_file(
    server: Server, tmp_path: Path, name: str, stored: bool, attribute: str
) -> None:
    folder = tmp_path / "secrets"
    folder.mkdir()
    scene = Scene(server, SERVICES[name], folder, IMPOSSIBLE[attribute])
    if stored:
        scene.store_second()
    result = run_module(scene.module, server.environment, tokens=scene.tokens)
    scene.assert_every_secret_is_held(result)


def test_in_a_playbook(server: Server, tmp_path: Path) -> None:
    """What a task with ``ignore_errors`` registers is all that the play will ever have of the secrets."""
    folder = tmp_path / "secrets"
    folder.mkdir()
    scene = Scene(server, SERVICES["whm"], folder, IMPOSSIBLE["owner"])
    scene.store_second()
    play = {"tasks": [task("t", scene.module, tokens=scene.tokens, _ignore_errors=True)]}
    failed = run_playbook(play, tmp_path, server.environment)["t"]
    scene.assert_every_secret_is_held({**failed.data, "failed": failed.failed})
    assert "second" in failed.msg, "the message names the token or its file"


def test_two_tokens_do_not_share_a_file(server: Server, tmp_path: Path) -> None:
    """Also under two names of one folder: only the second secret would be left."""
    (tmp_path / "real").mkdir()
    (tmp_path / "link").symlink_to(tmp_path / "real")
    tokens = [
        {"name": name, "acls": ["list-accts"], "token_file": str(tmp_path / folder / "secret")}
        for name, folder in (("a", "real"), ("b", "link"))
    ]
    server.forget_counters()
    refused = run_module("whm_api_tokens", server.environment, tokens=tokens)
    assert refused["failed"]
    assert f"token_file: {tmp_path}/real/secret is that of a and b." in refused["msg"]
    assert server.calls() == {}
