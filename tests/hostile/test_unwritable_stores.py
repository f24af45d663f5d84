# Copyright (c) 2026 panelops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A server that answers every change with success and keeps none: its token store cannot be written, as with an immutable file."""

from __future__ import annotations

import pytest

from tests.integration.desired import SERVICES
from tests.integration.test_rotation_steps import Steps
from tests.support.server import Server

KIND = "answer_without_commit"
SAID = "answered that it revoked the token"


@pytest.mark.parametrize("many", [False, True])
@pytest.mark.parametrize("name", SERVICES)
def test_a_revoke_that_changes_nothing_is_no_success(server: Server, name: str, many: bool) -> None:
    service = SERVICES[name]
    secret = service.make(server, "old")
    server.advance(60)
    server.fault(service.revoke, KIND)
    first = service.run(server, {"name": "old", "state": "absent"}, many=many)
    assert first.failed, first.result
    assert SAID in first.result["msg"]
    assert "still works" in first.result["msg"]
    assert first.result["changed"] is False
    assert service.authenticates(server, secret)
    second = service.run(server, {"name": "old", "state": "absent"}, many=many)
    assert (second.failed, second.result["changed"]) == (False, True), second.result
    assert not service.authenticates(server, secret)


@pytest.mark.parametrize("name", SERVICES)
def test_pruning_reports_only_what_is_gone(server: Server, name: str) -> None:
    service = SERVICES[name]
    for number in range(3):
        service.make(server, f"old-{number}")
    server.advance(60)
    # One call of WHM revokes them all; the calls of an account are about one token each.
    server.fault(service.revoke, KIND)
    service.make(server, "kept")
    result = service.run(server, {"name": "kept"}, many=True, prune=True, prune_prefix="old-").result
    assert result["failed"], result
    assert SAID in result["msg"]
    pruned = {each["name"] for each in result["pruned"]}
    assert pruned | set(service.tokens(server)) == {"kept", "old-0", "old-1", "old-2"}
    assert not pruned & set(service.tokens(server))
    assert result["changed"] == bool(pruned)


def test_a_rotation_does_not_promote_a_token_that_was_not_kept(server: Server) -> None:
    old = server.whm_token("t", acl="list-accts")
    server.advance(60)
    steps = Steps(server)
    server.fault("api_token_create", KIND)
    promoted = steps.take("promote", steps.staged(), {"ok": True, "before": "absent", "after": "1"})
    [report] = promoted["report"]
    assert report["state"] == "failed"
    assert "is not there any more" in report["msg"]
    assert server.whm_accepts(old)
    assert set(server.whm_tokens()) == {"t"}


def test_a_rotation_does_not_count_a_token_as_withdrawn_that_is_still_there(server: Server) -> None:
    server.whm_token("t", acl="list-accts")
    steps = Steps(server)
    failed = {"ok": False, "msg": "it failed", "unchanged": True}
    promoted = steps.take("promote", steps.staged(), failed)
    server.advance(60)
    server.fault("api_token_revoke", KIND)
    first = steps.take("withdraw", promoted, failed)
    assert first["changed"] is False
    assert len(server.whm_tokens()) == 2
    assert steps.take("withdraw", promoted, failed)["changed"] is True
    assert set(server.whm_tokens()) == {"t"}
