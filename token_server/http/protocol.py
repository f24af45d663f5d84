# Copyright (c) 2026 panelops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""One HTTP connection, as uvicorn speaks it, with what uvicorn lacks: a limit on headers, and ways to cut the connection."""

from __future__ import annotations

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

MAX_HEAD = 64 * 1024
"""Bytes of the request line and the headers together; more is answered 431."""

MAX_REQUEST = 32 * 1024 * 1024
"""Bytes of a whole request, after which the connection is cut: the answer to a body that is too long was sent long before."""

LINGER = 1.0
"""Seconds for which the rest of a refused request is thrown away: the client could not read the answer otherwise."""

_REFUSAL = b"The headers of the request are too long.\n"


class HeadTooLong(Exception):
    """The request line and the headers exceed ``MAX_HEAD``."""


class Protocol(HttpToolsProtocol):
    """A connection; the transport is at hand for faults that cut it."""

    _in_head = False
    """Whether the headers of a request have begun, and not ended."""

    _piece = 0
    """Bytes of the present piece of data."""

    _received = 0
    """Bytes of all pieces since the one in which the request began; that one may hold the end of another request."""

    _within_head = 0
    """Bytes of the pieces that lie in a head as a whole. The parser tells of a header only when it is complete."""

    _refused = False

    def data_received(self, data: bytes) -> None:
        """Take a piece of what the client sends."""
        if self._refused:
            return
        began_before = self._in_head
        self._piece = len(data)
        self._received += self._piece
        super().data_received(data)
        if began_before and self._in_head:
            self._within_head += self._piece
            if self._within_head > MAX_HEAD:
                self._refuse()
        elif self._received > MAX_REQUEST:
            self.transport.abort()

    def on_message_begin(self) -> None:
        """Begin a request."""
        super().on_message_begin()
        self._in_head = True
        self._within_head = 0
        self._received = self._piece
        self.scope["extensions"] = {"token_server": {"transport": self.transport}}

    def on_headers_complete(self) -> None:
        """Begin to answer a request, unless its headers are too long."""
        # Few requests are longer than that, so there is nothing to add up for the others.
        if self._received > MAX_HEAD:
            size = len(self.url) + sum(len(name) + len(value) + len(": \r\n") for name, value in self.headers)
            if size > MAX_HEAD:
                self._refused = True
                raise HeadTooLong
        self._in_head = False
        # The target of the request as the client sent it, for the log.
        self.scope["extensions"]["token_server"]["target"] = self.url
        super().on_headers_complete()

    def send_400_response(self, msg: str) -> None:
        """Answer what the parser could not take, or was stopped from taking."""
        if self._refused:
            self._refuse()
        else:
            super().send_400_response(msg)

    def _refuse(self) -> None:
        """Answer 431, and close the connection once the client has had the time to read that."""
        self._refused = True
        if self.cycle is not None and not self.cycle.response_complete:
            # An earlier request is being answered on the same connection.
            self.transport.abort()
            return
        self.transport.write(
            b"HTTP/1.1 431 Request Header Fields Too Large\r\ncontent-type: text/plain; charset=utf-8\r\n"
            b"content-length: %d\r\nconnection: close\r\n\r\n%b" % (len(_REFUSAL), _REFUSAL)
        )
        self.loop.call_later(LINGER, self.transport.close)

    def shutdown(self) -> None:
        """End the connection as the server stops: at once if it is idle.

        Not ``close()``: that would wait for the other side to say goodbye in TLS too, and an idle client does not.
        """
        if self.cycle is None or self.cycle.response_complete:
            self.transport.abort()
        else:
            self.cycle.keep_alive = False
