# Copyright (c) 2026 panelops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""New kinds of sinks: what CONTRIBUTING.md asks for is enough. Two are added to a copy of the collection, and tokens rotate into them."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

import pytest
import yaml

from tests.support.paths import REPOSITORY
from tests.support.playbooks import Run
from tests.support.rotating import Rotation, result_of, sentence_of, sink
from tests.support.server import Server

ROWS = """
KINDS = {
    "shout": Kind(
        "shout",
        "the shout sink {host}:{path}",
        needs=("hosts", "path"),
        unique="{host}:{path}",
        own="file",
        on_hosts=True,
        verifies=True,
        compared=True,
        read_back=True,
        rolled_back=True,
    ),
    "pin": Kind(
        "pin",
        "the pin sink {path}",
        needs=("path",),
        unique="{path}",
        own="file",
        in_store=True,
        compared=True,
        read_back=True,
        rolled_back=True,
    ),
    **KINDS,
}
"""
SHOUT = """
from ansible_collections.panelops.cpanel.plugins.module_utils._errors import InvalidOption


class ShoutSink:
    def missing(self, options, controller):
        return ""

    def content(self, options, secret, controller):
        return f"The secret is {secret[::-1]} !\\n".encode()

    def held(self, options, previous, controller):
        return previous.decode().split()[3][::-1]

    def refuse_other_content(self, options, previous, controller):
        if not previous.startswith(b"The secret is "):
            raise InvalidOption("path", "nobody shouts there.")


SINK = ShoutSink()
"""
PIN = """
from pathlib import Path

from ansible_collections.panelops.cpanel.plugins.module_utils._errors import PanelopsError

from .scrubbing import Hidden
from .settings import Settings
from .store import Changed, Seen


class PinSink:
    settings = Settings(())

    def missing(self, options, controller):
        return ""

    def opened(self, given, ticket):
        return Board()


class Board:
    ticket = None
    timeout = 30
    hidden = Hidden()

    def secret(self, options):
        return Pin(options["path"])

    def close(self):
        pass


class Pin:
    def __init__(self, path):
        self.label = self.identity = path

    def check(self):
        if not Path(self.label).parent.exists():
            raise PanelopsError("no board.")
        return self.look()

    def look(self):
        try:
            return Seen({"": Path(self.label).read_text()})
        except FileNotFoundError:
            return Seen({})

    def write(self, content, seen):
        if self.look() != seen:
            raise Changed("others pin too.")
        if content:
            Path(self.label).write_text(content[""])
        else:
            Path(self.label).unlink()


SINK = PinSink()
"""


@pytest.fixture(scope="module")
def collections(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """The environment of a run that finds a copy of the collection with the two kinds."""
    root = tmp_path_factory.mktemp("collections")
    copy = root / "ansible_collections/panelops/cpanel"
    for name in ("plugins", "roles", "meta"):
        shutil.copytree(REPOSITORY / name, copy / name, ignore=shutil.ignore_patterns("__pycache__"))
    with (copy / "plugins/module_utils/_rotation/sinks.py").open("a") as table:
        table.write(ROWS)
    files = {
        "plugins/plugin_utils/_sinks/shout.py": SHOUT,
        "plugins/plugin_utils/_sinks/pin.py": PIN,
    }
    for path, text in files.items():
        (copy / path).write_text(text)
    documentation = copy / "roles/rotate/meta/argument_specs.yml"
    specs = yaml.safe_load(documentation.read_text())
    options = specs["argument_specs"]["main"]["options"]["rotate_tokens"]["options"]["sinks"]["options"]
    options["type"]["choices"] += ["shout", "pin"]
    documentation.write_text(yaml.safe_dump(specs))
    return {"ANSIBLE_COLLECTIONS_PATH": f"{root}:{os.environ['ANSIBLE_COLLECTIONS_PATH']}"}


def shout(path: Path) -> dict:
    return sink(path, type="shout")


def token(*sinks: dict) -> dict:
    return {"name": "t", "acls": ["list-accts"], "sinks": list(sinks)}


def secret_in(path: Path) -> str:
    text = path.read_text()
    assert text.startswith("The secret is ")
    return text.split()[3][::-1]


def rotated(rotation: Rotation, collections: dict[str, str], **variables: object) -> Run:
    run = rotation.run(environment=collections, **variables)
    assert run.status == 0, run.output
    assert [one["name"] for one in result_of(run)["rotated"]] == ["t"]
    return run


def test_a_file_that_only_the_controller_recognizes(
    server: Server, tmp_path: Path, collections: dict[str, str]
) -> None:
    """Its content is several words, and the secret is in it only in a form of its own."""
    copy = tmp_path / "copy"
    rotation = Rotation(server, tmp_path, [token(shout(copy))])
    rotated(rotation, collections)
    first = secret_in(copy)
    rotated(rotation, collections, force=True)
    assert secret_in(copy) != first
    assert server.whm_accepts(secret_in(copy), source="127.0.0.2")


def test_a_file_with_other_content_is_refused(server: Server, tmp_path: Path, collections: dict[str, str]) -> None:
    copy = tmp_path / "copy"
    copy.write_text("a-word-that-a-host-would-take-for-a-secret\n")
    run = Rotation(server, tmp_path, [token(shout(copy))]).run(environment=collections)
    assert f"the shout sink consumer1:{copy}: path: nobody shouts there. Nothing was changed." in sentence_of(run)
    assert server.commits() == {}


def test_a_store(server: Server, tmp_path: Path, collections: dict[str, str]) -> None:
    """It is checked, filled and rolled back."""
    pin = {"type": "pin", "path": str(tmp_path / "board/pin")}
    rotation = Rotation(server, tmp_path, [token(pin)])
    assert "t: the pin sink " in sentence_of(rotation.run(environment=collections))
    assert server.commits() == {}

    (tmp_path / "board").mkdir()
    rotated(rotation, collections)
    first = (tmp_path / "board/pin").read_text()
    assert server.whm_accepts(first)

    (tmp_path / "broken.yml").write_text("- name: Break\n  ansible.builtin.command: 'false'\n")
    rotation.tokens[0]["sinks"].append({"type": "tasks", "tasks": "broken.yml"})
    run = rotation.run(environment=collections, force=True)
    assert "the tasks sink broken.yml: the task Break failed." in sentence_of(run)
    assert (tmp_path / "board/pin").read_text() == first
