# Copyright (c) 2026 panelops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The pages that both services have: the list, the secret shown once, and revocation after a question."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from token_server.functions.callers import Caller
from token_server.functions.dispatcher import Dispatcher
from token_server.parameters import Parameters
from token_server.refusals import Refused, quoted
from token_server.state.sessions import Session
from token_server.web import rendering, views
from token_server.web.forms import Form
from token_server.web.handover import KEPT, Created, Handover
from token_server.web.tokens import Tokens, named
from token_server.wire import HttpAnswer


class NotHere(Exception):
    """There is no page at this address."""


@dataclass(slots=True, frozen=True)
class Visit:
    """One request of a session. ``given`` are the fields of its form, or the query; ``base`` begins every path."""

    caller: Caller
    session: Session
    handover: Handover
    base: str
    given: Parameters

    def page(self, template: str, status: int = 200, **values: object) -> HttpAnswer:
        """Return a page with what all pages of a session show."""
        return rendering.page(
            template,
            self.session.service,
            status,
            base=self.base,
            user=self.caller.account.username,
            form_token=self.handover.form_token,
            notice=self.handover.take_message(),
            **values,
        )

    def go(self, path: str = "/", message: str = "") -> HttpAnswer:
        """Send the browser to another page, which shows the message."""
        self.handover.say(message)
        return rendering.redirect(self.base + path)


Handler = Callable[[Visit, str], Awaitable[HttpAnswer]]


class TokenPages(ABC):
    """The pages of one service. Handlers get the part of the path behind the name of the page, if any: a token's name."""

    list_template: str
    name_label: str
    """What the form of a token that exists calls its name."""
    whole: bool
    """Whether a change replaces everything of an API token, so that each form sends all of it."""

    def __init__(self, dispatcher: Dispatcher) -> None:
        self.dispatcher = dispatcher
        self.clock = dispatcher.engine.clock

    def shown(self) -> dict[str, Handler]:
        """Return the pages to look at."""
        return {"create": self.create_form, "created": self.created, "saved": self.saved, "revoke": self.ask_to_revoke}

    def sent(self) -> dict[str, Handler]:
        """Return what forms are sent to."""
        return {"create": self.create, "revoke": self.revoke}

    @abstractmethod
    def tokens(self, visit: Visit) -> Tokens:
        """Return the tokens of the visitor."""

    @abstractmethod
    def new_form(self, visit: Visit) -> Form:
        """Return the form of a new token."""

    @abstractmethod
    def form_page(self, visit: Visit, form: Form) -> HttpAnswer:
        """Return the page with a form."""

    async def show_list(self, visit: Visit, _name: str) -> HttpAnswer:
        """Show the list; ``search`` picks some by their names."""
        now = self.clock.seconds()
        search = visit.given.one("search") or ""
        tokens = await self.tokens(visit).listed()
        rows = [views.row(token, now, search) for token in tokens]
        listing = self.may_list(visit)
        return visit.page(self.list_template, rows=rows, search=search, now=views.moment(now), listing=listing)

    def may_list(self, _visit: Visit) -> bool:
        """Tell whether the visitor gets to see the table."""
        return True

    async def create_form(self, visit: Visit, _name: str) -> HttpAnswer:
        """Show the form of a new token."""
        await self.tokens(visit).listed()  # Raises Refused for those who may not manage tokens.
        return self.form_page(visit, self.new_form(visit))

    async def create(self, visit: Visit, _name: str) -> HttpAnswer:
        """Create a token, and send the browser to where its secret is shown."""
        form = self.new_form(visit)
        form.fill(visit.given)
        desired = form.desired(self.clock.seconds(), whole=self.whole)
        if not form.errors:
            try:
                secret = await self.tokens(visit).create(desired)
            except Refused as refusal:
                form.refuse(refusal)
            else:
                created = Created(desired.name, secret, desired.expires_at, self.clock.now() + KEPT)
                return visit.go(f"/created/{visit.handover.leave(created)}")
        return self.form_page(visit, form)

    async def created(self, visit: Visit, number: str) -> HttpAnswer:
        """Show the secret of a token that was just created: this once."""
        created = visit.handover.take(number, self.clock.now())
        if created is None:
            return visit.go(
                message="The API token is not shown again. If you did not save it, revoke it and create a new one."
            )
        return visit.page("created.html", created=created, expires=views.moment(created.expires_at))

    async def saved(self, visit: Visit, _name: str) -> HttpAnswer:
        """Go on after "Yes, I saved my token"."""
        return visit.go("/create" if visit.given.one("another") else "/")

    async def ask_to_revoke(self, visit: Visit, name: str) -> HttpAnswer:
        """Ask whether a token shall be revoked."""
        token = named(await self.tokens(visit).listed(), name)
        return visit.page("revoke.html", names=[token.name], action=f"/revoke/{token.name}")

    async def revoke(self, visit: Visit, name: str) -> HttpAnswer:
        """Revoke a token."""
        tokens = self.tokens(visit)
        token = named(await tokens.listed(), name)
        await tokens.revoke([token.name])
        return visit.go(message=f"You have revoked the API token {quoted(token.name)}.")

    async def change(self, visit: Visit, name: str) -> HttpAnswer:
        """Change an API token as its form says."""
        tokens = self.tokens(visit)
        token = named(await tokens.listed(), name)
        now = self.clock.seconds()
        form = Form.of(self.name_label, token, now)
        form.fill(visit.given)
        desired = form.desired(now, whole=self.whole)
        if not form.errors:
            try:
                await tokens.change(token, desired)
            except Refused as refusal:
                form.refuse(refusal)
            else:
                return visit.go(message=f"You have updated the API token {quoted(desired.name)}.")
        return self.form_page(visit, form)
