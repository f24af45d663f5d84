# Copyright (c) 2026 panelops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Browser-style sessions: a cookie and a ``/cpsess##########`` path that belong together (docs/wire-contract.md, section C1).

They lie in the database, so that the command-line tools can open sessions of a running server.
"""

from __future__ import annotations

import hashlib
import secrets
from dataclasses import dataclass, field

from token_server.state.clock import Clock
from token_server.state.database import Database
from token_server.state.records import Account

COOKIES = {"whm": "whostmgrsession", "cpanel": "cpsession"}
LIFETIME = 6 * 3600
"""Seconds after which one has to log in again."""

_REMEMBERED = 10_000


@dataclass(slots=True, frozen=True, eq=False, weakref_slot=True)
class Session:
    """A log-in. ``path_token`` is the ten digits of the path; a changed password ends the session."""

    account_id: int
    service: str
    path_token: str
    cookie: str = field(repr=False)
    password_hash: str | None = field(repr=False)
    ends: float

    @property
    def digest(self) -> bytes:
        """What the database keeps in the place of the cookie."""
        return _digest(self.cookie, self.path_token, self.service)


class Sessions:
    """The sessions of a server. Each has one object for as long as a process knows it: what its pages keep hangs on that."""

    def __init__(self, database: Database, clock: Clock) -> None:
        self._database = database
        self._clock = clock
        self._known: dict[bytes, Session] = {}

    def begin(self, account: Account, service: str) -> Session:
        """Open a session for an account that has just given its password, or that somebody may act on."""
        now = self._clock.now()
        session = Session(
            account_id=account.id,
            service=service,
            path_token="".join(secrets.choice("0123456789") for _number in range(10)),
            cookie=secrets.token_urlsafe(32),
            password_hash=account.password_hash,
            ends=now + LIFETIME,
        )
        connection = self._database.connection
        with self._database.transaction():
            connection.execute("DELETE FROM sessions WHERE ends <= ?", (now,))
            connection.execute(
                "DELETE FROM sessions WHERE id <= (SELECT id FROM sessions ORDER BY id DESC LIMIT 1 OFFSET ?)",
                (_REMEMBERED - 1,),
            )
            connection.execute(
                "INSERT INTO sessions (digest, account_id, password_hash, ends) VALUES (?, ?, ?, ?)",
                (session.digest, session.account_id, session.password_hash, session.ends),
            )
        self._keep(session)
        return session

    def _keep(self, session: Session) -> None:
        if len(self._known) >= _REMEMBERED:
            del self._known[next(iter(self._known))]
        self._known[session.digest] = session

    def find(self, cookie: str, path_token: str, service: str) -> Session | None:
        """Return the session to which cookie and path belong on this service, or None."""
        # The digest stands for all three, so that nobody learns which of them was wrong.
        digest = _digest(cookie, path_token, service)
        session = self._known.get(digest)
        if session is None:
            row = self._database.connection.execute(
                "SELECT account_id, password_hash, ends FROM sessions WHERE digest = ?", (digest,)
            ).fetchone()
            if row is None:
                return None
            session = Session(row["account_id"], service, path_token, cookie, row["password_hash"], row["ends"])
            self._keep(session)
        return None if self._clock.now() >= session.ends else session

    def end(self, session: Session) -> None:
        """End one session."""
        self._known.pop(session.digest, None)
        self._database.connection.execute("DELETE FROM sessions WHERE digest = ?", (session.digest,))

    def end_of(self, account: Account) -> None:
        """End all sessions of an account."""
        for session in [session for session in self._known.values() if session.account_id == account.id]:
            del self._known[session.digest]
        self._database.connection.execute("DELETE FROM sessions WHERE account_id = ?", (account.id,))

    def clear(self) -> None:
        """End all sessions."""
        self._known.clear()
        self._database.connection.execute("DELETE FROM sessions")


def _digest(cookie: str, path_token: str, service: str) -> bytes:
    return hashlib.sha256(f"{service}\0{path_token}\0{cookie}".encode("utf-8", "replace")).digest()
