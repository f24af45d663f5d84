# Copyright (c) 2026 panelops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""One server for all conformance tests, put back to its first start before each."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.conformance.shell import SEED_HOSTS
from tests.support.server import Server, serving
from tests.support.users import user_entry, users_and

USERS = users_and(user_entry("myuser"), user_entry("username"), user_entry("nomail", features=["apitokens"]))
"""With the accounts that the guides' examples name."""


@pytest.fixture(scope="session")
def shared(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """The process."""
    names = [option for host in SEED_HOSTS for option in ("--tls-name", host)]
    with serving(tmp_path_factory.mktemp("server"), USERS, *names) as running:
        yield running


@pytest.fixture
def server(shared: Server) -> Server:
    """The same with nothing in it but its users."""
    shared.reset()
    return shared
