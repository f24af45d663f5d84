# Copyright (c) 2026 panelops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A reference server for the playbook tests: one process per test session, as new before each test."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.connect_proxy import VARIABLES, ConnectProxy
from tests.support.cores import without_pauses
from tests.support.server import Server, serving
from tests.support.stored import SERVICES, Case
from token_server.dialects import CHOICES

BOTH_DIALECTS = ("test_bulk", "test_bulk_file_failures", "test_rotate", "test_rotate_failures", "test_rotation_steps")
"""Files whose tests run once for each way to say that a command of a batch failed; ``test_audit`` too, with a server of its own."""


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Run the tests of some files with a server of each dialect."""
    if metafunc.module.__name__.rpartition(".")[2] in BOTH_DIALECTS and "running_server" in metafunc.fixturenames:
        dialects = [f"batch={choice}" for choice in CHOICES["batch"]]
        metafunc.parametrize("running_server", dialects, indirect=True, scope="session")


@pytest.fixture(scope="session")
def running_server(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """The process."""
    options = ("--dialect", request.param) if hasattr(request, "param") else ()
    with serving(tmp_path_factory.mktemp("server"), None, *options) as server:
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


@pytest.fixture
def hurried(monkeypatch: pytest.MonkeyPatch) -> None:
    """No pauses in cores that run in the test's own process."""
    without_pauses(monkeypatch)


@pytest.fixture
def no_proxy_of_this_machine(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in VARIABLES:
        monkeypatch.delenv(name, raising=False)
        monkeypatch.delenv(name.upper(), raising=False)


@pytest.fixture
def proxy() -> Iterator[ConnectProxy]:
    made = ConnectProxy()
    yield made
    made.close()
