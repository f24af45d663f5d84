# Copyright (c) 2026 panelops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The lists on the pages "Manage API Tokens": rows, search, messages."""

from __future__ import annotations

import re
from html import unescape
from urllib.parse import quote

from tests.support.server import Server
from tests.support.users import ALICE, RESELLER, ROOT
from tests.token_server.visits import Visit, both, names
from token_server.privileges import INITIAL


def test_rows_of_whm(server: Server) -> None:
    now = server.now()
    server.whm_token("plain")
    server.whm_token("limited", whitelist_ip=["10.5.3.0/24", "12AB:0:0:CD30::/60"], expires_at=now + 31 * 86400)
    server.whm_token("soon", expires_at=now + 30 * 86400 - 1)
    server.whm_token("gone", expires_at=now + 60)
    server.advance(61)
    text = Visit(server, "whm", ROOT).says()
    rows = {row.partition('"')[0]: row for row in text.split('data-name="')[1:]}
    assert "Any" in rows["plain"]
    assert "Never" in rows["plain"]
    assert re.search(r">\d\d \d\d \d{4} \d\d:\d\d:\d\d<", rows["plain"])
    assert "10.5.3.0/24" in rows["limited"]
    assert "12ab:0000:0000:cd30:0000:0000:0000:0000/60" in rows["limited"]
    assert [("Expires soon" in rows[name], "Expired" in rows[name]) for name in ("limited", "soon", "gone")] == [
        (False, False),
        (True, False),
        (False, True),
    ]
    assert 'class="soon"' in rows["soon"]
    assert 'class="expired"' in rows["gone"]


def test_the_table_needs_all_of_the_initial_privileges(server: Server) -> None:
    server.whm_token("mine", RESELLER)
    visit = Visit(server, "whm", RESELLER)
    text = visit.says()
    assert "Initial Privileges" in text
    assert "<table" not in text
    assert "mine" not in text
    assert re.fullmatch("[A-Z0-9]{32}", visit.create(name="other")), "creating one does not need them"
    server.whm_ok("setacls", reseller="reseller", **{f"acl-{acl}": 1 for acl in INITIAL})
    assert "<table" in visit.says()


@both
def test_search_without_javascript(server: Server, service: str, who: tuple[str, str]) -> None:
    visit = Visit(server, service, who)
    for name in ("ci-deploy", "CI-test", "backup"):
        visit.create(name=name)
    shown = re.findall(r'data-name="([^"]+)">', visit.says("/?search=ci-"))
    assert sorted(shown) == ["ci-deploy", "ci-test"]
    hidden = visit.get("/?search=" + quote('"><script>alert(1)</script>')).text
    assert "<script>alert" not in hidden
    assert 'data-name="backup" hidden' in hidden


def test_last_use_of_a_cpanel_token(server: Server) -> None:
    visit = Visit(server, "cpanel", ALICE)
    secret = visit.create(name="mine")
    cell = re.compile(r'data-label="Last Used">(?:<time[^>]*>)?([^<]*)<')
    assert cell.findall(visit.says()) == ["Never"]
    server.control("POST", "/clock", {"set": 1_800_000_000})
    assert server.status("cpanel", f"cpanel alice:{secret}") == 200
    visit = Visit(server, "cpanel", ALICE)
    assert cell.findall(visit.says()) == ["01 15 2027 08:00:00"]


@both
def test_a_message_is_shown_once(server: Server, service: str, who: tuple[str, str]) -> None:
    visit = Visit(server, service, who)
    visit.create(name="mine")
    assert "You have revoked the API token \u201cmine\u201d." in unescape(visit.follow(visit.send("/revoke/mine")).text)
    assert "You have revoked" not in visit.says()
    assert names(server, service) == set()


@both
def test_creating_another(server: Server, service: str, who: tuple[str, str]) -> None:
    visit = Visit(server, service, who)
    assert visit.get("/saved").headers["location"] == visit.base + "/"
    assert visit.get("/saved?another=1").headers["location"] == visit.base + "/create"
