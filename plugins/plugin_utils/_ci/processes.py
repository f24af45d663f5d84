# Copyright (c) 2026 panelops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""One process, so that it can be told from a later one with the same number."""

from __future__ import annotations

import os
from typing import NamedTuple


class Process(NamedTuple):
    """One process: its number, and when it began, so that nobody who gets the number later is taken for it."""

    pid: int
    began: str

    def is_alive(self) -> bool:
        """Is it still there? One that has ended and was not waited for is not."""
        return process(self.pid) == self


def process(pid: int) -> Process | None:
    """The process of this number, ``None`` if it has ended."""
    try:
        with open(f"/proc/{pid}/stat", "rb") as stream:
            # The second field is the program's name in brackets, which can hold anything.
            fields = stream.read().rpartition(b")")[2].split()
    except (FileNotFoundError, ProcessLookupError):
        if os.path.exists("/proc/self/stat"):
            return None
        began = _began_by_ps(pid)
        return Process(pid, began) if began else None
    return None if fields[0] in (b"Z", b"X") else Process(pid, fields[19].decode())


def this_process() -> Process:
    """The process that calls this.

    :raises RuntimeError: the system does not know it; that it runs proves otherwise.
    """
    found = process(os.getpid())
    if found is None:
        raise RuntimeError("the system does not know this process")
    return found


def _began_by_ps(pid: int) -> str:
    """When a process began, where there is no /proc, as on macOS; empty if it has ended."""
    import subprocess  # Not above: it costs every worker, for every host of every task, what Linux never needs.

    done = subprocess.run(
        ["ps", "-o", "stat=,lstart=", "-p", str(pid)],
        env={"PATH": "/bin:/usr/bin", "LC_ALL": "C"},
        capture_output=True,
        text=True,
        check=False,
    )
    state, _space, began = done.stdout.strip().partition(" ")
    return "" if state.startswith("Z") else "".join(letter for letter in began if letter.isalnum())
