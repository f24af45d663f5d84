# Copyright (c) 2026 panelops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""HTTP answers that are no API answers: the 401, the log-in page, the files of the pages, and what planned faults send."""

from __future__ import annotations

from http import HTTPStatus

from token_server.envelopes import DENIED, encode
from token_server.state.faults import status_of
from token_server.web import rendering
from token_server.wire import HTML, TEXT, HttpAnswer

ASSETS = "/pages/"
"""Where the script and the style sheet of the pages lie: for everybody, as the log-in page has them too."""


def denied(service: str, how: str = "401") -> HttpAnswer:
    """Return the answer to everybody who is not authenticated, whatever the reason, in the dialect ``denied`` (``how``)."""
    if how == "page":
        return login_page(service)
    if how == "redirect":
        return _redirect()
    if how == "403":
        return HttpAnswer(DENIED, 403)
    return HttpAnswer(DENIED, 401, headers=((b"www-authenticate", b'Basic realm="cPanel & WHM", charset="UTF-8"'),))


def _redirect() -> HttpAnswer:
    return HttpAnswer(b"", 302, HTML, ((b"location", b"/login"),))


def denied_page(service: str) -> HttpAnswer:
    """Return the same for somebody with a browser, whatever the reason: the form to log in with."""
    return rendering.login_page(service, 401, "Log in to go on. The log-in failed, or the session has ended.")


def login_page(service: str) -> HttpAnswer:
    """Return the form to log in with."""
    return rendering.login_page(service)


def logged_in(path: str, cookie: str, *, as_json: bool) -> HttpAnswer:
    """Return the answer to a good log-in: the way into the session that lies below ``path``."""
    set_cookie = (b"set-cookie", cookie.encode("ascii"))
    if as_json:
        body = encode({"status": 1, "redirect": f"{path}/", "security_token": path})
        return HttpAnswer(body.encode("ascii"), headers=(set_cookie,))
    return HttpAnswer(b"", 302, TEXT, ((b"location", f"{path}/".encode("ascii")), set_cookie))


def not_logged_in(refusal: HttpAnswer) -> HttpAnswer:
    """Return a refused log-in for a client that wants JSON, and reads ``status``."""
    body = encode({"status": 0, "message": "invalid_login"})
    return HttpAnswer(body.encode("ascii"), 401, headers=refusal.headers)


def asset(path: str) -> HttpAnswer:
    """Return a file of the pages."""
    return rendering.asset(path.removeprefix(ASSETS)) or failure(404, "There is nothing at this address.")


def forged(service: str) -> HttpAnswer:
    """Return the answer to a form that did not come from a page of its session."""
    sentence = "This form did not come from a page of your session, so nothing was done. Log in again."
    return rendering.login_page(service, 403, sentence)


def failure(status: int, sentence: str, headers: tuple[tuple[bytes, bytes], ...] = ()) -> HttpAnswer:
    """Return an answer to a request that is no API call at all."""
    body = encode({"status": 0, "errors": [sentence], "data": None, "messages": None, "warnings": None, "metadata": {}})
    return HttpAnswer(body.encode("ascii"), status, headers=headers)


def replaced(kind: str, service: str) -> HttpAnswer:
    """Return what a planned fault sends in place of the answer."""
    if kind == "login_redirect":
        return _redirect()
    status = status_of(kind)
    if status is None:
        return login_page(service)
    if status == HTTPStatus.UNAUTHORIZED:
        return denied(service)
    if status in (HTTPStatus.NO_CONTENT, HTTPStatus.NOT_MODIFIED):
        return HttpAnswer(b"", status, TEXT)
    return HttpAnswer(b"%d: a planned failure.\n" % status, status, TEXT)


def mangled(answer: HttpAnswer, how: str) -> HttpAnswer:
    """Return a damaged answer: cut off in the middle, or replaced by something that is not JSON."""
    if how == "truncated_json":
        return HttpAnswer(answer.body[: len(answer.body) // 2], answer.status, answer.content_type)
    return HttpAnswer(b"The answer to this call is not JSON.\n", answer.status, answer.content_type)
