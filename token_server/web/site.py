# Copyright (c) 2026 panelops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""From a path below ``/cpsess##########`` to a page. Forms are taken from the session's own pages only."""

from __future__ import annotations

import hmac
from weakref import WeakKeyDictionary

from token_server.functions.callers import Caller
from token_server.functions.dispatcher import Dispatcher
from token_server.parameters import Parameters
from token_server.refusals import Refused
from token_server.state.sessions import COOKIES, Session
from token_server.web import rendering
from token_server.web.cpanel_pages import CpanelPages
from token_server.web.handover import Handover
from token_server.web.token_pages import Handler, NotHere, TokenPages, Visit
from token_server.web.whm_pages import WhmPages
from token_server.wire import HttpAnswer


class Site:
    """The pages of one service on its TLS listener."""

    def __init__(self, dispatcher: Dispatcher, service: str) -> None:
        self._service = service
        self._dispatcher = dispatcher
        # What is left for a session goes when the session does.
        self._handovers: WeakKeyDictionary[Session, Handover] = WeakKeyDictionary()
        pages: TokenPages = WhmPages(dispatcher) if service == "whm" else CpanelPages(dispatcher)
        self._shown: dict[str, Handler] = {"": pages.show_list, **pages.shown()}
        self._sent: dict[str, Handler] = {"logout": self._log_out, **pages.sent()}

    async def answer(
        self, caller: Caller, session: Session, method: str, path: str, query: Parameters, form: Parameters
    ) -> HttpAnswer | None:
        """Answer one request of a session; ``path`` is what stands behind ``/cpsess##########``.

        None, before anything has happened, where a form does not carry the token of its session: another site may have sent it.
        """
        handover = self._handovers.setdefault(session, Handover())
        visit = Visit(
            caller=caller,
            session=session,
            handover=handover,
            base=f"/cpsess{session.path_token}",
            given=form if method == "POST" else query,
        )
        if method == "POST" and not _same(form.one("form_token") or "", handover.form_token):
            return None
        page, _slash, name = path.strip("/").partition("/")
        handler = (self._sent if method == "POST" else self._shown).get(page)
        try:
            if handler is None:
                raise NotHere
            return await handler(visit, name)
        except NotHere:
            return visit.page("message.html", 404, title="Not found", message="There is no page at this address.")
        except Refused as refusal:
            status = 403 if refusal.denied else 404
            return visit.page("message.html", status, title="Not possible", message=refusal.reason)

    async def _log_out(self, visit: Visit, _name: str) -> HttpAnswer:
        self._dispatcher.engine.sessions.end(visit.session)
        cookie = f"{COOKIES[self._service]}=; Path=/; Max-Age=0; HttpOnly; SameSite=Lax; Secure"
        return rendering.redirect("/login", ((b"set-cookie", cookie.encode("ascii")),))


def _same(given: str, expected: str) -> bool:
    return hmac.compare_digest(given.encode("utf-8", "replace"), expected.encode())
