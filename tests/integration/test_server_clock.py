# Copyright (c) 2026 panelops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What is in the past is judged by the server's clock, which may be days behind or ahead of this host's."""

from __future__ import annotations

import pytest

from tests.integration.desired import SERVICES
from tests.support.server import Server

DAYS = 2 * 86400
HOUR = 3600

each_way = pytest.mark.parametrize("many", [False, True], ids=["single", "bulk"])
each_service = pytest.mark.parametrize("name", SERVICES)


@each_way
@each_service
@pytest.mark.parametrize("difference", [-DAYS, DAYS], ids=["behind", "ahead"])
def test_an_hour_from_the_servers_now_is_not_past(server: Server, name: str, many: bool, difference: int) -> None:
    service = SERVICES[name]
    server.advance(difference)
    expiry = server.now() + HOUR
    for run in (1, 2):
        done = service.run(server, {"name": "t", "expires_at": str(expiry)}, many=many)
        assert not done.failed, done.result
        assert done.result["changed"] is (run == 1)
    assert service.tokens(server)["t"]["expires_at"] == expiry


@each_way
@each_service
@pytest.mark.parametrize("difference", [-DAYS, DAYS], ids=["behind", "ahead"])
def test_an_hour_before_the_servers_now_is_past(server: Server, name: str, many: bool, difference: int) -> None:
    service = SERVICES[name]
    server.advance(difference)
    done = service.run(server, {"name": "t", "expires_at": str(server.now() - HOUR)}, many=many)
    assert done.failed
    assert "expires_at: " in done.result["msg"]
    assert "is in the past" in done.result["msg"]
    assert service.tokens(server) == {}


@each_way
def test_the_form_is_judged_before_any_call(server: Server, many: bool) -> None:
    server.forget_counters()
    done = SERVICES["whm"].run(server, {"name": "t", "expires_at": "soon"}, many=many)
    assert done.failed
    assert "'soon' is not a time" in done.result["msg"]
    assert server.http_requests() == 0
