# Copyright (c) 2026 panelops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A TLS port in front of each service of a reference server, which can answer in its place: byte by byte, as no HTTP library would."""

from __future__ import annotations

import contextlib
import json
import re
import socket
import ssl
import struct
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import BinaryIO
from urllib.parse import parse_qsl, urlsplit

import requests
import trustme

from tests.support.server import Server

CHANGES = frozenset(
    ("api_token_create", "api_token_update", "api_token_revoke")
    + ("Tokens::create_full_access", "Tokens::rename", "Tokens::revoke")
)
"""The functions that change something."""

_SECRET = re.compile(rb'"token":\s*"([^"]*)"')


@dataclass(frozen=True)
class Heard:
    """A call, and what the reference server answered: nothing, if the call was kept from it."""

    path: str
    functions: tuple[str, ...]
    """The function that was called; of a batch, those inside."""
    credential: str
    """The header ``Authorization``."""
    body: bytes = b""
    date: str = ""

    @property
    def changes(self) -> bool:
        """Was the server asked to change something?"""
        return not CHANGES.isdisjoint(self.functions)

    @property
    def batch(self) -> bool:
        """Was it a batch?"""
        return "/batch?" in self.path

    def answer(self) -> dict:
        """What the server answered, as a new object."""
        return json.loads(self.body)


Act = Callable[[ssl.SSLSocket, Heard], bool]
"""Answers a call; does the connection stay open?"""


@dataclass
class Relay:
    """What the ports do with each call.

    ``act`` answers in the server's place where ``when`` says so. ``forward`` says whether a call that is answered so reaches the server.
    """

    act: Act | None = None
    when: Callable[[Heard], bool] = lambda heard: True
    forward: bool = True
    calls: list[tuple[str, ...]] = field(default_factory=list)
    requests: set[str] = field(default_factory=set)
    """Every method and address that was asked for."""
    acted: int = 0
    secrets: set[str] = field(default_factory=set)
    """Every secret that the server has answered with."""
    lock: threading.Lock = field(default_factory=threading.Lock)
    """Calls are taken one after another, so that they can be counted."""


def honest(stream: ssl.SSLSocket, heard: Heard) -> bool:
    """Answer what the server did."""
    stream.sendall(http(heard.body, f"Date: {heard.date}"))
    return True


def http(body: bytes, *headers: str, status: str = "200 OK", version: str = "HTTP/1.1") -> bytes:
    """A whole HTTP answer."""
    lines = [f"{version} {status}", "Content-Type: application/json", f"Content-Length: {len(body)}", *headers, "", ""]
    return "\r\n".join(lines).encode("latin-1") + body


def reset(stream: ssl.SSLSocket) -> None:
    """Break the connection off, without a word."""
    stream.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))


def function_of(path: str, form: Mapping[str, str]) -> str:
    """The function of a call, as the reference server counts them."""
    parts = urlsplit(path).path.strip("/").split("/")
    if parts[0] == "execute":
        return "::".join(parts[1:3])
    if parts[-1] == "uapi_cpanel":
        return f"{form.get('cpanel.module')}::{form.get('cpanel.function')}"
    return parts[-1]


def functions_of(path: str, form: Mapping[str, str]) -> tuple[str, ...]:
    """The same; of a batch, those inside."""
    name = function_of(path, form)
    if name != "batch":
        return (name,)
    commands = [text.partition("?") for key, text in form.items() if key.startswith("command")]
    return tuple(function_of(f"/{name}", dict(parse_qsl(query))) for name, _mark, query in commands)


