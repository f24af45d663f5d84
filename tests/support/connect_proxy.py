# Copyright (c) 2026 panelops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A forward proxy, as the environment may name one."""

from __future__ import annotations

import socket
import threading

VARIABLES = ("https_proxy", "all_proxy", "no_proxy")


class ConnectProxy:
    """A forward proxy for one client at a time; ``seen`` holds what it was asked."""

    def __init__(self, answer: bytes = b"HTTP/1.1 200 Connection established\r\n\r\n") -> None:
        self.seen: list[str] = []
        self._answer = answer
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.address = f"127.0.0.1:{self._listener.getsockname()[1]}"
        threading.Thread(target=self._serve, daemon=True).start()

    def _serve(self) -> None:
        while True:
            try:
                client, _peer = self._listener.accept()
            except OSError:
                return
            with client:
                asked = b""
                while not asked.endswith(b"\r\n\r\n"):
                    asked += client.recv(4096)
                self.seen.append(asked.decode("ascii"))
                client.sendall(self._answer)
                if b" 200 " in self._answer:
                    host, _colon, port = asked.split()[1].decode("ascii").rpartition(":")
                    with socket.create_connection((host, int(port))) as upstream:
                        back = threading.Thread(target=pump, args=(upstream, client))
                        back.start()
                        pump(client, upstream)
                        back.join()

    def close(self) -> None:
        self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()


def pump(source: socket.socket, target: socket.socket) -> None:
    """Pass bytes on until one side ends."""
    try:
        while data := source.recv(65536):
            target.sendall(data)
        target.shutdown(socket.SHUT_WR)
    except OSError:
        return
