# Copyright (c) 2026 panelops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A log file that only its owner may read: whole lines, rotated and compressed, and never a reason for a call to fail."""

from __future__ import annotations

import contextlib
import fcntl
import os
import stat
import threading
from pathlib import Path

GENERATIONS = 4
"""Compressed files that are kept of each log: ``NAME.1.gz`` is the latest one."""

_CHUNK = 256 * 1024
_FLAGS = os.O_WRONLY | os.O_APPEND | os.O_CREAT | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC


class LogFile:
    """Appends lines to ``path``. With ``limit`` (bytes) it also rotates: only one process, the server, may do that.

    ``kept_open``: no other process writes to it, so it is opened once; otherwise at every line, under a lock that rotation respects.
    """

    def __init__(self, path: Path, *, limit: int | None, kept_open: bool) -> None:
        self._path = path
        self._rotated = path.with_name(f"{path.name}.rotated")
        self._limit = limit
        self._rotate_at = limit
        self._kept_open = kept_open
        self._descriptor: int | None = None
        self._size = 0
        self._compressing: threading.Thread | None = None

    def open(self) -> None:
        """Open the file, and make it if it is missing. Raises ``OSError``, for a link and for what is no regular file too."""
        if self._descriptor is not None:
            return
        descriptor = os.open(self._path, _FLAGS, 0o600)
        try:
            self._claim(descriptor)
        except BaseException:
            os.close(descriptor)
            raise
        self._descriptor = descriptor

    def _claim(self, descriptor: int) -> None:
        if not self._kept_open:
            fcntl.flock(descriptor, fcntl.LOCK_SH)
        status = os.fstat(descriptor)
        if not stat.S_ISREG(status.st_mode):
            raise OSError(f"{self._path} is not a regular file")
        if stat.S_IMODE(status.st_mode) != 0o600:
            os.fchmod(descriptor, 0o600)
        self._size = status.st_size

    def append(self, lines: bytes) -> None:
        """Write whole lines. If that is impossible (the disk is full, or the file was replaced by a link), they are lost."""
        # RuntimeError: there are too many threads for one that compresses.
        with contextlib.suppress(OSError, RuntimeError):
            if self._descriptor is None:
                self._open_current()
            self._write(lines)
            if self._rotate_at is not None and self._size >= self._rotate_at:
                self._rotate()
        if not self._kept_open:
            self._let_go()

    def _open_current(self) -> None:
        """Open the file again until it is the one that its name stands for: it may have been rotated while we waited for the lock."""
        for _attempt in range(5):
            self.open()
            if self._kept_open or self._is_current():
                return
            self._let_go()
        raise OSError(f"{self._path} is replaced all the time")

    def _is_current(self) -> bool:
        if self._descriptor is None:
            return False
        opened = os.fstat(self._descriptor)
        try:
            named = os.lstat(self._path)
        except FileNotFoundError:
            return False
        return os.path.samestat(named, opened)

    def _write(self, lines: bytes) -> None:
        descriptor = self._descriptor
        if descriptor is None:
            return
        written = os.write(descriptor, lines)
        if written < len(lines):
            # The disk is full. Half a line would spoil the next one too, unless somebody has written behind it already.
            if os.fstat(descriptor).st_size == self._size + written:
                os.ftruncate(descriptor, self._size)
            return
        self._size += written

    def _rotate(self) -> None:
        """Set the file aside and compress it in a thread: a compression takes longer than other requests can wait."""
        if self._limit is None or self._descriptor is None:
            return
        if self._compressing is not None and self._compressing.is_alive():
            return
        # What cannot be compressed now (the disk is full) is tried again after as many lines.
        self._rotate_at = self._size + self._limit
        if not os.path.lexists(self._rotated):
            if not self._kept_open:
                fcntl.flock(self._descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
            os.rename(self._path, self._rotated)
            self._let_go()
            self._rotate_at = self._limit
        self._compressing = threading.Thread(target=self._compress, name=f"compress {self._path.name}")
        self._compressing.start()

    def _compress(self) -> None:
        """Make the generation 1 of the file that was set aside; the oldest one goes."""
        with contextlib.suppress(OSError):
            temporary = self._path.with_name(f".{self._path.name}.gz")
            temporary.unlink(missing_ok=True)
            try:
                _gzip(self._rotated, temporary)
                for number in range(GENERATIONS, 1, -1):
                    with contextlib.suppress(FileNotFoundError):
                        os.replace(self._generation(number - 1), self._generation(number))
                os.replace(temporary, self._generation(1))
            except OSError:
                temporary.unlink(missing_ok=True)
                raise
            self._rotated.unlink()

    def _generation(self, number: int) -> Path:
        return self._path.with_name(f"{self._path.name}.{number}.gz")

    def _let_go(self) -> None:
        if self._descriptor is not None:
            os.close(self._descriptor)
            self._descriptor = None

    def close(self) -> None:
        """Close the file once what was rotated is compressed."""
        self._let_go()
        if self._compressing is not None:
            self._compressing.join()


def _gzip(source: Path, target: Path) -> None:
    """Compress a file into a new one that only its owner may read. Raises ``OSError``, for links too."""
    # Imported here because the command-line tools never compress anything, and start faster without it.
    import gzip

    reading = os.open(source, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)
    with os.fdopen(reading, "rb") as plain:
        writing = os.open(target, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC, 0o600)
        with os.fdopen(writing, "wb") as file, gzip.GzipFile("", "wb", fileobj=file) as compressed:
            while chunk := plain.read(_CHUNK):
                compressed.write(chunk)
