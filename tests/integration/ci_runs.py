# Copyright (c) 2026 panelops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Runs of Ansible that use the lookup ci_token: to be watched, interrupted and killed."""

from __future__ import annotations

import os
import signal
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import yaml

from tests.integration.server import Server

TOKEN = "{{ lookup('panelops.cpanel.ci_token', 'deploy', acls=['list-accts'], ttl='20m') }}"
"""What stands in ``vars`` of most plays."""


def until(look: Callable[[], Any], seconds: float = 15) -> Any:
    """Look until there is something to see; a test that waits in vain fails."""
    deadline = time.monotonic() + seconds
    while not (seen := look()):
        assert time.monotonic() < deadline, f"waited {seconds} s in vain"
        time.sleep(0.02)
    return seen


class CiRun:
    """A command of Ansible in a process group of its own, as a CI runner has it."""

    def __init__(self, command: list[str], folder: Path, environment: dict[str, str]) -> None:
        self._log = folder / f"run-{len(list(folder.glob('run-*.log')))}.log"
        with self._log.open("wb") as log:
            self.process = subprocess.Popen(
                command,
                env={**os.environ, **environment},
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,
            )

    @property
    def output(self) -> str:
        return self._log.read_text(encoding="utf-8", errors="replace")

    def wait(self, seconds: float = 60) -> int:
        """Wait for the end of the command, and answer its status."""
        return self.process.wait(seconds)

    def signal(self, number: signal.Signals) -> None:
        """Send a signal to the whole process group."""
        os.killpg(self.process.pid, number)

    def agents(self) -> list[int]:
        """The processes that hold this run's tokens."""
        return [pid for pid, words in command_lines() if "_ci_agent" in words and str(self.process.pid) in words]

    def agent(self) -> int:
        """The one agent, as soon as it is there."""
        until(self.agents)
        (pid,) = self.agents()
        return pid


def command_lines() -> Iterator[tuple[int, list[str]]]:
    """The words of every process's command line."""
    for path in Path("/proc").glob("[0-9]*/cmdline"):
        with suppress(OSError):
            yield int(path.parent.name), path.read_text(errors="replace").split("\0")


def play(tasks: list[dict], token: str = TOKEN, **keywords: object) -> dict:
    """A play on all hosts with the variable ``token``. Modules of the collection run in Ansible's own workers."""
    variables = {"token": token, "ansible_python_interpreter": "{{ ansible_playbook_python }}"}
    play = {"hosts": "all", "connection": "local", "gather_facts": False, "vars": variables, "tasks": tasks}
    return {**play, **keywords}


def waiting(folder: Path) -> list[dict]:
    """Tasks that use the token, tell it, and then wait until the file ``go`` is there."""
    tell = {"content": "{{ token }}", "dest": str(folder / "told"), "mode": "0600"}
    return [
        {"name": "tell", "ansible.builtin.copy": tell, "no_log": True},
        {"name": "wait", "ansible.builtin.wait_for": {"path": str(folder / "go"), "timeout": 60}},
    ]


@contextmanager
def started(
    server: Server, folder: Path, plays: list[dict], *options: str, hosts: str = "localhost", **environment: str
) -> Iterator[CiRun]:
    """Start ansible-playbook; whatever the test leaves of it is killed at the end."""
    folder.mkdir(exist_ok=True)
    playbook = folder / "ci.yml"
    playbook.write_text(yaml.safe_dump(plays, sort_keys=False), encoding="utf-8")
    command = ["ansible-playbook", "-i", f"{hosts},", *options, str(playbook)]
    run = CiRun(command, folder, {**server.environment, **environment})
    try:
        yield run
    finally:
        with suppress(ProcessLookupError):
            run.signal(signal.SIGKILL)
        run.wait()
        for pid in run.agents():
            with suppress(ProcessLookupError):
                os.kill(pid, signal.SIGTERM)
        until(lambda: not run.agents())


def told(folder: Path) -> str:
    """The secret that a play has told, as soon as it has."""
    path = folder / "told"
    until(lambda: path.exists() and len(path.read_text()) == 32)
    return path.read_text()
