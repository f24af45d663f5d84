# Copyright (c) 2026 panelops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The server of a rotation: the tokens on it, its clock, and how consumers reach it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, replace
from typing import Any

from .._api.access import CpanelAccess, WhmAccess, attempt, opened
from .._api.account_list import listed_accounts
from .._api.batch import Outcome
from .._api.connection import CPANEL, WHM, Connection, option_or_variable, port_of
from .._api.owners import Owner, Owners, Tokens, owners_of, read_tokens
from .._delivery.sink import Endpoint
from .._engine.apply import Engine
from .._engine.entry import Entry
from .._errors import NotAuthenticated, Refused
from .._model.names import is_sibling
from .._model.plan import Plan, Revoke
from .._model.stored import Origin
from .entries import Key, RotationEntry
from .options import RotationOptions
from .rotating import RotatingToken


@dataclass(frozen=True)
class Revocation:
    """Staged or retired tokens of one token that are to be revoked."""

    rotating: RotatingToken
    names: tuple[str, ...]
    entry: Entry


def revocations(names: Iterable[tuple[RotatingToken, Sequence[str]]]) -> list[Revocation]:
    """Plans to revoke names of tokens, where there are any."""
    return [
        Revocation(rotating, tuple(theirs), Entry(Plan(None, None, (Revoke(tuple(theirs)),)), rotating.owner))
        for rotating, theirs in names
        if theirs
    ]


def note_revoked(ended: Iterable[Revocation], entries: Mapping[Key, RotationEntry]) -> list[str]:
    """Note in their entries which retired tokens were revoked. Returns a warning for each token of which some could not be.

    That does not matter to the live token, and the next run tries again.
    """
    warnings = []
    for each in ended:
        if each.entry.error is None:
            entries[each.rotating.key].retired += each.names
        else:
            warnings.append(f"The retired tokens of {each.rotating.name} could not be revoked: {each.entry.error}")
    return warnings


@dataclass(frozen=True)
class Holder:
    """Whose secret it is, as the server says. ``name``: of the caller's live token; ``alive``: ``None`` if nobody can say."""

    name: str | None
    alive: bool | None = None


@dataclass(frozen=True)
class Server:
    """The server of a task, asked over one connection.

    ``cpanel_port`` is where consumers use the tokens of accounts that are reached through WHM, and ``own_cpanel_port`` where we do.
    ``reopen`` opens another connection, which is
    authenticated by the secret of another token of the same user.
    """

    access: WhmAccess | CpanelAccess
    connection: Connection
    owners: Owners
    options: RotationOptions
    cpanel_port: int
    own_cpanel_port: int
    reopen: Callable[[str], AbstractContextManager[Server]]

    def now(self) -> int:
        """The server's time in Unix seconds."""
        return self.access.now()

    def read(self, rotating: Iterable[RotatingToken]) -> dict[Owner, Outcome[Tokens]]:
        """The tokens of all owners of these tokens, or the error of an owner whose tokens could not be read.

        :raises PanelopsError: nothing could be read.
        """
        return read_tokens(self.owners, list(dict.fromkeys(each.owner for each in rotating)))

    def accounts(self) -> dict[str, bool]:
        """The accounts that the caller can reach, and whether they are suspended.

        :raises PanelopsError: they could not be listed.
        """
        return listed_accounts(self.access.transport) if isinstance(self.access, WhmAccess) else {}

    def apply(self, entries: Sequence[Entry]) -> None:
        """Carry plans out; what came of each is in its entry."""
        Engine(self.owners).apply(entries)

    def endpoint(self, owner: str | None) -> Endpoint:
        """How a consumer reaches the service that a token of ``owner`` is for."""
        connection, consumers = self.connection, self.options.consumers
        through_whm = self.options.service == "whm" and owner is not None
        certs = consumers.validate_certs
        return Endpoint(
            service="cpanel" if through_whm else self.options.service,
            host=consumers.host or connection.host,
            port=self.cpanel_port if through_whm else consumers.port or connection.port,
            username=owner or connection.username,
            ca_path=consumers.ca_path or connection.ca_path,
            validate_certs=connection.validate_certs if certs is None else certs,
            timeout=connection.timeout,
        )

    def origin(self, rotating: RotatingToken) -> Origin:
        """What the secrets of a token are issued for, without a time of creation."""
        user = rotating.owner or self.connection.username
        return Origin(self.connection.address, user, rotating.desired.kind.RESULT, rotating.name)

    def holder(self, secret: str) -> Holder:
        """Which live token of the caller's a secret belongs to.

        :raises PanelopsError: there was no answer.
        """
        if not isinstance(self.access, WhmAccess):
            return Holder(None)
        try:
            details = self.access.api.details(secret)
        except Refused:
            return Holder(None)  # The caller may not ask.
        if details is None or details.is_expired(self.now()):
            return Holder(None, alive=False)
        return Holder(details.name, alive=True)

    def accepts(self, owner: str | None, secret: str) -> bool:
        """Does cPanel take a secret as one of an account's?

        :raises PanelopsError: there was no answer.
        """
        port = self.connection.port if self.options.service == "cpanel" else self.own_cpanel_port
        connection = replace(self.connection, port=port, username=owner or self.connection.username)
        try:
            attempt(connection, CPANEL, secret)
        except NotAuthenticated:
            return False
        return True

    def using(self, rotating: Iterable[RotatingToken]) -> list[RotatingToken]:
        """Those of these tokens that we may be authenticated with; of an account's nobody can say which it is."""
        secret = self.access.own_secret
        if secret is None:
            return []
        mine = [each for each in rotating if each.owner is None]
        if not mine or not isinstance(self.access, WhmAccess):
            return mine
        details = self.access.api.details(secret)
        return [each for each in mine if details is not None and is_sibling(details.name, (each.name,))]


def server_named(params: Mapping[str, Any], environ: Mapping[str, str]) -> str:
    """What the options of a task or its environment call the server and the caller; empty if they name no server."""
    service = CPANEL if params["service"] == "cpanel" else WHM

    def given(option: str) -> str:
        return option_or_variable(params, environ, option, f"{service.prefix}_{option.upper()}").value or ""

    host, username = given("host"), given("username") or service.username
    if not host or "@" in host:  # It may hold a credential, and is refused later.
        return ""
    named = f"{host.lower()}:{given('port') or service.port}"
    return named if username == service.username else f"{username} on {named}"


@contextmanager
def opened_server(params: Mapping[str, Any], environ: Mapping[str, str], options: RotationOptions) -> Iterator[Server]:
    """Open the connection that the options of a task describe.

    :raises InvalidOption: naming the option, the rule and the remedy.
    """
    connecting = dict(params, transport="https", account=None)
    access: WhmAccess | CpanelAccess
    access = CpanelAccess(connecting, environ) if options.service == "cpanel" else WhmAccess(connecting, environ)
    port = own = CPANEL.port
    if any(each["account"] is not None or each["accounts"] is not None for each in params["tokens"]):
        own = port_of(option_or_variable(params, environ, "cpanel_port", "CPANEL_PORT"), CPANEL.port)
        port = options.consumers.cpanel_port or own

    def reopen(secret: str) -> AbstractContextManager[Server]:
        return opened_server(dict(params, api_token=secret, password=None), environ, options)

    with opened(access):
        if access.connection is None:
            raise ValueError("a rotation has no transport but https")
        yield Server(access, access.connection, owners_of(access), options, port, own, reopen)
