# Copyright (c) 2026 panelops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The steps of guide 004 on the page of WHM, in their order and with their words, with and without JavaScript."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser.steps import click, columns, heading, log_in, open_manager, row, success, token
from tests.support.chromium import context, watched
from tests.support.server import Server
from tests.support.users import ROOT, user
from token_server.web.moments import a_year_after, shown

DAY = 24 * 3600

FORMATS = ["10.5.3.33", "12AB:0:0:CD30:123:4567:89AB:CDEF", "10.5.3.0/24", "12AB:0:0:CD30::/60"]


def open_menu(page: Page) -> None:
    """Click the gear icon next to the Actions column heading."""
    page.get_by_role("columnheader", name="Actions").locator("summary").click()


def acls(server: Server, name: str, who: tuple[str, str] = ROOT) -> set[str]:
    return {acl for acl, given in server.whm_tokens(who)[name]["acls"].items() if given}


def test_create(either: Page, server: Server) -> None:
    page = either
    open_manager(page, server, "whm", "root")
    # 1: "Click Generate Token. The Generate API Token interface will appear."
    click(page, "Generate Token", "link")
    heading(page, "Generate API Token")
    # 2: "Enter a unique name for the API token in the Name text box."
    name = page.get_by_label("Name", exact=True)
    name.fill("x" * 51)
    click(page, "Generate")
    expect(name).to_have_attribute("aria-invalid", "true")
    name.fill("backup-prod-nightly")
    # 3: "Should the API Token Expire?" Both settings; by default a year from now.
    question = page.get_by_role("group", name="Should the API Token Expire?")
    day = question.get_by_label("API Token Expiration Date")
    question.get_by_label("The API Token will not expire.").check()
    expect(day).to_be_hidden()
    question.get_by_label("Specify an expiration date.").check()
    expect(day).to_have_value(a_year_after(server.now()))
    day.fill("2090-06-30")
    # 4: "In the IPs text box", in any of the formats.
    page.get_by_label("IPs", exact=True).fill("\n".join([*FORMATS, "127.0.0.1"]))
    # 5: "In the Privileges section, deselect the checkbox" of those not wished: they are all selected.
    privileges = page.get_by_role("group", name="Privileges", exact=True)
    boxes = privileges.get_by_role("checkbox")
    assert boxes.count() == privileges.locator("input:checked").count() > 60
    for label, warning in (
        ("Everything", "access to the entire system"),
        ("Change Password", "change account passwords and log in with a new password"),
        ("Create User Session", "bypass any restrictions"),
        ("Manage API Tokens", "bypass any restrictions"),
    ):
        box = privileges.get_by_label(re.compile(f"^{label} "))
        expect(box).to_have_accessible_description(re.compile(warning))
        box.uncheck()
    # 6: "Click Generate. The new API token hash and its name will appear", and the date of its expiry.
    click(page, "Generate")
    secret = token(page)
    expect(page.get_by_role("definition").nth(0)).to_have_text("backup-prod-nightly")
    expect(page.get_by_role("definition").nth(1)).to_contain_text("06 30 2090 23:59:59")
    expect(page.get_by_text("You cannot access it after you leave this page")).to_be_visible()
    # 7: "Click Yes, I saved my token. The new API token and its creation time will appear in the API Tokens list."
    click(page, "Yes, I saved my token")
    heading(page, "Manage API Tokens")
    assert secret not in page.content()
    cells = row(page, "backup-prod-nightly").get_by_role("cell")
    listed = server.whm_tokens()["backup-prod-nightly"]
    expect(cells.nth(0)).to_have_text(shown(listed["create_time"]))
    expect(cells.nth(1)).to_have_text("06 30 2090 23:59:59")
    assert listed["expires_at"] == 3_802_550_399
    assert len(listed["whitelist_ips"]) == 5
    given = acls(server, "backup-prod-nightly")
    assert len(given) == boxes_of(server) - 4
    assert not given & {"all", "passwd", "create-user-session", "manage-api-tokens"}
    header = f"whm root:{secret}"
    assert server.status("whm", header) == 200
    assert server.status("whm", header, "127.0.0.2") == 401


def boxes_of(server: Server) -> int:
    return len(server.whm_ok("myprivs")["privileges"][0])


