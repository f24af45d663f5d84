# Copyright (c) 2026 panelops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The SQLite file: its version, its pragmas, its transactions."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from token_server.refusals import ServerError
from token_server.state import schema

LOCK_TIMEOUT = 10.0
"""Seconds to wait for another process (a command-line tool) to finish its transaction."""


class Database:
    """One connection to the database of a state folder. Raises ``ServerError`` if it is not ours to use."""

    def __init__(self, path: Path) -> None:
        try:
            # Autocommit: every transaction in this package is begun and ended explicitly.
            self.connection = sqlite3.connect(path, isolation_level=None, timeout=LOCK_TIMEOUT, cached_statements=256)
            self.connection.row_factory = sqlite3.Row
            # WAL with NORMAL survives SIGKILL without one fsync per commit.
            self.connection.execute("PRAGMA journal_mode = WAL")
            self.connection.execute("PRAGMA synchronous = NORMAL")
            self.connection.execute("PRAGMA foreign_keys = ON")
            self._prepare(path)
            # One cursor of its own, because this is asked at every request.
            self._version_cursor = self.connection.cursor()
            self._data_version = self._read_data_version()
        except sqlite3.DatabaseError as error:
            raise ServerError(f"The database {path} cannot be used: {error}.") from error

    def _prepare(self, path: Path) -> None:
        """Bring the file to the present version of the schema: an empty one, or that of an older server."""
        with self.transaction():
            version = self.connection.execute("PRAGMA user_version").fetchone()[0]
            if version > schema.VERSION:
                raise ServerError(
                    f"The database {path} has schema version {version}, and this server knows version "
                    f"{schema.VERSION} at most: use another state folder."
                )
            for step in schema.STEPS[version:]:
                # Not ``executescript``, which would commit before it begins.
                for statement in step.split(";"):
                    self.connection.execute(statement)
            if version != schema.VERSION:
                self.connection.execute(f"PRAGMA user_version = {schema.VERSION}")

    @contextmanager
    def transaction(self, *, commit: bool = True) -> Iterator[None]:
        """Run a block as one transaction that holds the write lock from its beginning; without ``commit`` it is undone at the end."""
        self.connection.execute("BEGIN IMMEDIATE")
        try:
            yield
        except BaseException:
            self.connection.execute("ROLLBACK")
            raise
        self.connection.execute("COMMIT" if commit else "ROLLBACK")

    def _read_data_version(self) -> int:
        version: int = self._version_cursor.execute("PRAGMA data_version").fetchone()[0]
        return version

    def changed_elsewhere(self) -> bool:
        """Tell whether another connection has committed since the last time this was asked."""
        version = self._read_data_version()
        if version == self._data_version:
            return False
        self._data_version = version
        return True

    def setting(self, name: str) -> str | None:
        """Return a stored setting, or None."""
        row = self.connection.execute("SELECT value FROM settings WHERE name = ?", (name,)).fetchone()
        return None if row is None else row[0]

    def set_setting(self, name: str, value: str) -> None:
        """Store a setting."""
        self.connection.execute("INSERT OR REPLACE INTO settings (name, value) VALUES (?, ?)", (name, value))

    def remove_setting(self, name: str) -> None:
        """Forget a setting."""
        self.connection.execute("DELETE FROM settings WHERE name = ?", (name,))

    def close(self) -> None:
        """Close the connection; SQLite then tidies the write-ahead log away."""
        self.connection.close()
