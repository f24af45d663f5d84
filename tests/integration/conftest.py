# Copyright (c) 2026 panelops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A reference server for the playbook tests: one process per test session, as new before each test."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.server import Server, serving
from tests.support.stored import SERVICES, Case


@pytest.fixture(scope="session")
def running_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """The process."""
    with serving(tmp_path_factory.mktemp("server")) as server:
        yield server


@pytest.fixture
def server(running_server: Server) -> Server:
    """The same, with nothing in it but the fixture's users."""
    running_server.reset()
    return running_server


@pytest.fixture(params=SERVICES)
def case(request: pytest.FixtureRequest, server: Server, tmp_path: Path) -> Case:
    """A token with a file for its secret, on each service; neither exists yet."""
    folder = tmp_path / "secrets"
    folder.mkdir()
    return Case(server, *SERVICES[request.param], folder / "t")
