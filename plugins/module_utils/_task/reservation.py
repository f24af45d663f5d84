# Copyright (c) 2026 panelops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A note beside a token_file that a secret is being issued for it: a run that dies leaves it, and the next one knows what it finds.

It is private, and holds no secret: which API token it is about, what the issue asks for, and the server's times when its create was sent.
While its run lives, it is locked.
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
from dataclasses import asdict, replace
from typing import Any, BinaryIO

from .._errors import InvalidOption
from .._model.stored import Issue
from .regular_file import folder_and_name

STALE = 3600
"""Seconds after which a note of an issue that has created nothing is of no use: no call is on its way for so long."""

ROOM = 1024
"""Bytes that a note has at least, so that writing it again needs no more room on the disk."""
_LONGEST = 1 << 16


class Reservation:
    """The note of this run.

    :param token: names the API token, its owner and its server. :param issue: what is known of the issue.
    :raises InvalidOption: nothing can be written beside the file.
    """

    def __init__(self, path: str, token: str, issue: Issue) -> None:
        self._token, self._issue = token, issue
        folder, name = folder_and_name(path)
        try:
            handle, self._path = tempfile.mkstemp(prefix=_prefix(name), dir=folder)
            self._stream = os.fdopen(handle, "r+b")
            with contextlib.suppress(OSError):
                # Some file systems have no locks.
                fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
            try:
                self._write()
            except OSError:
                self.end()
                raise
        except OSError as error:
            raise InvalidOption("token_file", f"nothing can be written beside {path} ({error.strerror}).") from None

    def sending(self, now: int) -> None:
        """Note that a create is about to be sent. A note without that proves nothing, so one that cannot be written is no failure.

        :param now: the server's time in Unix seconds.
        """
        self._issue = replace(self._issue, sent=(*self._issue.sent, now))
        with contextlib.suppress(OSError):
            self._write()
            os.fsync(self._stream.fileno())

    def _write(self) -> None:
        text = json.dumps(dict(asdict(self._issue), token=self._token))
        self._stream.seek(0)
        # White space to the end, so that at no moment there is less of it than before.
        self._stream.write(text.encode().ljust(ROOM))
        self._stream.flush()

    def end(self) -> None:
        """Remove it: the secret is stored, or there is none."""
        with contextlib.suppress(OSError):
            os.unlink(self._path)
        self.leave()

    def leave(self) -> None:
        """Leave it for the next run: a token may have been created whose secret nobody has."""
        self._stream.close()


def unfinished(path: str, token: str) -> tuple[Issue, ...]:
    """The issues of the API token for this file whose runs have died. There are none while another run is issuing it."""
    issues = []
    for stream, issue in _notes(path, token):
        if _is_locked(stream):
            return ()
        issues.append(issue)
    return tuple(issues)


def forget(path: str, token: str, is_over: Callable[[Issue, float], bool]) -> None:
    """Remove notes of runs that have died, and those that their runs never wrote.

    :param is_over: is a note no longer needed, given its issue and its age in seconds?
    """
    for name, stream, text in _ours_beside(path):
        with contextlib.suppress(OSError):
            age = time.time() - os.fstat(stream.fileno()).st_mtime
            issue = _issue_in(text, token)
            over = not text and age > STALE if issue is None else is_over(issue, age)
            if over and not _is_locked(stream):
                os.unlink(name)


def _notes(path: str, token: str) -> Iterator[tuple[BinaryIO, Issue]]:
    """Our notes about the API token: each one, opened, and what it says."""
    for _name, stream, text in _ours_beside(path):
        issue = _issue_in(text, token)
        if issue is not None:
            yield stream, issue


def _ours_beside(path: str) -> Iterator[tuple[str, BinaryIO, bytes]]:
    """The files beside the path that can be notes of ours: the path of each, the file, opened, and its content."""
    folder, name = folder_and_name(path)
    form = re.compile(re.escape(_prefix(name)) + "[a-z0-9_]{8}")
    try:
        names = [each for each in os.listdir(folder) if form.fullmatch(each)]
    except OSError:
        return
    for each in sorted(names):
        note = os.path.join(folder, each)
        with contextlib.suppress(OSError):
            handle = os.open(note, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)
            with os.fdopen(handle, "rb") as stream:
                if _is_ours(os.fstat(handle)):
                    yield note, stream, stream.read(_LONGEST)


def _issue_in(text: bytes, token: str) -> Issue | None:
    """What a note about this API token says; ``None`` if it is none."""
    try:
        content: Any = json.loads(text)
        if content.pop("token") != token:
            return None
        issue = Issue(**content)
        sent, created, names = issue.sent, issue.old_create_time, (issue.interim, issue.waiting)
        plain = all(isinstance(time, int) for time in sent) and isinstance(issue.limits, dict)
        plain = (
            plain and isinstance(created, (int, type(None))) and all(isinstance(n, (str, type(None))) for n in names)
        )
        return replace(issue, sent=tuple(sent)) if plain else None
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
        return None


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
