# Copyright (c) 2026 panelops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Real runs behind a proxy that denies what the server has done: nothing is left that nobody has the secret of.

``hostile/test_denials.py`` has every module, step and kind of denial.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
import requests

from tests.support.dialects import LOGIN_PAGE
from tests.support.playbooks import run_playbook, task
from tests.support.proxy import Forward, speaking
from tests.support.rotating import Rotation, sentence_of, sink
from tests.support.server import Server

MADE = "was created all the same. Nobody has its secret, so it was revoked."
CREATES = {
    "whm_api_token": ("api_token_create", {"acls": ["ssl"]}),
    "cpanel_api_token": ("Tokens/create_full_access", {}),
}


@contextmanager
def denying(server: Server, function: str, for_good: bool = False) -> Iterator[dict]:
    """A proxy that answers with the login page once a function has been carried out, and with ``for_good`` ever after."""
    denied = []

    def deny(path: str, forward: Forward) -> requests.Response:
        if function in path:
            denied.append(path)
        response = forward()
        if function in path or (denied and for_good):
            response.status_code = 401
        return response

    with speaking(server, denial=(200, {"Content-Type": "text/html"}, LOGIN_PAGE), around=deny) as environment:
        yield environment


@pytest.mark.parametrize("module", CREATES)
def test_a_playbook(server: Server, tmp_path: Path, module: str) -> None:
    function, options = CREATES[module]
    with denying(server, function) as environment:
        run = run_playbook({"tasks": [task("t", module, name="t", **options)]}, tmp_path, environment)
    assert run["t"].failed
    assert run["t"].msg.endswith(f"The token t {MADE}")
    assert server.whm_tokens() == server.uapi_tokens() == {}
    assert [count for name, count in server.calls().items() if "create" in name] == [1]


def rotation(server: Server, folder: Path) -> Rotation:
    """A rotation of the token t with one consumer."""
    tokens = [{"name": "t", "acls": ["list-accts"], "expires_in": "90d", "sinks": [sink(folder / "copy")]}]
    return Rotation(server, folder, tokens)


def test_the_stage_of_a_rotation(server: Server, tmp_path: Path) -> None:
    """The old token stays, and is the only one."""
    old = server.whm_token("t", acl="list-accts")
    with denying(server, "api_token_create") as environment:
        run = rotation(server, tmp_path).run(environment=environment)
    assert MADE in sentence_of(run)
    assert list(server.whm_tokens()) == ["t"]
    assert server.whm_accepts(old)
    assert not (tmp_path / "copy").exists()


def test_a_stage_after_which_nothing_can_be_read(server: Server, tmp_path: Path) -> None:
    """What is not known is said, the old token works, and the next run ends with one token whose secret is delivered."""
    old = server.whm_token("t", acl="list-accts")
    with denying(server, "api_token_create", for_good=True) as environment:
        run = rotation(server, tmp_path).run(environment=environment)
    assert "it is not known whether the change was made." in sentence_of(run)
    assert server.whm_accepts(old)
    assert not (tmp_path / "copy").exists()
    rotation(server, tmp_path).rotated()
    live = [name for name in server.whm_tokens() if "--prev-" not in name]
    assert live == ["t"]
    details = server.whm("api_token_get_details", token=(tmp_path / "copy").read_text().strip())
    assert details["data"]["name"] == "t"


def test_a_denial_from_the_first_call_on_is_the_plain_message(server: Server, tmp_path: Path) -> None:
    """Nothing was changed, so there is nothing to say of what is not known."""
    with denying(server, "api_token") as environment:
        run = run_playbook({"tasks": [task("t", "whm_api_token", name="t", acls=["ssl"])]}, tmp_path, environment)
    assert "did not accept password of root (the HTML login page). Check username and password" in run["t"].msg
    assert "known" not in run["t"].msg
    assert server.commits() == {}
