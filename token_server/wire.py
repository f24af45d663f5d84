# Copyright (c) 2026 panelops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The lean HTTP layer of the two services: reading a request's body, sending an answer."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, MutableMapping
from dataclasses import dataclass
from typing import Any

Scope = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[MutableMapping[str, Any]]]
Send = Callable[[MutableMapping[str, Any]], Awaitable[None]]
AsgiApplication = Callable[[Scope, Receive, Send], Awaitable[None]]
"""ASGI, which has values of any kind in its dictionaries."""

MAX_BODY = 1024 * 1024
"""Bytes; a longer body is refused with 413."""

_DRAINED = 16 * MAX_BODY
"""How much of a body that is too long is read and thrown away, so that the client gets to see the answer."""

JSON = b"application/json; charset=utf-8"
HTML = b"text/html; charset=utf-8"
TEXT = b"text/plain; charset=utf-8"
SERVER = b"cpsrvd-reference"
"""An honest name: this is not the vendor's cpsrvd."""


class BodyTooLong(Exception):
    """The body of a request exceeds ``MAX_BODY``."""


class ClientGone(Exception):
    """The client has closed the connection."""


@dataclass(slots=True)
class HttpAnswer:
    """What to send. ``headers`` are in addition to those of every answer."""

    body: bytes
    status: int = 200
    content_type: bytes = JSON
    headers: tuple[tuple[bytes, bytes], ...] = ()


def header(scope: Scope, name: bytes) -> bytes | None:
    """Return the first header of this (lower-case) name, or None."""
    headers: list[tuple[bytes, bytes]] = scope["headers"]
    for key, value in headers:
        if key == name:
            return value
    return None


def wants_page(scope: Scope) -> bool:
    """Tell whether a browser asks for something to show (API clients accept anything, or JSON)."""
    return b"text/html" in (header(scope, b"accept") or b"")


async def read_body(scope: Scope, receive: Receive) -> bytes:
    """Return the whole body of a request."""
    parts = []
    length = 0
    more = True
    while more:
        message = await receive()
        if message["type"] == "http.disconnect":
            raise ClientGone
        part = message.get("body", b"")
        more = message.get("more_body", False)
        length += len(part)
        if length <= MAX_BODY:
            parts.append(part)
        elif length > _DRAINED:
            break
    if length > MAX_BODY:
        raise BodyTooLong
    return parts[0] if len(parts) == 1 else b"".join(parts)


async def send_answer(send: Send, answer: HttpAnswer, date: bytes) -> None:
    """Send an answer; ``date`` is the server's own time."""
    await send(
        {
            "type": "http.response.start",
            "status": answer.status,
            "headers": [
                (b"date", date),
                (b"server", SERVER),
                (b"content-type", answer.content_type),
                (b"content-length", b"%d" % len(answer.body)),
                (b"cache-control", b"no-store"),
                *answer.headers,
            ],
        }
    )
    await send({"type": "http.response.body", "body": answer.body})
