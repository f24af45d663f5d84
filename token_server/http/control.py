# Copyright (c) 2026 panelops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The control port: what tests and demonstrations turn on the server itself. Loopback only, and with a secret."""

from __future__ import annotations

import hmac
import json
import math
from collections.abc import Callable
from dataclasses import asdict

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.routing import Route

from token_server import dialects
from token_server.state import faults
from token_server.state.engine import Engine
from token_server.wire import Receive, Scope, Send, header

MAX_BODY = 1024 * 1024


class Control:
    """The ASGI application of the control port. ``reset`` puts the server back to its first start."""

    def __init__(self, engine: Engine, secret: str, reset: Callable[[], None]) -> None:
        self._engine = engine
        self._secret = secret.encode()
        self._reset = reset
        self._application = Starlette(
            routes=[
                Route("/clock", self._get_clock, methods=["GET"]),
                Route("/clock", self._post_clock, methods=["POST"]),
                Route("/dialect", self._get_dialect, methods=["GET"]),
                Route("/dialect", self._post_dialect, methods=["POST"]),
                Route("/faults", self._post_faults, methods=["POST"]),
                Route("/faults", self._delete_faults, methods=["DELETE"]),
                Route("/counters", self._get_counters, methods=["GET"]),
                Route("/counters", self._delete_counters, methods=["DELETE"]),
                Route("/reset", self._post_reset, methods=["POST"]),
            ],
            exception_handlers={HTTPException: _http_error},
        )

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request, provided that it brings the secret."""
        given = header(scope, b"x-control-secret") or b""
        if hmac.compare_digest(given, self._secret):
            await self._application(scope, receive, send)
        else:
            await _error(403, "Send the control secret in the header X-Control-Secret.")(scope, receive, send)

    async def _get_clock(self, _request: Request) -> JSONResponse:
        return JSONResponse({"now": self._engine.clock.now()})

    async def _post_clock(self, request: Request) -> JSONResponse:
        body = await _json(request)
        if not isinstance(body, dict) or len(body) != 1:
            raise _usage('Send exactly one of {"set": SECONDS}, {"advance": SECONDS} and {"real": true}.')
        (action, value), clock = next(iter(body.items())), self._engine.clock
        try:
            if action == "set":
                clock.set(_seconds(value))
            elif action == "advance":
                clock.advance(_seconds(value))
            elif action == "real" and value is True:
                clock.use_real_time()
            else:
                raise _usage('Send exactly one of {"set": SECONDS}, {"advance": SECONDS} and {"real": true}.')
        except ValueError as error:
            raise _usage(str(error)) from error
        return JSONResponse({"now": clock.now()})

    async def _get_dialect(self, _request: Request) -> JSONResponse:
        return JSONResponse(asdict(self._engine.dialect))

    async def _post_dialect(self, request: Request) -> JSONResponse:
        body = await _json(request)
        if not isinstance(body, dict):
            raise _usage('Send an object of names and values, such as {"batch": "one"}.')
        try:
            self._engine.speak(dialects.changed(self._engine.dialect, body))
        except ValueError as error:
            raise _usage(str(error)) from error
        return await self._get_dialect(request)

    async def _post_faults(self, request: Request) -> JSONResponse:
        body = await _json(request)
        if not isinstance(body, list):
            raise _usage("Send a list of faults.")
        try:
            planned = [faults.parse(description) for description in body]
        except ValueError as error:
            raise _usage(str(error)) from error
        self._engine.faults.add(planned)
        return JSONResponse({"planned": len(planned)})

    async def _delete_faults(self, _request: Request) -> JSONResponse:
        self._engine.faults.clear()
        return JSONResponse({"planned": 0})

    async def _get_counters(self, _request: Request) -> JSONResponse:
        return JSONResponse(self._engine.counters.as_object())

    async def _delete_counters(self, _request: Request) -> JSONResponse:
        self._engine.counters.clear()
        return JSONResponse(self._engine.counters.as_object())

    async def _post_reset(self, _request: Request) -> JSONResponse:
        self._reset()
        return JSONResponse({"reset": True})


def _seconds(value: object) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float) or abs(value) > 1e12 or not math.isfinite(value):
        raise ValueError("A time or a duration must be a number of seconds.")
    return float(value)


async def _json(request: Request) -> object:
    body = b""
    async for part in request.stream():
        body += part
        if len(body) > MAX_BODY:
            raise _usage("The body is too long.")
    try:
        return json.loads(body)
    except (ValueError, RecursionError) as error:
        raise _usage("The body must be JSON.") from error


def _usage(sentence: str) -> HTTPException:
    return HTTPException(400, sentence)


async def _http_error(_request: Request, error: Exception) -> JSONResponse:
    if isinstance(error, HTTPException):
        return _error(error.status_code, str(error.detail))
    raise error


def _error(status: int, sentence: str) -> JSONResponse:
    return JSONResponse({"error": sentence}, status_code=status)
