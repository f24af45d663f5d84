# Copyright (c) 2026 panelops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""TLS ports that answer whatever a test wants, byte by byte: no HTTP library would send it."""

from __future__ import annotations

import contextlib
import socket
import ssl
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import trustme

Serve = Callable[[ssl.SSLSocket], None]
"""Answers one request, which has been read."""


def answer(body: bytes, *headers: str, status: str = "200 OK") -> bytes:
    """A whole HTTP answer."""
    lines = [f"HTTP/1.1 {status}", f"Content-Length: {len(body)}", *headers, "", ""]
    return "\r\n".join(lines).encode("latin-1") + body


@contextmanager
def odd_server(folder: Path, serve: Serve) -> Iterator[dict[str, str]]:
    """Run a port on which ``serve`` answers one request for each connection; yield the environment of modules that use it."""
    authority, context = trustme.CA(), ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert("127.0.0.1").configure_cert(context)
    authority.cert_pem.write_to_path(str(folder / "odd-ca.pem"))
    listener = socket.create_server(("127.0.0.1", 0))

    def run(connection: socket.socket) -> None:
        # The client goes when it has had enough.
        with contextlib.suppress(OSError), context.wrap_socket(connection, server_side=True) as stream:
            read_request(stream)
            serve(stream)

    def accept() -> None:
        with contextlib.suppress(OSError):
            while True:
                connection, _peer = listener.accept()
                threading.Thread(target=run, args=(connection,), daemon=True).start()

    threading.Thread(target=accept, daemon=True).start()
    try:
        yield {
            f"{service}_{name}": value
            for service in ("WHM", "CPANEL")
            for name, value in {
                "HOST": "127.0.0.1",
                "PORT": str(listener.getsockname()[1]),
                "USERNAME": "root",
                "PASSWORD": "canary-of-odd-servers",
                "CA_PATH": str(folder / "odd-ca.pem"),
            }.items()
        }
    finally:
        listener.shutdown(socket.SHUT_RDWR)
        listener.close()


def read_request(stream: socket.socket) -> None:
    """Read headers and body, whole: closing a socket with something unread would look like an error to the client."""
    with stream.makefile("rb") as lines:
        length = 0
        for line in iter(lines.readline, b"\r\n"):
            if line.lower().startswith(b"content-length:"):
                length = int(line.split(b":")[1])
        lines.read(length)
