# Copyright (c) 2026 panelops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""*Manage API Tokens* of cPanel, as G0, G1 and G3 in docs/conformance.md describe it."""

from __future__ import annotations

from token_server.web import forms
from token_server.web.forms import Form
from token_server.web.token_pages import Handler, TokenPages, Visit
from token_server.web.tokens import CpanelTokens, Tokens, named
from token_server.wire import HttpAnswer


class CpanelPages(TokenPages):
    """Create, manage (name and expiry) and revoke."""

    list_template = "list_cpanel.html"
    name_label = "New API Token Name"
    whole = False

    def shown(self) -> dict[str, Handler]:
        """Return the pages to look at."""
        return {**super().shown(), "manage": self.manage_form}

    def sent(self) -> dict[str, Handler]:
        """Return what forms are sent to."""
        return {**super().sent(), "manage": self.change}

    def tokens(self, visit: Visit) -> Tokens:
        """Return the tokens of the visitor."""
        return CpanelTokens(self.dispatcher, visit.caller)

    def new_form(self, visit: Visit) -> Form:
        """Return an empty form; without a choice the token does not expire (docs/conformance.md, G0: "set an expiry (optional)")."""
        return Form.blank("API Token Name", self.clock.seconds(), forms.NEVER)

    def form_page(self, visit: Visit, form: Form) -> HttpAnswer:
        """Return the page "Create API Token", or that of one token."""
        template = "create_cpanel.html" if form.present is None else "manage_cpanel.html"
        return visit.page(template, 422 if form.errors else 200, form=form)

    async def manage_form(self, visit: Visit, name: str) -> HttpAnswer:
        """Show the page of a token."""
        token = named(await self.tokens(visit).listed(), name)
        return self.form_page(visit, Form.of(self.name_label, token, self.clock.seconds()))