def test_the_table(either: Page, server: Server) -> None:
    page = either
    now = server.now()
    server.whm_token("ci-deploy", expires_at=now + 10 * DAY)
    server.whm_token("ci-test", expires_at=now + 60)
    server.whm_token("monitoring", whitelist_ip=["10.5.3.0/24"], expires_at=now + 300 * DAY)
    server.advance(61)
    open_manager(page, server, "whm", "root")
    assert columns(page)[:4] == ["Name", "Created", "Expires", "IPs"]
    assert columns(page)[4].startswith("Actions")
    # "When an API token will soon expire, ... row in yellow"; "expired ... in red"; "also displays a notice icon".
    for name, color, notice in (
        ("ci-deploy", "rgb(255, 244, 199)", "Expires soon"),
        ("ci-test", "rgb(253, 228, 226)", "Expired"),
        ("monitoring", "rgba(0, 0, 0, 0)", ""),
    ):
        cell = row(page, name).get_by_role("cell").nth(1)
        expect(cell).to_have_css("background-color", color)
        expect(cell.locator("svg")).to_have_count(1 if notice else 0)
        expect(cell).to_contain_text(notice)
    expect(row(page, "monitoring").get_by_role("cell").nth(2)).to_have_text("10.5.3.0/24")
    expect(row(page, "ci-deploy").get_by_role("cell").nth(2)).to_have_text("Any")
    # "click the gear icon next to the Actions column heading and click Refresh List".
    server.whm_token("newer")
    expect(row(page, "newer")).to_have_count(0)
    open_menu(page)
    click(page, "Refresh List", "link")
    expect(row(page, "newer")).to_be_visible()
    # "enter a term in the Search text box"; without a script, the button.
    page.get_by_role("searchbox", name="Search").fill("CI-")
    page.get_by_role("button", name="Search").click()
    for name, visible in (("ci-deploy", True), ("ci-test", True), ("monitoring", False), ("newer", False)):
        expect(row(page, name)).to_have_count(int(visible))
    expect(page.get_by_text("2 of 4")).to_be_visible()


def test_search_as_you_type(page: Page, server: Server) -> None:
    """ "The interface automatically filters the API token names as you type." """
    for name in ("ci-deploy", "ci-test", "monitoring"):
        server.whm_token(name)
    log_in(page, server, "whm", "root")
    asked = server.counters("api_token_list")
    box = page.get_by_role("searchbox", name="Search")
    for key, left in (("c", 2), ("i", 2), ("-", 2), ("t", 1), ("x", 0)):
        box.press(key)
        expect(page.get_by_role("rowheader")).to_have_count(left)
        expect(page.get_by_text(f"{left} of 3")).to_be_visible()
    box.press("Enter")
    expect(page.get_by_text("0 of 3")).to_be_visible()
    box.fill("")
    expect(page.get_by_role("rowheader")).to_have_count(3)
    assert server.counters("api_token_list") == asked
    assert "search" not in page.url


def test_edit(either: Page, server: Server) -> None:
    page = either
    server.whm_token("monitoring", acl=["list-accts", "list-pkgs"], expires_at=server.now() + 300 * DAY)
    before = server.whm_tokens()["monitoring"]
    # 1, 2: "Locate the API token"; "Under the Actions column, click Edit. The Edit API Token interface will appear."
    open_manager(page, server, "whm", "root")
    row(page, "monitoring").get_by_role("link", name="Edit").click()
    heading(page, "Edit API Token")
    privileges = page.get_by_role("group", name="Privileges", exact=True)
    assert privileges.locator("input:checked").count() == 2
    # "You must assign at least one ACL privilege to the token."
    for label in ("List Accounts", "List Packages"):
        privileges.get_by_label(re.compile(f"^{label} ")).uncheck()
    click(page, "Save")
    expect(page.get_by_role("alert")).to_contain_text("Select at least one privilege.")
    assert server.whm_tokens()["monitoring"] == before
    # 3: "Edit the desired settings, then click Save. A success message will appear in the upper-right corner".
    page.get_by_label("Name", exact=True).fill("monitoring-prod")
    privileges.get_by_label(re.compile("^List Accounts ")).check()
    page.get_by_label("IPs", exact=True).fill("10.5.3.0/24")
    click(page, "Save")
    success(page, "You have updated the API token \u201cmonitoring-prod\u201d.")
    place, window = page.get_by_role("status").first.bounding_box(), page.viewport_size
    assert place
    assert window
    assert place["x"] > window["width"] / 2
    assert place["y"] < window["height"] / 4
    after = server.whm_tokens()
    assert set(after) == {"monitoring-prod"}
    assert after["monitoring-prod"]["expires_at"] == before["expires_at"]
    assert after["monitoring-prod"]["whitelist_ips"] == ["10.5.3.0/24"]
    assert acls(server, "monitoring-prod") == {"list-accts"}


