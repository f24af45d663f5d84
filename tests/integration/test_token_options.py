# Copyright (c) 2026 panelops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What options of one token mean where they are left out, and under their other names."""

from __future__ import annotations

from pathlib import Path

import pytest
from ansible.module_utils.common.arg_spec import ArgumentSpecValidator
from ansible_collections.panelops.cpanel.plugins.module_utils._argspec import (
    WHM_API_TOKEN,
    WHM_API_TOKENS,
)
from ansible_collections.panelops.cpanel.plugins.module_utils._modules.api_token_rotation import ARGUMENT_SPEC

from tests.integration.desired import SERVICES
from tests.support.rotating import Rotation, sink
from tests.support.server import Server

DAY = 86400
each_way = pytest.mark.parametrize("many", [False, True], ids=["single", "bulk"])


@each_way
def test_a_whm_token_is_renewed_when_a_third_of_its_life_is_left(server: Server, many: bool) -> None:
    service = SERVICES["whm"]
    token = {"name": "t", "expires_in": "90d"}
    assert service.run(server, token, many=many).result["changed"]
    first = service.tokens(server)["t"]["expires_at"]
    server.advance(60 * DAY - 60)
    assert not service.run(server, token, many=many).result["changed"]
    server.advance(120)
    done = service.run(server, token, many=many)
    assert done.result["changed"]
    assert done.secrets == {}
    second = service.tokens(server)["t"]["expires_at"]
    assert 60 * DAY <= second - first <= 60 * DAY + 300
    assert not service.run(server, token, many=many).result["changed"]


@each_way
def test_what_cannot_be_renewed_in_place_waits_for_its_end(server: Server, many: bool) -> None:
    service = SERVICES["cpanel as the account"]
    token = {"name": "t", "expires_in": "90d", "recreate": "if_changed"}
    assert service.run(server, token, many=many).result["changed"]
    server.advance(89 * DAY)
    assert not service.run(server, token, many=many).result["changed"]


@each_way
@pytest.mark.parametrize(
    "options",
    [{"expires_in": "86400"}, {"expires_in": "2d", "renew_before": "86400"}, {"expires_in": 86400}],
)
def test_a_duration_needs_a_unit(server: Server, many: bool, options: dict) -> None:
    server.forget_counters()
    done = SERVICES["whm"].run(server, {"name": "t", **options}, many=many)
    assert done.failed
    assert "'86400' has no unit. Give for example 90d" in done.result["msg"]
    assert server.http_requests() == 0


@each_way
def test_addresses_have_an_alias(server: Server, many: bool) -> None:
    given = {"name": "t", "acls": ["list-accts"], "allowed_ips": ["127.0.0.1", "192.0.2.0/24"]}
    spec, options = (WHM_API_TOKENS, {"tokens": [given]}) if many else (WHM_API_TOKEN, given)
    assert ArgumentSpecValidator(spec).validate(options).error_messages == []
    done = SERVICES["whm"].run(server, given, many=many)
    assert not done.failed, done.result
    assert server.whm_tokens()["t"]["whitelist_ips"] == ["127.0.0.1", "192.0.2.0/24"]
    (entry,) = done.entries
    assert entry["whm_api_token"]["whitelist_ips"] == ["127.0.0.1", "192.0.2.0/24"]


def test_addresses_have_an_alias_in_a_rotation() -> None:
    given = {"step": "decide", "tokens": [{"name": "t", "allowed_ips": ["192.0.2.1"]}]}
    checked = ArgumentSpecValidator(ARGUMENT_SPEC).validate(given)
    assert checked.error_messages == []
    assert checked.validated_parameters["tokens"][0]["whitelist_ips"] == ["192.0.2.1"]


def test_addresses_have_an_alias_in_the_role(server: Server, tmp_path: Path) -> None:
    token = {"name": "t", "acls": ["list-accts"], "allowed_ips": ["127.0.0.0/8"], "sinks": [sink(tmp_path / "copy")]}
    rotation = Rotation(server, tmp_path, [token])
    assert [one["reason"] for one in rotation.rotated()["rotated"]] == ["missing"]
    assert server.whm_tokens()["t"]["whitelist_ips"] == ["127.0.0.0/8"]
    assert rotation.rotated()["rotated"] == []


@each_way
@pytest.mark.parametrize("option", ["owner", "group", "mode"])
@pytest.mark.parametrize("name", SERVICES)
def test_whose_a_file_is_means_nothing_without_one(server: Server, name: str, option: str, many: bool) -> None:
    service = SERVICES[name]
    token = {"name": "t", option: "0640" if option == "mode" else "root"}
    done = service.run(server, token, many=many)
    sentence = f"{option}: means something only with token_file. Give token_file too, or leave {option} out."
    assert done.result["msg"] == (f"tokens[0] (t): {sentence}" if many else sentence)
    assert server.http_requests() == 0
    assert "failed" not in service.run(server, {**token, "state": "absent"}, many=many).result
