# Copyright (c) 2026 panelops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Lists of tokens that contradict themselves: nothing is done to a token that no task names."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.hostile.answers import changed
from tests.hostile.json_answers import updated
from tests.hostile.relay import Relay, Relays
from tests.support.cores import result_of_core
from tests.support.server import Server


@pytest.mark.parametrize(
    "wish", [{"state": "absent"}, {"acls": ["ssl"]}, {"recreate": "always"}], ids=["revoke", "update", "reissue"]
)
def test_a_token_of_two_names_is_no_other_token(server: Server, both: Relays, wish: dict) -> None:
    server.whm_token("t", acl="list-accts")
    other = server.whm_token("another", acl="list-accts")
    before = server.whm_tokens()["another"]
    list_lies = changed(updated(name="another"))
    both.now = Relay(list_lies.act, lambda heard: heard.functions == ("api_token_list",))
    result = result_of_core("whm_api_token", both.environment, name="t", **wish)
    assert "The server's answer to api_token_list is not one that WHM API 1 gives" in result["msg"]
    assert server.whm_accepts(other)
    assert {**server.whm_tokens()["another"], "last_used": None} == {**before, "last_used": None}


@pytest.mark.parametrize("way", [{}, {"account": "alice"}], ids=["as the account", "through WHM"])
def test_two_tokens_of_one_name_are_no_list(server: Server, both: Relays, tmp_path: Path, way: dict) -> None:
    for name in ("t", "another"):
        server.uapi_token(name)
    list_lies = changed(updated(name="t"))
    both.now = Relay(list_lies.act, lambda heard: heard.functions == ("Tokens::list",))
    result = result_of_core("cpanel_api_token", both.environment, name="t", state="absent", **way)
    assert "The server's answer to Tokens::list is not one that UAPI gives" in result["msg"]
    assert sorted(server.uapi_tokens()) == ["another", "t"]
