# Copyright (c) 2026 panelops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What M(panelops.cpanel.api_token_delivery) does on a consumer's host, as a function of plain data."""

from __future__ import annotations

import base64
import ssl
from collections.abc import Mapping
from dataclasses import asdict
from typing import Any, Callable

from .._api.access import attempt
from .._api.connection import CPANEL, WHM, Connection, Service, connection_from
from .._api.plain_session import PlainSession, make_context
from .._delivery.evidence import Place, origin_of
from .._delivery.file import DeliveryFile
from .._delivery.sink import Endpoint, Previous, sinks_from
from .._delivery.steps import Delivery
from .._errors import NotAuthenticated, PanelopsError


def run(
    params: Mapping[str, Any],
    check_mode: bool,
    environ: Mapping[str, str],
    files: Callable[[Mapping[str, Any]], DeliveryFile],
) -> dict[str, object]:
    """Take one step for all sinks of this host.

    :param files: makes the file of one sink's options.
    """
    previous = {
        Place.of(copy): Previous(base64.b64decode(copy["previous"]), origin_of(copy["mark"]))
        for copy in params["copies"] or ()
        if copy["previous"] is not None
    }
    told = Delivery(params["step"], FromHere(), check_mode).take(sinks_from(params, previous, files))
    return dict(
        changed=any(each.restored or not each.unchanged for each in told),
        sinks=[each.as_result() for each in told],
        copies=[
            dict(
                each.place.as_dict(),
                previous=base64.b64encode(each.previous).decode("ascii"),
                mark=None if each.mark is None else asdict(each.mark),
            )
            for each in told
            if each.previous is not None
        ],
    )


class FromHere:
    """Tries secrets with what every Python has: consumers need not have requests (see ``Verifier``)."""

    def __init__(self) -> None:
        self._contexts: dict[tuple[str | None, bool], ssl.SSLContext] = {}

    def check(self, endpoint: Endpoint) -> None:
        """Make sure that this host can try a secret.

        :raises PanelopsError: it lacks something, such as the file of ``ca_path``.
        """
        connection, _service = _connection(endpoint, "none")
        self._context(connection)

    def works(self, endpoint: Endpoint, secret: str) -> bool:
        """Is a secret that was found here accepted?

        :raises PanelopsError: it could not be tried.
        """
        connection, service = _connection(endpoint, secret)
        try:
            self._attempt(connection, service, secret)
        except NotAuthenticated:
            return False
        return True

    def verify(self, endpoint: Endpoint, secret: str, host: str) -> None:
        """Try the new secret from here.

        :raises PanelopsError: it was not accepted, or could not be tried.
        """
        connection, service = _connection(endpoint, secret)
        try:
            self._attempt(connection, service, secret)
        except NotAuthenticated:
            raise PanelopsError(
                f"{connection.address} does not accept the new token from {host}. Is the address that {host} has there on "
                "the token's whitelist_ips?"
            ) from None
        except PanelopsError as error:
            raise PanelopsError(f"The new token could not be tried from {host}: {error}") from None

    def _attempt(self, connection: Connection, service: Service, secret: str) -> None:
        context = self._context(connection)
        attempt(connection, service, secret, lambda one, authorization: PlainSession(one, authorization, context))

    def _context(self, connection: Connection) -> ssl.SSLContext:
        """What TLS connections trust, read once for all sinks."""
        key = (connection.ca_path, connection.validate_certs)
        if key not in self._contexts:
            self._contexts[key] = make_context(connection)
        return self._contexts[key]


def _connection(endpoint: Endpoint, secret: str) -> tuple[Connection, Service]:
    service = WHM if endpoint.service == "whm" else CPANEL
    return connection_from(dict(asdict(endpoint), api_token=secret, password=None), {}, service), service
