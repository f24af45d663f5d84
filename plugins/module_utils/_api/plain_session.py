"""HTTPS requests with the standard library alone, for hosts that only try a secret.

The same rules as in ``session``: one deadline for each answer, a limit of size, and of the environment only the proxies.
"""

from __future__ import annotations

import base64
import ipaddress
import os
import ssl
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from http.client import HTTPException, HTTPSConnection
from urllib.parse import unquote, urlencode, urlsplit
from urllib.request import getproxies, proxy_bypass

from .._errors import InvalidOption
from .connection import Connection
from .failures import Failure, sentence_for
from .session import HttpAnswer, Watch, body_of, socket_class

_ASKED = {
    "Accept": "application/json",
    "Accept-Encoding": "gzip",
    "Content-Type": "application/x-www-form-urlencoded",
    "User-Agent": "panelops.cpanel",
}
_BROKEN = (OSError, HTTPException, ValueError)


class PlainSession:
    """Requests of one caller, each over a connection of its own (see ``HttpSession``).

    :param authorization: the value of the header.
    :param context: what TLS connections trust, of ``make_context``. Sessions that are used one after the other can share it: to read
        the authorities of a system takes longer than a request.
    :raises InvalidOption: the certificate authorities cannot be read.
    """

    def __init__(self, connection: Connection, authorization: str, context: ssl.SSLContext | None = None) -> None:
        self._connection = connection
        self._headers = {**_ASKED, "Authorization": authorization}
        self._watch = Watch(connection.timeout)
        self._context = context or make_context(connection)

    def close(self) -> None:
        """Nothing is open between requests."""

    def post(self, url: str, params: Sequence[tuple[str, str]]) -> HttpAnswer:
        """Send a form.

        :raises Failure: there is no whole answer.
        """
        self._watch.reset()
        self._context.sslsocket_class = socket_class(self._watch)
        parts = urlsplit(url)
        path = f"{parts.path}?{parts.query}" if parts.query else parts.path
        with self._connected() as opened:
            try:
                opened.request("POST", path, urlencode(list(params)), self._headers)
                answer = opened.getresponse()
                body = body_of(answer.read, answer.headers.get("Content-Encoding") or "")
                # However the server spells their names: readers ask for Date and Location.
                headers = {name.title(): value for name, value in answer.headers.items()}
                return HttpAnswer(answer.status, headers, body)
            except _BROKEN as exc:
                failure = Failure.from_exception(exc)
                raise Failure.unfinished() if failure.kind == "timeout" and self._watch.answering else failure from None

    @contextmanager
    def _connected(self) -> Iterator[HTTPSConnection]:
        """:raises Failure: no connection comes about."""
        proxy = _proxy_for(self._connection)
        opened = self._through(proxy)
        try:
            opened.connect()
        except _BROKEN as exc:
            opened.close()
            raise _not_connected(exc, proxy is not None) from None
        try:
            yield opened
        finally:
            opened.close()

    def _through(self, proxy: str | None) -> HTTPSConnection:
        host, port, timeout = self._connection.host, self._connection.port, self._connection.timeout
        if proxy is None:
            return HTTPSConnection(host, port, timeout=timeout, context=self._context)
        parts = urlsplit(proxy if "://" in proxy else f"http://{proxy}")
        try:
            # The tunnel begins in plain text, as that of all clients to a proxy of the kind http://.
            if parts.scheme != "http" or not parts.hostname:
                raise ValueError(parts.scheme)
            opened = HTTPSConnection(parts.hostname, parts.port or 80, timeout=timeout, context=self._context)
        except ValueError:
            raise Failure(
                "proxy", "the proxy that the environment names is none of the kind http://host:port"
            ) from None
        opened.set_tunnel(host, port, _proxy_headers(parts.username, parts.password))
        return opened


def make_context(connection: Connection) -> ssl.SSLContext:
    """What TLS connections trust: the file of ``ca_path``, or the authorities of this host's system.

    :raises InvalidOption: the file cannot be read, or holds none.
    """
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    if not connection.validate_certs:
        context.check_hostname = False
        context.verify_mode = ssl.CERT_NONE
        return context
    if connection.ca_path is None:
        _trust_the_system(context)
        return context
    try:
        with open(connection.ca_path, "rb"):
            pass
        context.load_verify_locations(cafile=connection.ca_path)
    except ssl.SSLError:
        raise InvalidOption("ca_path", sentence_for(Failure("ca_path", ""), connection).partition(": ")[2]) from None
    except OSError as error:
        raise InvalidOption(
            "ca_path",
            f"{connection.ca_path} cannot be read ({error.strerror}) on the host that connects to the server.",
            "Change its mode, or give another file.",
        ) from None
    return context


def _trust_the_system(context: ssl.SSLContext) -> None:
    """The places that this Python was built with, and none that an environment variable names."""
    paths = ssl.get_default_verify_paths()
    file = paths.openssl_cafile if os.path.isfile(paths.openssl_cafile) else None
    folder = paths.openssl_capath if os.path.isdir(paths.openssl_capath) else None
    if file or folder:
        context.load_verify_locations(file, folder)


def _not_connected(exc: BaseException, through_proxy: bool) -> Failure:
    failure = Failure.from_exception(exc)
    if failure.kind == "timeout":
        return Failure("connect_timeout", "no connection within the timeout")
    if through_proxy and not isinstance(exc, ssl.SSLError):
        return Failure("proxy", "the proxy that the environment names did not connect us")
    if failure.kind == "dropped" and isinstance(exc, OSError) and not isinstance(exc, ConnectionError):
        return Failure("connect", "no route or connection")
    return failure


def _proxy_for(connection: Connection) -> str | None:
    """The proxy that the environment names for a server, ``None`` if there is none."""
    proxies = getproxies()
    proxy = proxies.get("https") or proxies.get("all")
    if not proxy or proxy_bypass(connection.host) or _in_a_network(connection.host, proxies.get("no") or ""):
        return None
    return proxy


def _in_a_network(host: str, exceptions: str) -> bool:
    """Is an address in one of the networks that ``no_proxy`` lists? The standard library compares names only."""
    try:
        address = ipaddress.ip_address(host)
    except ValueError:
        return False
    for each in exceptions.replace(" ", "").split(","):
        try:
            if "/" in each and address in ipaddress.ip_network(each, strict=False):
                return True
        except ValueError:
            continue
    return False


def _proxy_headers(username: str | None, password: str | None) -> dict[str, str]:
    if username is None:
        return {}
    pair = f"{unquote(username)}:{unquote(password or '')}".encode()
    return {"Proxy-Authorization": "Basic " + base64.b64encode(pair).decode("ascii")}
