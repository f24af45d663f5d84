# Copyright (c) 2026 panelops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""One server for all conformance tests, put back to its first start before each."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
import yaml

from tests.conformance.shell import SEED_HOSTS
from tests.support.reference import FIXTURE, Reference, write_fixture
from token_server.testing import ReferenceServer

SEED_USERS = ("myuser", "username")
"""The accounts that the seeds' examples name."""


@pytest.fixture(scope="session")
def shared(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Reference]:
    """The process, with the users of the server's own tests and those of the seeds."""
    folder = tmp_path_factory.mktemp("server")
    users = yaml.safe_load(FIXTURE)
    users["accounts"] += [{"username": name, "password": f"{name}-password"} for name in SEED_USERS]
    users["accounts"].append({"username": "nomail", "password": "nomail-password", "features": ["apitokens"]})
    names = [option for host in SEED_HOSTS for option in ("--tls-name", host)]
    fixture = write_fixture(folder, yaml.safe_dump(users))
    with ReferenceServer(folder / "state", fixture=fixture, options=names) as running:
        yield Reference(running)
        assert "Traceback" not in running.output(), running.output()


@pytest.fixture
def server(shared: Reference) -> Reference:
    """The same with nothing in it but the fixture's users."""
    shared.control("POST", "/reset")
    return shared
