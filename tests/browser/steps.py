# Copyright (c) 2026 panelops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a person does on the pages of the server, by what can be seen there: labels, buttons, headings."""

from __future__ import annotations

import re

from playwright.sync_api import Locator, Page, expect

from tests.support.server import Server
from tests.support.users import user

SECRET = re.compile(r"[A-Z0-9]{32}")


def log_in(page: Page, server: Server, service: str, name: str) -> None:
    """Log in, which leads to the list."""
    page.goto(f"{server.ready[service]}/login")
    page.get_by_label("Username").fill(name)
    page.get_by_label("Password").fill(user(name).password)
    page.get_by_role("button", name="Log in").click()
    heading(page, "Manage API Tokens")


def open_manager(page: Page, server: Server, service: str, name: str) -> None:
    """Log in, find the section and open *Manage API Tokens* there."""
    log_in(page, server, service, name)
    section = page.get_by_role("navigation", name="Development" if service == "whm" else "Security")
    section.get_by_role("link", name="Manage API Tokens", exact=True).click()
    heading(page, "Manage API Tokens")


def heading(page: Page, text: str) -> None:
    """See the heading of a page."""
    expect(page.get_by_role("heading", level=1, name=text, exact=True)).to_be_visible()


def click(page: Page, name: str, role: str = "button") -> None:
    """Click a button, or a link that looks like one."""
    page.get_by_role("button" if role == "button" else "link", name=name, exact=True).click()


def token(page: Page) -> str:
    """Read the secret that is shown."""
    secret = page.get_by_label("API Token", exact=True).input_value()
    assert SECRET.fullmatch(secret)
    return secret


def row(page: Page, name: str) -> Locator:
    """Return the row of a token."""
    named = page.get_by_role("rowheader", name=name, exact=True)
    return page.get_by_role("row").filter(has=named)


def columns(page: Page) -> list[str]:
    """Return the names of the columns, as they are read."""
    return [text.strip() for text in page.get_by_role("columnheader").all_inner_texts()]


def success(page: Page, text: str) -> None:
    """See a message of success."""
    expect(page.get_by_role("status").filter(has_text=text)).to_be_visible()
