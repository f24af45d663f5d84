# Copyright (c) 2026 panelops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The agent of one run: a process that holds its CI tokens and revokes them when the run's main process ends, however it ends.

It is started by ``start`` with the listening socket as its standard input, in a session of its own, so that neither Ctrl-C
nor a kill of the run's processes reaches it. Credentials and secrets come over the socket and stay in its memory.
"""

from __future__ import annotations

import contextlib
import os
import selectors
import signal
import socket
import threading
import time
from collections.abc import Mapping
from typing import Any

from ansible_collections.panelops.cpanel.plugins.module_utils._task.outcome import Result, outcome

from .channel import is_own_user, receive, send
from .order import order_from
from .processes import Process
from .tokens import CiTokens

_PAUSES = (0.25, 0.5, 1, 2, 4, 8, 15, 30, 60, 60)
"""Seconds between the tries to revoke at the end."""
_POLL = 0.5
"""Seconds between checks of the main process, where the system cannot report its end."""
_SILENCE = 10
"""Seconds after which the agent gives up on a client that sends nothing."""


class Agent:
    """Answers requests until the end of the run."""

    def __init__(self, listener: socket.socket, path: str, run: Process, label: str) -> None:
        self._listener = listener
        self._path = path
        self._place = _place(path)
        self._run = run
        self._tokens = CiTokens(label)
        self._wake, self._woken = socket.socketpair()
        self._wake.setblocking(False)

    def serve(self) -> None:
        """Answer until the main process ends or a client says so; then revoke all tokens."""
        signal.set_wakeup_fd(self._wake.fileno(), warn_on_full_buffer=False)
        for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
            signal.signal(number, lambda _number, _frame: None)
        selector = selectors.DefaultSelector()
        selector.register(self._listener, selectors.EVENT_READ)
        selector.register(self._woken, selectors.EVENT_READ)
        watch = _watch(self._run)
        if watch is not None:
            selector.register(watch, selectors.EVENT_READ)
        # Checked again, because it may have ended before the watch began.
        while self._run.is_alive():
            ready = {key.fileobj for key, _events in selector.select(None if watch is not None else _POLL)}
            if ready - {self._listener}:
                break
            if self._listener in ready:
                with contextlib.suppress(OSError):
                    connection, _address = self._listener.accept()
                    threading.Thread(target=self._answer, args=(connection,), daemon=True).start()
        self._close()
        for pause in (*_PAUSES, None):
            self._tokens.end()
            if pause is None or self._tokens.is_done():
                return
            time.sleep(pause)

    def _answer(self, connection: socket.socket) -> None:
        with contextlib.closing(connection), contextlib.suppress(OSError):
            connection.settimeout(_SILENCE)
            request = receive(connection) if is_own_user(connection) else None
            if request is not None:
                send(connection, outcome(self._result, request, False, {}))
                if request.get("ask") == "end":
                    self._wake.send(b"\0")

    def _result(self, request: Mapping[str, Any], _check_mode: bool, _environ: Mapping[str, str]) -> Result:
        if request.get("ask") == "end":
            self._tokens.end()
            return dict(tokens=self._tokens.report())
        return dict(token=self._tokens.secret(order_from(request)))

    def _close(self) -> None:
        """Accept no more clients. The path may belong to another agent of this run by now, and then stays."""
        if _place(self._path) == self._place:
            with contextlib.suppress(OSError):
                os.unlink(self._path)
        self._listener.close()


def _place(path: str) -> tuple[int, int] | None:
    try:
        state = os.stat(path)
    except OSError:
        return None
    return state.st_dev, state.st_ino


def _watch(run: Process) -> int | None:
    """A descriptor that becomes readable when the process ends; ``None`` where the system has none."""
    try:
        return os.pidfd_open(run.pid)
    except (AttributeError, OSError):
        return None


def _keep_memory_private() -> None:
    """Prevent core dumps, and other processes of the user from reading our memory, where the system can."""
    import ctypes
    import resource

    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    with contextlib.suppress(AttributeError, OSError):
        ctypes.CDLL(None).prctl(4, 0, 0, 0, 0)  # PR_SET_DUMPABLE


def main(arguments: list[str]) -> int:
    """Run as an agent: ``PATH PID BEGAN LABEL``, the socket that listens at PATH on standard input."""
    path, pid, began, label = arguments
    _keep_memory_private()
    os.umask(0o077)
    listener = socket.socket(fileno=os.dup(0))
    # So that nothing reads the socket as standard input.
    os.dup2(os.open(os.devnull, os.O_RDWR), 0)
    Agent(listener, path, Process(int(pid), began), label).serve()
    return 0
