# Copyright (c) 2026 panelops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The report of the role audit, in a browser: what the role has written about real servers."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from pathlib import Path

import pytest
from ansible_collections.panelops.cpanel.plugins.plugin_utils._audit.run import Coverage, run
from playwright.sync_api import Browser, Page, expect

from tests.browser.accessibility import severe_faults
from tests.support.audit_policies import options
from tests.support.audits import NOBODY, audit, fill
from tests.support.chromium import DESKTOP, PHONE, context, watched
from tests.support.server import serving

ROWS = "#list tbody tr:visible"


@dataclass
class Written:
    """A report: its address and its data."""

    url: str
    data: dict


@pytest.fixture(scope="module")
def written(tmp_path_factory: pytest.TempPathFactory, chromium: Browser) -> Written:
    folder = tmp_path_factory.mktemp("report")
    with serving(folder) as server:
        fill(server)
        accept = [{"kinds": ["all_privileges"], "reason": "Ansible's own."}]
        done, report = audit(folder, {"web1": server, "web2": NOBODY}, accounts=True, accept=accept)
    assert done.status == 0, done.output
    return Written((folder / "report" / "api-tokens.html").as_uri(), report)


def column(page: Page, number: int) -> list[str]:
    return page.eval_on_selector_all(
        "#list tbody tr:not([hidden])", "(rows, number) => rows.map((row) => row.cells[number].textContent)", number
    )


def as_people_count(name: str) -> list[tuple[str, int]]:
    """Return a key to sort names by that puts ``job-9`` before ``job-10``, as the page does."""
    return [(text, int(number or 0)) for text, number in re.findall(r"(\D*)(\d*)", name)]


def test_search_filters_and_the_count(page: Page, written: Written) -> None:
    page.goto(written.url)
    everything = len(written.data["tokens"]) + 2  # an account and a server that could not be read
    assert page.locator(ROWS).count() == everything
    assert page.locator("#shown").inner_text() == f"{everything} of {everything} rows"
    page.get_by_label("Search").fill("ALICE backup")
    assert sorted(column(page, 2)) == ["backup-prod-endless", "backup-prod-old"]
    expect(page.locator("#shown")).to_have_text(f"2 of {everything} rows")
    page.get_by_label("Search").fill("")
    page.get_by_label("Findings", exact=True).select_option("High")
    assert sorted(column(page, 2)) == ["-", "deploy-prod-passwd"], "what is accepted does not count"
    page.get_by_label("Findings", exact=True).select_option("Any or none")
    page.get_by_label("Kind", exact=True).select_option("Expired, still listed")
    assert sorted(column(page, 2)) == ["backup-prod-old", "deploy-prod-old"]
    page.get_by_label("Server", exact=True).select_option("web2")
    assert page.locator(ROWS).count() == 0
    page.get_by_label("Kind", exact=True).select_option("All")
    assert column(page, 0) == ["web2"]


def test_sorting_by_button_keyboard_and_list(page: Page, written: Written) -> None:
    page.goto(written.url)
    severities = [text.split()[0] for text in column(page, 7)]
    assert severities[:2] == ["High", "High"]
    ranks = {"High": 0, "Medium": 1, "Low": 2, "Accepted": 3, "-": 3}
    assert severities == sorted(severities, key=ranks.__getitem__)
    page.get_by_role("button", name="Token").press("Enter")
    names = column(page, 2)
    assert names == sorted(names, key=as_people_count)
    header = page.get_by_role("columnheader", name="Token", exact=True)
    assert header.get_attribute("aria-sort") == "ascending"
    page.get_by_role("button", name="Token").click()
    assert column(page, 2) == sorted(names, key=as_people_count, reverse=True)
    assert header.get_attribute("aria-sort") == "descending"
    page.get_by_label("Sort by").select_option("Expires, up")
    ends = [text.removeprefix("Expired ").removeprefix("Soon ") for text in column(page, 4)]
    times = [text for text in ends if text[0] == "2"]
    assert times == sorted(times)
    assert ends == [*times, *["never"] * ends.count("never"), *["-"] * 2], "what never ends comes after what does"
    assert header.get_attribute("aria-sort") == "none"


def test_expired_rows_are_red_soon_ending_ones_yellow_and_both_say_so(page: Page, written: Written) -> None:
    page.goto(written.url)
    for scheme in ("light", "dark"):
        page.emulate_media(color_scheme=scheme)
        colors = {}
        for name, words in (("deploy-prod-old", "Expired"), ("deploy-prod-soon", "Soon"), ("misnamed", "")):
            row = page.locator("#list tbody tr", has_text=name).first
            assert words in (row.text_content() or "")
            colors[name] = row.locator("td").first.evaluate("cell => getComputedStyle(cell).backgroundColor")
        assert colors.pop("misnamed") == "rgba(0, 0, 0, 0)", "as the page"
        parts = {name: [int(part) for part in re.findall(r"\d+", color)] for name, color in colors.items()}
        red, green, blue = parts["deploy-prod-old"]
        assert red > max(green, blue) + 8
        red, green, blue = parts["deploy-prod-soon"]
        assert min(red, green) > blue + 8


