# Copyright (c) 2026 panelops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The agent cannot be started: the failure is a sentence, and nothing waits for ever."""

from __future__ import annotations

import errno
import fcntl
import os
import socket
from pathlib import Path

import pytest
from ansible_collections.panelops.cpanel.plugins.plugin_utils._ci import start
from ansible_collections.panelops.cpanel.plugins.plugin_utils._ci.channel import AgentFailed
from ansible_collections.panelops.cpanel.plugins.plugin_utils._ci.processes import this_process


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The folder of the sockets."""
    made = tmp_path / "sockets"
    made.mkdir(mode=0o700)
    monkeypatch.setattr(start, "folders", lambda: [str(made)])
    monkeypatch.setattr(start, "connected", lambda _run: None)
    return made


def test_another_run_holds_the_lock_for_ever(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """It may have been stopped, by Ctrl-Z."""
    monkeypatch.setattr(start, "_LONGEST_START", 0.2, raising=False)
    lock = os.open(folder / "lock", os.O_RDWR | os.O_CREAT, 0o600)
    try:
        fcntl.flock(lock, fcntl.LOCK_EX)
        with pytest.raises(AgentFailed, match=f"another run has been starting its agent in {folder} for 0.2 seconds"):
            start.started(this_process())
    finally:
        os.close(lock)


def test_no_lock_can_be_made(folder: Path) -> None:
    (folder / "lock").mkdir()
    with pytest.raises(AgentFailed, match=f"its agent cannot be started in {folder} \\(Is a directory\\)"):
        start.started(this_process())


def test_no_socket_can_be_made(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(_socket: socket.socket, _path: str) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(start.socket, "socket", type("Socket", (socket.socket,), {"bind": full}))
    with pytest.raises(AgentFailed, match=f"its agent cannot be started in {folder} \\(No space left on device\\)"):
        start.started(this_process())


def test_no_folder_can_be_made(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "file").touch()
    monkeypatch.setattr(start, "folders", lambda: [str(tmp_path / "file" / "sockets")])
    with pytest.raises(AgentFailed, match=r"sockets \(Not a directory\)"):
        start.started(this_process())
