# Copyright (c) 2026 panelops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A note beside a token_file that a secret is being issued for it: a run that dies leaves it, and the next one knows what it finds.

It is private, and holds no secret: which API token it is about, and the server's time when the issue began. While its run lives, it is
locked.
"""

from __future__ import annotations

import contextlib
import fcntl
import json
import os
import re
import stat
import tempfile
import time
from collections.abc import Callable, Iterator
from typing import BinaryIO

from .._errors import InvalidOption

STALE = 3600
"""Seconds after which a note of an issue that has created nothing is of no use: no call is on its way for so long."""

_LONGEST = 4096


class Reservation:
    """The note of this run.

    :param token: names the API token. :param now: the server's time in Unix seconds.
    :raises InvalidOption: nothing can be written beside the file.
    """

    def __init__(self, path: str, token: str, now: int) -> None:
        folder, name = os.path.split(os.path.abspath(path))
        try:
            handle, self._path = tempfile.mkstemp(prefix=_prefix(name), dir=folder)
            self._stream = os.fdopen(handle, "r+b")
            with contextlib.suppress(OSError):
                # Some file systems have no locks.
                fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
            self._stream.write(json.dumps(dict(token=token, begun=now)).encode())
            self._stream.flush()
            os.fsync(handle)
        except OSError as error:
            raise InvalidOption("token_file", f"nothing can be written beside {path} ({error.strerror}).") from None

    def end(self) -> None:
        """Remove it: the secret is stored, or there is none."""
        with contextlib.suppress(OSError):
            os.unlink(self._path)
        self.leave()

    def leave(self) -> None:
        """Leave it for the next run: a token may have been created whose secret nobody has."""
        self._stream.close()


def unfinished(path: str, token: str) -> tuple[int, ...]:
    """When issues of the API token for this file began whose runs have died: Unix seconds, by the server's clock.

    There are none while another run is issuing it.
    """
    times = []
    for _name, stream, begun in _notes(path, token):
        if _is_locked(stream):
            return ()
        times.append(begun)
    return tuple(times)


def forget(path: str, token: str, is_over: Callable[[int, float], bool]) -> None:
    """Remove notes of runs that have died.

    :param is_over: is a note no longer needed, given when its issue began (as in ``unfinished``) and its age in seconds?
    """
    for name, stream, begun in _notes(path, token):
        with contextlib.suppress(OSError):
            age = time.time() - os.fstat(stream.fileno()).st_mtime
            if not _is_locked(stream) and is_over(begun, age):
                os.unlink(name)


def _notes(path: str, token: str) -> Iterator[tuple[str, BinaryIO, int]]:
    """Our notes about the API token: the path of each, the note, opened, and when its issue began."""
    folder, name = os.path.split(os.path.abspath(path))
    form = re.compile(re.escape(_prefix(name)) + "[a-z0-9_]{8}")
    try:
        names = [each for each in os.listdir(folder) if form.fullmatch(each)]
    except OSError:
        return
    for each in sorted(names):
        note = os.path.join(folder, each)
        with contextlib.suppress(OSError, ValueError, KeyError, TypeError):
            handle = os.open(note, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK)
            with os.fdopen(handle, "rb") as stream:
                content = json.loads(stream.read(_LONGEST)) if _is_ours(os.fstat(handle)) else {}
                if content.get("token") == token:
                    yield note, stream, int(content["begun"])


def _is_ours(status: os.stat_result) -> bool:
    """Can nobody else have written it?"""
    return stat.S_ISREG(status.st_mode) and status.st_uid == os.geteuid() and stat.S_IMODE(status.st_mode) == 0o600


def _is_locked(stream: BinaryIO) -> bool:
    try:
        fcntl.flock(stream.fileno(), fcntl.LOCK_SH | fcntl.LOCK_NB)
    except BlockingIOError:
        return True
    except OSError:
        return False
    return False


def _prefix(name: str) -> str:
    return f".{name}.issue-"
