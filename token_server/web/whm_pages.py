# Copyright (c) 2026 panelops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""*Manage API Tokens* of WHM, as G4 in docs/conformance.md describes it."""

from __future__ import annotations

from token_server.web import forms, privileges
from token_server.web.forms import Form
from token_server.web.token_pages import Handler, TokenPages, Visit
from token_server.web.tokens import Tokens, WhmTokens, named
from token_server.wire import HttpAnswer


class WhmPages(TokenPages):
    """Generate, edit and revoke; all of them at once, too."""

    list_template = "list_whm.html"
    name_label = "Name"
    whole = True

    def shown(self) -> dict[str, Handler]:
        """Return the pages to look at."""
        return {**super().shown(), "edit": self.edit_form, "revoke-all": self.ask_to_revoke_all}

    def sent(self) -> dict[str, Handler]:
        """Return what forms are sent to."""
        return {**super().sent(), "edit": self.change, "revoke-all": self.revoke_all}

    def tokens(self, visit: Visit) -> Tokens:
        """Return the tokens of the visitor."""
        return WhmTokens(self.dispatcher, visit.caller)

    def may_list(self, visit: Visit) -> bool:
        """Tell whether the visitor gets to see the table: only with all of the initial privileges."""
        return privileges.initial(visit.caller.account)

    def new_form(self, visit: Visit) -> Form:
        """Return a form with all of one's privileges ticked, and a year to live."""
        own = privileges.own(visit.caller.account)
        return Form.blank(self.name_label, self.clock.seconds(), forms.DATE, own)

    def form_page(self, visit: Visit, form: Form) -> HttpAnswer:
        """Return the page "Generate API Token" or "Edit API Token"."""
        own = privileges.own(visit.caller.account)
        lost = sorted(form.present.acls - own) if form.present else []
        return visit.page(
            "form_whm.html",
            422 if form.errors else 200,
            form=form,
            groups=privileges.groups(own, form.acls),
            lost=lost,
        )

    async def edit_form(self, visit: Visit, name: str) -> HttpAnswer:
        """Show the form of a token."""
        token = named(await self.tokens(visit).listed(), name)
        return self.form_page(visit, Form.of(self.name_label, token, self.clock.seconds()))

    async def ask_to_revoke_all(self, visit: Visit, _name: str) -> HttpAnswer:
        """Ask whether all tokens shall be revoked."""
        names = [token.name for token in await self.tokens(visit).listed()]
        return visit.page("revoke.html", names=names, action="/revoke-all")

    async def revoke_all(self, visit: Visit, _name: str) -> HttpAnswer:
        """Revoke the tokens that the question named, as far as they still exist, and no newer ones."""
        tokens = self.tokens(visit)
        asked = set(visit.given.many("name"))
        names = [token.name for token in await tokens.listed() if token.name in asked]
        if names:
            await tokens.revoke(names)
        return visit.go(message=f"You have revoked all API tokens ({len(names)}).")
