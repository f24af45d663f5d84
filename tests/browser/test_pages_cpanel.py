# Copyright (c) 2026 panelops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The steps of guides 000 to 003 on the page of cPanel, in their order and with their words, with and without JavaScript."""

from __future__ import annotations

from playwright.sync_api import Page, expect

from tests.browser.steps import click, columns, heading, open_manager, row, success, token
from tests.support.server import Server
from token_server.web.moments import shown


def test_guide_000(either: Page, server: Server) -> None:
    page = either
    # "Open it from cPanel home -> Security -> Manage API Tokens."
    open_manager(page, server, "cpanel", "alice")
    # Generate a token. 1: "Click Create. The token form opens."
    click(page, "Create", "link")
    heading(page, "Create API Token")
    # 2: "Give it a name". 3: "Set an expiry (optional)": not set, the token lives until it is revoked.
    page.get_by_label("API Token Name", exact=True).fill("uptime-check")
    expect(page.get_by_label("The API Token will not expire.")).to_be_checked()
    # 4: "Click Create. cPanel shows the token string once. Copy it now."
    click(page, "Create")
    secret = token(page)
    page.reload()
    heading(page, "Manage API Tokens")
    assert secret not in page.content()
    # "What the token list shows": Name, Created, Expires or Never, Last Used.
    assert columns(page)[:4] == ["Name", "Created", "Expires", "Last Used"]
    cells = row(page, "uptime-check").get_by_role("cell")
    expect(cells.nth(0)).to_have_text(shown(server.uapi_tokens()["uptime-check"]["create_time"]))
    expect(cells.nth(1)).to_have_text("Never")
    expect(cells.nth(2)).to_have_text("Never")
    # "Use a token": afterwards the list tells when.
    header = f"cpanel alice:{secret}"
    server.control("POST", "/clock", {"set": 1_800_000_000})
    assert server.status("cpanel", header) == 200
    open_manager(page, server, "cpanel", "alice")
    expect(row(page, "uptime-check").get_by_role("cell").nth(2)).to_have_text("01 15 2027 08:00:00")
    # "Edit a token instead of revoking if you only need to change the name or the expiry."
    row(page, "uptime-check").get_by_role("link", name="Manage").click()
    page.get_by_label("New API Token Name").fill("uptime-check-prod")
    page.get_by_label("Specify an expiration date.").check()
    page.get_by_label("API Token Expiration Date").fill("2027-02-01")
    click(page, "Update")
    success(page, "You have updated the API token \u201cuptime-check-prod\u201d.")
    expect(row(page, "uptime-check-prod").get_by_role("cell").nth(1)).to_contain_text("02 01 2027 23:59:59")
    assert server.status("cpanel", header) == 200
    # "Revoke a token": "every active token with a Revoke action. Click it. The token stops working immediately."
    row(page, "uptime-check-prod").get_by_role("link", name="Revoke").click()
    assert server.status("cpanel", header) == 200
    click(page, "Yes, Revoke The Token")
    success(page, "You have revoked the API token \u201cuptime-check-prod\u201d.")
    assert server.status("cpanel", header) == 401
    expect(page.get_by_text("You have no API tokens yet.")).to_be_visible()


def test_guide_001(either: Page, server: Server) -> None:
    page = either
    # Step 1: "Log in to your cPanel account. Scroll to the SECURITY section and click Manage API Tokens."
    open_manager(page, server, "cpanel", "alice")
    # Step 2: the name, "Specify an expiration date", the date, "Create".
    click(page, "Create", "link")
    page.get_by_label("API Token Name", exact=True).fill("deploy-runner-prod")
    page.get_by_label("Specify an expiration date.").check()
    page.get_by_label("API Token Expiration Date").fill("2090-12-31")
    click(page, "Create")
    # Step 3: "A success message will be displayed"; copy; "Click Yes, I Saved My Token"; it appears in the list.
    success(page, "You have created the API token \u201cdeploy-runner-prod\u201d.")
    expect(page.get_by_role("definition").nth(1)).to_contain_text("12 31 2090 23:59:59")
    header = f"cpanel alice:{token(page)}"
    click(page, "Yes, I Saved My Token")
    expect(row(page, "deploy-runner-prod").get_by_role("cell").nth(1)).to_have_text("12 31 2090 23:59:59")
    # Step 4: "Click the Manage button": two sections.
    row(page, "deploy-runner-prod").get_by_role("link", name="Manage").click()
    for section in ("Manage API Token", "Revoke API Token"):
        expect(page.get_by_role("heading", level=2, name=section, exact=True)).to_be_visible()
    # Step 5: "New API Token Name", "Update".
    manage = page.get_by_role("region", name="Manage API Token")
    manage.get_by_label("New API Token Name").fill("deploy-runner-stage")
    manage.get_by_role("button", name="Update").click()
    success(page, "You have updated the API token \u201cdeploy-runner-stage\u201d.")
    expect(row(page, "deploy-runner-prod")).to_have_count(0)
    # Step 6: "Revoke The Token". A confirmation message. "Yes, Revoke The Token".
    row(page, "deploy-runner-stage").get_by_role("link", name="Manage").click()
    page.get_by_role("region", name="Revoke API Token").get_by_role("link", name="Revoke The Token").click()
    expect(page.get_by_text("Do you want to revoke the API token deploy-runner-stage?")).to_be_visible()
    click(page, "Yes, Revoke The Token")
    success(page, "You have revoked the API token \u201cdeploy-runner-stage\u201d.")
    assert server.uapi_tokens() == {}
    assert server.status("cpanel", header) == 401