def test_revoke(either: Page, server: Server) -> None:
    page = either
    headers = {name: f"whm root:{server.whm_token(name)}" for name in ("one", "two", "three")}
    open_manager(page, server, "whm", "root")
    # "Under the Actions column, click Revoke. A confirmation message will appear. Click Continue".
    row(page, "two").get_by_role("link", name="Revoke").click()
    expect(page.get_by_text("Do you want to revoke the API token two?")).to_be_visible()
    expect(page.get_by_text("will not function any more")).to_be_visible()
    assert server.status("whm", headers["two"]) == 200
    click(page, "Cancel", "link")
    row(page, "two").get_by_role("link", name="Revoke").click()
    click(page, "Continue")
    success(page, "You have revoked the API token \u201ctwo\u201d.")
    assert [server.status("whm", header) for header in headers.values()] == [200, 401, 200]
    # "Click the gear icon and click Revoke All. A confirmation message will appear. Click Continue".
    open_menu(page)
    click(page, "Revoke All", "link")
    expect(page.get_by_text("Do you want to revoke all 2 API tokens?")).to_be_visible()
    click(page, "Continue")
    success(page, "You have revoked all API tokens (2).")
    assert server.whm_tokens() == {}
    assert {server.status("whm", header) for header in headers.values()} == {401}


def test_who_has_not_all_initial_privileges_sees_no_table(either: Page, server: Server) -> None:
    page = either
    for name, tables in (("initial", 1), ("reseller", 0)):
        server.whm_token("mine", user(name))
        open_manager(page, server, "whm", name)
        expect(page.get_by_role("table")).to_have_count(tables)
        click(page, "Generate Token", "link")
        # "Only ACL privileges that the user possesses will appear in this section."
        boxes = page.get_by_role("checkbox").evaluate_all("boxes => boxes.map(box => box.value)")
        assert set(boxes) == acls(server, "mine", user(name))
        click(page, "Log out")


def test_the_calendar(page: Page, server: Server) -> None:
    """Guide 004: "Use the calendar icon to open a calendar to select a desired expiration date.\""""
    log_in(page, server, "whm", "root")
    click(page, "Generate Token", "link")
    click(page, "Open the calendar")
    picker = page.locator("input[type=date]")
    expect(picker).to_have_value(a_year_after(server.now()))
    page.keyboard.press("Escape")
    picker.fill("2090-02-03")
    expect(page.get_by_label("API Token Expiration Date")).to_have_value("2090-02-03")


def test_many_ticks_at_once(page: Page, server: Server) -> None:
    log_in(page, server, "whm", "root")
    click(page, "Generate Token", "link")
    click(page, "Deselect all")
    expect(page.locator("input[name=acl]:checked")).to_have_count(0)
    page.get_by_label(re.compile("^List Accounts ")).check()
    page.get_by_label("Name", exact=True).fill("narrow")
    click(page, "Generate")
    token(page)
    assert acls(server, "narrow") == {"list-accts"}


def test_the_keyboard_is_enough(page: Page, server: Server) -> None:
    server.whm_token("one")
    page.goto(f"{server.ready['whm']}/login")
    expect(page.get_by_label("Username")).to_be_focused()
    page.keyboard.type("root")
    page.keyboard.press("Tab")
    page.keyboard.type(ROOT.password)
    page.keyboard.press("Enter")
    heading(page, "Manage API Tokens")
    page.keyboard.press("Tab")
    expect(page.get_by_role("link", name="Skip to the content")).to_be_focused()
    page.keyboard.press("Enter")
    for _stop in range(4):
        page.keyboard.press("Tab")
    gear = page.locator("summary")
    expect(gear).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.get_by_role("link", name="Revoke All")).to_be_visible()
    page.keyboard.press("Escape")
    expect(page.get_by_role("link", name="Revoke All")).to_be_hidden()
    expect(gear).to_be_focused()


@pytest.mark.parametrize("service", ["whm", "cpanel"])
def test_a_telephone_needs_no_sideways_scrolling(chromium: Browser, server: Server, service: str) -> None:
    long = "x" * 50
    server.whm_token(long, whitelist_ip=FORMATS)
    server.uapi_token(long)
    with context(chromium, viewport={"width": 320, "height": 640}) as opened, watched(opened) as page:
        log_in(page, server, service, "root" if service == "whm" else "alice")
        paths = ["", "create", f"{'edit' if service == 'whm' else 'manage'}/{long}", f"revoke/{long}"]
        base = page.url
        for path in paths:
            page.goto(base + path)
            assert page.evaluate("document.documentElement.scrollWidth") <= 320, path
