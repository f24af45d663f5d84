# Copyright (c) 2026 panelops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A state folder of an older server: its database is brought to the present schema, with everything in it."""

from __future__ import annotations

import sqlite3
from pathlib import Path

import pytest

from tests.support.server import Server
from token_server.refusals import ServerError
from token_server.state import schema
from token_server.state.database import Database
from token_server.state.passwords import Passwords
from token_server.state.records import secret_digest

SCHEMA_1 = """
CREATE TABLE settings (name TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;
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
PRAGMA user_version = 1;
"""
"""What the first servers wrote."""

SECRET = "A" * 32


def _old_state(folder: Path) -> Path:
    """Make the state folder of a first server: root, a suspended account and a token."""
    state = folder / "state"
    state.mkdir(mode=0o700)
    connection = sqlite3.connect(state / "token_server.sqlite3")
    connection.executescript(SCHEMA_1)
    password = Passwords().hash("root", "root-password")
    account = "INSERT INTO accounts (username, kind, owner_id, domain, password_hash, suspended, acls, create_time)"
    connection.execute(f"{account} VALUES ('root', 'root', NULL, '', ?, 0, '[\"all\"]', 1700000000)", (password,))
    connection.execute(f"{account} VALUES ('alice', 'account', 1, 'alice.example', NULL, 1, '[]', 1700000001)")
    connection.execute(
        "INSERT INTO tokens (account_id, service, name, digest, create_time, acls) VALUES (1, 'whm', 'old', ?, 1700000002, '[\"all\"]')",
        (secret_digest(SECRET),),
    )
    connection.commit()
    connection.close()
    return state


def _tables(path: Path) -> dict[str, set[str]]:
    with sqlite3.connect(path) as connection:
        names = [row[0] for row in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")]
        columns = {name: {row[1] for row in connection.execute(f"PRAGMA table_info({name})")} for name in names}
    connection.close()
    return columns


def test_an_older_state_is_migrated(tmp_path: Path) -> None:
    state = _old_state(tmp_path)
    with Server(state) as server:
        header = f"whm root:{SECRET}"
        assert server.status("whm", header) == server.status("whm", ("root", "root-password")) == 200
        assert set(server.whm_tokens(header)) == {"old"}
        (alice,) = server.whm_ok("listaccts", header)["acct"]
        shown = {
            name: alice[name]
            for name in ("user", "unix_startdate", "suspended", "suspendreason", "suspendtime", "plan")
        }
        assert shown == {
            "user": "alice", "unix_startdate": 1700000001, "suspended": 1, "suspendreason": "Unknown", "suspendtime": None,
            "plan": "default",
        }  # fmt: skip
        server.whm_ok("createacct", header, username="bob", contactemail="b@bob.example")
        assert server.whm_ok("accountsummary", header, user="bob")["acct"][0]["uid"] > alice["uid"] > 0
        server.restart()
        assert server.status("whm", header) == 200


def test_a_migrated_database_is_like_a_new_one(tmp_path: Path) -> None:
    old = _old_state(tmp_path) / "token_server.sqlite3"
    new = tmp_path / "new.sqlite3"
    for path in (old, new):
        Database(path).close()
    assert _tables(old) == _tables(new)


def test_a_migration_that_fails_changes_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = _old_state(tmp_path) / "token_server.sqlite3"
    before = _tables(path)
    with monkeypatch.context() as broken:
        broken.setattr(schema, "STEPS", (*schema.STEPS, "CREATE TABLE more (id INTEGER); nonsense"))
        broken.setattr(schema, "VERSION", schema.VERSION + 1)
        with pytest.raises(ServerError, match="cannot be used"):
            Database(path)
    assert _tables(path) == before
    Database(path).close()
    assert "sessions" in _tables(path)
