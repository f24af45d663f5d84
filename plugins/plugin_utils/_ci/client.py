# Copyright (c) 2026 panelops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Ask a run's agent: over a private socket, one JSON object each way.

Ansible compiles this anew in every worker, for every host of every task: it is short, loads little, and what is needed only once
in a run stands in ``start``.
"""

from __future__ import annotations

import json
import os
import socket
import stat
import struct
import tempfile
import time
from collections import namedtuple
from collections.abc import Mapping

_LONGEST_FOLDER = 103 - 32
"""Bytes, by the smallest limit for a socket's path of the systems that Ansible runs on, and what a name in it may need."""
_LONGEST_MESSAGE = 262144
_PATIENCE = 30
"""Seconds for a place in the agent's queue."""


class AgentFailed(Exception):
    """The agent could not be asked; the text is a sentence for the user."""


class Process(namedtuple("Process", "pid began")):
    """One process: its number, and when it began, so that nobody who gets the number later is taken for it."""

    __slots__ = ()

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
        from .start import began_by_ps

        began = began_by_ps(pid)
        return Process(pid, began) if began else None
    return None if fields[0] in (b"Z", b"X") else Process(pid, fields[19].decode())


def ask(run: Process, request: Mapping, wait: float, start: bool = True) -> dict | None:
    """Send a request to the agent of a run and wait for its answer.

    :param wait: seconds that the agent may need for the answer.
    :param start: start an agent if there is none; else ``None`` is answered.
    :raises AgentFailed: there is no answer.
    """
    # Twice, because an agent can end, or be killed, between the connection and the answer.
    for _attempt in (1, 2):
        connection = connected(run)
        if connection is None:
            if not start:
                return None
            from .start import started

            connection = started(run)
        with connection:
            connection.settimeout(wait)
            try:
                send(connection, request)
                answer = receive(connection)
            except TimeoutError:
                raise AgentFailed(f"the CI token agent gave no answer within {wait:.0f} seconds.") from None
            except OSError:
                answer = None
        if answer is not None:
            return answer
    raise AgentFailed("the CI token agent ended before it answered. Can this host start processes that live on?")


def connected(run: Process) -> socket.socket | None:
    """A connection to the agent of a run; ``None`` if there is none."""
    for folder in folders():
        if is_private(folder):
            return _connected(os.path.join(folder, f"{run.pid}-{run.began}"))
    return None


def folders() -> list[str]:
    """Where the sockets can be, best first. Others can write to some of these places, so ``is_private`` decides."""
    runtime, user = os.environ.get("XDG_RUNTIME_DIR", ""), os.geteuid()
    places = [os.path.join(runtime, "panelops-cpanel")] if runtime.startswith("/") else []
    places += [os.path.join(folder, f"panelops-cpanel-{user}") for folder in (tempfile.gettempdir(), "/tmp")]  # noqa: S108
    return [place for place in places if len(os.fsencode(place)) <= _LONGEST_FOLDER]


def is_private(folder: str) -> bool:
    """Is it a folder of ours that nobody else can enter, and no link to somewhere else?"""
    try:
        state = os.lstat(folder)
    except OSError:
        return False
    return stat.S_ISDIR(state.st_mode) and state.st_uid == os.geteuid() and not state.st_mode & 0o077


def _connected(path: str) -> socket.socket | None:
    """A connection; ``None`` if nobody listens. A full queue is waited for, but not for ever."""
    deadline = time.monotonic() + _PATIENCE
    while True:
        connection = socket.socket(socket.AF_UNIX)
        try:
            connection.settimeout(_PATIENCE)
            connection.connect(path)
            if is_own_user(connection):
                return connection
            raise AgentFailed(f"another user's process listens at {path}.")
        except (FileNotFoundError, ConnectionRefusedError):
            connection.close()
            return None
        except OSError as error:
            connection.close()
            if not isinstance(error, BlockingIOError) or time.monotonic() > deadline:
                raise AgentFailed(f"the CI token agent cannot be reached at {path} ({error.strerror}).") from None
            time.sleep(0.01)


def is_own_user(connection: socket.socket) -> bool:
    """Does the process at the other end belong to us? Where the system does not tell, the folder alone has to do."""
    if not hasattr(socket, "SO_PEERCRED"):
        return True
    credentials = connection.getsockopt(socket.SOL_SOCKET, socket.SO_PEERCRED, struct.calcsize("3i"))
    return struct.unpack("3i", credentials)[1] == os.geteuid()


def send(connection: socket.socket, message: Mapping) -> None:
    """Send the one message of this side. :raises OSError: the other side is gone."""
    connection.sendall(json.dumps(message).encode("ascii"))
    connection.shutdown(socket.SHUT_WR)


def receive(connection: socket.socket) -> dict | None:
    """The other side's one message; ``None`` if it ended without one. :raises OSError: it is gone, or silent for too long."""
    received = bytearray()
    while len(received) <= _LONGEST_MESSAGE:
        piece = connection.recv(65536)
        if not piece:
            break
        received += piece
    try:
        message = json.loads(received)
    except ValueError:
        return None
    return message if isinstance(message, dict) else None
