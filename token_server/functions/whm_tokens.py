# Copyright (c) 2026 panelops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The WHM API 1 functions on API tokens (docs/wire-contract.md, section C2)."""

from __future__ import annotations

from functools import lru_cache
from typing import NotRequired, TypedDict

from token_server import rules
from token_server.envelopes import Rendered, WhmReply, encode
from token_server.functions.callers import Caller
from token_server.functions.contracts import WhmFunction
from token_server.functions.whm_privileges import flags
from token_server.parameters import Parameters
from token_server.privileges import is_known
from token_server.refusals import Refused, missing, quoted
from token_server.state.engine import Engine
from token_server.state.records import Token, new_secret, secret_digest

SERVICE = "whm"


class TokenDetails(TypedDict):
    """An API token as create, update and get_details show it: ``acls`` is a list of the granted names."""

    name: str
    acls: list[str]
    create_time: int
    expires_at: int | None
    whitelist_ips: list[str] | None


class CreatedToken(TokenDetails):
    """An API token that was just created, with its secret."""

    token: str


class ListedToken(TypedDict):
    """An API token as the list shows it: ``acls`` is an object of 0 and 1 over the whole chart. Lean lists lack optional fields."""

    name: str
    acls: dict[str, int]
    create_time: int
    expires_at: int | None
    whitelist_ips: NotRequired[list[str] | None]
    last_used: NotRequired[int | None]


class TokenList(TypedDict):
    """The ``data`` of api_token_list."""

    tokens: dict[str, ListedToken]


def api_token_create(engine: Engine, caller: Caller, parameters: Parameters) -> WhmReply:
    """Create an API token of the caller. The answer is the only place where its secret ever appears."""
    if not caller.exchange.secure:
        raise Refused(
            f"You must call {quoted('api_token_create')} over a secure (TLS) connection: the answer carries a secret.",
            cause="create over a plain connection",
        )
    now = engine.clock.seconds()
    name = rules.token_name(parameters.required("token_name"), "token_name")
    rules.free_name(name, caller.account.username)
    expires_at = rules.expiry(parameters.one("expires_at"), now)
    acls = _requested_acls(caller, parameters)
    addresses = rules.addresses(parameters.many("whitelist_ip"))
    secret = new_secret()
    with engine.store.mutation():
        account = engine.present_account(caller.account.id)
        if engine.store.token(account, SERVICE, name) is not None:
            raise _name_taken(name)
        engine.store.add_token(
            account,
            SERVICE,
            name=name,
            digest=secret_digest(secret),
            create_time=now,
            expires_at=expires_at,
            acls=acls,
            addresses=addresses,
        )
    engine.account_for("CREATE", account, name)
    created: CreatedToken = {"token": secret, **_details(name, now, expires_at, acls, addresses)}
    return WhmReply(created)


def api_token_list(engine: Engine, caller: Caller, _parameters: Parameters) -> WhmReply:
    """List the caller's tokens: an object keyed by name, in which ``acls`` is an object too."""
    lean = engine.dialect.lists == "lean"
    return WhmReply(engine.store.cached_list(caller.account, SERVICE, lambda tokens: _render_list(tokens, lean)))


def api_token_update(engine: Engine, caller: Caller, parameters: Parameters) -> WhmReply:
    """Replace a token's name, privileges, expiry and allowlist; what is not given is reset (docs/wire-contract.md, section C2)."""
    name = rules.token_name(parameters.required("token_name"), "token_name")
    given_name = parameters.one("new_name")
    new_name = name if given_name is None else rules.token_name(given_name, "new_name")
    if new_name != name:
        rules.free_name(new_name, caller.account.username)
    expires_at = rules.expiry(parameters.one("expires_at"), engine.clock.seconds())
    acls = _requested_acls(caller, parameters)
    addresses = rules.addresses(parameters.many("whitelist_ip"))
    with engine.store.mutation():
        account = engine.present_account(caller.account.id)
        token = engine.store.token(account, SERVICE, name)
        if token is None:
            raise _unknown_names([name])
        if new_name != name and engine.store.token(account, SERVICE, new_name) is not None:
            raise _name_taken(new_name)
        engine.store.replace_token(token, name=new_name, expires_at=expires_at, acls=acls, addresses=addresses)
    engine.account_for("UPDATE", account, name)
    return WhmReply(_details(new_name, token.create_time, expires_at, acls, addresses))


