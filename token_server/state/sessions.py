# Copyright (c) 2026 panelops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Browser-style sessions: a cookie and a ``/cpsess##########`` path that belong together (CONTRACT section 1)."""

from __future__ import annotations

import hmac
import secrets
from dataclasses import dataclass

from token_server.state.clock import Clock
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
    cookie: str
    password_hash: str | None
    ends: float


class Sessions:
    """The sessions of this process."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._by_cookie: dict[str, Session] = {}

    def begin(self, account: Account, service: str) -> Session:
        """Open a session for an account that has just given its password."""
        now = self._clock.now()
        if len(self._by_cookie) >= _REMEMBERED:
            self._by_cookie = {key: session for key, session in self._by_cookie.items() if session.ends > now}
        if len(self._by_cookie) >= _REMEMBERED:
            del self._by_cookie[next(iter(self._by_cookie))]
        session = Session(
            account_id=account.id,
            service=service,
            path_token="".join(secrets.choice("0123456789") for _number in range(10)),
            cookie=secrets.token_urlsafe(32),
            password_hash=account.password_hash,
            ends=now + LIFETIME,
        )
        self._by_cookie[session.cookie] = session
        return session

    def find(self, cookie: str, path_token: str, service: str) -> Session | None:
        """Return the session to which cookie and path belong on this service, or None."""
        session = self._by_cookie.get(cookie)
        if session is None or session.service != service or self._clock.now() >= session.ends:
            return None
        if not hmac.compare_digest(session.path_token.encode(), path_token.encode("utf-8", "replace")):
            return None
        return session

    def end(self, session: Session) -> None:
        """End one session."""
        self._by_cookie.pop(session.cookie, None)

    def clear(self) -> None:
        """End all sessions."""
        self._by_cookie.clear()
