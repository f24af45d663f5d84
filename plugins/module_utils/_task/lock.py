# Copyright (c) 2026 panelops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Keeps other runs on this host, or on the same network folder, away from a file while it is compared and replaced.

The lock is a file of our own beside it that nobody else can open. The folder itself can be locked by whoever may read it, for ever.
No other program's file is called so, and ours is always empty: one that holds something is left alone.
"""

from __future__ import annotations

import contextlib
import errno
import fcntl
import os
import resource
import stat
import time
from collections.abc import Collection, Iterator
from contextlib import ExitStack, contextmanager

from .._errors import InvalidOption, PanelopsError
from .regular_file import folder_and_name, is_at, real_place

WAIT = 60.0
"""Seconds after which waiting for another run ends."""

_PAUSE = 0.05
_HANDLES = 3
"""Files that stay open for each secret that is being stored: its lock, its place and the note beside it."""
_BUSY = (errno.EAGAIN, errno.EACCES)
_READ = os.O_RDONLY | os.O_NONBLOCK | os.O_NOFOLLOW | os.O_CLOEXEC
_FLAGS = os.O_RDWR | os.O_NONBLOCK | os.O_NOFOLLOW | os.O_CLOEXEC


class NoLocks(InvalidOption):
    """The file system has no locks."""


@contextmanager
def held(path: str, seconds: float = WAIT) -> Iterator[None]:
    """Hold the lock of a file.

    :param seconds: how long to wait for it.
    :raises PanelopsError: another run holds it for longer. :raises NoLocks: the file system has no locks.
    :raises OSError: there is no such folder, or no file can be made in it.
    """
    with _held(path, seconds, "path", time.monotonic() + seconds):
        yield


@contextmanager
def held_together(paths: Collection[str], option: str, seconds: float = WAIT) -> Iterator[set[str]]:
    """Hold the locks of several files; the value is those for which another run had to be waited for.

    All runs take locks in the same order, so no two wait for each other. Where a file system has no locks, there is none to hold.

    :param option: what messages call the paths.
    :param seconds: how long to wait for all of them together.
    :raises PanelopsError: another run holds one for longer. :raises InvalidOption: no file can be made beside one.
    """
    _allow_open_files(_HANDLES * len(paths))
    deadline = time.monotonic() + seconds
    waited = set()
    with ExitStack() as stack:
        for path in sorted(paths, key=real_place):
            try:
                if stack.enter_context(_held(path, seconds, option, deadline)):
                    waited.add(path)
            except NoLocks:
                continue
            except OSError as error:
                raise InvalidOption(option, f"nothing can be written beside {path} ({error.strerror}).") from None
        yield waited


@contextmanager
def _held(path: str, seconds: float, option: str, deadline: float) -> Iterator[bool]:
    """The same; the value says whether another run had to be waited for.

    :param seconds: how long the waiting may take in all. :param deadline: when it ends, by the monotonic clock.
    :param option: what messages call the path.
    """
    folder, name = folder_and_name(path)
    lock = os.path.join(folder, f".{name}.panelops-lock")
    handle, waited = _acquired(path, lock, seconds, option, deadline)
    try:
        yield waited
    finally:
        # Whoever waits for it sees that the file has gone, and makes another one.
        if is_at(os.fstat(handle), lock):
            with contextlib.suppress(OSError):
                os.unlink(lock)
        os.close(handle)


def _allow_open_files(more: int) -> None:
    """Let this process open more files than it might when it began, as far as its user may."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if soft != resource.RLIM_INFINITY:
        wanted = soft + more
        with contextlib.suppress(OSError, ValueError):
            limit = wanted if hard == resource.RLIM_INFINITY else min(wanted, hard)
            resource.setrlimit(resource.RLIMIT_NOFILE, (limit, hard))


def _acquired(path: str, lock: str, seconds: float, option: str, deadline: float) -> tuple[int, bool]:
    waited = False
    while True:
        handle = _opened(lock, option)
        if handle is not None and _locks(handle, lock, option) and is_at(os.fstat(handle), lock):
            return handle, waited
        try:
            if time.monotonic() >= deadline:
                raise PanelopsError(_still_held(path, lock, seconds))
            waited = True
            time.sleep(_PAUSE)
        finally:
            if handle is not None:
                os.close(handle)


def _still_held(path: str, lock: str, seconds: float) -> str:
    with contextlib.suppress(OSError):
        if not _is_ours(os.lstat(lock)) and not os.access(lock, os.R_OK):
            return (
                f"The lock file {lock} is another user's, and whether a run of theirs is writing {path} cannot be seen. Run again when it "
                "has ended; if there is none, remove the lock file."
            )
    return (
        f"Another run has been writing {path} for {seconds:g} seconds. Run again when it has ended; "
        f"if there is none, see who holds {lock}."
    )


def _opened(lock: str, option: str) -> int | None:
    """Open the lock file, or make it; ``None`` if another run has it. What somebody else has put there is removed."""
    try:
        status = os.lstat(lock)
    except FileNotFoundError:
        with contextlib.suppress(FileExistsError):
            return os.open(lock, _FLAGS | os.O_CREAT | os.O_EXCL, 0o600)
        return None
    with contextlib.suppress(FileNotFoundError):
        if stat.S_ISDIR(status.st_mode):
            raise InvalidOption(option, f"{lock} is where our lock file must be, and is a folder.", "Remove it.")
        if status.st_size and stat.S_ISREG(status.st_mode):
            raise InvalidOption(
                option, f"{lock} is where our lock file must be, and holds something.", "Move it, or give another path."
            )
        if not stat.S_ISREG(status.st_mode):
            # Nobody's run can hold that.
            _remove(lock, option)
            return None
        if not _is_ours(status):
            _remove_idle(lock, option)
            return None
        handle = os.open(lock, _FLAGS)
        if _is_ours(os.fstat(handle)):
            return handle
        os.close(handle)
    return None


def _remove_idle(lock: str, option: str) -> None:
    """Remove another user's lock file, unless a run of theirs may hold it."""
    try:
        handle = os.open(lock, _READ)
    except FileNotFoundError:
        raise
    except OSError:
        return
    try:
        if _locks(handle, lock, option, theirs=True) and is_at(os.fstat(handle), lock):
            _remove(lock, option)
    finally:
        os.close(handle)


def _is_ours(status: os.stat_result) -> bool:
    return stat.S_ISREG(status.st_mode) and status.st_uid == os.geteuid()


def _remove(lock: str, option: str) -> None:
    try:
        os.unlink(lock)
    except FileNotFoundError:
        raise
    except OSError as error:
        raise InvalidOption(
            option, f"the lock file {lock} is somebody else's and cannot be removed ({error.strerror}).", "Remove it."
        ) from None


def _locks(handle: int, lock: str, option: str, theirs: bool = False) -> bool:
    """Take the lock without waiting; false if another run has it.

    :param theirs: is the lock file another user's?
    :raises NoLocks: the file system has no locks, so that two runs could both write.
    """
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError as error:
        if error.errno in _BUSY:
            return False
        if theirs:
            return True
        os.close(handle)
        os.unlink(lock)
        raise NoLocks(
            option,
            f"the folder {os.path.dirname(lock)} cannot be locked ({error.strerror}).",
            "Use one on a local file system.",
        ) from None
    return True
