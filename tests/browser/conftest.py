# Copyright (c) 2026 panelops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A browser for the tests of this folder, and a server to look at. Where there is none, they are skipped, and in CI they fail."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page

from tests.support import chromium as support
from tests.support.missing import missing
from tests.support.server import Server, serving
from tests.support.users import user_entry, users_and
from token_server.privileges import INITIAL


@pytest.fixture(scope="session")
def chromium() -> Iterator[Browser]:
    """The browser of the system."""
    path = support.executable()
    if path is None:
        missing(support.MISSING)
    with support.running(path) as browser:
        yield browser


@pytest.fixture
def page(chromium: Browser) -> Iterator[Page]:
    """A page in a context of its own, which must report no error."""
    with support.context(chromium) as opened, support.watched(opened) as page:
        yield page


@pytest.fixture(params=[True, False], ids=["script", "no-script"])
def either(request: pytest.FixtureRequest, chromium: Browser) -> Iterator[Page]:
    """Such a page with JavaScript, and one without."""
    with support.context(chromium, java_script_enabled=request.param) as opened, support.watched(opened) as page:
        yield page


@pytest.fixture(scope="session")
def shared(chromium: Browser, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """One server, with a reseller among its users who has just the initial privileges."""
    users = users_and(resellers=(user_entry("initial", acls=sorted(INITIAL)),))
    with serving(tmp_path_factory.mktemp("server"), users) as running:
        yield running


@pytest.fixture
def server(shared: Server) -> Server:
    """The server with nothing in it but its users."""
    shared.reset()
    return shared
