# Copyright (c) 2026 panelops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""axe-core finds nothing serious on any page of the server, in light and in dark."""

from __future__ import annotations

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser.accessibility import severe_faults
from tests.browser.steps import click, heading, log_in
from tests.support.chromium import PHONE, context, watched
from tests.support.server import Server

FIELDS = {
    "whm": ("root", "Generate Token", "Generate", "Name"),
    "cpanel": ("alice", "Create", "Create", "API Token Name"),
}


def check(page: Page, title: str) -> None:
    heading(page, title)
    assert severe_faults(page) == [], title


def fill_list(server: Server) -> None:
    """Tokens of every kind: plain, limited, soon expiring, expired."""
    now = server.now()
    for create in (server.whm_token, server.uapi_token):
        create("plain")
        create("soon", expires_at=now + 24 * 3600)
        create("expired", expires_at=now + 60)
    server.whm_token("limited", whitelist_ip=["10.5.3.0/24"])
    server.whm_token("crowded", whitelist_ip=[f"10.0.0.{number}" for number in range(9)])
    server.advance(61)


@pytest.mark.parametrize("service", ["whm", "cpanel"])
def test_every_state(page: Page, server: Server, service: str) -> None:
    user, create, send, name = FIELDS[service]
    page.goto(f"{server.ready[service]}/login")
    assert severe_faults(page) == [], "log-in"
    log_in(page, server, service, user)
    base = page.url
    check(page, "Manage API Tokens")
    fill_list(server)
    page.goto(base)
    if service == "whm":
        page.locator("summary[aria-label]").click()
    check(page, "Manage API Tokens")
    page.goto(base)
    click(page, create, "link")
    form = "Generate API Token" if service == "whm" else "Create API Token"
    check(page, form)
    page.get_by_label("Specify an expiration date.").check()
    page.get_by_label("API Token Expiration Date").fill("x")
    click(page, send)
    check(page, form)
    page.get_by_label("API Token Expiration Date").fill("2090-01-01")
    page.get_by_label(name, exact=True).fill("new")
    click(page, send)
    check(page, "API Token Generated" if service == "whm" else "API Token Created")
    page.goto(base + ("edit/plain" if service == "whm" else "manage/plain"))
    check(page, "Edit API Token" if service == "whm" else "API Token \u201cplain\u201d")
    page.goto(base + "revoke/plain")
    check(page, "Revoke API Token")
    click(page, "Continue" if service == "whm" else "Yes, Revoke The Token")
    check(page, "Manage API Tokens")
    if service == "whm":
        page.goto(base + "revoke-all")
        check(page, "Revoke All API Tokens")
    page.goto(base + "nothing")
    check(page, "Not found")


@pytest.mark.parametrize("service", ["whm", "cpanel"])
def test_the_list_on_a_telephone(chromium: Browser, server: Server, service: str) -> None:
    """Of all pages this one is made otherwise there: each row is a card."""
    fill_list(server)
    with context(chromium, viewport=PHONE) as opened, watched(opened) as page:
        log_in(page, server, service, FIELDS[service][0])
        check(page, "Manage API Tokens")
        expect(page.get_by_role("rowheader", name="soon", exact=True)).to_be_visible()
