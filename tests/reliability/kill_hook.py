# Copyright (c) 2026 panelops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Kills a play at one of its calls to the server, on whichever of its hosts that is made.

``KILL_COUNTER`` names a file that counts the calls of all processes of a play, ``KILL_CALL`` says at which to kill (0: never) and
``KILL_WHEN`` whether before it is sent or after it was answered, ``KILL_PLAY`` is the number of the process of ansible-playbook.
"""

from __future__ import annotations

import os
import signal

import requests


def install() -> None:
    """Count the calls of this process from now on, and those of its children."""
    plain = requests.Session.send

    def send(session: requests.Session, request: requests.PreparedRequest, **options: object) -> requests.Response:
        due = _number() == int(os.environ["KILL_CALL"])
        if due and os.environ["KILL_WHEN"] == "before":
            _kill()
        answer = plain(session, request, **options)
        if due:
            _kill()
        return answer

    requests.Session.send = send


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
