# Copyright (c) 2026 panelops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A TLS proxy in front of the reference server that makes it speak another version's dialect."""

from __future__ import annotations

import json
import ssl
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import requests
import trustme

from tests.support.dialects import Dialect
from tests.support.limits import patience
from tests.support.server import Server

Denial = tuple[int, dict[str, str], bytes]
Forward = Callable[[], requests.Response]
Around = Callable[[str, Forward], requests.Response]


def plainly(_path: str, forward: Forward) -> requests.Response:
    """Forward a request once, without delay."""
    return forward()


class Proxy:
    """One port in front of one service.

    :param dialects: change each parsed answer, in turn.
    :param denial: what a client gets in place of a 401.
    :param around: decides when and how often a request is forwarded, and which answer counts.
    """

    def __init__(
        self,
        upstream: str,
        authority: str,
        dialects: tuple[Dialect, ...] = (),
        denial: Denial | None = None,
        around: Around = plainly,
    ) -> None:
        self._upstream = upstream
        self._authority = authority
        self._dialects = dialects
        self._denial = denial
        self._around = around
        self._session = requests.Session()

    def answer(self, path: str, body: bytes, headers: dict[str, str]) -> Denial:
        """Return status, headers and body for the client."""

        def forward() -> requests.Response:
            return self._session.post(
                self._upstream + path,
                data=body,
                headers=headers,
                verify=self._authority,
                timeout=patience(10),
                allow_redirects=False,
            )

        response = self._around(path, forward)
        dated = {"Date": response.headers["Date"]}
        if response.status_code == 401 and self._denial:
            status, more, page = self._denial
            return status, {**dated, **more}, page
        if response.status_code != 200:
            return response.status_code, dated, response.content
        answer = response.json()
        for dialect in self._dialects:
            dialect(answer)
        return 200, {**dated, "Content-Type": "application/json"}, json.dumps(answer).encode()


@contextmanager
def speaking(
    server: Server, *dialects: Dialect, denial: Denial | None = None, around: Around = plainly
) -> Iterator[dict]:
    """Run proxies in front of both services; yield the modules' environment, changed to connect to them."""
    authority = trustme.CA()
    ca_file = server.state.parent / "proxy-ca.pem"
    authority.cert_pem.write_to_path(str(ca_file))
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert("127.0.0.1").configure_cert(context)
    environment = dict(server.environment, WHM_CA_PATH=str(ca_file), CPANEL_CA_PATH=str(ca_file))
    listeners = []
    for service in ("whm", "cpanel"):
        proxy = Proxy(server.ready[service], server.ready["ca_file"], dialects, denial, around)
        listener = ThreadingHTTPServer(("127.0.0.1", 0), _handler(proxy))
        listener.daemon_threads = True
        listener.socket = context.wrap_socket(listener.socket, server_side=True)
        threading.Thread(target=listener.serve_forever, args=(0.02,), daemon=True).start()
        environment[f"{service.upper()}_PORT"] = str(listener.server_address[1])
        listeners.append(listener)
    try:
        yield environment
    finally:
        for listener in listeners:
            listener.shutdown()
            listener.server_close()
        Path(ca_file).unlink()


def _handler(proxy: Proxy) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        # An answer leaves in one piece: the second of two pieces would wait for the client to confirm the first.
        wbufsize = -1

        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
            kept = {name: self.headers[name] for name in ("Authorization", "Content-Type") if name in self.headers}
            status, headers, answer = proxy.answer(self.path, body, kept)
            self.send_response_only(status)
            for name, value in headers.items():
                self.send_header(name, value)
            self.send_header("Content-Length", str(len(answer)))
            self.end_headers()
            self.wfile.write(answer)

        def log_message(self, *_arguments: object) -> None:
            """The test's output is no access log."""

    return Handler
