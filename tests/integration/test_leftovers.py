# Copyright (c) 2026 panelops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What an interrupted reissue left is ended only if it provably is ours, and nobody can need it any more."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
import requests

from tests.integration.desired import SERVICES
from tests.support.proxy import Forward, speaking
from tests.support.server import Server

BOTH = pytest.mark.parametrize("name", ["whm", "cpanel as the account"])
MANY = pytest.mark.parametrize("many", [False, True], ids=["single", "bulk"])


@MANY
@BOTH
@pytest.mark.parametrize(
    "options", [{}, {"recreate": "always"}, {"state": "absent"}], ids=["plain", "always", "absent"]
)
def test_a_token_that_only_has_such_a_name(server: Server, name: str, many: bool, options: dict) -> None:
    """Made by hand; six letters are a stamp by their form, but not the time of its creation."""
    service = SERVICES[name]
    service.make(server, "t")
    others = [service.make(server, other) for other in ("t--old-server", "t--old-t00000")]
    done = service.run(server, {"name": "t", **options}, many=many)
    assert not done.failed, done.result
    assert all(service.authenticates(server, secret) for secret in others)


@BOTH
@pytest.mark.parametrize("order", [1, -1])
def test_a_listed_name_is_no_leftover(server: Server, name: str, order: int) -> None:
    """Even if its stamp fits."""
    service = SERVICES[name]
    service.make(server, "t")
    aside = service.put_aside(server, "t")
    service.make(server, "t")
    tokens = [{"name": "t"}, {"name": aside}, {"name": "t--old-server"}][::order]
    assert service.run(server, *tokens, many=True).result["changed"]
    again = service.run(server, *tokens, many=True)
    assert not again.result["changed"]
    assert sorted(service.tokens(server)) == sorted(token["name"] for token in tokens)


@MANY
@BOTH
def test_the_old_token_of_an_interrupted_reissue_without_a_file(server: Server, name: str, many: bool) -> None:
    """The new one was created, but its secret may have reached nobody: the old one is all that consumers have."""
    service = SERVICES[name]
    old = service.make(server, "t")
    aside = service.put_aside(server, "t")
    service.make(server, "t")
    plain = service.run(server, {"name": "t"}, many=many)
    assert not plain.failed, plain.result
    assert not plain.result["changed"]
    assert any(aside in warning for warning in plain.result["warnings"])
    assert service.authenticates(server, old)
    assert service.run(server, {"name": "t", "recreate": "always"}, many=many).result["changed"]
    assert list(service.tokens(server)) == ["t"], "a task that asks for a new secret ends both"


@MANY
@BOTH
def test_a_reissue_that_was_interrupted_before_its_create(server: Server, name: str, many: bool) -> None:
    """Nothing has taken the place of the old token, so it gets its name back."""
    service = SERVICES[name]
    old = service.make(server, "t")
    service.put_aside(server, "t")
    checked = service.run(server, {"name": "t"}, many=many, check_mode=True)
    done = service.run(server, {"name": "t"}, many=many)
    assert not done.failed, done.result
    assert done.result["diff"] == checked.result["diff"]
    assert done.secrets == {}
    assert list(service.tokens(server)) == ["t"]
    assert service.authenticates(server, old)
    assert not service.run(server, {"name": "t"}, many=many).result["changed"]


@MANY
def test_two_tasks_reissue_one_expired_token(server: Server, tmp_path: Path, many: bool) -> None:
    """Both have read before either changes something; the second one creates when the first one is done."""
    server.whm_token("t", acl="list-accts", expires_at=server.now() + 60)
    server.advance(120)
    first_is_done, second_has_read = threading.Event(), threading.Event()

    def around(path: str, forward: Forward) -> requests.Response:
        if "api_token_create" in path or "batch" in path:
            second_has_read.set()
            assert first_is_done.wait(30)
        return forward()

    service, wish = SERVICES["whm"], {"name": "t", "recreate": "always", "expires_in": "1d"}
    with speaking(server, around=around) as environment, ThreadPoolExecutor(1) as pool:
        late = {**wish, "token_file": str(tmp_path / "late")}
        second = pool.submit(service.run, server, late, many=many, environment=environment)
        assert second_has_read.wait(30)
        first = service.run(server, wish, many=many)
        first_is_done.set()
        told = second.result()
    assert first.result["changed"]
    assert service.is_secret_of(server, first.secrets["t"], "t")
    assert told.failed
    assert "Something else has changed the token t meanwhile." in told.result["msg"]
    assert list(server.whm_tokens()) == ["t"]
    assert list(tmp_path.iterdir()) == []


def test_one_token_is_not_renamed_twice(server: Server) -> None:
    server.whm_token("old", acl="list-accts")
    server.forget_counters()
    tokens = [{"name": "a", "rename_from": "old"}, {"name": "b", "rename_from": "old"}]
    refused = SERVICES["whm"].run(server, *tokens, many=True)
    assert refused.failed
    assert "a and b are both to be renamed from old" in refused.result["msg"]
    assert server.calls() == {}
