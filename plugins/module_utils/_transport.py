# Copyright (c) 2026 panelops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The one way to the servers: HTTPS calls over one kept connection (CONTRACT section 1).

A call is sent once. A read that fails in passing is tried again with a growing pause; a mutation never is (invariant I4):
if its answer was lost, ``AnswerLost`` says so, and the caller settles it by reading the state.
"""

from __future__ import annotations

import base64
import contextlib
import json
import time
from collections.abc import Iterable
from email.utils import parsedate_to_datetime
from urllib.parse import urlencode

from ansible_collections.panelops.cpanel.plugins.module_utils._connection import Connection, Service
from ansible_collections.panelops.cpanel.plugins.module_utils._errors import (
    AnswerLost,
    BadAnswer,
    NotAuthenticated,
    PanelopsError,
    Unreachable,
)
from ansible_collections.panelops.cpanel.plugins.module_utils._failures import Failure, sentence_for
from ansible_collections.panelops.cpanel.plugins.module_utils._https import HttpsChannel

READ_PAUSES = (0.25, 1.0)
"""Seconds before the second and the third try of a read."""

Params = Iterable[tuple]


class HttpsTransport:
    """Calls of one caller on one server, over one connection."""

    def __init__(self, connection: Connection, service: Service, pauses: tuple = READ_PAUSES) -> None:
        """
        :param pauses: seconds between the tries of a read.
        """
        self._connection = connection
        self._pauses = pauses
        self._clock_offset = 0.0
        self._channel = HttpsChannel(connection)
        self._headers = {
            "Accept": "application/json",
            "Authorization": _authorization(connection, service.scheme_word),
            "Content-Type": "application/x-www-form-urlencoded",
            "User-Agent": "panelops.cpanel",
        }

    def now(self) -> int:
        """The server's time in Unix seconds, as its latest answer dated it; the local time before the first answer.

        Expiry is judged by the server's clock, so ours must not decide.
        """
        return int(time.time() + self._clock_offset)

    def close(self) -> None:
        """Close the connection."""
        self._channel.close()

    def whm(self, function: str, params: Params = (), mutation: bool = False) -> dict:
        """Call a function of WHM API 1 and return the whole decoded answer.

        :raises PanelopsError: one of the classes of ``_errors``, ``AnswerLost`` only if ``mutation``.
        """
        return self._call(function, f"/json-api/{function}?api.version=1", list(params), mutation)

    def uapi(self, module: str, function: str, params: Params = (), mutation: bool = False) -> dict:
        """Call a UAPI function as the account itself and return the whole decoded answer."""
        return self._call(f"{module}::{function}", f"/execute/{module}/{function}", list(params), mutation)

    def _call(self, function: str, path: str, params: list, mutation: bool) -> dict:
        for pause in (*(() if mutation else self._pauses), None):
            try:
                return self._send(path, params)
            except Failure as failure:
                if pause is None or not failure.passing:
                    raise self._final(failure, function, mutation) from None
            time.sleep(pause)
        raise AssertionError("the last try returns or raises")

    def _final(self, failure: Failure, function: str, mutation: bool) -> PanelopsError:
        if mutation and failure.may_have_happened:
            return AnswerLost(function, failure.cause)
        sentence = sentence_for(failure, self._connection)
        if failure.kind == "not_authenticated":
            return NotAuthenticated(sentence)
        return (BadAnswer if failure.answered else Unreachable)(sentence)

    def _send(self, path: str, params: list) -> dict:
        # POST, so that no value stands in a URL or an access log.
        answer = self._channel.post(path, urlencode(params).encode("ascii"), self._headers)
        self._read_clock(answer.headers.get("Date"))
        return self._decode(answer.status, answer.headers.get("Location"), answer.body)

    def _decode(self, status: int, location: str | None, body: bytes) -> dict:
        if 300 <= status < 400:
            raise Failure.redirected(location or "")
        if status != 200:
            raise Failure.status(status, body)
        try:
            answer = json.loads(body)
        except (ValueError, RecursionError):
            raise Failure.not_json(body) from None
        if not isinstance(answer, dict):
            raise Failure.not_json(body)
        denied = answer.get("cpanelresult")
        if isinstance(denied, dict) and denied.get("error") == "Access denied":
            raise Failure("not_authenticated", "Access denied")
        return answer

    def _read_clock(self, date: str | None) -> None:
        if date:
            with contextlib.suppress(TypeError, ValueError):
                self._clock_offset = parsedate_to_datetime(date).timestamp() - int(time.time())


def _authorization(connection: Connection, scheme_word: str) -> str:
    """The credential as a header: a token, or HTTP Basic with a password."""
    if connection.api_token:
        return f"{scheme_word} {connection.username}:{connection.api_token}"
    pair = f"{connection.username}:{connection.password}".encode()
    return "Basic " + base64.b64encode(pair).decode("ascii")
