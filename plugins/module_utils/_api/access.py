# Copyright (c) 2026 panelops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""From the options to an API that can be called: which service, which way, whose tokens."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from typing import Any, TypeVar

from .._errors import InvalidOption, NotAuthenticated
from .cli import CliTransport
from .connection import (
    CPANEL,
    WHM,
    Connection,
    Service,
    checked_username,
    connection_from,
    option_or_variable,
    port_of,
    timeout_from,
)
from .cpanel import CpanelApi, cpanel_through_whm, payload
from .https import HttpsTransport
from .session import HttpSession
from .transport import Transport
from .whm import WhmApi

AnyAccess = TypeVar("AnyAccess", bound="WhmAccess | CpanelAccess")


class WhmAccess:
    """WHM as one caller. ``connection`` is ``None`` on the command line, where no credential is used."""

    def __init__(self, params: Mapping[str, Any], environ: Mapping[str, str]) -> None:
        self.connection: Connection | None = None
        if params["transport"] == "cli":
            username = option_or_variable(params, {}, "username", "").value or "root"
            reseller = None if username == "root" else checked_username(username)
            self.transport: Transport = CliTransport(reseller, environ, timeout_from(params))
        else:
            self.connection = connection_from(params, environ, WHM)
            self.transport = HttpsTransport(self.connection, WHM)
        self.api = WhmApi(self.transport)

    def now(self) -> int:
        """The server's time in Unix seconds."""
        return self.transport.now()

    @property
    def own_secret(self) -> str | None:
        """The secret of the token that we authenticate with, if it is one."""
        return self.connection.api_token if self.connection else None

    def attempt(self, secret: str) -> None:
        """Make a call that every token may make, with another secret.

        :raises NotAuthenticated: the server does not take it from here.
        """
        if self.connection is None:
            raise ValueError("on the command line no secret is tried: it would show it to every user of the host")
        attempt(self.connection, WHM, secret)


class CpanelAccess:
    """The tokens of one cPanel account: as the account itself, through WHM, or on the command line."""

    def __init__(self, params: Mapping[str, Any], environ: Mapping[str, str]) -> None:
        account = params["account"]
        self._account = None if account is None else checked_username(account, "account")
        self._probe: Connection | None = None
        if params["transport"] == "cli":
            if self._account is None:
                raise InvalidOption(
                    "account", "is not given.", "transport: cli acts as root, so say whose tokens to manage."
                )
            self.transport: Transport = CliTransport(None, environ, timeout_from(params))
            self.api = CpanelApi(self._directly)
            self.owner = self._account
        elif self._account is None:
            connection = connection_from(params, environ, CPANEL)
            self._probe = connection
            self.transport = HttpsTransport(connection, CPANEL)
            self.api = CpanelApi(self._directly)
            self.owner = connection.username
        else:
            connection = connection_from(params, environ, WHM)
            port = port_of(option_or_variable(params, environ, "cpanel_port", "CPANEL_PORT"), CPANEL.port)
            self._probe = replace(connection, port=port, username=self._account, api_token=None, password=None)
            self.transport = HttpsTransport(connection, WHM)
            self.api = cpanel_through_whm(self.transport, self._account)
            self.owner = self._account

    def now(self) -> int:
        """The server's time in Unix seconds."""
        return self.transport.now()

    @property
    def connection(self) -> Connection | None:
        """The connection to cPanel on which the account's secrets are tried; without a credential where it is reached through WHM."""
        return self._probe

    @property
    def is_through_whm(self) -> bool:
        """Is the account reached over a connection to WHM? Then WHM can be asked about it."""
        return self._account is not None and self._probe is not None

    def is_refused(self, secret: str) -> bool:
        """Does a stored secret not authenticate the account? On the command line there is no way to ask.

        A suspended account is refused with every secret, so that alone does not say that it is dead.

        :raises PanelopsError: no answer; that is never taken for a refusal.
        """
        if self._probe is not None:
            try:
                attempt(self._probe, CPANEL, secret)
            except NotAuthenticated:
                return True
        return False

    @property
    def own_secret(self) -> str | None:
        """The secret of the account's token that we authenticate with, if it is one."""
        return self._probe.api_token if self._probe else None

    def _directly(self, function: str, params: list[tuple[str, str]], mutation: bool) -> object:
        """As the account itself, or on the command line for it."""
        answer = self.transport.uapi("Tokens", function, params, mutation, self._account)
        return payload(answer, f"Tokens::{function}", mutation)


def attempt(
    connection: Connection,
    service: Service,
    secret: str,
    sessions: Callable[[Connection, str], HttpSession] | None = None,
) -> None:
    """Make a harmless authenticated call with a secret.

    :param sessions: as ``HttpsTransport`` takes it.
    :raises NotAuthenticated: it is not accepted. :raises PanelopsError: there was no answer.
    """
    transport = HttpsTransport(replace(connection, api_token=secret, password=None), service, sessions=sessions)
    try:
        if service is WHM:
            transport.whm("version")
        else:
            transport.uapi("Tokens", "list", [], False)
    finally:
        transport.close()


@contextmanager
def opened(access: AnyAccess) -> Iterator[AnyAccess]:
    """Close the connection at the end, whatever happens."""
    try:
        yield access
    finally:
        access.transport.close()
