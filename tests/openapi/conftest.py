# Copyright (c) 2026 panelops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A reference server for the tests of its OpenAPI documents: one process, with the same accounts and tokens before each test."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.openapi.peer import Peer


@pytest.fixture(scope="session")
def running_peer(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Peer]:
    """The process."""
    with Peer(tmp_path_factory.mktemp("openapi")) as peer:
        yield peer


@pytest.fixture
def peer(running_peer: Peer) -> Peer:
    """The same, with nothing in it but what every test begins with."""
    running_peer.begin_anew()
    return running_peer
