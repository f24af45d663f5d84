# Copyright (c) 2026 panelops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The support of this folder finds faults where there are some: a check that finds nothing proves nothing by itself."""

from __future__ import annotations

import pytest
from playwright.sync_api import Browser, Page

from tests.browser.accessibility import severe_faults
from tests.support.chromium import context, watched

GOOD = '<!DOCTYPE html><html lang="en"><head><title>t</title>{}</head><body><main><h1>Good</h1></main></body></html>'
DARK = "<style>@media (prefers-color-scheme: dark) {h1 {color: #777; background: #888}}</style>"


def test_a_good_page_has_no_fault(page: Page) -> None:
    page.set_content(GOOD.format(""))
    assert severe_faults(page) == []


def test_a_field_without_a_label_is_a_fault(page: Page) -> None:
    page.set_content(GOOD.replace("<h1>", "<input><h1>").format(""))
    assert [fault.split(": ")[:3] for fault in severe_faults(page)] == [["light", "critical", "label"]]


def test_the_dark_colors_are_looked_at_too(page: Page) -> None:
    page.set_content(GOOD.format(DARK))
    assert [fault.split(": ")[:3] for fault in severe_faults(page)] == [["dark", "serious", "color-contrast"]]


def show(chromium: Browser, script: str) -> None:
    with context(chromium) as opened, watched(opened) as page:
        page.set_content(f"<script>{script}</script>")


@pytest.mark.parametrize("script", ["throw new Error('boom')", "console.error('boom')"])
def test_errors_of_a_page_are_told(chromium: Browser, script: str) -> None:
    with pytest.raises(AssertionError, match="boom"):
        show(chromium, script)
