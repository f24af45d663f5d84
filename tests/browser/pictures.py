# Copyright (c) 2026 panelops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Take the pictures in docs/images: ``make pictures``. The same to the eye every time: the server's clock is put."""

from __future__ import annotations

import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from playwright.sync_api import Browser, Page

from tests.browser import audit_pictures
from tests.browser.steps import click, heading, log_in
from tests.support import chromium
from tests.support.paths import REPOSITORY
from tests.support.server import Server, serving

FOLDER = REPOSITORY / "docs" / "images"

MORNING = 1_795_593_600
"""25 November 2026, 08:00:00 UTC."""

DAY = 24 * 3600
PLACEHOLDER = "EXAMPLE0TOKEN0OF0A0REVOKED0TOKEN"
WINDOW = {"width": 1280, "height": 760}


@contextmanager
def visitor(browser: Browser, server: Server, service: str, user: str, **options: Any) -> Iterator[Page]:
    """Log in to one service, and look at the list on the morning of the pictures."""
    with chromium.context(browser, **{"viewport": WINDOW, **options}) as opened, chromium.watched(opened) as page:
        log_in(page, server, service, user)
        server.control("POST", "/clock", {"set": MORNING})
        page.reload()
        yield page


def take(page: Page, name: str) -> None:
    """Take a picture of what the window shows."""
    page.evaluate("document.activeElement.blur()")
    page.mouse.move(0, 0)
    FOLDER.mkdir(exist_ok=True)
    page.screenshot(path=FOLDER / f"{name}.png", caret="hide", animations="disabled")


def fill(server: Server) -> None:
    """Create tokens of every kind, at given times of the server's clock."""

    def at(second: int) -> None:
        server.control("POST", "/clock", {"set": second + 0.2})

    at(MORNING - 300 * DAY)
    server.whm_token("old-migration", acl=["list-accts"], expires_at=MORNING - 9 * DAY)
    at(MORNING - 200 * DAY + 4321)
    server.whm_token("monitoring-prod-accounts", acl=["list-accts"], whitelist_ip=["192.0.2.0/24"])
    used = server.uapi_token("uptime-check")
    server.uapi_token("old-deploy", expires_at=MORNING - DAY)
    at(MORNING - 60 * DAY + 777)
    server.whm_token(
        "backup-prod-nightly", expires_at=MORNING + 305 * DAY, whitelist_ip=["10.5.3.33", "12AB:0:0:CD30::/60"]
    )
    server.uapi_token("deploy-runner-prod", expires_at=MORNING + 12 * DAY)
    at(MORNING - DAY)
    server.whm_token("ci-deploy-4711", acl=["create-acct"], expires_at=MORNING + DAY)
    server.uapi_token("wp-toolkit-backups", expires_at=MORNING + 364 * DAY)
    at(MORNING - 60)
    server.status("cpanel", f"cpanel alice:{used}")


def pictures(browser: Browser, server: Server) -> None:
    """Take them all."""
    fill(server)
    with visitor(browser, server, "whm", "root") as page:
        take(page, "pages-whm-list")
    with visitor(browser, server, "whm", "root", viewport={"width": 1280, "height": 1320}) as page:
        click(page, "Generate Token", "link")
        page.get_by_label("Name", exact=True).fill("monitoring-stage-accounts")
        page.get_by_label("IPs", exact=True).fill("192.0.2.0/24\n12AB:0:0:CD30::/60")
        take(page, "pages-whm-create")
        click(page, "Generate")
        page.set_viewport_size(WINDOW)
        heading(page, "API Token Generated")
        # Not even the secret of a server that is gone is for a document.
        page.get_by_label("API Token", exact=True).evaluate("(field, text) => { field.value = text }", PLACEHOLDER)
        take(page, "pages-whm-created")
        server.whm_ok("api_token_revoke", token_name="monitoring-stage-accounts")
    with visitor(browser, server, "cpanel", "alice") as page:
        take(page, "pages-cpanel-list")
    with visitor(browser, server, "whm", "root", viewport={"width": 390, "height": 1180}, color_scheme="dark") as page:
        take(page, "pages-whm-phone-dark")


def main() -> int:
    """Start what is needed, and take them."""
    path = chromium.executable()
    if path is None:
        print(f"No pictures: {chromium.MISSING}.", file=sys.stderr)
        return 1
    with tempfile.TemporaryDirectory() as folder, chromium.running(path) as browser:
        for name, page in audit_pictures.pages(browser, Path(folder)):
            take(page, name)
        with serving(Path(folder)) as server:
            pictures(browser, server)
    print(f"pictures: {FOLDER}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
