# Copyright (c) 2026 panelops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Sockets and the uvicorn servers behind them, several in one event loop."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import Iterator
from contextlib import contextmanager

import uvicorn
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

from token_server.refusals import ServerError
from token_server.state.folder import StateFolder
from token_server.wire import AsgiApplication

KEEP_ALIVE = 75
"""Seconds that an idle connection is kept: longer than clients pool them, so that they meet no surprise."""

GRACE = 0.2
"""Seconds that calls in progress have left when the server is told to stop."""

_BACKLOG = 1024


class Protocol(HttpToolsProtocol):
    """HTTP as uvicorn speaks it, with the transport at hand for faults that cut the connection."""

    def on_message_begin(self) -> None:
        """Begin a request."""
        super().on_message_begin()
        self.scope["extensions"] = {"token_server": {"transport": self.transport}}

    def on_headers_complete(self) -> None:
        """Keep the target of the request as the client sent it, for the log."""
        self.scope["extensions"]["token_server"]["target"] = self.url
        super().on_headers_complete()

    def shutdown(self) -> None:
        """End the connection as the server stops: at once if it is idle.

        Not ``close()``: that would wait for the other side to say goodbye in TLS too, and an idle client does not.
        """
        if self.cycle is None or self.cycle.response_complete:
            self.transport.abort()
        else:
            self.cycle.keep_alive = False


class Listener(uvicorn.Server):
    """One socket with one application. The process handles the signals, not each of its listeners."""

    def __init__(self, application: AsgiApplication, bound: socket.socket, url: str, state: StateFolder | None) -> None:
        super().__init__(
            uvicorn.Config(
                application,
                http=Protocol,
                ws="none",
                lifespan="off",
                proxy_headers=False,
                server_header=False,
                date_header=False,
                access_log=False,
                log_config=None,
                timeout_keep_alive=KEEP_ALIVE,
                ssl_certfile=None if state is None else str(state.certificate),
            )
        )
        self.url = url
        self.listening = asyncio.Event()
        self.stopping = asyncio.Event()
        self._bound = bound

    async def run_until_stopped(self) -> None:
        """Serve until ``stopping`` is set and the calls in progress are over."""
        await self.serve(sockets=[self._bound])

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Listen, and say so."""
        await super().startup(sockets)
        self.listening.set()

    async def main_loop(self) -> None:
        """Wait until told to stop; there is nothing to do ten times a second."""
        await self.stopping.wait()

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Leave the signals alone."""
        yield

    async def cut_off(self) -> None:
        """Cut the connections that are left and cancel their calls, such as one in a planned delay."""
        for connection in list(self.server_state.connections):
            connection.transport.abort()
        # Once the connections know that they are lost, nothing tries to answer on them any more.
        await asyncio.sleep(0)
        for task in list(self.server_state.tasks):
            task.cancel()


def bind(host: str, port: int) -> socket.socket:
    """Return a bound socket. Raises ``ServerError`` if the address is not to be had."""
    try:
        family, kind, protocol, _name, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
        bound = socket.socket(family, kind, protocol)
        bound.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        bound.bind(address)
        bound.listen(_BACKLOG)
    except OSError as error:
        raise ServerError(f"Cannot listen on {host} port {port}: {error.strerror}.") from error
    bound.setblocking(False)
    return bound


def base_url(scheme: str, host: str, bound: socket.socket) -> str:
    """Return the base URL of a bound socket."""
    shown = f"[{host}]" if ":" in host else host
    return f"{scheme}://{shown}:{bound.getsockname()[1]}"
