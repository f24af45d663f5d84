# Copyright (c) 2026 panelops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Keeps other runs on this host, or on the same network folder, away from one file while it is compared and replaced.

The lock is a file of our own beside it that nobody else can open. The folder itself can be locked by whoever may read it, for ever.
No other program's file is called so, and ours is always empty: one that holds something is left alone.
"""

from __future__ import annotations

import contextlib
import errno
import fcntl
import os
import stat
import time
from collections.abc import Iterator
from contextlib import contextmanager

from .._errors import InvalidOption, PanelopsError

WAIT = 60.0
"""Seconds after which waiting for another run ends."""

_PAUSE = 0.05
_BUSY = (errno.EAGAIN, errno.EACCES)
_FLAGS = os.O_RDWR | os.O_NONBLOCK | os.O_NOFOLLOW | os.O_CLOEXEC


@contextmanager
def held(path: str, seconds: float = WAIT) -> Iterator[None]:
    """Hold the lock of a file.

    :param seconds: how long to wait for it.
    :raises PanelopsError: another run holds it for longer. :raises InvalidOption: the file system has no locks.
    :raises OSError: there is no such folder, or no file can be made in it.
    """
    folder, name = os.path.split(os.path.abspath(path))
    lock = os.path.join(folder, f".{name}.panelops-lock")
    handle = _acquired(path, lock, seconds)
    try:
        yield
    finally:
        # Whoever waits for it sees that the file has gone, and makes another one.
        if _is_at(handle, lock):
            with contextlib.suppress(OSError):
                os.unlink(lock)
        os.close(handle)


def _acquired(path: str, lock: str, seconds: float) -> int:
    deadline = time.monotonic() + seconds
    while True:
        handle = _opened(lock)
        if handle is not None:
            if _locks(handle, lock) and _is_at(handle, lock):
                return handle
            os.close(handle)
        if time.monotonic() >= deadline:
            raise PanelopsError(
                f"Another run has been writing {path} for {seconds:g} seconds. Run again when it has ended; "
                f"if there is none, see who holds {lock}."
            )
        time.sleep(_PAUSE)


def _opened(lock: str) -> int | None:
    """Open the lock file, or make it; ``None`` if another run was faster. What somebody else has put there is removed."""
    try:
        status = os.lstat(lock)
    except FileNotFoundError:
        with contextlib.suppress(FileExistsError):
            return os.open(lock, _FLAGS | os.O_CREAT | os.O_EXCL, 0o600)
        return None
    with contextlib.suppress(FileNotFoundError):
        if status.st_size and stat.S_ISREG(status.st_mode):
            raise InvalidOption(
                "path", f"{lock} is where our lock file must be, and holds something.", "Move it, or give another path."
            )
        if not _is_ours(status):
            _remove(lock)
            return None
        handle = os.open(lock, _FLAGS)
        if _is_ours(os.fstat(handle)):
            return handle
        os.close(handle)
    return None


def _is_ours(status: os.stat_result) -> bool:
    return stat.S_ISREG(status.st_mode) and status.st_uid == os.geteuid()


def _remove(lock: str) -> None:
    try:
        os.unlink(lock)
    except FileNotFoundError:
        raise
    except OSError as error:
        raise InvalidOption(
            "path", f"the lock file {lock} is somebody else's and cannot be removed ({error.strerror}).", "Remove it."
        ) from None


def _locks(handle: int, lock: str) -> bool:
    """Take the lock without waiting; false if another run has it.

    :raises InvalidOption: the file system has no locks, so that two runs could both deliver.
    """
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError as error:
        if error.errno in _BUSY:
            return False
        os.close(handle)
        os.unlink(lock)
        raise InvalidOption(
            "path",
            f"the folder {os.path.dirname(lock)} cannot be locked ({error.strerror}).",
            "Use one on a local file system.",
        ) from None
    return True


def _is_at(handle: int, lock: str) -> bool:
    """Is the open file still the one of that name?"""
    try:
        return os.path.samestat(os.fstat(handle), os.lstat(lock))
    except FileNotFoundError:
        return False
