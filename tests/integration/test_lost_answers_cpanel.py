# Copyright (c) 2026 panelops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Invariant I4 for the tokens of cPanel accounts, by each way to them: lost answers are settled by reading the state."""

from __future__ import annotations

from pathlib import Path

import pytest
from ansible_collections.panelops.cpanel.plugins.module_utils._errors import PanelopsError

from tests.support.cores import run_core
from tests.support.playbooks import run_playbook, task
from tests.support.server import Server

LOST = ["drop_before_commit", "drop_after_commit", "truncated_json", "not_json", "status:503"]
WAYS = {"as the account": {}, "through WHM": {"account": "alice"}}
MUTATIONS = {
    "Tokens::create_full_access": dict(name="new"),
    "Tokens::rename": dict(name="new", rename_from="t"),
    "Tokens::revoke": dict(name="t", state="absent"),
}
REISSUE = dict(name="t", recreate="always")


@pytest.mark.parametrize("kind", LOST)
@pytest.mark.parametrize("way", WAYS)
def test_one_lost_answer_to_each_mutation(server: Server, way: str, kind: str) -> None:
    for function, wish in MUTATIONS.items():
        server.reset()
        old = server.uapi_token("t")
        server.fault(function, kind)
        done = run_core("cpanel_api_token", server.environment, **wish, **WAYS[way])
        assert done["changed"]
        expected = {"Tokens::create_full_access": ["new", "t"], "Tokens::rename": ["new"], "Tokens::revoke": []}
        assert sorted(server.uapi_tokens()) == expected[function]
        assert server.uapi_accepts(old) is (function != "Tokens::revoke")
        assert "token" not in done or server.uapi_accepts(done["token"])
        if wish.get("state") != "absent":
            again = run_core("cpanel_api_token", server.environment, **wish, **WAYS[way])
            assert not again["changed"]


@pytest.mark.parametrize("kind", LOST)
@pytest.mark.parametrize("way", WAYS)
def test_one_lost_answer_within_a_reissue(server: Server, way: str, kind: str) -> None:
    for function in MUTATIONS:
        server.reset()
        old = server.uapi_token("t")
        server.fault(function, kind)
        done = run_core("cpanel_api_token", server.environment, **REISSUE, **WAYS[way])
        assert list(server.uapi_tokens()) == ["t"]
        assert server.uapi_accepts(done["token"])
        assert not server.uapi_accepts(old)


@pytest.mark.parametrize("function", MUTATIONS)
@pytest.mark.parametrize("kind", ["drop_before_commit", "drop_after_commit"])
def test_an_answer_lost_twice_fails_or_ends_right_and_the_next_run_converges(
    server: Server, function: str, kind: str
) -> None:
    old = server.uapi_token("t")
    for call in (1, 2):
        server.fault(function, kind, call)
    try:
        done = run_core("cpanel_api_token", server.environment, **REISSUE)
    except PanelopsError as error:
        assert "lost" in str(error)
        done = error.result
    secret = done.get("token")
    if secret is None:
        assert server.uapi_accepts(old), "nobody is without a secret that works"
        secret = run_core("cpanel_api_token", server.environment, **REISSUE)["token"]
    assert server.uapi_accepts(secret)
    left = [name for name in server.uapi_tokens() if name != "t"]
    if left:
        # Without a file nobody can know which secret is in use, so a run says what is left.
        assert f"{left[0]} is left" in run_core("cpanel_api_token", server.environment, name="t")["warnings"][0]
        run_core("cpanel_api_token", server.environment, name=left[0], state="absent")
    assert list(server.uapi_tokens()) == ["t"]
    assert server.uapi_accepts(secret)


def test_in_a_playbook(server: Server, tmp_path: Path) -> None:
    server.fault("Tokens::create_full_access", "drop_after_commit")
    server.fault("Tokens::create_full_access", "drop_after_commit", 3)
    server.fault("Tokens::create_full_access", "drop_after_commit", 4)
    server.fault("Tokens::rename", "truncated_json")
    server.fault("Tokens::revoke", "drop_after_commit", 2)
    tasks = [
        task("create", "cpanel_api_token", name="t"),
        task("lost twice", "cpanel_api_token", name="x", _ignore_errors=True),
        task("rename", "cpanel_api_token", name="u", rename_from="t", account="alice"),
        task("revoke", "cpanel_api_token", name="u", state="absent"),
    ]
    run = run_playbook({"tasks": tasks}, tmp_path, server.environment)
    assert run.status == 0, run.output
    assert all(run[name].changed for name in ("create", "rename", "revoke"))
    assert "The answer to Tokens::create_full_access was lost twice" in run["lost twice"].msg
    assert server.uapi_tokens() == {}
