# Copyright (c) 2026 panelops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Accounts in the database: queries and changes, and the cache of those that were read. ``Store`` adds their tokens."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterable

from token_server.state.database import Database
from token_server.state.records import Account, account_from_row

FIRST_UID = 1001
"""The number that the first account gets as a user of the system."""


class AccountStore:
    """The part of the store that knows accounts only."""

    def __init__(self, database: Database) -> None:
        self._connection = database.connection
        self._accounts_by_name: dict[str, Account] = {}
        self._accounts_by_id: dict[int, Account] = {}

    def _forget_accounts(self) -> None:
        self._accounts_by_name.clear()
        self._accounts_by_id.clear()

    def account(self, username: str) -> Account | None:
        """Return the account of this name, or None."""
        account = self._accounts_by_name.get(username)
        if account is None:
            row = self._connection.execute("SELECT * FROM accounts WHERE username = ?", (username,)).fetchone()
            account = self._keep_account(row)
        return account

    def account_by_id(self, account_id: int) -> Account | None:
        """Return the account of this number, or None."""
        account = self._accounts_by_id.get(account_id)
        if account is None:
            row = self._connection.execute("SELECT * FROM accounts WHERE id = ?", (account_id,)).fetchone()
            account = self._keep_account(row)
        return account

    def account_by_domain(self, domain: str) -> Account | None:
        """Return the account with this main domain, or None; the oldest one if a fixture gave it to several."""
        row = self._connection.execute(
            "SELECT * FROM accounts WHERE domain = ? AND kind <> 'root' ORDER BY id LIMIT 1", (domain,)
        ).fetchone()
        return self._keep_account(row)

    def _keep_account(self, row: sqlite3.Row | None) -> Account | None:
        if row is None:
            return None
        account = account_from_row(row)
        self._accounts_by_name[account.username] = account
        self._accounts_by_id[account.id] = account
        return account

    def accounts(self) -> list[Account]:
        """Return all accounts, root first, in the order of their creation."""
        rows = self._connection.execute("SELECT * FROM accounts ORDER BY id").fetchall()
        return [account_from_row(row) for row in rows]

    def uid_taken(self, uid: int) -> bool:
        """Tell whether an account has this number as a user of the system."""
        return self._connection.execute("SELECT 1 FROM accounts WHERE uid = ?", (uid,)).fetchone() is not None

    def _next_uid(self) -> int:
        highest: int | None = self._connection.execute("SELECT max(uid) FROM accounts").fetchone()[0]
        return max(FIRST_UID, (highest or 0) + 1)

    def add_account(
        self,
        *,
        username: str,
        kind: str,
        owner_id: int | None,
        domain: str,
        password_hash: str | None,
        create_time: int,
        acls: Iterable[str],
        features: Iterable[str],
        suspended: bool = False,
        email: str = "",
        plan: str = "default",
        ip: str = "127.0.0.1",
        quota: int = 0,
        uid: int | None = None,
    ) -> int:
        """Store a new account; return its number. ``owner_id`` 0: it owns itself. Without ``uid`` it gets the next one, root 0."""
        if uid is None:
            uid = 0 if kind == "root" else self._next_uid()
        cursor = self._connection.execute(
            "INSERT INTO accounts (username, kind, owner_id, domain, password_hash, suspended, acls, features,"
            " create_time, email, plan, ip, quota, uid, suspend_time)"
            " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
            (
                username,
                kind,
                owner_id or None,
                domain,
                password_hash,
                int(suspended),
                json.dumps(sorted(acls)),
                json.dumps(sorted(features)),
                create_time,
                email,
                plan,
                ip,
                quota,
                uid,
                create_time if suspended else None,
            ),
        )
        account_id = int(cursor.lastrowid or 0)
        if owner_id == 0:
            self._connection.execute("UPDATE accounts SET owner_id = id WHERE id = ?", (account_id,))
        return account_id

    def rename_account(self, account: Account, username: str) -> None:
        """Rename an account; it keeps its API tokens and the accounts that it owns."""
        self._connection.execute("UPDATE accounts SET username = ? WHERE id = ?", (username, account.id))

    def modify_account(
        self, account: Account, *, owner_id: int | None, domain: str, email: str, quota: int, backup: bool
    ) -> None:
        """Replace what can change of an account besides its name and its password."""
        self._connection.execute(
            "UPDATE accounts SET owner_id = ?, domain = ?, email = ?, quota = ?, backup = ? WHERE id = ?",
            (owner_id, domain, email, quota, int(backup), account.id),
        )

    def set_password(self, account: Account, password_hash: str) -> None:
        """Store another password for an account."""
        self._connection.execute("UPDATE accounts SET password_hash = ? WHERE id = ?", (password_hash, account.id))

    def suspend(self, account: Account, *, reason: str, now: int, locked: bool) -> None:
        """Suspend an account; if ``locked``, only root may end that."""
        self._connection.execute(
            "UPDATE accounts SET suspended = 1, suspend_reason = ?, suspend_time = ?, locked = ? WHERE id = ?",
            (reason, now, int(locked), account.id),
        )

    def lock_suspension(self, account: Account) -> None:
        """Let only root end the suspension of an account."""
        self._connection.execute("UPDATE accounts SET locked = 1 WHERE id = ?", (account.id,))

    def unsuspend(self, account: Account) -> None:
        """Unsuspend an account."""
        self._connection.execute(
            "UPDATE accounts SET suspended = 0, suspend_reason = '', suspend_time = NULL, locked = 0 WHERE id = ?",
            (account.id,),
        )

    def set_reseller(self, account: Account, acls: Iterable[str], owner_id: int | None) -> None:
        """Make an account a reseller with these privileges; ``owner_id`` is who owns it from now on."""
        self._connection.execute(
            "UPDATE accounts SET kind = 'reseller', acls = ?, owner_id = ? WHERE id = ?",
            (json.dumps(sorted(acls)), owner_id, account.id),
        )

    def unset_reseller(self, account: Account) -> None:
        """Make a reseller an ordinary account without privileges."""
        self._connection.execute("UPDATE accounts SET kind = 'account', acls = '[]' WHERE id = ?", (account.id,))

    def remove_account(self, account: Account, heir_id: int) -> None:
        """Remove an account with its tokens; accounts that it owned go to the account ``heir_id``."""
        self._connection.execute("UPDATE accounts SET owner_id = ? WHERE owner_id = ?", (heir_id, account.id))
        self._connection.execute("DELETE FROM accounts WHERE id = ?", (account.id,))
