# Copyright (c) 2026 panelops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The schema of the database, as the steps that lead to it.

A new file takes all steps, an older one those that it lacks, so that both end with the same tables.
"""

from __future__ import annotations

_FIRST = """
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
)
"""

# When and why somebody was suspended, schema 1 did not know: the time of the migration is not it, so there is none.
_ACCOUNTS_MAILBOXES_SESSIONS = """
ALTER TABLE accounts ADD COLUMN email TEXT NOT NULL DEFAULT '';
ALTER TABLE accounts ADD COLUMN plan TEXT NOT NULL DEFAULT 'default';
ALTER TABLE accounts ADD COLUMN ip TEXT NOT NULL DEFAULT '127.0.0.1';
ALTER TABLE accounts ADD COLUMN home_partition TEXT NOT NULL DEFAULT 'home';
ALTER TABLE accounts ADD COLUMN quota INTEGER NOT NULL DEFAULT 0;
ALTER TABLE accounts ADD COLUMN backup INTEGER NOT NULL DEFAULT 0;
ALTER TABLE accounts ADD COLUMN uid INTEGER NOT NULL DEFAULT 0;
ALTER TABLE accounts ADD COLUMN suspend_reason TEXT NOT NULL DEFAULT '';
ALTER TABLE accounts ADD COLUMN suspend_time INTEGER;
ALTER TABLE accounts ADD COLUMN locked INTEGER NOT NULL DEFAULT 0;
UPDATE accounts SET uid = 1000 + id WHERE kind <> 'root';
CREATE INDEX accounts_by_domain ON accounts (domain);
CREATE TABLE acl_lists (
    name TEXT PRIMARY KEY,
    acls TEXT NOT NULL
) WITHOUT ROWID;
CREATE TABLE mailboxes (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    account_id INTEGER NOT NULL REFERENCES accounts (id) ON DELETE CASCADE,
    address TEXT NOT NULL,
    password_hash TEXT NOT NULL,
    UNIQUE (account_id, address)
);
CREATE TABLE sessions (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    digest BLOB NOT NULL UNIQUE,
    account_id INTEGER NOT NULL REFERENCES accounts (id) ON DELETE CASCADE,
    password_hash TEXT,
    ends REAL NOT NULL
);
CREATE INDEX sessions_by_account ON sessions (account_id)
"""

STEPS = (_FIRST, _ACCOUNTS_MAILBOXES_SESSIONS)
"""The statements that lead from each version to the next one, the first of them from an empty file."""

VERSION = len(STEPS)
"""The version that this server works with."""