def test_without_javascript_everything_is_there_and_no_dead_control(chromium: Browser, written: Written) -> None:
    with context(chromium, java_script_enabled=False) as opened, watched(opened) as page:
        page.goto(written.url)
        assert page.locator(ROWS).count() == len(written.data["tokens"]) + 2
        assert page.locator("#filter").is_hidden()
        assert page.locator("button").count() == 0
        text = page.locator("main").text_content() or ""
        assert all(each["sentence"] in text for each in written.data["findings"])


@pytest.mark.parametrize("scripts", [True, False], ids=["with-scripts", "without"])
def test_on_a_phone_nothing_is_cut_off(chromium: Browser, written: Written, scripts: bool) -> None:
    with context(chromium, viewport=PHONE, java_script_enabled=scripts) as opened, watched(opened) as page:
        page.goto(written.url)
        row = page.locator("#list tbody tr", has_text="deploy-prod-passwd")
        row.scroll_into_view_if_needed()
        assert "It has passwd, with which it can escape its limits." in (row.text_content() or "")
        box = row.bounding_box()
        assert box is not None
        assert box["x"] >= 0
        assert box["x"] + box["width"] <= PHONE["width"]
        if scripts:
            assert page.evaluate("document.documentElement.scrollWidth") <= PHONE["width"]
            page.get_by_label("Search").fill("misnamed")
            assert page.locator(ROWS).count() == 1


@pytest.mark.parametrize("viewport", [DESKTOP, PHONE], ids=["desktop", "phone"])
def test_the_report_is_accessible(chromium: Browser, written: Written, viewport: dict) -> None:
    # So high that all rows are on the screen: those that are not, are not laid out, and axe sees nothing of them.
    with context(chromium, viewport={**viewport, "height": 15_000}) as opened, watched(opened) as page:
        page.goto(written.url)
        expect(page.locator("#list tbody tr").last).to_have_text(re.compile(r"\S"), use_inner_text=True)
        assert severe_faults(page) == []


def test_printed_it_has_no_controls(page: Page, written: Written) -> None:
    page.goto(written.url)
    page.emulate_media(media="print", color_scheme="light")
    assert page.locator("#filter").is_hidden()
    assert page.locator(ROWS).count() == len(written.data["tokens"]) + 2


def test_it_asks_for_nothing_and_could_not_get_it(chromium: Browser, written: Written) -> None:
    with context(chromium) as opened:
        page = opened.new_page()
        asked: list[str] = []
        page.on("request", lambda request: asked.append(request.url))
        page.goto(written.url)
        assert asked == [written.url]
        refused = page.evaluate(
            """() => new Promise((resolve) => {
                document.addEventListener("securitypolicyviolation", (event) => resolve(event.effectiveDirective));
                document.body.append(Object.assign(new Image(), {src: "https://127.0.0.1:9/x.png"}));
            })"""
        )
        assert refused == "img-src"


HOSTILE = "<img src=x onerror=alert(1)>'\"</script><script>alert(2)</script>{{ 7*7 }}\u202e"


def test_hostile_names_stay_text(page: Page, tmp_path: Path) -> None:
    """A server that was taken over may answer anything."""
    token = {"name": HOSTILE, "acls": [HOSTILE], "whitelist_ips": [HOSTILE], "create_time": 1, "expires_at": None}
    account = {
        "account": HOSTILE,
        "name": "=cmd|' /C calc'!A1",
        "readonly": False,
        "create_time": 1,
        "expires_at": None,
    }
    read = {
        "host": HOSTILE,
        "username": HOSTILE,
        "whm": {"whm_api_tokens": [token], "server_time": 1_790_000_000},
        "cpanel": {
            "cpanel_api_tokens": [account],
            "server_time": 1_790_000_000,
            "accounts_asked": 2,
            "unreadable_accounts": [{"account": "@x", "msg": HOSTILE}],
        },
    }
    failed = {"whm": {"failed": True, "msg": HOSTILE}}
    report = written_report(tmp_path, {HOSTILE: read, "web2": failed})
    page.goto((tmp_path / "api-tokens.html").as_uri())
    assert page.locator("img, main script").count() == 0
    assert page.locator(ROWS).count() == 4
    shown = HOSTILE.replace("\u202e", "\ufffd")
    assert page.locator("#list tbody tr", has_text="onerror").count() == 4
    assert {each["name"] for each in report["tokens"]} == {shown, "=cmd|' /C calc'!A1"}
    page.get_by_label("Server", exact=True).select_option(shown)
    assert page.locator(ROWS).count() == 3
    csv = (tmp_path / "api-tokens.csv").read_text(encoding="utf-8")
    assert "\u202e" not in csv
    assert ",'=cmd|' /C calc'!A1," in csv
    assert ",'@x," in csv


def written_report(folder: Path, servers: dict) -> dict:
    """What audit_report writes, without a playbook around it."""
    run(options(), Coverage(servers), folder, False, 1_790_000_000)
    return json.loads((folder / "api-tokens.json").read_text(encoding="utf-8"))
