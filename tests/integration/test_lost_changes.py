# Copyright (c) 2026 panelops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Lost responses to changes that can be recognized in the list: for one token and for many, the server's state decides.

A change whose response is lost twice, or whose second try is refused because the first one arrived late, has happened all the
same: the task reports it as changed.
"""

from __future__ import annotations

import pytest

from tests.integration.desired import SERVICES, Service
from tests.support.server import Server

TIMEOUT = 1
LATE, LOST_TWICE = "late", "lost twice"
TASKS = {"single": (False, 1), "bulk of one": (True, 1), "bulk of three": (True, 3)}
RENAME, UPDATE, REVOKE = "rename", "update", "revoke"
CASES = [(name, change) for name, service in SERVICES.items() for change in (RENAME, REVOKE)] + [("whm", UPDATE)]


def desired(change: str, number: int) -> dict:
    name = f"t{number}"
    return {
        RENAME: {"name": f"new-{name}", "rename_from": name},
        UPDATE: {"name": name, "acls": ["ssl"], "expires_at": "2035-01-31"},
        REVOKE: {"name": name, "state": "absent"},
    }[change]


def function_of(service: Service, change: str) -> str:
    return service.revoke if change == REVOKE else service.update


def plan_faults(server: Server, service: Service, change: str, count: int, case: str) -> None:
    function = function_of(service, change)
    if case == LATE:
        # The server carries the first call out while the second one, sent after the first was given up, is waiting.
        server.fault(function, "delay:1.5", 1)
        server.fault(function, "delay:0.85", 2)
    else:
        # A request that is cut off does not do what comes after the cut, so the second one is cut at its end. One call revokes
        # all tokens of WHM; all other calls are about one token each.
        server.fault(function, "drop_before_commit", 1)
        server.fault(function, "drop_after_commit", 2 if service.is_whm and change == REVOKE else count + 1)


def assert_done(server: Server, service: Service, change: str, secrets: dict[str, str]) -> None:
    """All tokens are as desired; ``secrets`` are those of before the change, by the name of that time."""
    live = service.tokens(server)
    if change == REVOKE:
        assert live == {}
        assert not any(service.authenticates(server, secret) for secret in secrets.values())
        return
    names = {f"new-{name}" if change == RENAME else name: secret for name, secret in secrets.items()}
    assert set(live) == set(names)
    assert all(service.is_secret_of(server, secret, name) for name, secret in names.items())
    if change == UPDATE:
        assert all(token["acls"]["ssl"] == 1 and token["acls"]["list-accts"] == 0 for token in live.values())


@pytest.mark.parametrize("task", TASKS)
@pytest.mark.parametrize("case", [LATE, LOST_TWICE])
@pytest.mark.parametrize(("name", "change"), CASES)
def test_a_change_that_happened_is_no_failure(server: Server, name: str, change: str, case: str, task: str) -> None:
    service, (many, count) = SERVICES[name], TASKS[task]
    secrets = {f"t{number}": service.make(server, f"t{number}") for number in range(count)}
    plan_faults(server, service, change, count, case)
    wishes = [desired(change, number) for number in range(count)]
    first = service.run(server, *wishes, many=many, timeout=TIMEOUT)
    assert not first.failed, first.result
    assert [entry["changed"] for entry in first.entries] == [True] * count
    assert_done(server, service, change, secrets)
    second = service.run(server, *wishes, many=many)
    assert (second.failed, second.result["changed"]) == (False, False), second.result


@pytest.mark.parametrize("change", [RENAME, UPDATE])
def test_in_a_batch_that_is_lost_twice_each_token_is_judged_by_itself(server: Server, change: str) -> None:
    """The first batch is cut before anything is done, the second one after the change of its second token."""
    service = SERVICES["whm"]
    secrets = [service.make(server, f"t{number}") for number in range(3)]
    server.fault(service.update, "drop_before_commit", 1)
    server.fault(service.update, "drop_after_commit", 3)
    wishes = [desired(change, number) for number in range(3)]
    first = service.run(server, *wishes, many=True)
    assert first.failed
    assert [entry.get("failed", False) for entry in first.entries] == [False, False, True]
    assert [entry["changed"] for entry in first.entries] == [True, True, False]
    assert "lost twice" in first.entries[2]["msg"]
    assert "t2" in service.tokens(server)
    assert service.is_secret_of(server, secrets[2], "t2")
    second = service.run(server, *wishes, many=True)
    assert [entry["changed"] for entry in second.entries] == [False, False, True]


@pytest.mark.parametrize("name", SERVICES)
def test_a_change_that_did_not_happen_fails_in_the_same_words(server: Server, name: str) -> None:
    service = SERVICES[name]
    changes = [RENAME, REVOKE, *([UPDATE] if service.is_whm else [])]
    for change in changes:
        server.reset()
        secret = service.make(server, "t0")
        before = service.tokens(server)
        messages = []
        for many in (False, True):
            for call in (1, 2):
                server.fault(function_of(service, change), "drop_before_commit", call)
            failed = service.run(server, desired(change, 0), many=many)
            assert failed.failed
            messages.append(failed.entries[0]["msg"])
            assert service.tokens(server) == before
        assert service.is_secret_of(server, secret, "t0")
        single, bulk = messages
        assert "lost" in single
        assert bulk == single
