# Copyright (c) 2026 panelops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""``ansible-playbook`` without its start: a second of computing, of which a run of a small playbook is a quarter.

Each run is a process of its own, forked from one that has imported Ansible and nothing of the collection. What Ansible reads while it is
imported is the environment, so a process is kept for each set of settings that several runs have in common.
"""

from __future__ import annotations

import atexit
import contextlib
import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import threading
from collections import Counter
from collections.abc import Mapping, Sequence
from subprocess import CompletedProcess
from typing import TextIO

from tests.support import warm_server

EARLY = ("ANSIBLE_", "PYTHON", "LC_", "LANG", "HOME", "TMPDIR", "TZ", "PATH", "COLUMNS", "COVERAGE", "LD_")
"""How the names of variables begin that are read while Ansible is imported, or may be."""

SEEN = 2
"""How often settings are met before a process is kept for them."""

MOST = 3
"""How many processes are kept."""

_seen: Counter[frozenset[tuple[str, str]]] = Counter()
_kept: dict[frozenset[tuple[str, str]], _Kept] = {}


def ansible_playbook(arguments: Sequence[str], environment: Mapping[str, str], timeout: float) -> CompletedProcess[str]:
    """Run ``ansible-playbook`` with nothing on its standard input, in this process's folder.

    :param timeout: seconds. :raises subprocess.TimeoutExpired: it took longer.
    """
    settings = frozenset((name, value) for name, value in environment.items() if name.startswith(EARLY))
    _seen[settings] += 1
    if settings not in _kept and (_seen[settings] < SEEN or len(_kept) == MOST):
        return subprocess.run(
            ["ansible-playbook", *arguments],
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            timeout=timeout,
            check=False,
        )
    if settings not in _kept:
        _kept[settings] = _Kept(environment)
    return _kept[settings].run(arguments, environment, timeout)


def _number_from(lines: TextIO) -> int:
    line = lines.readline()
    if not line:
        raise OSError("The process that had imported Ansible has ended.")
    return int(line)


class _Kept:
    """A process that has imported Ansible."""

    def __init__(self, environment: Mapping[str, str]) -> None:
        self._requests, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        self._requests.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, warm_server.LONGEST)
        with theirs:
            self._process = subprocess.Popen(
                [sys.executable, warm_server.__file__],
                env=dict(environment),
                stdin=theirs,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
            )
        self._owner = os.getpid()
        atexit.register(self.close)

    def run(self, arguments: Sequence[str], environment: Mapping[str, str], timeout: float) -> CompletedProcess[str]:
        """:raises subprocess.TimeoutExpired: it took longer than ``timeout`` seconds."""
        command = [shutil.which("ansible-playbook", path=environment.get("PATH")) or "ansible-playbook", *arguments]
        request = dict(arguments=command, environment=dict(environment), folder=os.getcwd())
        told, theirs = socket.socketpair()
        reading, writing = os.pipe()
        with told, theirs, open(reading, encoding="utf-8", errors="replace") as output:
            socket.send_fds(self._requests, [json.dumps(request).encode()], [writing, theirs.fileno()])
            theirs.close()
            os.close(writing)
            return self._finished(command, told, output, timeout)

    @staticmethod
    def _finished(command: list[str], told: socket.socket, output: TextIO, timeout: float) -> CompletedProcess[str]:
        lines = told.makefile(encoding="ascii")
        process = _number_from(lines)
        ended = threading.Event()

        def kill() -> None:
            ended.set()
            os.kill(process, signal.SIGKILL)

        limit = threading.Timer(timeout, kill)
        limit.start()
        try:
            text = output.read()
            status = _number_from(lines)
        finally:
            limit.cancel()
        if ended.is_set():
            raise subprocess.TimeoutExpired(command, timeout, text)
        return CompletedProcess(command, status, text)

    def close(self) -> None:
        """End it. Runs that are under way end by themselves."""
        if os.getpid() != self._owner:
            return
        self._requests.close()
        with contextlib.suppress(subprocess.TimeoutExpired):
            self._process.wait(timeout=5)
            return
        self._process.kill()
        self._process.wait()