class _Port:
    """One port in front of one service."""

    def __init__(self, upstream: str, authority: str, context: ssl.SSLContext, relay: Callable[[], Relay]) -> None:
        self._upstream = upstream
        self._authority = authority
        self._context = context
        self._relay = relay
        self._session = requests.Session()
        self._session.trust_env = False
        self._connections: dict[threading.Thread, socket.socket] = {}
        self.listener = socket.create_server(("127.0.0.1", 0))
        threading.Thread(target=self._accept, daemon=True).start()

    def _accept(self) -> None:
        with contextlib.suppress(OSError):
            while True:
                connection, _peer = self.listener.accept()
                # The first of the two is used up when TLS begins.
                thread = threading.Thread(target=self._serve, args=(connection, connection.dup()), daemon=True)
                thread.start()

    def disconnect(self) -> None:
        """End all connections. After that nothing that came over them reaches the server."""
        for thread, connection in list(self._connections.items()):
            with contextlib.suppress(OSError):
                connection.shutdown(socket.SHUT_RDWR)
            thread.join()

    def _serve(self, connection: socket.socket, same: socket.socket) -> None:
        with same:
            self._connections[threading.current_thread()] = same
            self._converse(connection)
            del self._connections[threading.current_thread()]

    def _converse(self, connection: socket.socket) -> None:
        # The client goes when it has had enough.
        with (
            contextlib.suppress(OSError),
            self._context.wrap_socket(connection, server_side=True) as stream,
            stream.makefile("rb") as lines,
        ):
            while self._answered(stream, lines):
                pass

    def _answered(self, stream: ssl.SSLSocket, lines: BinaryIO) -> bool:
        """Read a request and answer it; does the connection stay open?"""
        request = lines.readline().decode("latin-1").split(" ")
        if len(request) < 3:
            return False
        headers = {}
        for line in iter(lines.readline, b"\r\n"):
            name, _colon, value = line.decode("latin-1").partition(":")
            headers[name.strip().lower()] = value.strip()
        asked = lines.read(int(headers.get("content-length", 0)))
        relay, path = self._relay(), request[1]
        with relay.lock:
            relay.requests.add(f"{request[0]} {path}")
            act, heard = self._heard(relay, path, headers, asked)
        return act(stream, heard)

    def _heard(self, relay: Relay, path: str, headers: Mapping[str, str], asked: bytes) -> tuple[Act, Heard]:
        form = dict(parse_qsl(asked.decode("ascii")))
        functions = functions_of(path, form)
        relay.calls.append(functions)
        credential = headers.get("authorization", "")
        heard = Heard(path, functions, credential)
        acts = relay.act is not None and relay.when(heard)
        if not acts or relay.forward:
            kept = {"Authorization": credential, "Content-Type": headers.get("content-type", "")}
            answer = self._session.post(
                self._upstream + path,
                data=asked,
                headers=kept,
                verify=self._authority,
                timeout=20,
                allow_redirects=False,
            )
            relay.secrets |= {secret.decode() for secret in _SECRET.findall(answer.content) if secret}
            heard = replace(heard, body=answer.content, date=answer.headers["Date"])
            if answer.status_code != 200:
                status = f"{answer.status_code} {answer.reason}"
                return lambda stream, heard: _plain_failure(stream, heard, status), heard
        if not acts:
            return honest, heard
        relay.acted += 1
        assert relay.act is not None
        return relay.act, heard


def _plain_failure(stream: ssl.SSLSocket, heard: Heard, status: str) -> bool:
    stream.sendall(http(heard.body, f"Date: {heard.date}", status=status))
    return True


class Relays:
    """Both ports. ``now`` is what they do with the calls that come."""

    def __init__(self, server: Server, folder: Path) -> None:
        authority, context = trustme.CA(), ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        authority.issue_cert("127.0.0.1").configure_cert(context)
        ca_file = folder / "relay-ca.pem"
        authority.cert_pem.write_to_path(str(ca_file))
        self.now = Relay()
        self.environment = dict(server.environment, WHM_CA_PATH=str(ca_file), CPANEL_CA_PATH=str(ca_file))
        self._ports = []
        for service in ("whm", "cpanel"):
            port = _Port(server.ready[service], server.ready["ca_file"], context, lambda: self.now)
            self.environment[f"{service.upper()}_PORT"] = str(port.listener.getsockname()[1])
            self._ports.append(port)

    def disconnect(self) -> None:
        """End all connections: a call that its client has given up would reach the server while the next test runs."""
        for port in self._ports:
            port.disconnect()

    def close(self) -> None:
        """Stop listening."""
        for port in self._ports:
            port.listener.shutdown(socket.SHUT_RDWR)
            port.listener.close()


@contextmanager
def relays(server: Server, folder: Path) -> Iterator[Relays]:
    """Run the ports."""
    both = Relays(server, folder)
    try:
        yield both
    finally:
        both.close()
