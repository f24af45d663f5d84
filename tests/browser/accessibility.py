# Copyright (c) 2026 panelops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Accessibility, as axe-core sees it."""

from __future__ import annotations

from typing import Any

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page

SCHEMES = {"light": {}, "dark": {"runOnly": ["color-contrast", "link-in-text-block"]}}
"""All rules in light; in dark the two about colors, as nothing else of a page depends on the scheme."""

_SEVERE = {"serious", "critical"}
_axe = Axe()


def severe_faults(page: Page) -> list[str]:
    """Return the serious and critical faults of what the page shows now, in light and in dark.

    Each says: scheme, impact, rule, what to do, and where.
    """
    found = []
    for scheme, rules in SCHEMES.items():
        page.emulate_media(color_scheme=scheme)
        report: dict[str, Any] = _axe.run(page, options={**rules, "resultTypes": ["violations"]}).response
        assert report["passes"] or report["violations"], "axe has looked at nothing"
        for fault in report["violations"]:
            if fault["impact"] in _SEVERE:
                where = [" ".join(map(str, node["target"])) for node in fault["nodes"]]
                found.append(f"{scheme}: {fault['impact']}: {fault['id']}: {fault['help']}: {', '.join(where)}")
    return found
