# Copyright (c) 2026 panelops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""One server for all tests, put back to its first start before each; and servers of one's own to kill."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.support.reference import Reference, write_fixture
from token_server.testing import ReferenceServer


@pytest.fixture(scope="session")
def shared(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Reference]:
    folder = tmp_path_factory.mktemp("server")
    with ReferenceServer(folder / "state", fixture=write_fixture(folder)) as running:
        yield Reference(running)
        assert "Traceback" not in running.output()
        assert "ERROR" not in running.output()


@pytest.fixture
def server(shared: Reference) -> Reference:
    """The shared server as after its first start."""
    shared.control("POST", "/reset")
    return shared


@pytest.fixture
def start(tmp_path: Path) -> Iterator[Callable[..., Reference]]:
    """Start a server of the test's own; the options are those of ``serve``."""
    started: list[ReferenceServer] = []

    def begin(*options: str, **arguments: Any) -> Reference:
        folder = tmp_path / str(len(started))
        folder.mkdir()
        arguments.setdefault("fixture", write_fixture(folder))
        running = ReferenceServer(folder / "state", options=list(options), **arguments)
        started.append(running)
        return Reference(running.start())

    yield begin
    for running in started:
        running.stop()
