# Copyright (c) 2026 panelops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Locks of a delivery: two runs are kept apart, and nobody else can make one wait for ever."""

from __future__ import annotations

import fcntl
import os
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.support.delivering import NEW, STRANGER, deliver
from tests.support.waiting import until


@contextmanager
def locked(path: Path) -> Iterator[None]:
    handle = os.open(path, os.O_RDONLY)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX)
        yield
    finally:
        os.close(handle)


def test_who_locks_the_folder_stops_nobody(tmp_path: Path) -> None:
    path = tmp_path / "copy"
    with locked(tmp_path):
        checked = deliver(path, "check")
        told = deliver(path, "deliver", content=f"{NEW}\n", before=checked["before"])
        assert told["ok"], told
        assert deliver(path, "restore", after=told["after"], before="absent")["ok"]
    assert list(tmp_path.iterdir()) == []


@pytest.fixture
def theirs(tmp_path: Path) -> Path:
    """An empty lock file of somebody else."""
    if os.geteuid() != 0:
        pytest.skip("only root can make files of others")
    lock = tmp_path / ".copy.panelops-lock"
    lock.write_text("")
    os.chown(lock, STRANGER, STRANGER)
    return lock


def test_a_lock_file_of_somebody_else_that_nobody_holds_stops_nobody(tmp_path: Path, theirs: Path) -> None:
    told = deliver(tmp_path / "copy", "deliver", content=f"{NEW}\n", before="absent")
    assert told["ok"], told
    assert [path.name for path in tmp_path.iterdir()] == ["copy"]


def test_a_lock_that_a_run_of_another_user_holds_is_waited_for(tmp_path: Path, theirs: Path) -> None:
    """It was removed, so that both runs wrote."""
    from ansible_collections.panelops.cpanel.plugins.module_utils._errors import PanelopsError
    from ansible_collections.panelops.cpanel.plugins.module_utils._task.lock import held

    path = str(tmp_path / "copy")
    with locked(theirs):
        with pytest.raises(PanelopsError, match="Another run has been writing"), held(path, seconds=0.3):
            pytest.fail("two hold one lock")
        assert theirs.exists()
    with held(path, seconds=0.3):
        assert theirs.stat().st_uid == os.geteuid()


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can become another user")
def test_a_lock_file_of_somebody_else_that_cannot_be_opened() -> None:
    """Whether a run holds it cannot be seen, so it stays."""
    with tempfile.TemporaryDirectory() as folder:
        Path(folder).chmod(0o777)
        stays_closed(Path(folder) / ".copy.panelops-lock")


def stays_closed(theirs: Path) -> None:
    theirs.touch(0o600)
    code = f"""
import os, sys
from ansible_collections.panelops.cpanel.plugins.module_utils._task.lock import held
os.setgroups([])
os.setresgid({STRANGER}, {STRANGER}, {STRANGER})
os.setresuid({STRANGER}, {STRANGER}, {STRANGER})
os.chdir({str(theirs.parent)!r})
try:
    with held("copy", seconds=0.3):
        print("held")
except Exception as error:
    print(error)
"""
    environment = {**os.environ, "PYTHONPATH": os.environ["ANSIBLE_COLLECTIONS_PATH"]}
    done = subprocess.run([sys.executable, "-c", code], env=environment, capture_output=True, text=True, check=True)
    assert done.stdout == (
        f"The lock file {theirs} is another user's, and whether a run of theirs is writing copy cannot be seen. Run again when it has "
        "ended; if there is none, remove the lock file.\n"
    )
    assert theirs.exists()


def test_a_folder_in_the_place_of_the_lock(tmp_path: Path) -> None:
    lock = tmp_path / ".copy.panelops-lock"
    lock.mkdir()
    told = deliver(tmp_path / "copy", "deliver", content=f"{NEW}\n", before="absent")
    assert not told["ok"], told
    assert told["msg"] == f"path: {lock} is where our lock file must be, and is a folder. Remove it."


@pytest.mark.parametrize("make", [os.mkfifo, lambda path: path.symlink_to("/etc/hostname")], ids=["FIFO", "link"])
def test_what_is_no_lock_file_is_not_opened(tmp_path: Path, make: object) -> None:
    assert callable(make)
    make(tmp_path / ".copy.panelops-lock")
    told = deliver(tmp_path / "copy", "deliver", content=f"{NEW}\n", before="absent")
    assert told["ok"], told
    assert [path.name for path in tmp_path.iterdir()] == ["copy"]


def test_files_of_the_user_that_only_look_like_a_lock_stay(tmp_path: Path) -> None:
    """A file that another program locks, and one that has our very name but holds something."""
    own = tmp_path / ".copy.lock"
    own.write_text("4711\n")
    with locked(own):
        told = deliver(tmp_path / "copy", "deliver", content=f"{NEW}\n", before="absent")
    assert told["ok"], told
    assert own.read_text() == "4711\n"
    ours = tmp_path / ".copy.panelops-lock"
    ours.write_text("mine\n")
    after = told["after"]
    told = deliver(tmp_path / "copy", "deliver", content=f"{NEW}2\n", before=after)
    assert not told["ok"]
    assert f"{ours} is where our lock file must be, and holds something" in told["msg"]
    assert ours.read_text() == "mine\n"


def test_a_lock_that_is_held_is_waited_for(tmp_path: Path) -> None:
    from ansible_collections.panelops.cpanel.plugins.module_utils._task.lock import held

    done: list[dict] = []
    with held(str(tmp_path / "copy")):
        sink = dict(content=f"{NEW}\n", before="absent")
        run = threading.Thread(target=lambda: done.append(deliver(tmp_path / "copy", "deliver", **sink)))
        run.start()
        until(
            lambda: any(
                path.name.startswith(".copy.") and path.suffix != ".panelops-lock" for path in tmp_path.iterdir()
            )
        )
        assert not done
        assert not (tmp_path / "copy").exists()
    run.join(20)
    assert done
    assert done[0]["ok"], done


def test_waiting_ends_with_a_sentence(tmp_path: Path) -> None:
    from ansible_collections.panelops.cpanel.plugins.module_utils._errors import PanelopsError
    from ansible_collections.panelops.cpanel.plugins.module_utils._task.lock import held

    begun = time.monotonic()
    path = str(tmp_path / "copy")
    with held(path), pytest.raises(PanelopsError) as raised, held(path, seconds=0.3):
        pytest.fail("two hold one lock")
    assert 0.3 <= time.monotonic() - begun < 10
    assert str(raised.value) == (
        f"Another run has been writing {path} for 0.3 seconds. Run again when it has ended; "
        f"if there is none, see who holds {tmp_path}/.copy.panelops-lock."
    )
    assert list(tmp_path.iterdir()) == []
