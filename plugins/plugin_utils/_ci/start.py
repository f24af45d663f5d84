# Copyright (c) 2026 panelops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Start a run's agent: done once in a run, by the first process that needs it."""

from __future__ import annotations

import contextlib
import fcntl
import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator

from .channel import AgentFailed, connected, folders, is_private
from .names import run_label
from .processes import Process, process

_BACKLOG = 1024
_LONGEST_START = 60.0
"""Seconds that a process waits for others which start an agent."""
_PAUSE = 0.02
"""Seconds between tries to take the lock."""
_PASSED_ON = (
    *("PATH", "HOME", "LANG", "LC_ALL", "TMPDIR", "SSL_CERT_FILE", "SSL_CERT_DIR"),
    *("PYTHONPATH", "PYTHONHOME", "PYTHONNOUSERSITE", "PYTHONDONTWRITEBYTECODE"),
    *("http_proxy", "https_proxy", "all_proxy", "no_proxy", "HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "NO_PROXY"),
)
"""The part of the environment that the agent gets: no credential, and no variable by which a CI runner finds processes to kill."""


def started(run: Process) -> socket.socket:
    """A connection to an agent, which is started unless another process was faster.

    :raises AgentFailed: it cannot be started.
    """
    folder = _private_folder()
    try:
        with _locked(folder):
            connection = connected(run)
            if connection is None:
                _clear(folder)
                _start(os.path.join(folder, f"{run.pid}-{run.began}"), run)
                connection = connected(run)
    except OSError as error:
        raise AgentFailed(f"its agent cannot be started in {folder} ({error.strerror}).") from None
    if connection is None:
        raise AgentFailed(f"the CI token agent cannot be reached in {folder}.")
    return connection


def _private_folder() -> str:
    """The first folder that only this user can enter, created if it is missing.

    :raises AgentFailed: there is none.
    """
    looked_at = []
    for folder in folders():
        why = ""
        try:
            os.mkdir(folder, 0o700)
        except FileExistsError:
            pass
        except OSError as error:
            why = f" ({error.strerror})"
        if is_private(folder):
            return folder
        looked_at.append(f"{folder}{why}")
    raise AgentFailed(
        f"no folder for its agent's socket is ours alone (looked at {' and '.join(looked_at)}). "
        "Set XDG_RUNTIME_DIR or TMPDIR to a folder of your own."
    )


@contextlib.contextmanager
def _locked(folder: str) -> Iterator[None]:
    """One process at a time, of all runs of this user. The lock is held while an agent starts; the system frees it after a kill.

    :raises AgentFailed: another process holds it for ``_LONGEST_START`` seconds: it may have been stopped.
    :raises OSError: there is no lock.
    """
    lock = os.path.join(folder, "lock")
    descriptor = os.open(lock, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    deadline = time.monotonic() + _LONGEST_START
    try:
        while not _is_taken(descriptor):
            if time.monotonic() > deadline:
                raise AgentFailed(
                    f"another run has been starting its agent in {folder} for {_LONGEST_START:g} seconds. See who holds {lock}."
                )
            time.sleep(_PAUSE)
        yield
    finally:
        os.close(descriptor)


def _is_taken(descriptor: int) -> bool:
    """Take the lock without waiting; false if another process has it. :raises OSError: the file system has no locks."""
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def _clear(folder: str) -> None:
    """Remove the sockets of killed agents. An agent that is still revoking has removed its own already."""
    for name in os.listdir(folder):
        pid, _dash, began = name.partition("-")
        if pid.isdecimal() and process(int(pid)) != Process(int(pid), began):
            with contextlib.suppress(OSError):
                os.unlink(os.path.join(folder, name))


def _start(path: str, run: Process) -> None:
    """Listen, and hand the listening socket to a new process. Clients that connect meanwhile wait in its queue."""
    with contextlib.suppress(FileNotFoundError):
        os.unlink(path)  # left by an agent that was killed
    program = os.path.join(os.path.dirname(os.path.dirname(os.path.abspath(__file__))), "_standalone.py")
    label = run_label(os.environ, socket.gethostname(), int(time.time()))
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind(path)
        listener.listen(_BACKLOG)
        try:
            subprocess.Popen(
                [sys.executable, program, "_ci.agent", path, str(run.pid), run.began, label],
                stdin=listener.fileno(),
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
                cwd="/",
                env={name: os.environ[name] for name in _PASSED_ON if name in os.environ},
                start_new_session=True,
            )
        except OSError as error:
            os.unlink(path)
            raise AgentFailed(f"the CI token agent could not be started ({error.strerror}).") from None
