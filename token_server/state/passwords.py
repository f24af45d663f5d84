# Copyright (c) 2026 panelops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Passwords: scrypt at rest, and a cache of what was verified so that Basic authentication is not slow."""

from __future__ import annotations

import base64
import hashlib
import hmac
import re
import secrets

_COST = 2**13
_BLOCK = 8
_PARALLEL = 1
_CACHE_LIMIT = 10_000
_STORED = re.compile(rf"scrypt\${_COST}\$[A-Za-z0-9+/]{{22}}==\$[A-Za-z0-9+/]{{43}}=")


class Passwords:
    """Hashes and verifies passwords.

    The caches hold only values keyed with a random key of this process: they tell nothing to whoever reads a dump of
    the database or another process.
    """

    def __init__(self) -> None:
        self._key = secrets.token_bytes(32)
        self._verified: set[bytes] = set()
        self._hashed: dict[bytes, str] = {}
        self._decoy: str | None = None

    def hash(self, username: str, password: str) -> str:
        """Return the stored form of an account's password.

        The same pair gives the same text again within one process, so that a reset of the server is fast.
        """
        key = self._fingerprint(username, password)
        stored = self._hashed.get(key)
        if stored is None:
            salt = secrets.token_bytes(16)
            stored = f"scrypt${_COST}${_encode(salt)}${_encode(_scrypt(password, salt, _COST))}"
            self._hashed[key] = stored
            self._remember(self._fingerprint(stored, password))
        return stored

    def verify(self, stored: str | None, password: str) -> bool:
        """Tell whether this is the password. With no stored form the answer is no, after the same amount of work."""
        if stored is None:
            if self._decoy is None:
                self._decoy = self.hash("", secrets.token_urlsafe(32))
            _matches(self._decoy, password)
            return False
        key = self._fingerprint(stored, password)
        if key in self._verified:
            return True
        if not _matches(stored, password):
            return False
        self._remember(key)
        return True

    def _remember(self, key: bytes) -> None:
        if len(self._verified) >= _CACHE_LIMIT:
            self._verified.clear()
        self._verified.add(key)

    def _fingerprint(self, context: str, password: str) -> bytes:
        message = context.encode() + b"\0" + password.encode("utf-8", "surrogatepass")
        return hmac.digest(self._key, message, "sha256")


def is_stored_form(text: str) -> bool:
    """Tell whether a text is what ``hash`` may have returned: with the cost that this server uses, not one that takes it minutes."""
    return _STORED.fullmatch(text) is not None


def _matches(stored: str, password: str) -> bool:
    _name, cost, salt, digest = stored.split("$")
    return hmac.compare_digest(_scrypt(password, base64.b64decode(salt), int(cost)), base64.b64decode(digest))


def _scrypt(password: str, salt: bytes, cost: int) -> bytes:
    encoded = password.encode("utf-8", "surrogatepass")
    return hashlib.scrypt(encoded, salt=salt, n=cost, r=_BLOCK, p=_PARALLEL, dklen=32)


def _encode(data: bytes) -> str:
    return base64.b64encode(data).decode("ascii")
