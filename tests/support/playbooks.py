# Copyright (c) 2026 panelops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Real ansible-playbook runs, and their results as plain data."""

from __future__ import annotations

import json
import os
import shlex
import sys
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

import yaml

from tests.support.limits import patience
from tests.support.paths import CALLBACKS
from tests.support.warm import ansible_playbook


@dataclass
class TaskResult:
    """One task's result, as a later task would see it registered."""

    name: str
    outcome: str
    data: dict = field(repr=False)

    @property
    def changed(self) -> bool:
        return bool(self.data.get("changed"))

    @property
    def failed(self) -> bool:
        return self.outcome == "failed"

    @property
    def msg(self) -> str:
        return self.data.get("msg", "")

    @property
    def diff(self) -> dict:
        return self.data.get("diff", {})


@dataclass
class Run:
    """A finished run of ansible-playbook."""

    status: int
    output: str
    tasks: list[TaskResult]

    def __getitem__(self, name: str) -> TaskResult:
        (found,) = [task for task in self.tasks if task.name == name]
        return found


def run_playbook(
    play: dict | str,
    folder: Path,
    environment: dict[str, str],
    options: tuple[str, ...] = (),
    timeout: float = 120,
    enabled: Sequence[str] = ("task_results",),
) -> Run:
    """Run a play on localhost, or a playbook given as text.

    The environment variable ``PANELOPS_WAY=module`` makes every task of the collection run as a module, as it would on a managed
    host; otherwise those that can run in Ansible's own process do.

    :param folder: where the playbook and the results are written.
    :param environment: added to the environment of this process.
    :param timeout: seconds.
    :param enabled: callback plugins; without ``task_results`` there are no results of tasks.
    """
    number = len(list(folder.glob("play-*.yml")))
    playbook, results = folder / f"play-{number}.yml", folder / f"results-{number}.jsonl"
    defaults = {"hosts": "localhost", "connection": "local", "gather_facts": False}
    text = play if isinstance(play, str) else yaml.safe_dump([{**defaults, **play}], sort_keys=False)
    playbook.write_text(text, encoding="utf-8")
    results.touch()
    if os.environ.get("PANELOPS_WAY") == "module":
        options += ("-e", f"ansible_python_interpreter={same_python(folder)}")
    process = ansible_playbook(
        [str(playbook), *options],
        {
            **os.environ,
            "ANSIBLE_CALLBACK_PLUGINS": str(CALLBACKS),
            "ANSIBLE_CALLBACKS_ENABLED": ",".join(enabled),
            "TASK_RESULTS": str(results),
            **environment,
        },
        patience(timeout),
    )
    lines = [json.loads(line) for line in results.read_text(encoding="utf-8").splitlines()]
    tasks = [TaskResult(line["task"], line["outcome"], line["result"]) for line in lines]
    results.unlink()
    return Run(process.returncode, process.stdout, tasks)


def same_python(folder: Path) -> Path:
    """Return this Python under another name, so that Ansible does not recognize it as its own."""
    name = folder / "same-python"
    name.write_text(f'#!/bin/sh\nexec {shlex.quote(sys.executable)} "$@"\n', encoding="utf-8")
    name.chmod(0o755)
    return name


def task(title: str, module: str, /, **options: object) -> dict:
    """Return a task of this collection; keywords of the task itself begin with an underscore (``_no_log=True``)."""
    keywords = {key[1:]: value for key, value in options.items() if key.startswith("_")}
    arguments = {key: value for key, value in options.items() if not key.startswith("_")}
    return {"name": title, f"panelops.cpanel.{module}": arguments, **keywords}
