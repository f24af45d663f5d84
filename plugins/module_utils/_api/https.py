# Copyright (c) 2026 panelops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The one way to the servers: HTTPS calls over one kept connection (docs/wire-contract.md, section C1).

A call is sent once. A read that fails in passing is tried again with a growing pause; a mutation never is (invariant I4):
if its answer was lost, ``AnswerLost`` says so, and the caller settles it by reading the state.
"""

from __future__ import annotations

import base64
import contextlib
import time
from collections.abc import Callable
from email.utils import parsedate_to_datetime

from .._errors import (
    AnswerLost,
    BadAnswer,
    NotAuthenticated,
    PanelopsError,
    Unreachable,
)
from .answers import is_denial, object_in
from .concealing import Concealing
from .connection import Connection, Service
from .failures import Failure, sentence_for
from .session import BoundedSession, HttpAnswer, HttpSession
from .transport import Params

READ_PAUSES = (0.25, 1.0)
"""Seconds before the second and the third try of a read."""


class HttpsTransport:
    """Calls of one caller on one server, over one connection."""

    def __init__(
        self,
        connection: Connection,
        service: Service,
        pauses: tuple[float, ...] = READ_PAUSES,
        sessions: Callable[[Connection, str], HttpSession] | None = None,
    ) -> None:
        """
        :param pauses: seconds between the tries of a read.
        :param sessions: makes what sends the requests, given the value of their header ``Authorization``; requests does if left out.
        :raises PanelopsError: the Python library requests is missing.
        """
        try:
            self._session = (sessions or BoundedSession.of)(connection, _authorization(connection, service.scheme_word))
        except ImportError:
            raise PanelopsError(
                "The Python library requests is missing on the host that runs the module. Install it for the Python that "
                "ansible_python_interpreter names (pip install requests, or the package python3-requests)."
            ) from None
        self._connection = connection
        self._concealing = Concealing.credential(connection.username, connection.api_token, connection.password)
        self._pauses = pauses
        self._clock_offset: float | None = None

    def now(self) -> int:
        """The server's time in Unix seconds, as its latest answer dated it; ours if it does not date its answers.

        Expiry is judged by the server's clock, so ours must not decide.

        :raises RuntimeError: the server has not answered yet, so its time is not known: a fault of the caller.
        """
        if self._clock_offset is None:
            raise RuntimeError("the server's time is asked for before it has answered")
        return int(time.time() + self._clock_offset)

    def close(self) -> None:
        """Close the connection."""
        self._session.close()

    def whm(self, function: str, params: Params = (), mutation: bool = False) -> dict[str, object]:
        """Call a function of WHM API 1 and return the whole decoded answer.

        :raises PanelopsError: one of the classes of ``_errors``, ``AnswerLost`` only if ``mutation``.
        """
        return self._call(function, f"/json-api/{function}?api.version=1", list(params), mutation)

    def uapi(
        self, module: str, function: str, params: Params = (), mutation: bool = False, account: str | None = None
    ) -> dict[str, object]:
        """Call a UAPI function as the account itself and return the whole decoded answer.

        :raises PanelopsError: as ``whm`` does. :raises ValueError: an account is named.
        """
        if account is not None:
            raise ValueError(
                "over HTTPS a UAPI function is the caller's own; another account's goes through uapi_cpanel"
            )
        return self._call(f"{module}::{function}", f"/execute/{module}/{function}", list(params), mutation)

    def _call(self, function: str, path: str, params: list[tuple[str, str]], mutation: bool) -> dict[str, object]:
        for pause in (*(() if mutation else self._pauses), None):
            try:
                answer = self._session.post(f"https://{self._connection.address}{path}", params)
                self._read_clock(answer.headers.get("Date"))
                return self._concealing.answer(_decoded(answer, self._concealing), answer.body)
            except Failure as failure:
                if pause is None or not failure.passing:
                    raise self._final(failure, function, mutation) from None
            time.sleep(pause)
        raise AssertionError("the last try returns or raises")

    def _final(self, failure: Failure, function: str, mutation: bool) -> PanelopsError:
        failure.cause = self._concealing.text(failure.cause)
        if mutation and failure.may_have_happened:
            return AnswerLost(function, failure.cause)
        sentence = sentence_for(failure, self._connection)
        if failure.kind == "not_authenticated":
            return NotAuthenticated(sentence)
        return (BadAnswer if failure.answered else Unreachable)(sentence)

    def _read_clock(self, date: str | None) -> None:
        self._clock_offset = self._clock_offset or 0.0
        if date:
            with contextlib.suppress(TypeError, ValueError):
                self._clock_offset = parsedate_to_datetime(date).timestamp() - int(time.time())


def _decoded(answer: HttpAnswer, concealing: Concealing) -> dict[str, object]:
    """The JSON object that a function has answered with, whatever its outcome.

    :param concealing: what no failure may quote is left out before that: of what is shortened a part could be left.
    :raises Failure: it is something else.
    """
    if 300 <= answer.status < 400:
        raise Failure.redirected(concealing.text(answer.headers.get("Location") or ""))
    if answer.status != 200:
        raise Failure.status(answer.status, concealing.body(answer.body))
    decoded = object_in(answer.body)
    if decoded is None:
        raise Failure.not_json(concealing.body(answer.body))
    if is_denial(decoded):
        raise Failure("not_authenticated", "Access denied")
    return decoded


def _basic(connection: Connection) -> str:
    pair = f"{connection.username}:{connection.password}".encode()
    return base64.b64encode(pair).decode("ascii")


def _authorization(connection: Connection, scheme_word: str) -> str:
    """The credential of each request: a header of its own with a token, HTTP Basic with a password."""
    if connection.api_token:
        return f"{scheme_word} {connection.username}:{connection.api_token}"
    return f"Basic {_basic(connection)}"
