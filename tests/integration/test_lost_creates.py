# Copyright (c) 2026 panelops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Creates whose responses are lost twice: the single and the bulk modules say the same, and leave nothing behind."""

from __future__ import annotations

import pytest

from tests.integration.desired import SERVICES
from tests.support.server import Server

pytestmark = pytest.mark.usefixtures("hurried")

BEFORE, AFTER = "drop_before_commit", "drop_after_commit"
TWICE = {
    "never done": (BEFORE, BEFORE),
    "done at the first try": (AFTER, BEFORE),
    "done at the second try": (BEFORE, AFTER),
    "done at both": (AFTER, AFTER),
    "no secret in the response": ("not_json", "truncated_json"),
}


@pytest.mark.parametrize("kinds", TWICE)
@pytest.mark.parametrize("name", SERVICES)
def test_single_and_bulk_fail_alike(server: Server, name: str, kinds: str) -> None:
    service, messages = SERVICES[name], []
    held = {"other": service.make(server, "other")}
    for many in (False, True):
        for call, kind in enumerate(TWICE[kinds], 1):
            server.fault(service.create, kind, call)
        failed = service.run(server, {"name": "t"}, many=many)
        assert failed.failed
        assert not failed.result.get("changed"), "nothing is different from before"
        failed.assert_every_token_has_a_holder(server, held)
        messages.append(failed.entries[0]["msg"])
    single, bulk = messages
    assert f"{service.create} was lost twice" in single
    assert bulk == single
    again = service.run(server, {"name": "t"}, many=True)
    assert not again.failed
    again.assert_every_token_has_a_holder(server, held)


@pytest.mark.parametrize("name", SERVICES)
def test_among_others_nothing_is_left_of_what_failed(server: Server, name: str) -> None:
    """Every other create of the task is lost after it was done, until the task gives up."""
    service = SERVICES[name]
    for call in range(1, 12, 2):
        server.fault(service.create, AFTER, call)
    names = [{"name": f"t{number}"} for number in range(3)]
    first = service.run(server, *names, many=True)
    server.control("DELETE", "/faults")
    first.assert_every_token_has_a_holder(server, {})
    for entry in first.entries:
        assert not entry.get("failed") or "lost twice" in entry["msg"]
    held = first.secrets
    second = service.run(server, *names, many=True)
    assert not second.failed, second.result
    assert {entry["name"] for entry in second.entries if entry["changed"]} == {each["name"] for each in names} - set(
        held
    )
    second.assert_every_token_has_a_holder(server, held)
