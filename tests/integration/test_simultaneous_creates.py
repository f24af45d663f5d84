# Copyright (c) 2026 panelops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Two hosts that want the same token at once: the slower one finds it there, and judges what it finds."""

from __future__ import annotations

import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
import requests

from tests.integration.desired import SERVICES, Service
from tests.support.proxy import Forward, speaking
from tests.support.server import Server

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
    around = just_before(service, lambda: server.whm_token("t", acl="ssl"), secrets)
    with speaking(server, around=around) as environment:
        done = service.run(server, {"name": "t"}, many=many, environment=environment)
    assert not done.failed, done.result
    assert done.result["changed"]
    (token,) = server.whm_tokens().values()
    assert [acl for acl, granted in token["acls"].items() if granted] == ["list-accts"]
    assert service.is_secret_of(server, secrets[0], "t")


def test_the_others_of_a_task_keep_their_secrets(server: Server) -> None:
    service, secrets = SERVICES["cpanel as the account"], []
    around = just_before(service, lambda: service.make(server, "t"), secrets)
    with speaking(server, around=around) as environment:
        done = service.run(server, {"name": "t"}, {"name": "u"}, many=True, environment=environment)
    assert not done.failed, done.result
    assert [entry["changed"] for entry in done.entries] == [False, True]
    done.assert_every_token_has_a_holder(server, {"t": secrets[0]})


@pytest.mark.parametrize("recreate", ["never", "if_expired", "if_unusable"])
@pytest.mark.parametrize("name", ["whm", "cpanel as the account"])
def test_a_file_that_does_not_hold_the_secret_of_the_faster_one(
    server: Server, tmp_path: Path, name: str, recreate: str
) -> None:
    """What the planner does with such a file whenever it finds one: ``recreate`` decides."""
    service, secrets = SERVICES[name], []
    around = just_before(service, lambda: service.make(server, "t"), secrets)
    file, issued = tmp_path / "t", recreate == "if_unusable"
    token = {"name": "t", "token_file": str(file), "recreate": recreate}
    with speaking(server, around=around) as environment:
        done = service.run(server, token, many=False, environment=environment)
    assert done.failed is (recreate == "if_expired"), done.result
    if done.failed:
        assert "does not hold the secret of the live token t" in done.result["msg"]
    assert list(service.tokens(server)) == ["t"]
    assert service.authenticates(server, secrets[0]) is not issued
    assert [path.name for path in tmp_path.iterdir()] == (["t"] if issued else [])
    if issued:
        assert service.is_secret_of(server, file.read_text(encoding="ascii").strip(), "t")


@pytest.mark.parametrize("name", ["whm", "cpanel as the account"])
def test_a_refusal_after_a_lost_response_is_no_other_host(server: Server, name: str) -> None:
    """The token may be our own, whose secret nobody has, so it must not pass for one that was there before."""
    service = SERVICES[name]
    server.fault(service.create, "drop_after_commit")
    function, made = service.create.rpartition("::")[2], []

    def around(path: str, forward: Forward) -> requests.Response:
        if function in path:
            made.append(path)
            if len(made) == 2:
                service.make(server, "t", **({"acl": "ssl"} if service.is_whm else {"expires_at": "2000000000"}))
        return forward()

    with speaking(server, around=around) as environment:
        done = service.run(server, {"name": "t"}, many=False, environment=environment)
    assert len(made) == 2
    assert done.failed, done.result


@pytest.mark.parametrize("many", [False, True], ids=["single", "bulk"])
@pytest.mark.parametrize("name", ["whm", "cpanel as the account"])
def test_many_hosts_at_once(server: Server, name: str, many: bool) -> None:
    """No list is answered before all hosts have asked for it, so none of them sees the token of another."""
    service, every = SERVICES[name], threading.Barrier(HOSTS)
    firsts = iter(range(HOSTS))

    def around(path: str, forward: Forward) -> requests.Response:
        response = forward()
        if service.list.rpartition("::")[2] in path and next(firsts, None) is not None:
            every.wait(30)
        return response

    with speaking(server, around=around) as environment, ThreadPoolExecutor(HOSTS) as pool:
        runs = [
            pool.submit(service.run, server, {"name": "t"}, many=many, environment=environment)
            for _host in range(HOSTS)
        ]
    done = [run.result() for run in runs]
    assert [each.result.get("msg") for each in done] == [None] * HOSTS
    (secret,) = (secret for each in done for secret in each.secrets.values())
    assert [each.result["changed"] for each in done].count(True) == 1
    assert service.is_secret_of(server, secret, "t")