def api_token_revoke(engine: Engine, caller: Caller, parameters: Parameters) -> WhmReply:
    """Revoke one or many tokens. Known names are revoked even if others in the same call are unknown."""
    names = list(dict.fromkeys(parameters.many("token_name")))
    if not names:
        raise missing("token_name")
    for name in names:
        rules.token_name(name, "token_name")
    revoked, unknown = [], []
    with engine.store.mutation():
        account = engine.present_account(caller.account.id)
        for name in names:
            token = engine.store.token(account, SERVICE, name)
            if token is None:
                unknown.append(name)
            else:
                engine.store.remove_token(token)
                revoked.append(name)
    for name in revoked:
        engine.account_for("REVOKE", account, name)
    if unknown and engine.dialect.revoke == "error":
        raise _unknown_names(unknown)
    return WhmReply()


def api_token_get_details(engine: Engine, caller: Caller, parameters: Parameters) -> WhmReply:
    """Tell which of the caller's API tokens a secret belongs to; there is no ``data`` if it belongs to none of them."""
    token = engine.store.token_by_digest(secret_digest(parameters.required("token")))
    if token is None or token.account_id != caller.account.id or token.service != SERVICE:
        return WhmReply()
    return WhmReply(_details(token.name, token.create_time, token.expires_at, token.acls, token.addresses))


def _requested_acls(caller: Caller, parameters: Parameters) -> frozenset[str]:
    """Return the privileges of a new API token: those requested, or all of the caller's if none are.

    The caller is the account: the limits of the token that it uses do not count, which is why docs/conformance.md (G4) warns of
    the privilege to manage tokens.
    """
    requested = frozenset(parameters.many("acl"))
    for acl in sorted(requested):
        if not is_known(acl):
            raise Refused(f"The privilege (ACL) {quoted(acl)} is unknown to this server.", cause="unknown acl")
        if not caller.account.has(acl):
            raise Refused(
                f"You cannot give the privilege (ACL) {quoted(acl)} to a token, because you do not have it yourself.",
                cause="acl that the caller does not have",
                denied=True,
            )
    granted = requested or caller.account.acls
    if not granted:
        raise Refused("A token must have at least one privilege (ACL), and you have none.", cause="no privileges")
    return granted


def _details(
    name: str, create_time: int, expires_at: int | None, acls: frozenset[str], addresses: tuple[str, ...] | None
) -> TokenDetails:
    return {
        "name": name,
        "acls": sorted(acls),
        "create_time": create_time,
        "expires_at": expires_at,
        "whitelist_ips": None if addresses is None else list(addresses),
    }


def _render_list(tokens: list[Token], lean: bool) -> Rendered:
    return Rendered('{"tokens":{' + ",".join(f'"{token.name}":{_row(token, lean)}' for token in tokens) + "}}")


def _row(token: Token, lean: bool) -> str:
    """Return a ``ListedToken`` in JSON. A lean one lacks ``last_used``, and ``whitelist_ips`` where any address may use the token."""
    details = _details(token.name, token.create_time, token.expires_at, token.acls, token.addresses)
    rest: dict[str, object] = {**details, "last_used": token.last_used}
    del rest["acls"]
    if lean:
        del rest["last_used"]
        if token.addresses is None:
            del rest["whitelist_ips"]
    return f'{{"acls":{_flags(token.acls)},{encode(rest)[1:]}'


@lru_cache(maxsize=1024)
def _flags(acls: frozenset[str]) -> str:
    """Return privileges as JSON: by far the longest part of a row, and the same few sets again and again."""
    return encode(flags(acls))


def _name_taken(name: str) -> Refused:
    return Refused(
        f"You already have an API token named {quoted(name)}: the name of a token must be unique.",
        cause="name already taken",
    )


def _unknown_names(names: list[str]) -> Refused:
    listed = ", ".join(quoted(name) for name in names)
    return Refused(f"You do not have an API token named {listed}.", cause="unknown token name")


FUNCTIONS: dict[str, WhmFunction] = {
    "api_token_create": api_token_create,
    "api_token_get_details": api_token_get_details,
    "api_token_list": api_token_list,
    "api_token_revoke": api_token_revoke,
    "api_token_update": api_token_update,
}
