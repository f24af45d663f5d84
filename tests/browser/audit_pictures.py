# Copyright (c) 2026 panelops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What there is to take pictures of in the report of the role audit; ``make pictures`` takes them."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from playwright.sync_api import Browser, Page

from tests.support.audits import NOBODY, audit, fill
from tests.support.chromium import DESKTOP, PHONE, context
from tests.support.server import serving


def pages(browser: Browser, folder: Path) -> Iterator[tuple[str, Page]]:
    """The report, and the name of each picture."""
    url = _report(folder)
    with context(browser, viewport={**DESKTOP, "height": 2000}) as opened:
        page = opened.new_page()
        page.goto(url)
        yield "audit-report", page
    with context(browser, viewport=PHONE, color_scheme="dark") as opened:
        page = opened.new_page()
        page.goto(url)
        page.get_by_label("Kind", exact=True).select_option("Expired, still listed")
        page.locator("#tokens").evaluate("heading => heading.scrollIntoView()")
        yield "audit-report-phone", page


def _report(folder: Path) -> str:
    """Have the role write one about two servers, of which one does not answer."""
    folder = folder / "audit"
    folder.mkdir()
    with serving(folder) as server:
        fill(server)
        accept = [{"kinds": ["all_privileges"], "reason": "The token that Ansible itself works with."}]
        run, _report = audit(folder, {"web1": server, "web2": NOBODY}, accounts=True, accept=accept)
    if run.status:
        raise SystemExit(run.output)
    return (folder / "report" / "api-tokens.html").as_uri()
