# Copyright (c) 2026 panelops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Saved ACL lists: named sets of privileges that can be given to resellers."""

from __future__ import annotations

import json
from collections.abc import Iterable

from token_server.state.database import Database


class AclLists:
    """The saved lists of the server. Changes belong inside of a transaction of the store."""

    def __init__(self, database: Database) -> None:
        self._connection = database.connection

    def all(self) -> dict[str, frozenset[str]]:
        """Return all lists by name, in the order of their names."""
        rows = self._connection.execute("SELECT name, acls FROM acl_lists ORDER BY name").fetchall()
        return {row["name"]: frozenset(json.loads(row["acls"])) for row in rows}

    def save(self, name: str, acls: Iterable[str]) -> None:
        """Create a list, or replace the one of this name."""
        self._connection.execute(
            "INSERT OR REPLACE INTO acl_lists (name, acls) VALUES (?, ?)", (name, json.dumps(sorted(acls)))
        )

    def clear(self) -> None:
        """Remove all lists."""
        self._connection.execute("DELETE FROM acl_lists")
