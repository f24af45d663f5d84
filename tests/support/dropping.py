# Copyright (c) 2026 panelops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A port before an HTTP server that counts the calls to it, and loses some of their answers."""

from __future__ import annotations

import re
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import requests

from tests.support.limits import patience

_HOP = {
    "connection",
    "transfer-encoding",
    "content-length",
    "content-encoding",
    "keep-alive",
    "host",
    "accept-encoding",
}


@dataclass(eq=False)
class _Loss:
    """Which calls lose their answers: those whose method and path match, from the ``first`` on, ``count`` of them."""

    pattern: str
    before: bool
    first: int
    count: int
    seen: int = 0
    lost: int = 0


@dataclass(frozen=True)
class Instead:
    """An answer that takes the place of the server's. ``body`` makes it of what was asked; ``done``: does the server get to do it?"""

    status: int
    body: Callable[[bytes], bytes] = lambda _asked: b""
    headers: Mapping[str, str] = field(default_factory=dict)
    done: bool = False


@dataclass
class Dropping:
    """The port. ``calls`` are the methods and paths of all calls, such as ``GET /v1/secret/data/app``."""

    upstream: str
    url: str = ""
    calls: list[str] = field(default_factory=list)
    _losses: list[_Loss] = field(default_factory=list)
    _instead: list[tuple[str, Instead]] = field(default_factory=list)
    _meddling: list[tuple[str, Callable[[], object]]] = field(default_factory=list)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def lose(self, pattern: str, *, before: bool, first: int = 1, count: int = 1) -> None:
        """Break connections of calls that match off: before they are handed on, or after they were answered.

        :param pattern: found in a line of the request, of which the first is such as ``GET /v1/secret/data/app``.
        """
        self._losses.append(_Loss(pattern, before, first, count))

    def meddle(self, pattern: str, act: Callable[[], object]) -> None:
        """Do something once, after the server has done the next request that matches and before it is answered."""
        self._meddling.append((pattern, act))

    def answer(self, pattern: str, instead: Instead) -> None:
        """Answer all calls that match so, until it is told to forget."""
        self._instead.append((pattern, instead))

    def _answer(self, request: str) -> Instead | None:
        return next((each for pattern, each in self._instead if re.search(pattern, request, re.MULTILINE)), None)

    def _meddle(self, request: str) -> None:
        with self._lock:
            found = next((each for each in self._meddling if re.search(each[0], request, re.MULTILINE)), None)
            if found is not None:
                self._meddling.remove(found)
        if found is not None:
            found[1]()

    def lost(self) -> int:
        """How many answers were lost."""
        return sum(loss.lost for loss in self._losses)

    def count(self, pattern: str = "") -> int:
        """How many calls there were."""
        return sum(re.search(pattern, call) is not None for call in self.calls)

    def forget(self) -> None:
        """Lose nothing, answer as the server does, and count from 0."""
        self._losses.clear()
        self._instead.clear()
        self.calls.clear()

    def _loses(self, request: str) -> str | None:
        with self._lock:
            self.calls.append(request.partition("\n")[0])
            for loss in self._losses:
                if re.search(loss.pattern, request, re.MULTILINE):
                    loss.seen += 1
                    if loss.first <= loss.seen < loss.first + loss.count:
                        loss.lost += 1
                        return "before" if loss.before else "after"
        return None


@contextmanager
def dropping(upstream: str) -> Iterator[Dropping]:
    """Run a port before a server."""
    port = Dropping(upstream)

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def log_message(self, *_args: object) -> None:
            """Nothing."""

        def handle_one_request(self) -> None:
            """Answer, or break off."""
            self.raw_requestline = self.rfile.readline(65537)
            if not self.raw_requestline or not self.parse_request():
                self.close_connection = True
                return
            body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
            request = f"{self.command} {self.path}\n{self.headers}\n{body.decode('latin-1')}"
            loses = port._loses(request)
            if loses == "before":
                self.close_connection = True
                return
            instead = port._answer(request)
            if instead is not None and not instead.done:
                self._send(instead.status, instead.headers, instead.body(body))
                return
            headers = {name: value for name, value in self.headers.items() if name.lower() not in _HOP}
            answer = requests.request(
                self.command,
                upstream + self.path,
                data=body,
                headers=headers,
                timeout=patience(30),
                allow_redirects=False,
            )
            port._meddle(request)
            if loses == "after":
                self.close_connection = True
                return
            if instead is not None:
                self._send(instead.status, instead.headers, instead.body(body))
                return
            self._send(answer.status_code, answer.headers, answer.content)

        def _send(self, status: int, headers: Mapping[str, str], body: bytes) -> None:
            self.send_response_only(status)
            for name, value in headers.items():
                if name.lower() not in _HOP:
                    self.send_header(name, value)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True).start()
    port.url = f"http://127.0.0.1:{server.server_address[1]}"
    try:
        yield port
    finally:
        server.shutdown()
        server.server_close()
