# Copyright (c) 2026 panelops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Accounts and tokens: queries, changes, and the caches that make the common calls cheap."""

from __future__ import annotations

import json
import sqlite3
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from token_server.envelopes import Rendered
from token_server.state.database import Database
from token_server.state.records import Account, Token, account_from_row, token_from_row

_CACHE_LIMIT = 200_000
_LOOK_INTERVAL = 0.001


class Store:
    """Reads through caches that are dropped whenever anybody commits: this process, or another one.

    ``commits`` counts the transactions of this process that changed something.
    """

    def __init__(self, database: Database) -> None:
        self._database = database
        self._connection = database.connection
        self.commits = 0
        self._accounts_by_name: dict[str, Account] = {}
        self._accounts_by_id: dict[int, Account] = {}
        self._tokens_by_id: dict[int, Token] = {}
        self._tokens_by_digest: dict[bytes, Token] = {}
        self._tokens_by_owner: dict[tuple[int, str], list[Token]] = {}
        self._lists: dict[tuple[int, str], Rendered] = {}
        self._unsaved_use: dict[int, int] = {}
        self._next_look = 0.0
        self._kept = True

    # Freshness

    def refresh_soon(self) -> None:
        """Drop the caches if another process may have changed the database. Call it once per request.

        The question costs system calls, so it is asked once per millisecond at most: a tool that has changed something
        takes longer than that to end, and before its end nobody can count on the change.
        """
        now = time.monotonic()
        if now >= self._next_look:
            self._next_look = now + _LOOK_INTERVAL
            self.refresh()

    def refresh(self) -> None:
        """Drop the caches if another process has changed the database."""
        if self._database.changed_elsewhere() or len(self._tokens_by_id) > _CACHE_LIMIT:
            self._forget()

    def _forget(self) -> None:
        self._accounts_by_name.clear()
        self._accounts_by_id.clear()
        self._tokens_by_id.clear()
        self._tokens_by_digest.clear()
        self._tokens_by_owner.clear()
        self._lists.clear()

    @contextmanager
    def mutation(self) -> Iterator[None]:
        """Run a block that checks and changes as one transaction; what it reads cannot change under it."""
        before = self._connection.total_changes
        with self._database.transaction(commit=self._kept):
            self.refresh()
            try:
                yield
            finally:
                self._forget()
        if self._kept and self._connection.total_changes != before:
            self.commits += 1

    @contextmanager
    def nothing_kept(self) -> Iterator[None]:
        """Run a block whose mutations seem to succeed and are all undone, as by a token store that cannot be written.

        The block must not give way to other requests: theirs would be undone as well.
        """
        self._kept = False
        try:
            yield
        finally:
            self._kept = True

    # Accounts

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

    def add_account(
        self,
        *,
        username: str,
        kind: str,
        owner_id: int | None,
        domain: str,
        password_hash: str | None,
        create_time: int,
        acls: list[str],
        features: list[str],
        suspended: bool = False,
    ) -> None:
        """Store a new account."""
        self._connection.execute(
            "INSERT INTO accounts (username, kind, owner_id, domain, password_hash, suspended, acls, features,"
            " create_time) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
            (
                username,
                kind,
                owner_id,
                domain,
                password_hash,
                int(suspended),
                json.dumps(sorted(acls)),
                json.dumps(sorted(features)),
                create_time,
            ),
        )

    def rename_account(self, account: Account, username: str) -> None:
        """Rename an account; it keeps its API tokens and the accounts that it owns."""
        self._connection.execute("UPDATE accounts SET username = ? WHERE id = ?", (username, account.id))

    def set_password(self, account: Account, password_hash: str) -> None:
        """Store another password for an account."""
        self._connection.execute("UPDATE accounts SET password_hash = ? WHERE id = ?", (password_hash, account.id))

    def set_suspended(self, account: Account, suspended: bool) -> None:
        """Suspend or unsuspend an account."""
        self._connection.execute("UPDATE accounts SET suspended = ? WHERE id = ?", (int(suspended), account.id))

    def set_reseller(self, account: Account, acls: list[str], owner_id: int | None) -> None:
        """Make an account a reseller with these privileges; ``owner_id`` is who owns it from now on."""
        self._connection.execute(
            "UPDATE accounts SET kind = 'reseller', acls = ?, owner_id = ? WHERE id = ?",
            (json.dumps(sorted(acls)), owner_id, account.id),
        )

    def remove_account(self, account: Account, heir_id: int) -> None:
        """Remove an account with its tokens; accounts that it owned go to the account ``heir_id``."""
        self._connection.execute("UPDATE accounts SET owner_id = ? WHERE owner_id = ?", (heir_id, account.id))
        self._connection.execute("DELETE FROM accounts WHERE id = ?", (account.id,))

    def remove_everything(self) -> None:
        """Remove all accounts and tokens."""
        self._connection.execute("DELETE FROM tokens")
        self._connection.execute("UPDATE accounts SET owner_id = NULL")
        self._connection.execute("DELETE FROM accounts")
        self._unsaved_use.clear()

    # Tokens

    def token_by_digest(self, digest: bytes) -> Token | None:
        """Return the token whose secret has this SHA-256, or None. One index look-up at most."""
        token = self._tokens_by_digest.get(digest)
        if token is None:
            row = self._connection.execute("SELECT * FROM tokens WHERE digest = ?", (digest,)).fetchone()
            if row is not None:
                token = self._keep_token(row)
        return token

    def tokens_of(self, account: Account, service: str) -> list[Token]:
        """Return the tokens of an account on one service, in the order of their creation."""
        rows = self._connection.execute(
            "SELECT * FROM tokens WHERE account_id = ? AND service = ? ORDER BY id", (account.id, service)
        ).fetchall()
        return [self._keep_token(row) for row in rows]

    def token(self, account: Account, service: str, name: str) -> Token | None:
        """Return the token of this name, or None."""
        row = self._connection.execute(
            "SELECT * FROM tokens WHERE account_id = ? AND service = ? AND name = ?", (account.id, service, name)
        ).fetchone()
        return None if row is None else self._keep_token(row)

    def _keep_token(self, row: sqlite3.Row) -> Token:
        """Return the one object of a token, so that everybody sees the same ``last_used``."""
        token = self._tokens_by_id.get(row["id"])
        if token is None:
            token = token_from_row(row, self._unsaved_use.get(row["id"]))
            self._tokens_by_id[token.id] = token
            self._tokens_by_digest[token.digest] = token
        return token

    def cached_list(self, account: Account, service: str, build: Callable[[list[Token]], Rendered]) -> Rendered:
        """Return what ``build`` makes of the tokens of an account, again and again until one of them changes.

        A use of a token changes only how it is shown (``last_used``): that rebuilds the list without a query.
        """
        key = (account.id, service)
        built = self._lists.get(key)
        if built is None:
            tokens = self._tokens_by_owner.get(key)
            if tokens is None:
                tokens = self._tokens_by_owner[key] = self.tokens_of(account, service)
            built = self._lists[key] = build(tokens)
        return built

    def forget_lists(self) -> None:
        """Drop the lists that were built, because they are to be built in another way."""
        self._lists.clear()

    def add_token(
        self,
        account: Account,
        service: str,
        *,
        name: str,
        digest: bytes,
        create_time: int,
        expires_at: int | None,
        acls: frozenset[str] = frozenset(),
        addresses: tuple[str, ...] | None = None,
        readonly: bool = False,
    ) -> None:
        """Store a new token."""
        self._connection.execute(
            "INSERT INTO tokens (account_id, service, name, digest, create_time, expires_at, acls, addresses,"
            " readonly) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
            (
                account.id,
                service,
                name,
                digest,
                create_time,
                expires_at,
                json.dumps(sorted(acls)),
                None if addresses is None else json.dumps(addresses),
                int(readonly),
            ),
        )

    def replace_token(
        self,
        token: Token,
        *,
        name: str,
        expires_at: int | None,
        acls: frozenset[str],
        addresses: tuple[str, ...] | None,
    ) -> None:
        """Replace everything that can change of a token; its secret stays."""
        self._connection.execute(
            "UPDATE tokens SET name = ?, expires_at = ?, acls = ?, addresses = ? WHERE id = ?",
            (
                name,
                expires_at,
                json.dumps(sorted(acls)),
                None if addresses is None else json.dumps(addresses),
                token.id,
            ),
        )

    def rename_token(self, token: Token, name: str) -> None:
        """Rename an API token."""
        self._connection.execute("UPDATE tokens SET name = ? WHERE id = ?", (name, token.id))

    def remove_token(self, token: Token) -> None:
        """Remove a token."""
        self._connection.execute("DELETE FROM tokens WHERE id = ?", (token.id,))
        self._unsaved_use.pop(token.id, None)

    # Use

    def touch(self, token: Token, second: int) -> None:
        """Note that a token was used at this Unix time. It is written to the database with the next flush."""
        if token.last_used != second:
            token.last_used = second
            self._unsaved_use[token.id] = second
            self._lists.pop((token.account_id, token.service), None)

    def flush_use(self) -> None:
        """Write the noted uses of tokens to the database."""
        if self._unsaved_use:
            uses = [(second, token_id) for token_id, second in self._unsaved_use.items()]
            with self._database.transaction():
                self._connection.executemany("UPDATE tokens SET last_used = ? WHERE id = ?", uses)
            self._unsaved_use.clear()
