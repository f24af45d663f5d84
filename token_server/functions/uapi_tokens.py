# Copyright (c) 2026 panelops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The UAPI module ``Tokens`` (docs/wire-contract.md, section C3). Each function acts for one cPanel account."""

from __future__ import annotations

from typing import NotRequired, TypedDict

from token_server import rules
from token_server.dialects import Dialect
from token_server.envelopes import Rendered, encode
from token_server.functions.contracts import UapiFunction
from token_server.parameters import Parameters
from token_server.refusals import Refused, quoted
from token_server.state.engine import Engine
from token_server.state.records import Account, Token, new_secret, secret_digest

SERVICE = "cpanel"


class CreatedToken(TypedDict):
    """The ``data`` of Tokens::create_full_access."""

    token: str
    create_time: int


class ListedToken(TypedDict):
    """An API token as the list shows it; ``readonly`` is there only where it is 1, and a lean list has no other optional field."""

    name: str
    create_time: int
    expires_at: int | str | None
    has_full_access: NotRequired[int]
    features: NotRequired[list[str]]
    last_used: NotRequired[int | None]
    readonly: NotRequired[int]


def create_full_access(engine: Engine, account: Account, parameters: Parameters) -> CreatedToken:
    """Create an API token of the account. The answer is the only place where its secret ever appears."""
    now = engine.clock.seconds()
    name = rules.token_name(parameters.required("name"), "name")
    expires_at = rules.expiry(parameters.one("expires_at"), now)
    readonly = rules.boolean(parameters.one("readonly") or "0", "readonly")
    secret = new_secret()
    with engine.store.mutation():
        present = engine.present_account(account.id)
        if engine.store.token(present, SERVICE, name) is not None:
            raise _name_taken(name)
        engine.store.add_token(
            present,
            SERVICE,
            name=name,
            digest=secret_digest(secret),
            create_time=now,
            expires_at=expires_at,
            readonly=readonly,
        )
    return {"token": secret, "create_time": now}


def list_tokens(engine: Engine, account: Account, _parameters: Parameters) -> Rendered:
    """List the account's tokens, expired ones too."""
    dialect = engine.dialect
    return engine.store.cached_list(
        account, SERVICE, lambda tokens: Rendered(encode([_row(token, dialect) for token in tokens]))
    )


def rename(engine: Engine, account: Account, parameters: Parameters) -> None:
    """Rename an API token; its secret stays the same."""
    with engine.store.mutation():
        token, new_name = _renamed(engine, account, parameters)
        if new_name != token.name:
            engine.store.rename_token(token, new_name)


def edit(engine: Engine, account: Account, parameters: Parameters) -> None:
    """Change name and expiry of a token, as the page can (docs/conformance.md, G0: "the name or the expiry"); its secret stays."""
    expires_at = rules.expiry(parameters.one("expires_at"), engine.clock.seconds())
    with engine.store.mutation():
        token, new_name = _renamed(engine, account, parameters)
        engine.store.replace_token(
            token, name=new_name, expires_at=expires_at, acls=token.acls, addresses=token.addresses
        )


def _renamed(engine: Engine, account: Account, parameters: Parameters) -> tuple[Token, str]:
    """Return the token ``name`` of the account, and the ``new_name`` that it may have."""
    name = rules.token_name(parameters.required("name"), "name")
    new_name = rules.token_name(parameters.required("new_name"), "new_name")
    token = engine.store.token(account, SERVICE, name)
    if token is None:
        raise _unknown_name(name)
    if new_name != name and engine.store.token(account, SERVICE, new_name) is not None:
        raise _name_taken(new_name)
    return token, new_name


def revoke(engine: Engine, account: Account, parameters: Parameters) -> int:
    """Revoke a token. The answer is 1, by default also if there was no such token."""
    name = rules.token_name(parameters.required("name"), "name")
    with engine.store.mutation():
        token = engine.store.token(account, SERVICE, name)
        if token is not None:
            engine.store.remove_token(token)
            return 1
    if engine.dialect.uapi_revoke == "error":
        raise _unknown_name(name)
    return 0 if engine.dialect.uapi_revoke == "zero" else 1


def _row(token: Token, dialect: Dialect) -> ListedToken:
    row: ListedToken = {
        "name": token.name,
        "create_time": token.create_time,
        "expires_at": _expiry(token.expires_at, dialect.expires),
    }
    if dialect.lists == "complete":
        row["has_full_access"] = 1
        row["features"] = []
        row["last_used"] = token.last_used
    if token.readonly:
        row["readonly"] = 1
    return row


def _expiry(expires_at: int | None, how: str) -> int | str | None:
    if expires_at is None:
        return None if how == "null" else ""
    return str(expires_at) if how == "text" else expires_at


def _unknown_name(name: str) -> Refused:
    return Refused(f"The account does not have an API token named {quoted(name)}.", cause="unknown token name")


def _name_taken(name: str) -> Refused:
    return Refused(
        f"The account already has an API token named {quoted(name)}: the name of a token must be unique.",
        cause="name already taken",
    )


FUNCTIONS: dict[str, UapiFunction] = {
    "Tokens::create_full_access": create_full_access,
    "Tokens::list": list_tokens,
    "Tokens::rename": rename,
    "Tokens::revoke": revoke,
}
PAGE_FUNCTIONS: dict[str, UapiFunction] = {"Tokens::edit": edit}
