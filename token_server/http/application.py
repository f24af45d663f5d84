# Copyright (c) 2026 panelops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A service as an ASGI application, from a request to its answer: WHM API 1 on one service, UAPI and API 2 on the other."""

from __future__ import annotations

import asyncio
import re

from token_server.envelopes import UapiAnswer, WhmAnswer, WhmReply, api2, encode
from token_server.functions import canned, whm_cpanel
from token_server.functions.callers import Caller, Exchange
from token_server.functions.dispatcher import UNKNOWN, Dispatcher
from token_server.http import answers, bodies
from token_server.http.authentication import Authentication, Denied
from token_server.http.origins import from_another_site
from token_server.parameters import Parameters
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
        except bodies.BadBody as refusal:
            answer = answers.failure(400, str(refusal))
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
            body = b""
        elif method == "POST":
            body = await read_body(scope, receive)
        else:
            return answers.failure(405, "Only GET and POST are allowed.", ((b"allow", b"GET, POST"),))
        path: str = scope["path"]
        session = _SESSION_PATH.fullmatch(path) if path.startswith("/cpsess") else None
        if session is not None:
            path = session[2] or "/"
            if path in _LOGIN and method == "GET":
                return self._log_in(scope, b"", session[1], exchange)
            if not path.startswith(_CALLS):
                return await self._page(scope, session[1], path, body, exchange)
        elif path in _LOGIN:
            return self._log_in(scope, body, None, exchange) if method == "POST" else answers.login_page(self._service)
        elif path.startswith(answers.ASSETS) and method == "GET":
            return answers.asset(path)
        elif path == "/" and method == "GET" and wants_page(scope):
            return HttpAnswer(b"", 302, TEXT, ((b"location", _LOGIN[0].encode("ascii")),))
        if not path.startswith(_CALLS):
            return answers.failure(404, "There is nothing at this address.")
        if from_another_site(scope, secure=self._secure):
            self._write(exchange, None, None, self._function(path), "denied", "request of another site")
            return answers.failure(403, "Calls from pages of other sites are refused, so nothing was done.")
        self._engine.store.refresh_soon()
        authorization = header(scope, b"authorization")
        try:
            if session is not None and authorization is None:
                caller, _session = self._authentication.by_session(header(scope, b"cookie"), session[1], exchange)
            else:
                caller = self._authentication.by_header(authorization, exchange)
        except Denied as refusal:
            return self._denied(
                refusal, exchange, self._function(path), answers.denied(self._service, self._engine.dialect.denied)
            )
        return await self._call(caller, path, _parameters(scope, body))

    async def _page(self, scope: Scope, path_token: str, path: str, body: bytes, exchange: Exchange) -> HttpAnswer:
        """Show or do what a browser wants from the pages of a session. They are served over TLS only."""
        self._engine.store.refresh_soon()
        try:
            caller, session = self._authentication.by_session(header(scope, b"cookie"), path_token, exchange)
        except Denied as refusal:
            return self._denied(refusal, exchange, _PAGE, self._log_in_again(scope))
        if not self._secure:
            if path == "/":
                return HttpAnswer(f"You are logged in as {caller.account.username}.\n".encode(), content_type=TEXT)
            return answers.failure(404, "There is nothing at this address. The pages are on the TLS port.")
        query, form = _parameters(scope, b""), _form(scope, body)
        answer = await self._site.answer(caller, session, scope["method"], path, query, form)
        if answer is None:
            self._write(exchange, caller.account.username, None, _PAGE, "denied", "form of another page")
            return answers.forged(self._service)
        return answer

    async def _call(self, caller: Caller, path: str, parameters: Parameters) -> HttpAnswer:
        """Call the function that an authenticated caller has named in the path."""
        if path.startswith("/json-api/"):
            name = _name(path)
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

    def _log_in(self, scope: Scope, body: bytes, path_token: str | None, exchange: Exchange) -> HttpAnswer:
        """Begin a session with a password, or (with ``path_token``) enter one that create_user_session has opened.

        Who may not is answered 401 like everybody who is not authenticated. Scripts ask for JSON with ``login_only=1``.
        """
        if path_token is None and from_another_site(scope, secure=self._secure, null=False):
            self._write(exchange, None, None, "login", "denied", "form of another page")
            return answers.forged(self._service)
        query = _parameters(scope, b"")
        form = _form(scope, body)
        as_json = "1" in (form.one("login_only"), query.one("login_only"))
        self._engine.store.refresh_soon()
        try:
            if path_token is None:
                # Not from the query: what stands in an address ends up in logs.
                user, password = form.one("user") or "", form.one("pass") or ""
                account, session = self._authentication.log_in(user, password, exchange)
            else:
                account, session = self._authentication.session(query.one("session") or "", path_token, exchange)
        except Denied as refusal:
            answer = answers.not_logged_in(answers.denied(self._service)) if as_json else self._log_in_again(scope)
            return self._denied(refusal, exchange, "login", answer)
        self._write(exchange, account.username, None, "login", "ok", "ok")
        secure = "; Secure" if self._secure else ""
        cookie = f"{COOKIES[self._service]}={session.cookie}; Path=/; HttpOnly; SameSite=Lax{secure}"
        return answers.logged_in(f"/cpsess{session.path_token}", cookie, as_json=as_json)

    def _log_use(self, scope: Scope, exchange: Exchange, status: int, user: str, token: str) -> None:
        """Write the line of a request to WHM that an API token authenticated."""
        log = self._engine.api_tokens_log
        if log is not None and self._service == "whm":
            target: bytes = scope["extensions"]["token_server"]["target"]
            log.write(exchange.peer, status, user, token, (scope["method"], target, scope["http_version"]))

    def _denied(self, refusal: Denied, exchange: Exchange, function: str, answer: HttpAnswer) -> HttpAnswer:
        self._write(exchange, refusal.user, refusal.token, function, "denied", refusal.cause)
        return answer

    def _log_in_again(self, scope: Scope) -> HttpAnswer:
        return answers.denied_page(self._service) if wants_page(scope) else answers.denied(self._service)

    def _note(self, caller: Caller, reason: str) -> None:
        token = None if caller.token is None else caller.token.name
        self._write(caller.exchange, caller.account.username, token, UNKNOWN, "failed", reason)

    def _write(
        self, exchange: Exchange, user: str | None, token: str | None, function: str, outcome: str, reason: str
    ) -> None:
        """Write the line of a call that never got as far as a function."""
        rule = canned.rule_of(self._engine, function)
        self._engine.audit.write(
            service=exchange.service,
            user=user,
            token=token,
            peer=exchange.peer,
            function=function,
            mutation=rule is not None and rule.mutates,
            outcome=outcome,
            reason=reason,
        )

    def _function(self, path: str) -> str:
        """Return the name of the function in a path, if it is one that exists."""
        name = _name(path).removeprefix("/execute/").replace("/", "::", 1)
        return UNKNOWN if canned.rule_of(self._engine, name) is None else name


def _parameters(scope: Scope, body: bytes) -> Parameters:
    """Return the parameters of the query and the body together. Raises ``BadBody``."""
    return bodies.parameters(scope["query_string"], body, header(scope, b"content-type") if body else None)


def _form(scope: Scope, body: bytes) -> Parameters:
    """Return the parameters of the body alone. Raises ``BadBody``."""
    return bodies.parameters(b"", body, header(scope, b"content-type"))


def _name(path: str) -> str:
    """Return what stands behind ``/json-api/``; the older function is often called with a slash at its end."""
    name = path.removeprefix("/json-api/")
    return "cpanel" if name == "cpanel/" else name
