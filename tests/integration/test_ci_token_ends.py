# Copyright (c) 2026 panelops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""However a run ends, its CI token ends with it, and what nobody could revoke expires and is swept."""

from __future__ import annotations

import os
import signal
import sys
from pathlib import Path

import pytest
import yaml

from tests.support.ci_runs import SOCKETS, TOKEN, CiRun, play, started, tell, waiting, watched
from tests.support.server import Server
from tests.support.waiting import until

AT_ONCE = 5
"""Seconds within which a token must be dead."""


def is_dead(server: Server, secret: str) -> bool:
    return not server.whm_accepts(secret)


@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGINT, signal.SIGTERM])
def test_a_run_that_is_interrupted_or_killed(server: Server, tmp_path: Path, number: signal.Signals) -> None:
    """The signal goes to the process group, as of a terminal or a CI runner."""
    with started(server, tmp_path, [play(waiting(tmp_path))]) as run:
        secret = run.told()
        assert not is_dead(server, secret)
        until(lambda: "RETRYING" in run.output)
        assert run.end_with(number) != 0
        until(lambda: is_dead(server, secret), AT_ONCE)
        until(lambda: not run.agents(), AT_ONCE)
    assert server.whm_tokens() == {}


def test_a_main_process_that_is_killed_alone(server: Server, tmp_path: Path) -> None:
    """Its workers live on for a while; they get no token any more, and start no agent."""
    with started(server, tmp_path, [play([*waiting(tmp_path), tell("later")])]) as run:
        secret = run.told()
        os.kill(run.process.pid, signal.SIGKILL)
        until(lambda: is_dead(server, secret), AT_ONCE)
        until(lambda: not run.agents(), AT_ONCE)
        (tmp_path / "go").touch()
    assert server.commits() == {"api_token_create": 1, "api_token_revoke": 1}


def test_a_run_that_is_killed_while_its_token_is_made(server: Server, tmp_path: Path) -> None:
    server.fault("api_token_create", "delay:2")
    with started(server, tmp_path, [play([tell()])]) as run:
        until(lambda: server.calls().get("api_token_create"))
        run.signal(signal.SIGKILL)
        until(lambda: server.commits() == {"api_token_create": 1, "api_token_revoke": 1}, 2 + AT_ONCE)
        until(lambda: not run.agents(), AT_ONCE)
    assert server.whm_tokens() == {}


def test_a_run_that_fails(server: Server, tmp_path: Path) -> None:
    with started(server, tmp_path, [play([tell(), {"name": "fail", "ansible.builtin.fail": {}}])]) as run:
        assert run.wait() == 2
        until(lambda: is_dead(server, run.told()), AT_ONCE)


def test_an_agent_that_is_told_to_end(server: Server, tmp_path: Path) -> None:
    """While the run asks for nothing, or there would be another one at once."""
    with started(server, tmp_path, [play(waiting(tmp_path, "nothing"))]) as run:
        secret = run.told()
        os.kill(run.agent(), signal.SIGTERM)
        until(lambda: is_dead(server, secret), AT_ONCE)
        until(lambda: not run.agents(), AT_ONCE)


def test_an_ad_hoc_command(server: Server, tmp_path: Path) -> None:
    command = ["ansible", "-i", "localhost,", "all", "-m", "ansible.builtin.debug", "-a", f'msg="{TOKEN}"']
    environment = {**server.environment, "ANSIBLE_LOAD_CALLBACK_PLUGINS": "1"}
    with watched(CiRun(command, tmp_path, environment)) as run:
        secret = run.told("ansible.builtin.debug")
        assert run.wait() == 0, run.output
        until(lambda: is_dead(server, secret), AT_ONCE)
    assert server.commits() == {"api_token_create": 1, "api_token_revoke": 1}


def test_ansible_runner(server: Server, tmp_path: Path) -> None:
    """Also where it is the runner that is killed, with all that it has started."""
    for folder, name, content in (
        ("project", "ci.yml", yaml.safe_dump([play(waiting(tmp_path))])),
        ("inventory", "hosts", "localhost"),
    ):
        (tmp_path / folder).mkdir()
        (tmp_path / folder / name).write_text(content, encoding="utf-8")
    command = [sys.executable, "-m", "ansible_runner", "run", str(tmp_path), "-p", "ci.yml"]
    for end in ("by itself", "killed"):
        with watched(CiRun(command, tmp_path, server.environment)) as run:
            secret = run.told()
            if end == "by itself":
                (tmp_path / "go").touch()
                assert run.wait() == 0, run.output
                (tmp_path / "go").unlink()
            else:
                run.process.send_signal(signal.SIGTERM)
                run.wait()
            until(lambda secret=secret: is_dead(server, secret), AT_ONCE)


def test_what_nobody_could_revoke_expires_and_is_swept_by_the_next_run(server: Server, tmp_path: Path) -> None:
    one, two = tmp_path / "one", tmp_path / "two"
    soon = server.now() + 60
    server.whm_token("ci-deploy-4711-abcdefgh", acl="list-accts", expires_at=soon)
    with started(server, one, [play(waiting(one))]) as run:
        secret = run.told()
        # Any run of this user sweeps it away once this one is dead, those of other tests too.
        (socket,) = SOCKETS.glob(f"{run.process.pid}-*")
        os.kill(run.agent(), signal.SIGKILL)
        run.signal(signal.SIGKILL)
        run.wait()
    (left,) = set(server.whm_tokens()) - {"ci-deploy-4711-abcdefgh"}
    assert not is_dead(server, secret)
    server.advance(20 * 60 + 1)
    assert is_dead(server, secret)
    assert left in server.whm_tokens()
    with started(server, two, [play([tell()])]) as run:
        assert run.wait() == 0, run.output
        until(lambda: not run.agents(), AT_ONCE)
    assert list(server.whm_tokens()) == ["ci-deploy-4711-abcdefgh"], "which only looks like one of ours"
    assert not socket.exists()


def test_a_server_that_is_away_at_the_end_is_asked_again(server: Server, tmp_path: Path) -> None:
    with started(server, tmp_path, [play(waiting(tmp_path))]) as run:
        secret = run.told()
        for call in range(1, 5):
            server.fault("api_token_list", "status:503", call)
        (tmp_path / "go").touch()
        assert run.wait() == 0, run.output
        until(lambda: is_dead(server, secret))
        until(lambda: not run.agents())
    assert server.whm_tokens() == {}
