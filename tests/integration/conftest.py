# Copyright (c) 2026 panelops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A reference server for the playbook tests: one process per test session, as new before each test."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType

import pytest

from tests.support.ci_systems import CiSystems, ci_systems
from tests.support.connect_proxy import VARIABLES, ConnectProxy
from tests.support.cores import without_pauses
from tests.support.missing import missing
from tests.support.openbao import OpenBao, openbao
from tests.support.paths import OTHERS
from tests.support.server import Server, serving
from tests.support.speaking import OTHERWISE
from tests.support.stored import SERVICES, Case

BOTH_DIALECTS = ("test_bulk", "test_bulk_file_failures", "test_rotation_steps")
"""Files whose tests run in the server's own dialect, and where all that can differ does, such as what a batch says of a failed command.

As modules (``PANELOPS_WAY``) they run once: what reads a batch is the same core, whichever way it is run.
"""

SOME_IN_BOTH = ("test_audit", "test_rotate", "test_rotate_failures")
"""Files in which the tests marked ``both_dialects`` do. It is proven of the others that no command of a batch fails in them."""


def name_of_file(module: ModuleType) -> str:
    return module.__name__.rpartition(".")[2]


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Run some tests with a server of each dialect."""
    both = name_of_file(metafunc.module) in BOTH_DIALECTS or metafunc.definition.get_closest_marker("both_dialects")
    once = os.environ.get("PANELOPS_WAY") == "module"
    if both and not once and "running_server" in metafunc.fixturenames:
        metafunc.parametrize(
            "running_server", ["", OTHERWISE], indirect=True, scope="session", ids=["own", "otherwise"]
        )


@pytest.fixture(scope="session")
def running_server(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """The process."""
    chosen = getattr(request, "param", "")
    options = [word for choice in chosen.split(",") if choice for word in ("--dialect", choice)]
    with serving(tmp_path_factory.mktemp("server"), None, *options) as server:
        yield server


@pytest.fixture(scope="session")
def running_store(tmp_path_factory: pytest.TempPathFactory) -> Iterator[OpenBao]:
    """The process of a secrets store."""
    with openbao(tmp_path_factory.mktemp("openbao")) as store:
        yield store


@pytest.fixture
def store(running_store: OpenBao) -> OpenBao:
    """A secrets store, as new."""
    running_store.forget()
    return running_store


@pytest.fixture(scope="session")
def running_systems() -> Iterator[CiSystems]:
    """Stand-ins for GitHub, Jenkins and AWX, and the collections that write there."""
    if not OTHERS.exists():
        missing("the collections of dev/requirements-collections*.txt could not be downloaded")
    with ci_systems() as systems:
        yield systems


@pytest.fixture
def systems(running_systems: CiSystems) -> CiSystems:
    """The same, with nothing in them."""
    running_systems.forget()
    return running_systems


@pytest.fixture
def spoken(request: pytest.FixtureRequest) -> str:
    """The dialect that ``tests.support.speaking.dialects`` has chosen for a test, or none."""
    return getattr(request, "param", "")


@pytest.fixture
def server(request: pytest.FixtureRequest, running_server: Server, spoken: str) -> Iterator[Server]:
    """The same, with nothing in it but the fixture's users."""
    running_server.reset()
    if spoken:
        running_server.speak(spoken)
    begin = running_server.audit_file.stat().st_size
    yield running_server
    if name_of_file(request.module) in SOME_IN_BOTH and not request.node.get_closest_marker("both_dialects"):
        calls = outcomes(running_server.audit_file, begin)
        assert not may_have_failed_in_a_batch(calls), f"Mark this test with both_dialects: {calls}"


def outcomes(audit_file: Path, begin: int) -> list[tuple[str, str]]:
    """Return function and outcome of each call, from a place in the audit log on."""
    with audit_file.open("rb") as file:
        file.seek(begin)
        calls = [json.loads(line) for line in file]
    return [(call["function"], call["outcome"]) for call in calls]


def may_have_failed_in_a_batch(calls: list[tuple[str, str]]) -> bool:
    """Did anything fail before a batch ended? (What is in a batch stands before it in the log.) Only then do the dialects differ."""
    ends = [number for number, (function, _outcome) in enumerate(calls) if function == "batch"]
    return any(outcome != "ok" for _function, outcome in calls[: max(ends, default=0)])


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
