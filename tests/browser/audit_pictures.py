# Copyright (c) 2026 panelops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The pictures of the audit's report in docs/images: ``python -m tests.browser.audit_pictures`` makes them anew."""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path

import yaml

from tests.browser.chromium import DESKTOP, MISSING, PHONE, context, executable, running
from tests.integration.audits import NOBODY, USERS, audit, fill
from tests.integration.server import Server

IMAGES = Path(__file__).resolve().parents[2] / "docs" / "images"


def main() -> int:
    """Write the pictures; return the exit status."""
    path = executable()
    if path is None:
        print(MISSING, file=sys.stderr)
        return 1
    IMAGES.mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory(prefix="pictures-") as name, running(path) as browser:
        url = _report(Path(name))
        with context(browser, viewport={**DESKTOP, "height": 2000}) as opened:
            page = opened.new_page()
            page.goto(url)
            page.screenshot(path=IMAGES / "audit-report.png")
        with context(browser, viewport=PHONE, color_scheme="dark") as opened:
            page = opened.new_page()
            page.goto(url)
            page.get_by_label("Kind", exact=True).select_option("Expired, still listed")
            page.locator("#tokens").evaluate("heading => heading.scrollIntoView()")
            page.screenshot(path=IMAGES / "audit-report-phone.png")
    print(f"Written to {IMAGES}.")
    return 0


def _report(folder: Path) -> str:
    """Have the role write one about two servers, of which one does not answer."""
    fixture = folder / "fixture.yml"
    fixture.write_text(yaml.safe_dump(USERS), encoding="utf-8")
    with Server(folder / "state", fixture) as server:
        fill(server)
        accept = [{"kinds": ["all_privileges"], "reason": "The token that Ansible itself works with."}]
        run, _report = audit(folder, {"web1": server, "web2": NOBODY}, accounts=True, accept=accept)
    if run.status:
        raise SystemExit(run.output)
    return (folder / "report" / "api-tokens.html").as_uri()


if __name__ == "__main__":
    sys.exit(main())
