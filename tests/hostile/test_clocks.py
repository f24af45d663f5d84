# Copyright (c) 2026 panelops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Wrong clocks: a server minutes, hours and 80 days ahead and behind, and several runs in a row. Only its clock counts."""

from __future__ import annotations

import time
from pathlib import Path

import pytest
import yaml
from ansible_collections.panelops.cpanel.plugins.plugin_utils._ci.order import order_from
from ansible_collections.panelops.cpanel.plugins.plugin_utils._ci.tokens import CiTokens

from tests.support.ci_orders import lookup_params
from tests.support.cores import run_core
from tests.support.playbooks import run_playbook
from tests.support.rotating import Rotation, inventory, sink
from tests.support.server import Server

MINUTE, HOUR, DAY = 60, 3600, 86400
OFFSETS = {
    "80 days behind": -80 * DAY,
    "2 hours behind": -2 * HOUR,
    "10 minutes behind": -10 * MINUTE,
    "10 minutes ahead": 10 * MINUTE,
    "2 hours ahead": 2 * HOUR,
    "80 days ahead": 80 * DAY,
}
LIVES = {"1h": HOUR, "90d": 90 * DAY}
RUNS = 3

WISHES: dict[str, tuple[str, dict]] = {
    "one of WHM": ("whm_api_token", {"name": "t", "acls": ["ssl"]}),
    "one of an account": ("cpanel_api_token", {"name": "t", "recreate": "if_changed"}),
    "one through WHM": ("cpanel_api_token", {"name": "t", "account": "alice", "recreate": "if_changed"}),
    "many of WHM": ("whm_api_tokens", {"name": "t", "acls": ["ssl"]}),
    "many of accounts": ("cpanel_api_tokens", {"name": "t", "account": "alice", "recreate": "if_changed"}),
}


@pytest.fixture(params=OFFSETS)
def wrong(request: pytest.FixtureRequest, server: Server) -> Server:
    """A server whose clock is wrong, by ours."""
    server.control("POST", "/clock", {"set": int(time.time()) + OFFSETS[request.param]})
    return server


def life_left(server: Server) -> list[int]:
    """Seconds that each token has left, by the server's clock."""
    tokens = [*server.whm_tokens().values(), *server.uapi_tokens().values()]
    return [token["expires_at"] - server.now() for token in tokens]


@pytest.mark.parametrize("life", LIVES)
@pytest.mark.parametrize("what", WISHES)
def test_of_three_runs_only_the_first_changes(wrong: Server, what: str, life: str) -> None:
    module, token = WISHES[what]
    token = {**token, "expires_in": life}
    options = {"tokens": [token]} if module.endswith("s") else token
    changed = []
    for _run in range(RUNS):
        changed.append(run_core(module, wrong.environment, **options)["changed"])
        wrong.advance(5)
    assert changed == [True, False, False]
    (left,) = life_left(wrong)
    assert abs(left - LIVES[life]) < MINUTE


@pytest.mark.parametrize("account", [None, "alice"])
def test_a_ci_job_has_its_time(wrong: Server, account: str | None) -> None:
    what = {"service": "cpanel", "acls": None} if account else {"service": "whm", "acls": ["ssl"]}
    params = lookup_params(**what, ttl="10m", account=account)
    tokens = CiTokens("label")
    order = order_from({"params": params, "environ": wrong.environment})
    assert len({tokens.secret(order) for _time in range(RUNS)}) == 1
    (left,) = life_left(wrong)
    assert abs(left - 10 * MINUTE) < MINUTE
    tokens.end()
    assert life_left(wrong) == []


def test_what_is_read_is_judged_by_its_clock(wrong: Server) -> None:
    wrong.whm_token("soon", acl="ssl", expires_at=wrong.now() + 2 * DAY)
    wrong.whm_token("over", acl="ssl", expires_at=wrong.now() + 5)
    wrong.advance(10)
    tokens = {each["name"]: each for each in run_core("whm_api_token_info", wrong.environment)["whm_api_tokens"]}
    assert tokens["over"]["status"] == "expired"
    assert tokens["soon"]["status"] != "expired"
    assert abs(tokens["soon"]["seconds_left"] - 2 * DAY) < MINUTE


def test_the_role_rotates_once(wrong: Server, tmp_path: Path) -> None:
    """Three plays of one playbook; the first one finds an expired token."""
    copy = tmp_path / "copy"
    copy.write_text(wrong.whm_token("t", acl="list-accts", expires_at=wrong.now() + 5) + "\n")
    wrong.advance(10)
    token = {"name": "t", "acls": ["list-accts"], "expires_in": "90d", "sinks": [sink(copy)]}
    play = yaml.safe_load(Rotation(wrong, tmp_path, [token]).text())[0]
    play["post_tasks"] = [{"name": "told", "ansible.builtin.debug": {"var": "rotate_result"}}]
    text = yaml.safe_dump([play] * RUNS, sort_keys=False)
    run = run_playbook(text, tmp_path, wrong.environment, ("-i", str(inventory(tmp_path))))
    assert run.status == 0, run.output
    told = [task.data["rotate_result"] for task in run.tasks if task.name == "told"]
    assert len(told) == RUNS, run.output
    assert [each["state"] for result in told for each in result["tokens"]] == ["promoted", "fine", "fine"]
    assert wrong.whm_accepts(copy.read_text().strip())
    assert abs(wrong.whm_tokens()["t"]["expires_at"] - wrong.now() - 90 * DAY) < MINUTE
