# Copyright (c) 2026 panelops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Who is it? Tokens, passwords and sessions (docs/wire-contract.md, section C1).

Every refusal raises ``Denied``, whose cause is for the audit log only: the client gets the same bytes for all of them.
"""

from __future__ import annotations

import base64
import binascii
import hmac
import string

from token_server import rules
from token_server.functions.callers import Caller, Exchange
from token_server.functions.standing import objection
from token_server.state.engine import Engine
from token_server.state.lockouts import Lockouts
from token_server.state.records import SECRET_LENGTH, Account, secret_digest
from token_server.state.sessions import COOKIES, Session

_SECRET_CHARACTERS = frozenset(string.ascii_uppercase + string.digits)


class Denied(Exception):
    """The caller is not authenticated. ``user`` and ``token`` are names, and only of things that exist."""

    def __init__(self, cause: str, user: str | None = None, token: str | None = None) -> None:
        super().__init__(cause)
        self.cause = cause
        self.user = user
        self.token = token


class Authentication:
    """Turns the headers of a request into a caller."""

    def __init__(self, engine: Engine, lockouts: Lockouts) -> None:
        self._engine = engine
        self._lockouts = lockouts
        self._sessions = engine.sessions

    def by_header(self, header: bytes | None, exchange: Exchange) -> Caller:
        """Authenticate with an ``Authorization`` header: ``whm`` or ``cpanel`` with a token, or ``Basic``."""
        if header is None:
            raise Denied("no credentials")
        scheme_word, _space, rest = header.partition(b" ")
        scheme = scheme_word.lower().decode("latin-1")
        if scheme == "basic":
            username, secret = _basic(rest)
            if _like_token(secret):
                return self._by_token_or_password(username, secret, exchange)
            return Caller(self.by_password(username, secret, exchange), None, exchange)
        if scheme != exchange.service:
            raise Denied("scheme of another service" if scheme in COOKIES else "unknown scheme")
        user, _colon, token = rest.strip().decode("utf-8", "replace").partition(":")
        return self._by_token(user, token, exchange)

    def _by_token_or_password(self, username: str, secret: str, exchange: Exchange) -> Caller:
        """Authenticate with Basic where the password may be a token (docs/conformance.md, G0) or a password that looks like one."""
        if self._engine.store.token_by_digest(secret_digest(secret)) is not None:
            return self._by_token(username, secret, exchange)
        return Caller(self.by_password(username, secret, exchange), None, exchange)

    def _by_token(self, username: str, secret: str, exchange: Exchange) -> Caller:
        store = self._engine.store
        digest = secret_digest(secret)
        token = store.token_by_digest(digest)
        if token is None or not hmac.compare_digest(token.digest, digest):
            raise Denied("unknown or revoked token", user=self._existing(username))
        account = store.account_by_id(token.account_id)
        if account is None or account.username != username:
            raise Denied("token of another user", user=self._existing(username))
        cause = objection(self._engine, account, token, exchange)
        if cause is not None:
            raise Denied(cause, account.username, token.name)
        store.touch(token, self._engine.clock.seconds())
        exchange.used_token = (account.username, token.name)
        return Caller(account, token, exchange)

    def by_password(self, username: str, password: str, exchange: Exchange) -> Account:
        """Authenticate with a password; wrong ones count towards the lock-out of the address."""
        peer = exchange.peer or ""
        existing = self._existing(username)
        if self._lockouts.locked(peer):
            raise Denied("address locked out", user=existing)
        account = self._engine.store.account(username) if _is_user(username) else None
        if not self._engine.passwords.verify(None if account is None else account.password_hash, password):
            self._lockouts.failed(peer, existing)
            raise Denied("wrong password" if account else "unknown user", user=existing)
        if account is None:
            raise Denied("unknown user")
        self._check_account(account, exchange)
        self._lockouts.succeeded(peer, username)
        return account

    def log_in(self, username: str, password: str, exchange: Exchange) -> tuple[Account, Session]:
        """Authenticate with a password and begin a session."""
        account = self.by_password(username, password, exchange)
        return account, self._sessions.begin(account, exchange.service)

    def by_session(self, cookies: bytes | None, path_token: str, exchange: Exchange) -> tuple[Caller, Session]:
        """Authenticate with a session's cookie and the number in the path."""
        cookie = _cookie(cookies or b"", COOKIES[exchange.service])
        account, session = self.session(cookie, path_token, exchange)
        return Caller(account, None, exchange), session

    def session(self, cookie: str, path_token: str, exchange: Exchange) -> tuple[Account, Session]:
        """Return the session to which a cookie's value and the number in the path belong, and its account."""
        session = self._sessions.find(cookie, path_token, exchange.service)
        if session is None:
            raise Denied("no such session")
        account = self._engine.store.account_by_id(session.account_id)
        if account is None or account.password_hash != session.password_hash:
            raise Denied("session of a removed account or an old password")
        self._check_account(account, exchange)
        return account, session

    def _check_account(self, account: Account, exchange: Exchange) -> None:
        cause = objection(self._engine, account, None, exchange)
        if cause is not None:
            raise Denied(cause, account.username)

    def _existing(self, username: str) -> str | None:
        """Return the name only if such an account exists: people type passwords into the wrong field."""
        return username if _is_user(username) and self._engine.store.account(username) else None


def _is_user(username: str) -> bool:
    return username == "root" or rules.is_username(username)


def _like_token(secret: str) -> bool:
    return len(secret) == SECRET_LENGTH and _SECRET_CHARACTERS.issuperset(secret)


def _basic(encoded: bytes) -> tuple[str, str]:
    try:
        username, colon, password = base64.b64decode(encoded.strip(), validate=True).decode("utf-8").partition(":")
    except (binascii.Error, UnicodeDecodeError) as error:
        raise Denied("malformed Basic credentials") from error
    if not colon:
        raise Denied("malformed Basic credentials")
    return username, password


def _cookie(header: bytes, name: str) -> str:
    for part in header.decode("latin-1").split(";"):
        key, _equals, value = part.strip().partition("=")
        if key == name:
            return value
    return ""
