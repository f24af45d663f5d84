# Copyright (c) 2026 panelops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Two hosts that want the same token at once: the slower one finds it there, and judges what it finds."""

from __future__ import annotations

from collections.abc import Callable

import pytest
import requests

from tests.integration.desired import SERVICES, Service
from tests.integration.processes import result_of, start
from tests.integration.proxy import Forward, speaking
from tests.integration.server import Server

HOSTS = 4


def just_before(service: Service, create: Callable[[], str], secrets: list[str]) -> Callable:
    """Let another host create the token between the reading of the list and the create of the task."""

    def around(path: str, forward: Forward) -> requests.Response:
        if service.create.rpartition("::")[2] in path and not secrets:
            secrets.append(create())
        return forward()

    return around


@pytest.mark.parametrize("many", [False, True], ids=["single", "bulk"])
@pytest.mark.parametrize("name", ["whm", "cpanel as the account"])
def test_a_token_that_another_host_has_just_created(server: Server, name: str, many: bool) -> None:
    service, secrets = SERVICES[name], []
    around = just_before(service, lambda: service.make(server, "t"), secrets)
    with speaking(server, around=around) as environment:
        done = service.run(server, {"name": "t"}, many=many, environment=environment)
    assert not done.failed, done.result
    assert done.secrets == {}
    assert list(service.tokens(server)) == ["t"]
    assert service.is_secret_of(server, secrets[0], "t"), "the secret of the faster one still works"


@pytest.mark.parametrize("many", [False, True], ids=["single", "bulk"])
def test_another_host_has_created_it_with_other_limits(server: Server, many: bool) -> None:
    service, secrets = SERVICES["whm"], []
    around = just_before(service, lambda: server.create("t", acl="ssl"), secrets)
    with speaking(server, around=around) as environment:
        done = service.run(server, {"name": "t"}, many=many, environment=environment)
    assert not done.failed, done.result
    assert done.result["changed"]
    (token,) = server.tokens().values()
    assert [acl for acl, granted in token["acls"].items() if granted] == ["list-accts"]
    assert service.is_secret_of(server, secrets[0], "t")


def test_many_hosts_at_once(server: Server) -> None:
    """Each list that is read is delayed, so that all hosts have read it before the first of them creates the token."""
    service = SERVICES["whm"]
    for call in range(1, HOSTS + 1):
        server.fault(service.list, "delay:3", call)
    options = service.options({"name": "t"})
    processes = [start(service.module, server.environment, options) for _host in range(HOSTS)]
    results = [result_of(process) for process in processes]
    assert [result.get("msg") for result in results] == [None] * HOSTS
    (secret,) = (result["token"] for result in results if "token" in result)
    assert list(server.tokens()) == ["t"]
    assert service.is_secret_of(server, secret, "t")
