# Copyright (c) 2026 panelops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""One server for all tests, put back to its first start before each; and servers of one's own to kill."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.support.server import Server, serving, write_fixture


@pytest.fixture(scope="session")
def shared(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """The process."""
    with serving(tmp_path_factory.mktemp("server")) as running:
        yield running
        assert "ERROR" not in running.output()


@pytest.fixture
def server(shared: Server) -> Server:
    """The shared server as after its first start."""
    shared.reset()
    return shared


@pytest.fixture
def start(tmp_path: Path) -> Iterator[Callable[..., Server]]:
    """Start a server of the test's own; the options are those of ``serve``."""
    started: list[Server] = []

    def begin(*options: str, **arguments: Any) -> Server:
        folder = tmp_path / str(len(started))
        folder.mkdir()
        arguments.setdefault("fixture", write_fixture(folder))
        server = Server(folder / "state", options=list(options), **arguments)
        started.append(server)
        server.start()
        return server

    yield begin
    for server in started:
        server.stop()
