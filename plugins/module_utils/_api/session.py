# Copyright (c) 2026 panelops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""HTTPS requests with an end: a deadline and a limit of size for each answer, and no settings but our own.

Only the proxies are taken from the environment. A ``.netrc`` file or ``REQUESTS_CA_BUNDLE`` changes neither the credential nor the
trusted authorities.
"""

from __future__ import annotations

import socket
import ssl
import time
import zlib
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Protocol

from .connection import Connection
from .failures import Failure

if TYPE_CHECKING:
    from requests import PreparedRequest, Response, Session

    Sign = Callable[[PreparedRequest], PreparedRequest]
    """Puts the credential on a request."""

MOST_BYTES = 64 * 1024 * 1024
"""The longest body that is read, decompressed: the tokens of 100,000 accounts take less."""
_PIECE = 65536


@dataclass(frozen=True)
class HttpAnswer:
    """The answer to one request, read to its end."""

    status: int
    headers: Mapping[str, str]
    body: bytes


class HttpSession(Protocol):
    """Requests to one server, over one connection where that is kept."""

    def post(self, url: str, params: Sequence[tuple[str, str]]) -> HttpAnswer:
        """Send a form. It is a POST, so that no value stands in a URL or an access log.

        :raises Failure: there is no whole answer.
        """

    def close(self) -> None:
        """Close the connection."""


class Watch:
    """The time that is left for the request that is under way and its whole answer. It runs from the first byte that is sent."""

    def __init__(self, seconds: float) -> None:
        self._seconds = seconds
        self._deadline: float | None = None
        self.answering = False
        """Has a byte of the answer come?"""

    @property
    def running(self) -> bool:
        """Has a byte of the request been sent?"""
        return self._deadline is not None

    def reset(self) -> None:
        """Wait for the next request."""
        self._deadline, self.answering = None, False

    def start(self) -> None:
        """Run, unless it does already."""
        if self._deadline is None:
            self._deadline = time.monotonic() + self._seconds

    def limit(self, connection: socket.socket) -> None:
        """Let the next wait of a connection end with the time that is left.

        :raises TimeoutError: none is left. Before Python 3.10 that is ``socket.timeout``, the name that urllib3 knows it by there.
        """
        if self._deadline is not None:
            left = self._deadline - time.monotonic()
            if left <= 0:
                raise socket.timeout("the answer did not end within the timeout")
            connection.settimeout(left)


class BoundedSession:
    """Requests to one server over one kept connection.

    :param verify: whether certificates are verified, or the file with the authorities to trust.
    :param timeout: seconds for the connection, and again for each answer from the request's first byte to the answer's last.
    :raises ImportError: the Python library requests is missing.
    """

    def __init__(self, verify: bool | str, timeout: float, sign: Sign) -> None:
        from requests.exceptions import RequestException
        from requests.utils import get_environ_proxies
        from urllib3.exceptions import HTTPError

        self._errors = (RequestException, HTTPError, OSError, ValueError)
        self._proxies: Callable[[str], dict[str, str]] = get_environ_proxies
        self._verify = verify
        self._timeout = timeout
        self._watch = Watch(timeout)
        self._session = _session(self._watch, verify is not False)
        # An auth function of our own, not a header: that is what requests itself puts on last.
        self._session.auth = sign
        self._session.headers.update({"Accept": "application/json", "Accept-Encoding": "gzip"})
        self._session.headers["User-Agent"] = "panelops.cpanel"

    @classmethod
    def of(cls, connection: Connection, authorization: str) -> BoundedSession:
        """Requests of one caller.

        :raises ImportError: the Python library requests is missing.
        """
        verify = (connection.ca_path or True) if connection.validate_certs else False

        def sign(request: PreparedRequest) -> PreparedRequest:
            request.headers["Authorization"] = authorization
            return request

        return cls(verify, connection.timeout, sign)

    def close(self) -> None:
        """Close the connection."""
        self._session.close()

    def post(self, url: str, params: Sequence[tuple[str, str]]) -> HttpAnswer:
        """Send a form. It is a POST, so that no value stands in a URL or an access log.

        :raises Failure: there is no whole answer.
        """
        self._watch.reset()
        try:
            with self._session.post(
                url,
                data=list(params),
                timeout=self._timeout,
                verify=self._verify,
                proxies=self._proxies(url),
                allow_redirects=False,
                stream=True,
            ) as response:
                return HttpAnswer(response.status_code, response.headers, _body(response))
        except self._errors as exc:
            failure = Failure.from_exception(exc)
            if failure.kind == "timeout" and self._watch.answering:
                failure = Failure.unfinished()
            elif self._watch.running and not failure.may_have_happened:
                # Such as headers that contradict each other: the same exceptions as for a request that cannot be sent.
                failure = Failure.broken_off()
            raise failure from None


def _session(watch: Watch, verifies: bool) -> Session:
    """A session of requests whose connections keep to the time of the watch."""
    import requests
    from requests.adapters import HTTPAdapter
    from urllib3.util.ssl_ import create_urllib3_context

    context = create_urllib3_context(cert_reqs=ssl.CERT_REQUIRED if verifies else ssl.CERT_NONE)
    context.sslsocket_class = socket_class(watch)

    class Adapter(HTTPAdapter):
        def init_poolmanager(self, *args: Any, **options: Any) -> None:  # the arguments are those of requests
            super().init_poolmanager(*args, **options, ssl_context=context)

        def proxy_manager_for(self, proxy: Any, **options: Any) -> Any:  # as above
            return super().proxy_manager_for(proxy, **options, ssl_context=context)

    class WithoutRedirects(requests.Session):
        def get_redirect_target(self, resp: Response) -> None:
            """None: requests would read the whole body of a redirect, also of one that it does not follow."""

    session = WithoutRedirects()
    session.trust_env = False
    session.mount("https://", Adapter())
    return session


def socket_class(watch: Watch) -> type[ssl.SSLSocket]:
    """Connections whose every wait ends when the watch does.

    The timeout of requests is for each wait: a server that sends a byte now and then would keep us for hours.
    """

    class TimedSocket(ssl.SSLSocket):
        def send(self, data: Any, flags: int = 0) -> int:
            watch.start()
            watch.limit(self)
            return super().send(data, flags)

        def recv_into(self, buffer: Any, nbytes: int | None = None, flags: int = 0) -> int:
            watch.limit(self)
            count = super().recv_into(buffer, nbytes, flags)
            watch.answering = watch.answering or count > 0
            return count

    return TimedSocket


def _body(response: Response) -> bytes:
    """The decompressed body of an answer whose headers have come.

    :raises Failure: it is too long, or compressed otherwise than we said we could read.
    """
    encoding = response.headers.get("Content-Encoding", "identity")
    return body_of(lambda count: response.raw.read(count, decode_content=False), encoding)


def body_of(read: Callable[[int], bytes], encoding: str, most: int = MOST_BYTES) -> bytes:
    """The decompressed body of an answer.

    :param read: reads at most that many bytes. :param most: the longest body, in bytes.
    :raises Failure: it is too long, or compressed otherwise than we said we could read.
    """
    encoding = encoding.strip().lower()
    if encoding not in ("", "identity", "gzip", "x-gzip"):
        raise Failure.encoded(encoding)
    pieces: Iterator[bytes] = iter(lambda: read(_PIECE), b"")
    if encoding in ("gzip", "x-gzip"):
        pieces = _decompressed(pieces)
    body = bytearray()
    for piece in pieces:
        body += piece
        if len(body) > most:
            raise Failure.too_long(most)
    return bytes(body)


def _decompressed(pieces: Iterator[bytes]) -> Iterator[bytes]:
    """Decompress, never more than a little at a time: a thousandth of the length can hold any answer.

    :raises Failure: it is not in the format that it is said to have.
    """
    inflater = zlib.decompressobj(16 + zlib.MAX_WBITS)
    try:
        for piece in pieces:
            while piece:
                yield inflater.decompress(piece, _PIECE * 16)
                piece = inflater.unconsumed_tail
        yield inflater.flush(_PIECE)
    except zlib.error:
        raise Failure.encoded("gzip") from None
