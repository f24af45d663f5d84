# Copyright (c) 2026 panelops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Runs of Ansible that use the lookup ci_token, which tests watch, interrupt and kill."""

from __future__ import annotations

import json
import os
import signal
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import yaml

from tests.support.limits import patience
from tests.support.paths import CALLBACKS
from tests.support.server import Server
from tests.support.waiting import until

SOCKETS = Path("/tmp") / f"panelops-cpanel-{os.geteuid()}"  # noqa: S108
"""The folder of the sockets if the path of a run's temporary folder is too long for them, or that folder is not private."""

TOKEN = "{{ lookup('panelops.cpanel.ci_token', 'deploy', acls=['list-accts'], ttl='20m') }}"
"""The value of the variable ``token`` in most plays."""


class CiRun:
    """A command of Ansible in a process group of its own, as a CI runner has it."""

    def __init__(self, command: list[str], folder: Path, environment: dict[str, str]) -> None:
        number = len(list(folder.glob("run-*.log")))
        self._log, self._results = folder / f"run-{number}.log", folder / f"results-{number}.jsonl"
        results = {
            "ANSIBLE_CALLBACK_PLUGINS": str(CALLBACKS),
            "ANSIBLE_CALLBACKS_ENABLED": "task_results",
            "TASK_RESULTS": str(self._results),
        }
        with self._log.open("wb") as log:
            self.process = subprocess.Popen(
                command,
                env={**os.environ, **results, **environment},
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,
                # Under nohup it would be deaf to them.
                preexec_fn=lambda: signal.signal(signal.SIGHUP, signal.SIG_DFL),
            )

    @property
    def output(self) -> str:
        return self._log.read_text(encoding="utf-8", errors="replace")

    def told(self, name: str = "tell") -> Any:
        """Wait until a task of this name has shown something, and return it."""

        def look() -> list[Any]:
            lines = self._results.read_text().splitlines() if self._results.exists() else ()
            results = [json.loads(line) for line in lines]
            return [line["result"]["msg"] for line in results if line["task"] == name and line["outcome"] == "ok"]

        until(lambda: look() or self.process.poll() is not None)
        assert look(), self.output
        return look()[0]

    def wait(self, seconds: float = 60) -> int:
        """Wait until the command ends, and return its exit status."""
        return self.process.wait(patience(seconds))

    def signal(self, number: signal.Signals) -> None:
        """Send a signal to the whole process group."""
        os.killpg(self.process.pid, number)

    def end_with(self, number: signal.Signals) -> int:
        """Send a signal to the whole process group until the command ends, and return its exit status.

        Ansible can miss a SIGINT while it forks a worker, and goes on: people then press Ctrl-C once more.
        """
        for _attempt in range(10):
            self.signal(number)
            with suppress(subprocess.TimeoutExpired):
                return self.wait(6)
        raise AssertionError(f"{number!r} was sent ten times, and the command goes on: {self.output}")

    def workers(self) -> list[int]:
        """Return Ansible's processes in this run, the workers too, which are in process groups of their own."""
        mark = f"TASK_RESULTS={self._results}".encode()
        found = []
        for path in Path("/proc").glob("[0-9]*/environ"):
            with suppress(OSError):
                if mark in path.read_bytes().split(b"\0"):
                    found.append(int(path.parent.name))
        return sorted({*found} - {*self.agents()})

    def agents(self) -> list[int]:
        """Return the processes that hold this run's tokens."""
        return [pid for pid, words in command_lines() if "_ci.agent" in words and str(self.process.pid) in words]

    def agent(self) -> int:
        """Wait until there is an agent, and return it; there must be only one."""
        until(self.agents)
        (pid,) = self.agents()
        return pid


def command_lines() -> Iterator[tuple[int, list[str]]]:
    """Yield the number of every process, and the words of its command line."""
    for path in Path("/proc").glob("[0-9]*/cmdline"):
        with suppress(OSError):
            yield int(path.parent.name), path.read_text(errors="replace").split("\0")


def play(tasks: list[dict], token: str = TOKEN, **keywords: object) -> dict:
    """Return a play on all hosts with the variable ``token``. Modules of the collection run in Ansible's own workers."""
    variables = {"token": token, "ansible_python_interpreter": "{{ ansible_playbook_python }}"}
    play = {"hosts": "all", "connection": "local", "gather_facts": False, "vars": variables, "tasks": tasks}
    return {**play, **keywords}


def tell(name: str = "tell", what: str = "{{ token }}", **keywords: object) -> dict:
    """Return a task that shows the secret to the test."""
    return {"name": name, "ansible.builtin.debug": {"msg": what}, **keywords}


def waiting(folder: Path, what: str = "{{ token }}") -> list[dict]:
    """Return tasks that show the secret, and then look it up until the file ``go`` exists; none of them starts a module."""
    condition = {"until": f"{str(folder / 'go')!r} is ansible.builtin.exists", "retries": 600, "delay": 0.1}
    return [tell(), tell("wait", what, **condition)]


@contextmanager
def started(
    server: Server, folder: Path, plays: list[dict], *options: str, hosts: str = "localhost", **environment: str
) -> Iterator[CiRun]:
    """Start ansible-playbook; what is still running at the end is killed."""
    folder.mkdir(exist_ok=True)
    playbook = folder / "ci.yml"
    playbook.write_text(yaml.safe_dump(plays, sort_keys=False), encoding="utf-8")
    command = ["ansible-playbook", "-i", f"{hosts},", *options, str(playbook)]
    with watched(CiRun(command, folder, {**server.environment, **environment})) as run:
        yield run


@contextmanager
def watched(run: CiRun) -> Iterator[CiRun]:
    """Kill what is still running of a run at the end."""
    try:
        yield run
    finally:
        with suppress(ProcessLookupError):
            run.signal(signal.SIGKILL)
        run.wait()
        # A worker whose main process was killed can wait for ever: it holds the other end of the pipe to that process itself.
        for pid in run.workers():
            with suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
        for pid in run.agents():
            with suppress(ProcessLookupError):
                os.kill(pid, signal.SIGTERM)
        until(lambda: not run.agents())
