# Copyright (c) 2026 panelops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The browser of the system, driven by Playwright. It is never downloaded, and it reaches nothing but this machine."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Page, sync_playwright

MISSING = "there is no browser here (apt-get install --no-install-recommends chromium fonts-dejavu-core)"

DESKTOP = {"width": 1280, "height": 800}
PHONE = {"width": 390, "height": 844}

TIMEOUT = 10_000
"""Milliseconds that anything on a page may take to appear."""

_NAMES = ("chromium", "chromium-browser", "google-chrome")

_STATUS = "Failed to load resource: the server responded with a status of 4"

_ARGUMENTS = [
    # As root, in containers, Chromium has no sandbox; the pages here are our own.
    "--no-sandbox",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-default-apps",
    "--disable-dev-shm-usage",
    "--disable-gpu",
    "--disable-sync",
    "--no-first-run",
    # The same letters on every machine, for the pictures in docs/images.
    "--font-render-hinting=none",
    # A page that wants something from elsewhere must fail here as it would on a closed network.
    "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1, EXCLUDE localhost",
]


def executable() -> str | None:
    """Return the path of the system's Chromium, or None."""
    return next((path for name in _NAMES if (path := shutil.which(name))), None)


@contextmanager
def running(path: str) -> Iterator[Browser]:
    """Run the browser of this path, without a window."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=_ARGUMENTS)
        try:
            yield browser
        finally:
            browser.close()


@contextmanager
def context(browser: Browser, **options: Any) -> Iterator[BrowserContext]:
    """Open a context of its own: cookies, clipboard and all. The options are those of ``Browser.new_context``.

    The certificates of reference servers are accepted, which is all that there is to reach.
    """
    settings: dict[str, Any] = {"ignore_https_errors": True, "locale": "en-GB", "timezone_id": "Asia/Tokyo"}
    opened = browser.new_context(**{"viewport": DESKTOP, "reduced_motion": "reduce", **settings, **options})
    opened.set_default_timeout(TIMEOUT)
    try:
        yield opened
    finally:
        opened.close()


@contextmanager
def watched(opened: BrowserContext) -> Iterator[Page]:
    """Open a page that must not report any error: of a script, of the content security policy, of a missing file.

    That the page itself is answered with a status such as 422 is no error of this kind.
    """
    page = opened.new_page()
    errors: list[str] = []

    def note(message: ConsoleMessage) -> None:
        if message.type == "error" and not (message.text.startswith(_STATUS) and message.location["url"] == page.url):
            errors.append(message.text)

    page.on("pageerror", lambda error: errors.append(str(error)))
    page.on("console", note)
    try:
        yield page
    finally:
        page.close()
    assert errors == [], errors
