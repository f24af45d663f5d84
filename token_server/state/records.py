# Copyright (c) 2026 panelops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What is stored of accounts and API tokens."""

from __future__ import annotations

import hashlib
import json
import secrets
import sqlite3
import string
from dataclasses import dataclass

from token_server import rules
from token_server.privileges import ALL

SECRET_LENGTH = 32
_ALPHABET = string.ascii_uppercase + string.digits


@dataclass(slots=True, frozen=True)
class Account:
    """Root, a reseller or a plain cPanel account. ``owner_id`` is None for root only.

    ``quota`` is in mebibytes, 0 for none. ``suspend_time`` is in Unix seconds, None where it is not known or the account is not suspended.
    ``locked``: only root may unsuspend it.
    """

    id: int
    username: str
    kind: str
    owner_id: int | None
    domain: str
    password_hash: str | None
    suspended: bool
    acls: frozenset[str]
    features: frozenset[str]
    create_time: int
    email: str
    plan: str
    ip: str
    home_partition: str
    quota: int
    backup: bool
    uid: int
    suspend_reason: str
    suspend_time: int | None
    locked: bool

    @property
    def uses_whm(self) -> bool:
        """Root and resellers may use WHM."""
        return self.kind != "account"

    @property
    def uses_cpanel(self) -> bool:
        """Everybody but root has a cPanel account."""
        return self.kind != "root"

    def has(self, privilege: str) -> bool:
        """Tell whether the account itself has a privilege, whatever token it uses."""
        return privilege in self.acls or ALL in self.acls


@dataclass(slots=True)
class Token:
    """An API token; times are Unix seconds. ``last_used`` runs ahead of the database by a second or so."""

    id: int
    account_id: int
    service: str
    name: str
    digest: bytes
    create_time: int
    expires_at: int | None
    acls: frozenset[str]
    addresses: tuple[str, ...] | None
    networks: tuple[rules.Network, ...] | None
    readonly: bool
    last_used: int | None


def account_from_row(row: sqlite3.Row) -> Account:
    """Return the account of a row of the table ``accounts``."""
    return Account(
        id=row["id"],
        username=row["username"],
        kind=row["kind"],
        owner_id=row["owner_id"],
        domain=row["domain"],
        password_hash=row["password_hash"],
        suspended=bool(row["suspended"]),
        acls=frozenset(json.loads(row["acls"])),
        features=frozenset(json.loads(row["features"])),
        create_time=row["create_time"],
        email=row["email"],
        plan=row["plan"],
        ip=row["ip"],
        home_partition=row["home_partition"],
        quota=row["quota"],
        backup=bool(row["backup"]),
        uid=row["uid"],
        suspend_reason=row["suspend_reason"],
        suspend_time=row["suspend_time"],
        locked=bool(row["locked"]),
    )


def token_from_row(row: sqlite3.Row, last_used: int | None) -> Token:
    """Return the token of a row of the table ``tokens``; ``last_used`` overrides an older stored one."""
    addresses = None if row["addresses"] is None else tuple(json.loads(row["addresses"]))
    return Token(
        id=row["id"],
        account_id=row["account_id"],
        service=row["service"],
        name=row["name"],
        digest=row["digest"],
        create_time=row["create_time"],
        expires_at=row["expires_at"],
        acls=frozenset(json.loads(row["acls"])),
        addresses=addresses,
        networks=None if addresses is None else rules.networks(addresses),
        readonly=bool(row["readonly"]),
        last_used=row["last_used"] if last_used is None else last_used,
    )


def new_secret() -> str:
    """Return a fresh token secret: 32 characters A-Z and 0-9 (165 bits)."""
    return "".join(secrets.choice(_ALPHABET) for _number in range(SECRET_LENGTH))


def secret_digest(secret: str) -> bytes:
    """Return the only thing that is kept of a secret.

    A plain SHA-256 suffices, as against a password: nobody can guess 165 random bits.
    """
    return hashlib.sha256(secret.encode("utf-8", "replace")).digest()
