# Copyright (c) 2026 panelops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The mailboxes of accounts. No mail ever comes: they can be created and listed, and webmail sessions can be opened for them."""

from __future__ import annotations

from token_server.state.database import Database
from token_server.state.records import Account


class Mailboxes:
    """The mailboxes of all accounts. Changes belong inside of a transaction of the store."""

    def __init__(self, database: Database) -> None:
        self._connection = database.connection

    def of(self, account: Account) -> list[str]:
        """Return the addresses of an account's mailboxes, sorted."""
        rows = self._connection.execute(
            "SELECT address FROM mailboxes WHERE account_id = ? ORDER BY address", (account.id,)
        ).fetchall()
        return [row["address"] for row in rows]

    def owner_id(self, address: str) -> int | None:
        """Return the number of the account that has a mailbox, or None."""
        row = self._connection.execute("SELECT account_id FROM mailboxes WHERE address = ?", (address,)).fetchone()
        return None if row is None else row["account_id"]

    def add(self, account: Account, address: str, password_hash: str) -> None:
        """Store a new mailbox."""
        self._connection.execute(
            "INSERT INTO mailboxes (account_id, address, password_hash) VALUES (?, ?, ?)",
            (account.id, address, password_hash),
        )
