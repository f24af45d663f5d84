# Copyright (c) 2026 panelops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A session of requests for the library of a store: each answer has a deadline and a limit of size, and no settings but ours count.

Only the proxies are taken from the environment. A ``.netrc`` file changes no credential, and ``REQUESTS_CA_BUNDLE`` no trusted authority.
"""

from __future__ import annotations

import socket
import ssl
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from ansible_collections.panelops.cpanel.plugins.module_utils._api.failures import Failure
from ansible_collections.panelops.cpanel.plugins.module_utils._api.session import Watch, body_of, socket_class

from .reasons import cause
from .scrubbing import Hidden
from .store import NotAnswered, NotReached

if TYPE_CHECKING:
    import requests
    from requests import Session
    from requests.adapters import HTTPAdapter
else:
    try:
        import requests
        from requests import Session
        from requests.adapters import HTTPAdapter
    except ImportError:  # The check of a sink says so, before anything of this is used.
        Session = HTTPAdapter = object

MOST_BYTES = 8 * 1024 * 1024
"""The longest body of an answer, decompressed. A secret of a store has at most 1 MiB."""

_FOLLOWED = (307, 308)
"""Redirects that keep the method and the body."""


class StoreSession(Session):
    """Calls to one store.

    :param verify: whether certificates are verified, or the file with the authorities to trust.
    :param timeout: seconds for the connection, and again for each answer from the request's first byte to the answer's last.
    :param redirects: how many are followed for one call.
    :param pool: further options of the connections, as urllib3 names them.
    """

    def __init__(self, url: str, verify: bool | str, timeout: float, redirects: int = 0, **pool: Any) -> None:
        from requests.utils import get_environ_proxies

        super().__init__()
        self.trust_env = False
        self.verify = verify
        self.proxies = get_environ_proxies(url)
        self.max_redirects = redirects
        self.status = 0
        """The status of the latest answer, 0 if there was none."""
        self._watch = Watch(timeout)
        adapter = _Adapter(self._watch, timeout, verify is not False, pool)
        self.mount("https://", adapter)
        self.mount("http://", adapter)

    @property
    def sent(self) -> bool:
        """Was any of the latest request sent?"""
        return self._watch.running

    def send(self, request: requests.PreparedRequest, **options: Any) -> requests.Response:
        """Send one request.

        :raises requests.RequestException: there is no whole answer.
        """
        self.status = 0
        self._watch.reset()
        answer = super().send(request, **options)
        self.status = answer.status_code
        return answer

    def get_redirect_target(self, resp: requests.Response) -> str | None:
        """Where a redirect leads, if it is that of a standby node.

        :raises requests.RequestException: it is another one. It would turn a write into a read, or carry the credential to another
            server, or over a plain connection.
        """
        target = super().get_redirect_target(resp)
        if target is None:
            return None
        if resp.status_code not in _FOLLOWED or not self.max_redirects:
            raise requests.exceptions.InvalidURL(f"it redirects, with HTTP {resp.status_code}")
        if urlsplit(str(resp.url)).scheme == "https" and urlsplit(target).scheme == "http":
            raise requests.exceptions.InvalidURL("it redirects to a connection without TLS")
        return target


class _Adapter(HTTPAdapter):
    """Reads each answer to its end before anybody looks at it."""

    def __init__(self, watch: Watch, timeout: float, verifies: bool, pool: Mapping[str, Any]) -> None:
        from urllib3.util.ssl_ import create_urllib3_context

        self._timeout = timeout
        self._watch = watch
        self._pool = pool
        self._context = create_urllib3_context(cert_reqs=ssl.CERT_REQUIRED if verifies else ssl.CERT_NONE)
        self._context.sslsocket_class = socket_class(self._watch)
        super().__init__()

    def init_poolmanager(self, *args: Any, **options: Any) -> None:  # the arguments are those of requests
        from urllib3.connectionpool import HTTPSConnectionPool

        super().init_poolmanager(*args, **{**options, **self._pool}, ssl_context=self._context)
        # ``super`` stands for a class that is not there yet when this is called.
        self.poolmanager.pool_classes_by_scheme = {"http": _plain_pool(self._watch), "https": HTTPSConnectionPool}

    def proxy_manager_for(self, proxy: Any, **options: Any) -> Any:  # as above
        from urllib3.connectionpool import HTTPSConnectionPool

        manager = super().proxy_manager_for(proxy, **options, ssl_context=self._context)
        manager.pool_classes_by_scheme = {"http": _plain_pool(self._watch), "https": HTTPSConnectionPool}
        return manager

    def send(self, request: requests.PreparedRequest, *_args: Any, **options: Any) -> requests.Response:
        """Send one request, and read its whole answer.

        :raises requests.RequestException: there is none.
        """
        from urllib3.exceptions import HTTPError

        # What the library offers to read must not be more than it says.
        request.headers["Accept-Encoding"] = "gzip"
        try:
            answer = super().send(request, **{**options, "stream": True, "timeout": self._timeout})
            with answer.raw:
                encoding = answer.headers.get("Content-Encoding", "identity")
                body = body_of(lambda count: answer.raw.read(count, decode_content=False), encoding, MOST_BYTES)
        except Failure as failure:
            raise requests.exceptions.ContentDecodingError(f"it answers with {failure.cause}") from None
        except requests.RequestException:
            raise
        except (HTTPError, OSError, ValueError) as error:
            raise requests.ConnectionError(error) from None
        _give(answer, body)
        return answer


def unanswered(http: StoreSession, url: str, error: Exception, hidden: Hidden) -> NotAnswered:
    """What to raise where there is no answer: it says whether anything was sent."""
    text = f"{url} does not answer ({hidden.line(cause(error))})."
    return NotAnswered(text) if http.sent else NotReached(text)


def _give(answer: requests.Response, body: bytes) -> None:
    """Let an answer have the body that was read."""
    state: Mapping[str, object] = dict(_content=body, _content_consumed=True)
    answer.__dict__.update(state)


def _plain_pool(watch: Watch) -> type:
    """Connections without TLS whose every wait ends when the watch does."""
    from urllib3.connection import HTTPConnection
    from urllib3.connectionpool import HTTPConnectionPool

    class TimedSocket(socket.socket):
        def sendall(self, data: Any, flags: int = 0) -> None:
            watch.start()
            watch.limit(self)
            super().sendall(data, flags)

        def recv_into(self, buffer: Any, nbytes: int = 0, flags: int = 0) -> int:
            watch.limit(self)
            count = super().recv_into(buffer, nbytes, flags)
            watch.answering = watch.answering or count > 0
            return count

    class Timed(HTTPConnection):
        def _new_conn(self) -> socket.socket:
            plain = super()._new_conn()
            timeout = plain.gettimeout()
            timed = TimedSocket(plain.family, plain.type, plain.proto, fileno=plain.detach())
            timed.settimeout(timeout)
            return timed

    return type("TimedPool", (HTTPConnectionPool,), {"ConnectionCls": Timed})
