# Copyright (c) 2026 panelops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Timed runs of ansible-playbook."""

from __future__ import annotations

import json
import os
import statistics
import subprocess
import time
from pathlib import Path
from urllib.parse import urlsplit

from token_server.testing import ReferenceServer


def seconds_of(tasks: list[dict], folder: Path, environment: dict[str, str]) -> float:
    """Run tasks on localhost; return the wall time in seconds. Raises ``RuntimeError`` if the run failed."""
    play = {"hosts": "localhost", "connection": "local", "gather_facts": False, "tasks": tasks}
    return seconds_of_plays([play], folder, environment)


def seconds_of_plays(
    plays: list[dict], folder: Path, environment: dict[str, str], options: tuple[str, ...] = ()
) -> float:
    """Run a playbook; return the wall time in seconds. Raises ``RuntimeError`` if the run failed."""
    playbook = folder / "play.yml"
    playbook.write_text(json.dumps(plays), encoding="utf-8")
    begin = time.perf_counter()
    done = subprocess.run(
        ["ansible-playbook", *options, str(playbook)],
        env={**os.environ, **environment},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
    )
    seconds = time.perf_counter() - begin
    if done.returncode:
        raise RuntimeError(f"A play failed: {done.stdout[-2000:]}{done.stderr[-500:]}")
    return seconds


def in_turn(sides: dict[str, list[dict]], folder: Path, environment: dict[str, str], rounds: int) -> dict[str, float]:
    """Run sides in turn, so many rounds; return the median seconds of each, less those of an empty play run beside them."""
    measured: dict[str, list[float]] = {name: [] for name in ("", *sides)}
    for _number in range(rounds):
        for name, tasks in {"": [], **sides}.items():
            measured[name].append(seconds_of(tasks, folder, environment))
    empty = statistics.median(measured.pop(""))
    return {name: statistics.median(seconds) - empty for name, seconds in measured.items()}


def root_environment(server: ReferenceServer) -> dict[str, str]:
    """Return root's connection for the modules."""
    return {
        "WHM_HOST": "127.0.0.1",
        "WHM_PORT": str(urlsplit(server.ready["whm"]).port),
        "WHM_PASSWORD": Path(server.ready["root_password_file"]).read_text(encoding="utf-8").strip(),
        "WHM_CA_PATH": server.ready["ca_file"],
    }


def uri_get(server: ReferenceServer, path: str, **keywords: object) -> dict:
    """Return a task of ansible.builtin.uri that asks WHM as root, as a playbook without this collection would."""
    arguments = {
        "url": server.ready["whm"] + path,
        "url_username": "root",
        "url_password": "{{ lookup('env', 'WHM_PASSWORD') }}",
        "force_basic_auth": True,
        "ca_path": server.ready["ca_file"],
    }
    return {"name": "uri", "ansible.builtin.uri": arguments, "no_log": True, **keywords}
