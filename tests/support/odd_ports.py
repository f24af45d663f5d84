# Copyright (c) 2026 panelops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Ports that answer whatever a test wants, byte by byte, without TLS unless a test gives it; and answers that never end."""

from __future__ import annotations

import socket
import ssl
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress

from tests.support.odd_servers import read_request

Serve = Callable[[socket.socket], None]
"""Answers one request, which has been read."""


@contextmanager
def port(serve: Serve, context: ssl.SSLContext | None = None) -> Iterator[str]:
    """A port on which ``serve`` answers one request for each connection; its address."""
    listener = socket.create_server(("127.0.0.1", 0))

    def run(connection: socket.socket) -> None:
        # The client goes when it has had enough.
        with suppress(OSError), context.wrap_socket(connection, server_side=True) if context else connection as stream:
            read_request(stream)
            serve(stream)

    def accept() -> None:
        with suppress(OSError):
            while True:
                connection, _peer = listener.accept()
                threading.Thread(target=run, args=(connection,), daemon=True).start()

    threading.Thread(target=accept, daemon=True).start()
    try:
        yield f"http{'s' if context else ''}://127.0.0.1:{listener.getsockname()[1]}"
    finally:
        listener.shutdown(socket.SHUT_RDWR)
        listener.close()


def endless(stream: socket.socket) -> None:
    stream.sendall(b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n\r\n")
    while True:
        stream.sendall(b" " * 65536)


def dripping(stream: socket.socket) -> None:
    for byte in b"HTTP/1.1 200 OK\r\nX: " + b"x" * 600:
        stream.sendall(bytes([byte]))
        time.sleep(0.1)


def silent(stream: socket.socket) -> None:
    stream.recv(1)
