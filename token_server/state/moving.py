# Copyright (c) 2026 panelops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""An account with its API tokens as plain data, and back: what a backup or a transfer between servers carries.

The rules: docs/wire-contract.md, section C8.

Rows are read and written by the names of their columns, so that a table may get more of them.
"""

from __future__ import annotations

import sqlite3
from dataclasses import dataclass

from token_server.refusals import ServerError, quoted
from token_server.state.engine import Engine
from token_server.state.moved_rows import check_account, check_token

_OF_THIS_SERVER = {"id", "owner_id", "account_id"}
"""Columns with numbers of rows: they mean nothing on another server."""


@dataclass(frozen=True, slots=True)
class Restored:
    """What a restore did. ``tokens`` is None if the API tokens were left alone; ``owner`` owns the account now."""

    username: str
    created: bool
    owner: str
    tokens: int | None


def packed(engine: Engine, username: str) -> dict[str, object]:
    """Return an account with all its API tokens; of secrets only the digests. Raises ``ServerError``."""
    connection = engine.database.connection
    # One transaction, so that a server that runs cannot change the tokens in between.
    with engine.database.transaction(commit=False):
        account = connection.execute("SELECT * FROM accounts WHERE username = ?", (username,)).fetchone()
        if account is None:
            raise ServerError(f"There is no account named {quoted(username)}.")
        if account["kind"] == "root":
            raise ServerError("Root is not an account that can be packed.")
        owner = connection.execute("SELECT username FROM accounts WHERE id = ?", (account["owner_id"],)).fetchone()
        tokens = connection.execute(
            "SELECT * FROM tokens WHERE account_id = ? ORDER BY id", (account["id"],)
        ).fetchall()
    return {
        "owner": "root" if owner is None else owner["username"],
        "account": _plain(account),
        "tokens": [_plain(token) for token in tokens],
    }


def _plain(row: sqlite3.Row) -> dict[str, object]:
    values: dict[str, object] = {name: value for name, value in dict(row).items() if name not in _OF_THIS_SERVER}
    return {name: value.hex() if isinstance(value, bytes) else value for name, value in values.items()}


def restored(engine: Engine, content: dict[str, object], *, with_tokens: bool) -> Restored:
    """Make an account as it was when it was packed, with the API tokens of that time and no others. Raises ``ServerError``.

    Without ``with_tokens`` those that the account has now stay.
    """
    account, tokens, owner = content.get("account"), content.get("tokens"), content.get("owner")
    if set(content) != {"account", "tokens", "owner"} or not isinstance(owner, str) or not isinstance(tokens, list):
        raise ServerError("The archive was refused: it has other parts than an owner, an account and its API tokens.")
    values = check_account(account, _columns(engine, "accounts"))
    columns = _columns(engine, "tokens")
    rows = [check_token(token, columns) for token in tokens]
    username = str(values["username"])
    try:
        with engine.store.mutation():
            created, owner = _put_account(engine, username, owner, values)
            if with_tokens:
                _put_tokens(engine, username, rows)
    except (sqlite3.IntegrityError, UnicodeError) as error:
        raise ServerError(f"The archive was refused: its values do not fit together ({error}).") from error
    return Restored(username, created, owner, len(rows) if with_tokens else None)


def _columns(engine: Engine, table: str) -> set[str]:
    """Return the columns of a table that an archive may fill."""
    return {row["name"] for row in engine.database.connection.execute(f"PRAGMA table_info({table})")} - _OF_THIS_SERVER


def _put_account(engine: Engine, username: str, owner: str, values: dict[str, object]) -> tuple[bool, str]:
    """Create or replace an account; return whether it was created, and who owns it."""
    store, connection = engine.store, engine.database.connection
    present = store.account(username)
    if present is not None and present.kind == "root":
        raise ServerError("The archive was refused: root is not an account that can be restored.")
    if present is None:
        _insert(engine, "accounts", values)
    else:
        assignments = ", ".join(f"{column} = ?" for column in values)
        statement = f"UPDATE accounts SET {assignments} WHERE id = ?"  # noqa: S608 - the names of columns were checked
        connection.execute(statement, (*values.values(), present.id))
    # A server to which an account moves may not have its owner: then it is root's.
    connection.execute(
        "UPDATE accounts SET owner_id = coalesce((SELECT id FROM accounts WHERE username = ? AND kind != 'account'),"
        " (SELECT id FROM accounts WHERE kind = 'root')) WHERE username = ?",
        (owner, username),
    )
    [found] = connection.execute(
        "SELECT owner.username FROM accounts JOIN accounts AS owner ON owner.id = accounts.owner_id"
        " WHERE accounts.username = ?",
        (username,),
    ).fetchall() or [("root",)]
    return present is None, str(found[0])


def _put_tokens(engine: Engine, username: str, rows: list[dict[str, object]]) -> None:
    """Replace all API tokens of an account."""
    connection = engine.database.connection
    account_id = connection.execute("SELECT id FROM accounts WHERE username = ?", (username,)).fetchone()["id"]
    connection.execute("DELETE FROM tokens WHERE account_id = ?", (account_id,))
    for row in rows:
        _insert(engine, "tokens", {"account_id": account_id, **row})


def _insert(engine: Engine, table: str, values: dict[str, object]) -> None:
    """Add a row. Names of columns stand in the statement: they were compared with the table's own before."""
    columns, marks = ", ".join(values), ", ".join("?" * len(values))
    statement = f"INSERT INTO {table} ({columns}) VALUES ({marks})"  # noqa: S608 - as above
    engine.database.connection.execute(statement, tuple(values.values()))
