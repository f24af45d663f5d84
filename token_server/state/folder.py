# Copyright (c) 2026 panelops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The state folder: where things lie in it, and the lock that gives it to one server at a time."""

from __future__ import annotations

import fcntl
import os
import stat
from pathlib import Path

from token_server.refusals import ServerError


class StateFolder:
    """The paths of a state folder."""

    def __init__(self, path: Path) -> None:
        self.path = path.absolute()
        self.database = self.path / "token_server.sqlite3"
        self.audit = self.path / "audit.jsonl"
        self.api_tokens_log = self.path / "logs" / "api_tokens_log"
        self.accounting_log = self.path / "accounting.log"
        self.root_password = self.path / "root_password"
        self.control_secret = self.path / "control_secret"
        self.ca = self.path / "ca.pem"
        self.ca_key = self.path / "ca.key"
        self.certificate = self.path / "server.pem"
        self.certificate_names = self.path / "server.names"
        self._lock_file = self.path / "lock"
        self._lock: int | None = None

    def create(self) -> None:
        """Make the folder (0700) if it is missing. Raises ``ServerError`` if anybody else could put files into it."""
        try:
            self.path.mkdir(mode=0o700, parents=True, exist_ok=True)
            found = self.path.stat()
        except OSError as error:
            raise ServerError(f"The state folder {self.path} cannot be made: {error.strerror}.") from error
        if found.st_uid != os.geteuid():
            raise ServerError(
                f"The state folder {self.path} belongs to another user (number {found.st_uid}): give a folder of your own."
            )
        if found.st_mode & (stat.S_IWGRP | stat.S_IWOTH):
            raise ServerError(
                f"Other users can write to the state folder {self.path}: look for files that are not yours in it, then "
                f'run "chmod go-w {self.path}".'
            )
        self.check_files()

    def check_files(self) -> None:
        """Make sure that what is in the folder is the server's own. Raises ``ServerError``.

        Through a link, whatever it leads to would be read, written or replaced.
        """
        logs = (self.audit, self.accounting_log)
        kept = (self.root_password, self.control_secret, self.ca, self.ca_key, self.certificate)
        # Beside its database, SQLite keeps files of these names.
        databases = [self.path / f"{self.database.name}{end}" for end in ("", "-wal", "-shm", "-journal")]
        for path in (*logs, *kept, self.certificate_names, self._lock_file, *databases):
            try:
                mode = path.lstat().st_mode
            except FileNotFoundError:
                continue
            except OSError as error:
                raise ServerError(f"The state folder {self.path} cannot be used: {error.strerror}.") from error
            if not stat.S_ISREG(mode):
                kind = "a symbolic link" if stat.S_ISLNK(mode) else "no ordinary file"
                raise ServerError(f"{path} is {kind}, which the server does not use: remove it.")

    def lock(self) -> None:
        """Take the folder for this process until it ends. Raises ``ServerError`` if another server has it."""
        try:
            descriptor = os.open(self._lock_file, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC | os.O_NOFOLLOW, 0o600)
        except OSError as error:
            raise ServerError(f"The state folder {self.path} cannot be used: {error.strerror}.") from error
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            owner = os.read(descriptor, 20).decode("ascii", "replace").strip() or "unknown"
            os.close(descriptor)
            raise ServerError(
                f"Another token server (process {owner}) is already using the state folder {self.path}."
            ) from error
        os.ftruncate(descriptor, 0)
        os.pwrite(descriptor, str(os.getpid()).encode("ascii"), 0)
        self._lock = descriptor