def test_guide_002(page: Page, server: Server) -> None:
    # "Log in to cPanel using the desired cPanel account. Navigate to Manage API Tokens."
    open_manager(page, server, "cpanel", "alice")
    click(page, "Create", "link")
    # "In the Token Name field, enter a descriptive name"; "leave the expiration setting disabled"; "Click Create".
    page.get_by_label("Token Name").fill("exampleToken")
    click(page, "Create")
    # "Copy the generated API token and store it in a secure location."
    assert server.uapi_tokens()["exampleToken"]["expires_at"] is None
    assert server.status("cpanel", f"cpanel alice:{token(page)}") == 200


def test_guide_003(either: Page, server: Server) -> None:
    page = either
    # 1: "Navigate to cPanel's Manage API Tokens interface".
    open_manager(page, server, "cpanel", "alice")
    # 2: "Click Create. The Create API Token interface will appear."
    click(page, "Create", "link")
    heading(page, "Create API Token")
    # 3: "Enter a name": up to 50 characters, letters, numbers, dashes and underscores, one that does not exist.
    name = page.get_by_label("API Token Name", exact=True)
    for wrong in ("x" * 51, "with space", ""):
        name.fill(wrong)
        click(page, "Create")
        expect(name).to_have_value(wrong)
        expect(name).to_have_attribute("aria-invalid", "true")
        expect(page.get_by_role("alert")).to_contain_text("1 to 50 characters")
    server.uapi_token("taken")
    name.fill("taken")
    click(page, "Create")
    expect(page.get_by_role("alert")).to_contain_text("must be unique")
    name.fill("first")
    # 4: "Click Create. A new interface will appear."
    click(page, "Create")
    first = token(page)
    # 5: the checkbox leads to the next one; without it back to the list.
    page.get_by_label("Create another token after I click Yes, I saved my token").check()
    click(page, "Yes, I Saved My Token")
    heading(page, "Create API Token")
    page.get_by_label("API Token Name", exact=True).fill("second")
    click(page, "Create")
    second = token(page)
    expect(page.get_by_label("Create another token after I click Yes, I saved my token")).not_to_be_checked()
    click(page, "Yes, I Saved My Token")
    heading(page, "Manage API Tokens")
    for listed in ("first", "second", "taken"):
        expect(row(page, listed)).to_be_visible()
    # "You cannot access the token after you navigate away from the interface."
    page.go_back()
    assert second not in page.content()
    # "Run API functions with the token".
    assert [server.status("cpanel", f"cpanel alice:{secret}") for secret in (first, second)] == [200, 200]


def test_copy(page: Page, server: Server) -> None:
    """Guide 003: "To copy the API token, click Copy.\""""
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    open_manager(page, server, "cpanel", "alice")
    click(page, "Create", "link")
    page.get_by_label("API Token Name", exact=True).fill("copied")
    click(page, "Create")
    secret = token(page)
    click(page, "Copy")
    expect(page.get_by_text("Copied.")).to_be_visible()
    assert page.evaluate("navigator.clipboard.readText()") == secret
    click(page, "Yes, I Saved My Token")
    heading(page, "Manage API Tokens")
    page.go_back()
    expect(page.get_by_label("API Token", exact=True)).to_have_count(0)
    assert secret not in page.content()
