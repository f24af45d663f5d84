# Copyright (c) 2026 panelops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A service as an ASGI application, from a request to its answer: WHM API 1 on one service, UAPI and API 2 on the other."""

from __future__ import annotations

import asyncio
import re

from token_server.envelopes import UapiAnswer, WhmAnswer, WhmReply, api2, encode
from token_server.functions import whm_cpanel
from token_server.functions.callers import Caller, Exchange
from token_server.functions.dispatcher import UNKNOWN, Dispatcher
from token_server.functions.permissions import UAPI_FUNCTIONS, WHM_FUNCTIONS
from token_server.http import answers
from token_server.http.authentication import Authentication, Denied
from token_server.parameters import Parameters, from_request
from token_server.refusals import Refused
from token_server.state.engine import Engine
from token_server.state.faults import AnswerReplaced, ConnectionDropped
from token_server.state.sessions import COOKIES
from token_server.web.site import Site
from token_server.wire import (
    TEXT,
    BodyTooLong,
    ClientGone,
    HttpAnswer,
    Receive,
    Scope,
    Send,
    header,
    read_body,
    send_answer,
    wants_page,
)

_LOGIN = ("/login", "/login/")
_CALLS = ("/json-api/", "/execute/")
_PAGE = "(page)"
"""What the audit log says in the place of a function where a page was wanted and not shown."""

_SESSION_PATH = re.compile(r"/cpsess([0-9]{10})(/.*)?", re.DOTALL)
_FORM = b"application/x-www-form-urlencoded"


