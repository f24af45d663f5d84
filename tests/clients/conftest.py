# Copyright (c) 2026 panelops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""One server for all clients, at an address of its own: one of them cannot be told another port than the vendor's."""

from __future__ import annotations

import os
import socket
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.clients.programs import NODE, NPM, PYTHON, Program
from tests.support.missing import missing
from tests.support.server import Server, serving
from tests.support.users import USERS

CPANEL_PORT = 2083
RECORDS = [{"id": "abc", "domain": "home.alice.example"}]
"""What the account alice has of dynamic DNS."""


def own_address(block: int = 83) -> str:
    """Return a loopback address that no other process of the tests takes, where the vendor's port can be served.

    :param block: the second number of the address; two servers of one process need different ones.
    """
    number = os.getpid() % (250 * 250)
    address = f"127.{block}.{number // 250 + 1}.{number % 250 + 1}"
    with socket.socket() as trial:
        try:
            trial.bind((address, CPANEL_PORT))
        except OSError as error:
            missing(f"{address}:{CPANEL_PORT} cannot be served: {error}")
    return address


@pytest.fixture(scope="session")
def shared(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """The process."""
    address = own_address()
    users = {**USERS, "functions": {"uapi": {"DynamicDNS::list": {"data": RECORDS}}}}
    options = ("--host", address, "--tls-name", address, "--cpanel-port", str(CPANEL_PORT))
    with serving(tmp_path_factory.mktemp("server"), users, *options) as running:
        yield running


@pytest.fixture
def server(shared: Server) -> Server:
    """The shared server as after its first start."""
    shared.reset()
    return shared


@pytest.fixture(scope="session")
def python(tmp_path_factory: pytest.TempPathFactory) -> Program:
    """The Python that has the packages of dev/requirements-clients.txt."""
    return _python(tmp_path_factory.mktemp("home"), {})


@pytest.fixture(scope="session")
def python_apart(tmp_path_factory: pytest.TempPathFactory) -> Program:
    """The same with the packages of dev/requirements-clients-apart.txt before the others."""
    return _python(tmp_path_factory.mktemp("home"), {"PYTHONPATH": str(PYTHON / "apart")})


def _python(home: Path, environment: dict[str, str]) -> Program:
    if not (PYTHON / ".installed").exists():
        missing("the packages of dev/requirements-clients.txt are not installed")
    return Program(str(PYTHON / "bin" / "python"), home, environment)


@pytest.fixture(scope="session")
def node(tmp_path_factory: pytest.TempPathFactory) -> Program:
    """Node.js, with the packages of dev/clients-npm."""
    if NODE is None:
        missing("node is not installed")
    if not (NPM / ".installed").exists():
        missing("the packages of dev/clients-npm are not installed")
    return Program(NODE, tmp_path_factory.mktemp("home"), {"NODE_PATH": str(NPM / "node_modules")})
