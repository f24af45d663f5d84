# Copyright (c) 2026 panelops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""One kept-open HTTPS connection, on the standard library alone.

A module is a new Python each time: to load a library for HTTP took longer than all that the module then did.
"""

from __future__ import annotations

import base64
import http.client
import ipaddress
import select
import ssl
from dataclasses import dataclass
from urllib.parse import SplitResult, unquote, urlsplit
from urllib.request import getproxies_environment, proxy_bypass_environment

from ansible_collections.panelops.cpanel.plugins.module_utils._connection import Connection
from ansible_collections.panelops.cpanel.plugins.module_utils._failures import Failure


@dataclass(frozen=True)
class Answer:
    """An HTTP answer, read whole."""

    status: int
    headers: http.client.HTTPMessage
    body: bytes


class HttpsChannel:
    """Requests to one server. A redirect is an answer like any other."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self._http: http.client.HTTPSConnection | None = None

    def post(self, path: str, body: bytes, headers: dict[str, str]) -> Answer:
        """Send a request once.

        :raises Failure: there was no whole answer.
        """
        stage = "connect"
        try:
            self._drop_if_ended()
            if self._http is None:
                self._http = self._connected()
            stage = "request"
            self._http.request("POST", path, body=body, headers=headers)
            stage = "answer"
            response = self._http.getresponse()
            return Answer(response.status, response.headers, response.read())
        except (OSError, ValueError, http.client.HTTPException) as exc:
            self.close()
            raise Failure.from_exception(exc, stage) from None
        except BaseException:
            # A time limit of the task: what is still to come must not be taken for the next answer.
            self.close()
            raise

    def close(self) -> None:
        """Close the connection; a later request opens another."""
        if self._http is not None:
            self._http.close()
            self._http = None

    def _drop_if_ended(self) -> None:
        """A server may close an idle connection. A mutation sent into one would count as lost."""
        if self._http is not None and (self._http.sock is None or _is_readable(self._http.sock)):
            self.close()

    def _connected(self) -> http.client.HTTPSConnection:
        connection = self._connection
        host, port, timeout = connection.host, connection.port, connection.timeout
        proxy = _proxy_for(host, port)
        if proxy is None:
            made = http.client.HTTPSConnection(host, port, timeout=timeout, context=_context(connection))
        else:
            made = http.client.HTTPSConnection(
                proxy.hostname or "", proxy.port or 80, timeout=timeout, context=_context(connection)
            )
            made.set_tunnel(host, port, headers=_proxy_authorization(proxy))
        try:
            made.connect()
        except OSError as exc:
            if proxy is not None and not isinstance(exc, ssl.SSLError):
                raise Failure("proxy", "the proxy that the environment names did not connect us") from None
            raise
        return made


def _context(connection: Connection) -> ssl.SSLContext:
    if not connection.validate_certs:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        context.check_hostname = False
        context.verify_mode = ssl.CERT_NONE
        return context
    try:
        return ssl.create_default_context(cafile=connection.ca_path or None)
    except OSError:
        raise Failure("tls", f"{connection.ca_path} is not a PEM file that can be read") from None


def _is_readable(sock) -> bool:
    """Between two requests there is nothing to read but the end."""
    poll = select.poll()
    poll.register(sock, select.POLLIN)
    return bool(poll.poll(0))


def _proxy_for(host: str, port: int) -> SplitResult | None:
    """The proxy that the environment names for a server: ``https_proxy`` or ``all_proxy``, unless ``no_proxy`` excepts it.

    :raises Failure: it is of a kind that we cannot use.
    """
    proxies = getproxies_environment()
    url = proxies.get("https") or proxies.get("all")
    if not url or proxy_bypass_environment(f"{host}:{port}", proxies) or _in_network(host, proxies.get("no", "")):
        return None
    proxy = urlsplit(url if "://" in url else f"http://{url}")
    if proxy.scheme != "http" or not proxy.hostname:
        raise Failure("proxy", "the proxy that the environment names is none of the kind http://host:port")
    return proxy


def _in_network(host: str, excepted: str) -> bool:
    """Is the address within a range such as 10.0.0.0/8 of ``no_proxy``? The standard library looks for names only."""
    try:
        address = ipaddress.ip_address(host)
    except ValueError:
        return False
    for entry in excepted.split(","):
        try:
            if address in ipaddress.ip_network(entry.strip(), strict=False):
                return True
        except ValueError:
            continue
    return False


def _proxy_authorization(proxy: SplitResult) -> dict[str, str]:
    if proxy.username is None:
        return {}
    pair = f"{unquote(proxy.username)}:{unquote(proxy.password or '')}"
    return {"Proxy-Authorization": "Basic " + base64.b64encode(pair.encode()).decode("ascii")}