class Application:
    """One service (``whm`` or ``cpanel``) on one listener. ``secure``: the listener speaks TLS."""

    def __init__(self, engine: Engine, authentication: Authentication, service: str, *, secure: bool) -> None:
        self._engine = engine
        self._authentication = authentication
        self._dispatcher = Dispatcher(engine)
        self._service = service
        self._secure = secure
        self._site = Site(self._dispatcher, service)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one HTTP request."""
        self._engine.counters.http_requests += 1
        client = scope["client"]
        exchange = Exchange(self._service, client[0] if client else None, self._secure)
        try:
            answer = await self._answer(scope, receive, exchange)
        except AnswerReplaced as fault:
            answer = answers.replaced(fault.kind, self._service)
        except BodyTooLong:
            answer = answers.failure(413, "The request is too long.", ((b"connection", b"close"),))
        except ConnectionDropped:
            scope["extensions"]["token_server"]["transport"].abort()
            while (await receive())["type"] != "http.disconnect":
                pass
            return
        except (ClientGone, asyncio.CancelledError):
            # Nobody is there any more; or the server stops, and has cut the connection already.
            return
        if exchange.mangle is not None:
            answer = answers.mangled(answer, exchange.mangle)
        if exchange.used_token is not None:
            self._log_use(scope, exchange, answer.status, *exchange.used_token)
        await send_answer(send, answer, self._engine.clock.http_date())

    async def _answer(self, scope: Scope, receive: Receive, exchange: Exchange) -> HttpAnswer:
        method = scope["method"]
        if method == "GET":
            form = b""
        elif method == "POST":
            form = await read_body(scope, receive)
        else:
            return answers.failure(405, "Only GET and POST are allowed.", ((b"allow", b"GET, POST"),))
        if form and not (header(scope, b"content-type") or _FORM).lower().startswith(_FORM):
            return answers.failure(415, f"Send parameters as {_FORM.decode()}.")
        path: str = scope["path"]
        session = _SESSION_PATH.fullmatch(path) if path.startswith("/cpsess") else None
        if session is not None:
            path = session[2] or "/"
            if path in _LOGIN and method == "GET":
                return self._log_in(scope, scope["query_string"], session[1], exchange)
            if not path.startswith(_CALLS):
                return await self._page(scope, session[1], path, form, exchange)
        elif path in _LOGIN:
            return self._log_in(scope, form, None, exchange) if method == "POST" else answers.login_page(self._service)
        elif path.startswith(answers.ASSETS) and method == "GET":
            return answers.asset(path)
        elif path == "/" and method == "GET" and wants_page(scope):
            return HttpAnswer(b"", 302, TEXT, ((b"location", _LOGIN[0].encode("ascii")),))
        if not path.startswith(_CALLS):
            return answers.failure(404, "There is nothing at this address.")
        self._engine.store.refresh_soon()
        try:
            if session is not None:
                caller, _session = self._authentication.by_session(header(scope, b"cookie"), session[1], exchange)
            else:
                caller = self._authentication.by_header(header(scope, b"authorization"), exchange)
        except Denied as refusal:
            return self._denied(refusal, exchange, _function(path))
        try:
            parameters = from_request(scope["query_string"], form)
        except ValueError:
            return answers.failure(400, "The request has too many parameters.")
        return await self._call(caller, path, parameters)

    async def _page(self, scope: Scope, path_token: str, path: str, form: bytes, exchange: Exchange) -> HttpAnswer:
        """Show or do what a browser wants from the pages of a session. They are served over TLS only."""
        self._engine.store.refresh_soon()
        try:
            caller, session = self._authentication.by_session(header(scope, b"cookie"), path_token, exchange)
        except Denied as refusal:
            return self._denied(refusal, exchange, _PAGE, page=wants_page(scope))
        if not self._secure:
            if path == "/":
                return HttpAnswer(f"You are logged in as {caller.account.username}.\n".encode(), content_type=TEXT)
            return answers.failure(404, "There is nothing at this address. The pages are on the TLS port.")
        try:
            query, sent = from_request(scope["query_string"], b""), from_request(b"", form)
        except ValueError:
            return answers.failure(400, "The request has too many parameters.")
        answer = await self._site.answer(caller, session, scope["method"], path, query, sent)
        if answer is None:
            self._write(exchange, caller.account.username, None, _PAGE, "denied", "form of another page")
            return answers.forged(self._service)
        return answer

    async def _call(self, caller: Caller, path: str, parameters: Parameters) -> HttpAnswer:
        """Call the function that an authenticated caller has named in the path."""
        if path.startswith("/json-api/"):
            name = path.removeprefix("/json-api/")
            if self._service == "whm":
                return HttpAnswer((await self._dispatcher.whm(caller, name, parameters)).as_json())
            if name == "cpanel":
                return await self._older_call(caller, parameters)
            self._note(caller, "function of the other port")
            reason = "Permission denied: WHM API functions are not available on the port of cPanel."
            return HttpAnswer(WhmAnswer(name[:100], 0, WhmReply(reason=reason)).as_json())
        module, _slash, function = path.removeprefix("/execute/").partition("/")
        if self._service == "cpanel":
            return HttpAnswer(
                (await self._dispatcher.uapi(caller, caller.account, module, function, parameters)).as_json()
            )
        self._note(caller, "function of the other port")
        reason = "Function not found: UAPI functions are not available on the port of WHM."
        return HttpAnswer(UapiAnswer(0, None, [reason]).as_json())

    async def _older_call(self, caller: Caller, parameters: Parameters) -> HttpAnswer:
        """Call API 2 (or UAPI) by ``/json-api/cpanel``."""
        try:
            whole = await whm_cpanel.older_call(self._dispatcher, caller, caller.account, parameters, 0)
        except Refused as refusal:
            self._note(caller, refusal.cause)
            whole = api2("", "", [], refusal.reason)
        return HttpAnswer(encode(whole).encode("ascii"))

    def _log_in(self, scope: Scope, fields: bytes, path_token: str | None, exchange: Exchange) -> HttpAnswer:
        """Begin a session with a password, or (with ``path_token``) enter one that create_user_session has opened.

        Who may not is answered 401 like everybody who is not authenticated.
        """
        if path_token is None and header(scope, b"sec-fetch-site") in (b"cross-site", b"same-site"):
            self._write(exchange, None, None, "login", "denied", "form of another page")
            return answers.forged(self._service)
        try:
            parameters = from_request(b"", fields)
        except ValueError:
            return answers.failure(400, "The request has too many parameters.")
        self._engine.store.refresh_soon()
        try:
            if path_token is None:
                user, password = parameters.one("user") or "", parameters.one("pass") or ""
                account, session = self._authentication.log_in(user, password, exchange)
            else:
                cookie = parameters.one("session") or ""
                account, session = self._authentication.session(cookie, path_token, exchange)
        except Denied as refusal:
            return self._denied(refusal, exchange, "login", page=wants_page(scope))
        self._write(exchange, account.username, None, "login", "ok", "ok")
        secure = "; Secure" if self._secure else ""
        cookie = f"{COOKIES[self._service]}={session.cookie}; Path=/; HttpOnly; SameSite=Lax{secure}"
        location = f"/cpsess{session.path_token}/"
        return HttpAnswer(
            b"", 302, TEXT, ((b"location", location.encode("ascii")), (b"set-cookie", cookie.encode("ascii")))
        )

    def _log_use(self, scope: Scope, exchange: Exchange, status: int, user: str, token: str) -> None:
        """Write the line of a request to WHM that an API token authenticated."""
        log = self._engine.api_tokens_log
        if log is not None and self._service == "whm":
            target: bytes = scope["extensions"]["token_server"]["target"]
            log.write(exchange.peer, status, user, token, (scope["method"], target, scope["http_version"]))

    def _denied(self, refusal: Denied, exchange: Exchange, function: str, *, page: bool = False) -> HttpAnswer:
        self._write(exchange, refusal.user, refusal.token, function, "denied", refusal.cause)
        return answers.denied_page(self._service) if page else answers.denied()

    def _note(self, caller: Caller, reason: str) -> None:
        token = None if caller.token is None else caller.token.name
        self._write(caller.exchange, caller.account.username, token, UNKNOWN, "failed", reason)

    def _write(
        self, exchange: Exchange, user: str | None, token: str | None, function: str, outcome: str, reason: str
    ) -> None:
        """Write the line of a call that never got as far as a function."""
        whm, uapi = WHM_FUNCTIONS.get(function), UAPI_FUNCTIONS.get(function)
        self._engine.audit.write(
            service=exchange.service,
            user=user,
            token=token,
            peer=exchange.peer,
            function=function,
            mutation=(whm is not None and whm.mutates) or (uapi is not None and uapi.mutates),
            outcome=outcome,
            reason=reason,
        )


def _function(path: str) -> str:
    """Return the name of the function in a path, if it is one that exists."""
    name = path.removeprefix("/json-api/").removeprefix("/execute/").replace("/", "::", 1)
    return name if name in WHM_FUNCTIONS or name in UAPI_FUNCTIONS else UNKNOWN
