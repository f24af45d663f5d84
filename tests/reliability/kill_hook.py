# Copyright (c) 2026 panelops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Kills a play at one of its calls to the server or to a store, on whichever of its hosts that is made.

``KILL_COUNTER`` names a file that counts the calls of all processes of a play, ``KILL_CALL`` says at which to kill (0: never) and
``KILL_WHEN`` whether before it is sent or after it was answered, ``KILL_PLAY`` is the number of the process of ansible-playbook.
"""

from __future__ import annotations

import os
import signal

from urllib3.connectionpool import HTTPConnectionPool


def install() -> None:
    """Count the calls of this process from now on, and those of its children."""
    # What all libraries end in: requests, and those of the stores.
    plain = HTTPConnectionPool.urlopen

    def urlopen(pool: HTTPConnectionPool, *arguments: object, **options: object) -> object:
        due = _number() == int(os.environ["KILL_CALL"])
        if due and os.environ["KILL_WHEN"] == "before":
            _kill()
        answer = plain(pool, *arguments, **options)
        if due:
            _kill()
        return answer

    HTTPConnectionPool.urlopen = urlopen


def _number() -> int:
    counter = os.open(os.environ["KILL_COUNTER"], os.O_WRONLY | os.O_APPEND | os.O_CREAT)
    try:
        os.write(counter, b"x")
        return os.fstat(counter).st_size
    finally:
        os.close(counter)


def _kill() -> None:
    os.kill(int(os.environ["KILL_PLAY"]), signal.SIGKILL)
    os.kill(os.getpid(), signal.SIGKILL)
