# Copyright (c) 2026 panelops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Rotations on servers whose clock differs from ours, several runs in a row: only the server's clock counts."""

from __future__ import annotations

import time

import pytest

from tests.integration.test_rotation_steps import Steps
from tests.support.server import Server

MINUTE, HOUR, DAY = 60, 3600, 86400


@pytest.mark.parametrize("offset", [-80 * DAY, -2 * HOUR, -10 * MINUTE, 10 * MINUTE, 2 * HOUR, 80 * DAY])
@pytest.mark.parametrize("expires_in", ["1h", "90d"])
def test_of_three_runs_only_the_first_rotates(server: Server, offset: int, expires_in: str) -> None:
    """A life that was counted from our clock would be too long or too short for the server, and due again at once."""
    server.control("POST", "/clock", {"set": int(time.time()) + offset})
    server.whm_token("t", acl="list-accts", expires_at=server.now() + 5)
    server.advance(10)
    steps = Steps(server, expires_in=expires_in)
    reasons = []
    for _run in range(3):
        decided = steps.take("decide")
        (entry,) = decided["rotation"]
        reasons.append(entry.get("reason"))
        if entry["state"] == "due":
            staged = steps.take("stage", decided, {"ok": True, "unchanged": True, "before": "absent"})
            promoted = steps.take("promote", staged, {"ok": True, "before": "absent", "after": "1"})
            assert promoted["report"][0]["state"] == "promoted", promoted["report"]
        server.advance(5)
    assert reasons == ["expired", None, None]
    lifetime = {"1h": HOUR, "90d": 90 * DAY}[expires_in]
    assert abs(server.whm_tokens()["t"]["expires_at"] - server.now() - lifetime) < MINUTE
