# Copyright (c) 2026 panelops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The private socket between the processes of a run and its agent: one JSON object each way."""

from __future__ import annotations

import json
import os
import socket
import stat
import struct
import tempfile
import time
from collections.abc import Mapping
from typing import TypedDict

from .processes import Process

Message = dict[str, object]
"""What is sent: a JSON object."""

_LONGEST_FOLDER = 103 - 32
"""Bytes: the shortest limit for the path of a socket on the systems that Ansible runs on, less the longest name in the folder."""
_LONGEST_MESSAGE = 262144
_PATIENCE = 30
"""Seconds for a place in the agent's queue."""


class CiTokenReport(TypedDict):
    """One CI token of the run: whether it is revoked, and if not, why (``problem``). ``expires_at`` is in Unix seconds."""

    name: str
    service: str
    owner: str
    server: str
    expires_at: int | None
    revoked: bool
    problem: str


class AgentFailed(Exception):
    """The agent gave no answer, or no token; the text is a sentence for the user."""


def connected(run: Process) -> socket.socket | None:
    """A connection to the agent of a run; ``None`` if there is none."""
    for folder in folders():
        if is_private(folder):
            return _connected(os.path.join(folder, f"{run.pid}-{run.began}"))
    return None


def folders() -> list[str]:
    """The folders for sockets, the best first. Other users can write to some of their parents, so check with ``is_private``."""
    runtime, user = os.environ.get("XDG_RUNTIME_DIR", ""), os.geteuid()
    places = [os.path.join(runtime, "panelops-cpanel")] if runtime.startswith("/") else []
    places += [os.path.join(folder, f"panelops-cpanel-{user}") for folder in (tempfile.gettempdir(), "/tmp")]  # noqa: S108 - checked by is_private
    return [place for place in places if len(os.fsencode(place)) <= _LONGEST_FOLDER]


def is_private(folder: str) -> bool:
    """Is it a folder that only this user can enter, and not a link?"""
    try:
        state = os.lstat(folder)
    except OSError:
        return False
    return stat.S_ISDIR(state.st_mode) and state.st_uid == os.geteuid() and not state.st_mode & 0o077


def _connected(path: str) -> socket.socket | None:
    """A connection; ``None`` if nobody listens. Waits for a place in a full queue, up to ``_PATIENCE``."""
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
    """Does the process at the other end belong to this user? Where the system cannot say, the private folder has to do."""
    if not hasattr(socket, "SO_PEERCRED"):
        return True
    credentials = connection.getsockopt(socket.SOL_SOCKET, socket.SO_PEERCRED, struct.calcsize("3i"))
    return bool(struct.unpack("3i", credentials)[1] == os.geteuid())


def send(connection: socket.socket, message: Mapping[str, object]) -> None:
    """Send the one message of this side. :raises OSError: the other side is gone."""
    connection.sendall(json.dumps(message).encode("ascii"))
    connection.shutdown(socket.SHUT_WR)


def receive(connection: socket.socket) -> Message | None:
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
