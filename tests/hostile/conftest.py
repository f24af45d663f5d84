# Copyright (c) 2026 panelops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""One reference server with the ports in front of it for each worker of the tests; and no pauses."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.hostile.relay import Relays, relays
from tests.support.cores import without_pauses
from tests.support.server import Server, serving


@pytest.fixture(scope="session")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Server, Relays]]:
    """The processes."""
    folder = tmp_path_factory.mktemp("hostile")
    with serving(folder) as server, relays(server, folder) as both:
        yield server, both


@pytest.fixture
def server(running: tuple[Server, Relays]) -> Server:
    """The server, as new."""
    running[1].disconnect()
    running[0].reset()
    return running[0]


@pytest.fixture
def both(running: tuple[Server, Relays]) -> Relays:
    """The ports in front of it."""
    return running[1]


@pytest.fixture
def hurried(monkeypatch: pytest.MonkeyPatch) -> None:
    """Take the pauses out of the product: thousands of failures in a row are no load on anybody."""
    without_pauses(monkeypatch)
