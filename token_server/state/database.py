# Copyright (c) 2026 panelops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The SQLite file: its schema, its pragmas, its transactions."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from token_server.refusals import ServerError

SCHEMA_VERSION = 1

LOCK_TIMEOUT = 10.0
"""Seconds to wait for another process (a command-line tool) to finish its transaction."""

_SCHEMA = """
CREATE TABLE settings (
    name TEXT PRIMARY KEY,
    value TEXT NOT NULL
) WITHOUT ROWID;
CREATE TABLE accounts (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    username TEXT NOT NULL UNIQUE,
    kind TEXT NOT NULL CHECK (kind IN ('root', 'reseller', 'account')),
    owner_id INTEGER REFERENCES accounts (id),
    domain TEXT NOT NULL,
    password_hash TEXT,
    suspended INTEGER NOT NULL DEFAULT 0,
    acls TEXT NOT NULL DEFAULT '[]',
    features TEXT NOT NULL DEFAULT '[]',
    create_time INTEGER NOT NULL
);
CREATE INDEX accounts_by_owner ON accounts (owner_id);
CREATE TABLE tokens (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    account_id INTEGER NOT NULL REFERENCES accounts (id) ON DELETE CASCADE,
    service TEXT NOT NULL CHECK (service IN ('whm', 'cpanel')),
    name TEXT NOT NULL,
    digest BLOB NOT NULL UNIQUE,
    create_time INTEGER NOT NULL,
    expires_at INTEGER,
    acls TEXT NOT NULL DEFAULT '[]',
    addresses TEXT,
    readonly INTEGER NOT NULL DEFAULT 0,
    last_used INTEGER,
    UNIQUE (account_id, service, name)
);
"""


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
        """Create the schema in an empty file, or check the version of the schema that is there."""
        with self.transaction():
            version = self.connection.execute("PRAGMA user_version").fetchone()[0]
            if version == 0:
                for statement in _SCHEMA.split(";"):
                    self.connection.execute(statement)
                self.connection.execute(f"PRAGMA user_version = {SCHEMA_VERSION}")
            elif version != SCHEMA_VERSION:
                raise ServerError(
                    f"The database {path} has schema version {version}, and this server knows version "
                    f"{SCHEMA_VERSION}: use another state folder."
                )

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

    def close(self) -> None:
        """Close the connection; SQLite then tidies the write-ahead log away."""
        self.connection.close()
