# Copyright (c) 2026 panelops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A proxy of plain HTTP that loses answers: the server does what it was asked for, and nobody is told."""

from __future__ import annotations

import re
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.client import HTTPConnection
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import urlsplit

from tests.support.limits import patience

_OF_ONE_CONNECTION = ("transfer-encoding", "connection", "content-length", "keep-alive")


@dataclass
class Dropping:
    """A proxy that runs. ``lose``: what the line, the headers and the body of a request must match for its answer to be lost."""

    url: str
    server: str
    lose: re.Pattern | None = None
    times: int = 1
    meddling: tuple[re.Pattern, Callable[[], object]] | None = None
    lost: list[str] = field(default_factory=list)

    def drop(self, pattern: str, times: int = 1) -> None:
        """Lose the answers to the next requests that match, once the server has given them."""
        self.lose, self.times = re.compile(pattern, re.DOTALL), times

    def meddle(self, pattern: str, act: Callable[[], object]) -> None:
        """Do something once, after the server has done the next request that matches and before it is answered."""
        self.meddling = (re.compile(pattern, re.DOTALL), act)

    def seen(self, request: str) -> None:
        """Meddle, if this is the request."""
        if self.meddling is not None and self.meddling[0].search(request):
            act, self.meddling = self.meddling[1], None
            act()

    def loses(self, request: str) -> bool:
        """Is the answer to this request lost?"""
        if self.lose is None or self.times <= 0 or not self.lose.search(request):
            return False
        self.times -= 1
        self.lost.append(request.partition("\n")[0])
        return True


@contextmanager
def dropping(server: str) -> Iterator[Dropping]:
    """A proxy before a server that speaks HTTP."""
    address = urlsplit(server)
    lock = threading.Lock()

    class Handler(BaseHTTPRequestHandler):
        def handle_one_request(self) -> None:
            self.raw_requestline = self.rfile.readline(65537)
            if not self.raw_requestline or not self.parse_request():
                self.close_connection = True
                return
            body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
            upstream = HTTPConnection(address.hostname or "", address.port, timeout=patience(30))
            upstream.request(self.command, self.path, body, dict(self.headers.items()))
            answer = upstream.getresponse()
            content = answer.read()
            upstream.close()
            self.close_connection = True
            request = f"{self.command} {self.path}\n{self.headers}\n{body.decode('latin-1')}"
            with lock:
                proxy.seen(request)
                if proxy.loses(request):
                    return
            self.send_response_only(answer.status, answer.reason)
            for name, value in answer.getheaders():
                if name.lower() not in _OF_ONE_CONNECTION:
                    self.send_header(name, value)
            self.send_header("Content-Length", str(len(content)))
            self.send_header("Connection", "close")
            self.end_headers()
            self.wfile.write(content)

    listener = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    proxy = Dropping(f"http://127.0.0.1:{listener.server_port}", server)
    thread = threading.Thread(target=listener.serve_forever, daemon=True)
    thread.start()
    try:
        yield proxy
    finally:
        listener.shutdown()
        listener.server_close()
        thread.join()
