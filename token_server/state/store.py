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
from token_server.state.accounts import AccountStore
from token_server.state.database import Database
from token_server.state.records import Account, Token, token_from_row

_CACHE_LIMIT = 200_000
_LOOK_INTERVAL = 0.001


class Store(AccountStore):
    """Reads through caches that are dropped whenever anybody commits: this process, or another one.

    ``commits`` counts the transactions of this process that changed something.
    """

    def __init__(self, database: Database) -> None:
        super().__init__(database)
        self._database = database
        self.commits = 0
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
        self._forget_accounts()
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

    def remove_everything(self) -> None:
        """Remove all accounts with what is theirs, and the saved ACL lists."""
        self._connection.execute("DELETE FROM tokens")
        self._connection.execute("DELETE FROM acl_lists")
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
