# Copyright (c) 2026 panelops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Plays of the role rotate, and consumers that have addresses of their own."""

from __future__ import annotations

import shlex
import sys
from dataclasses import dataclass, field
from pathlib import Path

import yaml

from tests.support.playbooks import Run, run_playbook
from tests.support.server import Server

CONSUMERS = {"consumer1": "127.0.0.2", "consumer2": "127.0.0.3"}
"""Hosts that use tokens, and the addresses that they connect from."""

_BIND = """
import socket
from _socket import socket as plain

def connect(self, address):
    if self.family == socket.AF_INET and self.getsockname()[1] == 0:
        self.bind(("{address}", 0))
    return plain.connect(self, address)

socket.socket.connect = connect
"""


def consumer_python(folder: Path, address: str, more: str = "") -> Path:
    """Return a Python whose connections come from an address, as those of a host with that address would.

    :param more: further code that it runs when it starts.
    """
    site, command = folder / f"site-{address}", folder / f"python-{address}"
    if not command.exists():
        site.mkdir(parents=True)
        (site / "sitecustomize.py").write_text(_BIND.format(address=address) + more, encoding="utf-8")
        words = f"exec env PYTHONPATH={shlex.quote(str(site))} {shlex.quote(sys.executable)}"
        command.write_text(f'#!/bin/sh\n{words} "$@"\n', encoding="utf-8")
        command.chmod(0o755)
    return command


def inventory(folder: Path, *more: str, at_start: str = "") -> Path:
    """Write an inventory with the consumers, and further hosts that are this machine; return its path."""
    hosts = {
        name: {
            "ansible_connection": "local",
            "ansible_python_interpreter": str(consumer_python(folder, address, at_start)),
        }
        for name, address in CONSUMERS.items()
    }
    hosts |= {name: {"ansible_connection": "local"} for name in more}
    path = folder / "inventory.yml"
    path.write_text(yaml.safe_dump({"all": {"hosts": hosts}}), encoding="utf-8")
    return path


def sink(path: Path, host: str = "consumer1", **options: object) -> dict:
    """Return a sink of the type file."""
    return {"type": "file", "hosts": [host], "path": str(path), **options}


class _Variables(yaml.SafeLoader):
    """Reads a file of variables, with text that Ansible must not take for a template."""


_Variables.add_constructor("!unsafe", _Variables.construct_yaml_str)


def variables_in(text: str | bytes) -> dict:
    """Return what a file of variables says, decrypted."""
    return yaml.load(text, _Variables)  # noqa: S506 - it is a safe loader


@dataclass
class Rotation:
    """What a play of the role is given. ``variables`` are those of the role, without ``rotate_``."""

    server: Server
    folder: Path
    tokens: list[dict]
    variables: dict = field(default_factory=dict)
    play: dict = field(default_factory=dict)

    def text(self, hosts: str = "localhost", **variables: object) -> str:
        """Return the playbook."""
        named = {f"rotate_{key}": value for key, value in {**self.variables, **variables}.items()}
        role = {"role": "panelops.cpanel.rotate", "vars": {"rotate_tokens": self.tokens, **named}}
        return yaml.safe_dump([{"hosts": hosts, "gather_facts": False, "roles": [role], **self.play}], sort_keys=False)

    def options(self) -> dict:
        """Return the options of the module behind the role."""
        return {"tokens": self.tokens, **self.variables}

    def run(self, *options: str, environment: dict | None = None, **variables: object) -> Run:
        """Run the play."""
        options = ("-i", str(inventory(self.folder)), *options)
        settings = {**self.server.environment, **(environment or {})}
        return run_playbook(self.text(**variables), self.folder, settings, options)

    def rotated(self, *options: str, **variables: object) -> dict:
        """Run the play, which must succeed, and return its ``rotate_result``."""
        run = self.run(*options, **variables)
        assert run.status == 0, run.output
        return result_of(run)


def result_of(run: Run) -> dict:
    """Return the fact ``rotate_result`` of a run."""
    return run["panelops.cpanel.rotate : Keep the result"].data["ansible_facts"]["rotate_result"]


def sentence_of(run: Run) -> str:
    """Return the message of the task that failed the play."""
    failed = [task for task in run.tasks if task.failed]
    assert failed, run.output
    assert run.status != 0, run.output
    return failed[-1].msg
