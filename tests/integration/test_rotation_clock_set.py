# Copyright (c) 2026 panelops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Rotations on a server whose clock was wrong for a while, and was then set right: nobody is locked out, and nothing waits for days."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.support.playbooks import Run
from tests.support.rotating import Rotation, result_of, sink
from tests.support.server import Server

HOUR, DAY = 3600, 86400
OVERLAP = DAY
KEPT = 130

OPTIONS: dict[str, tuple[dict, dict]] = {
    "whm": ({"acls": ["list-accts"]}, {}),
    "cpanel": ({}, {"service": "cpanel"}),
    "cpanel through whm": ({"account": "alice"}, {}),
}


class Scene:
    """A token with one copy, on either service."""

    def __init__(self, service: str, server: Server, folder: Path) -> None:
        self.is_whm = service == "whm"
        self.server = server
        self.copy = folder / "copy"
        token, variables = OPTIONS[service]
        self._token = {"name": "t", "sinks": [sink(self.copy)], **token}
        self._variables = {"overlap": f"{OVERLAP}s", "cpanel_port": server.cpanel_port, **variables}
        self._folder = folder

    def make(self, **params: object) -> str:
        """Create the token and deliver it by hand; its secret."""
        secret = (
            self.server.whm_token("t", acl="list-accts", **params)
            if self.is_whm
            else self.server.uapi_token("t", **params)
        )
        self.copy.write_text(f"{secret}\n")
        return secret

    def run(self, *options: str, **token: object) -> Run:
        force = {"force": True} if token.pop("force", False) else {}
        rotation = Rotation(self.server, self._folder, [{**self._token, **token}], {**self._variables, **force})
        run = rotation.run(*options)
        assert run.status == 0, run.output
        return run

    def state(self, **token: object) -> str:
        """The state of the token after a run."""
        (one,) = result_of(self.run(**token))["tokens"]
        return one["state"]

    def tokens(self) -> list[str]:
        return sorted(self.server.whm_tokens() if self.is_whm else self.server.uapi_tokens())

    def works(self, secret: str) -> bool:
        return self.server.whm_accepts(secret) if self.is_whm else self.server.uapi_accepts(secret)

    def held(self) -> str:
        """The secret that the consumer holds."""
        return self.copy.read_text().strip()


@pytest.fixture(params=OPTIONS)
def scene(request: pytest.FixtureRequest, server: Server, tmp_path: Path) -> Scene:
    return Scene(request.param, server, tmp_path)


def told(run: Run) -> str:
    """The warnings of a run, without the line breaks that Ansible puts in."""
    return " ".join(run.output.split())


def test_a_token_from_the_future_is_older_than_any_age(scene: Scene) -> None:
    """Its create time says nothing; a rotation gives it one that is right."""
    scene.server.advance(10 * DAY)
    old = scene.make()
    scene.server.advance(-10 * DAY)
    run = scene.run(max_age="30d")
    (one,) = result_of(run)["tokens"]
    assert (one["state"], one.get("reason")) == ("promoted", "max_age")
    assert "is ahead of the server's clock" in told(run)
    assert scene.works(old)
    assert scene.works(scene.held())
    assert scene.state(max_age="30d") == "fine"
    scene.server.advance(OVERLAP + KEPT)
    assert scene.state(max_age="30d") == "fine"
    assert scene.tokens() == ["t"]


def test_what_was_retired_in_the_future_gets_its_overlap_from_now(scene: Scene) -> None:
    old = scene.make()
    scene.server.advance(10 * DAY)
    assert scene.state(force=True) == "promoted"
    scene.server.advance(-10 * DAY)

    before = scene.tokens()
    assert any(task.changed for task in scene.run("--check").tasks)
    assert scene.tokens() == before
    run = scene.run()
    assert any(task.changed for task in run.tasks)
    assert "its overlap counts from now" in told(run)
    assert scene.works(old), "consumers may hold it still"
    assert not any(task.changed for task in scene.run().tasks), "once is enough"

    scene.server.advance(OVERLAP - HOUR)
    assert scene.state() == "fine"
    assert scene.works(old)
    scene.server.advance(HOUR + KEPT)
    assert scene.state() == "fine"
    assert scene.tokens() == ["t"]
    assert not scene.works(old)
    assert scene.works(scene.held())


@pytest.mark.parametrize("scene", ["cpanel", "cpanel through whm"], indirect=True)
def test_what_was_retired_in_the_past_and_is_in_use_gets_its_overlap_once_more(scene: Scene) -> None:
    """By its name it was retired three days ago, by the clock that was right before just now."""
    scene.server.advance(-3 * DAY)
    old = scene.make()
    scene.server.advance(HOUR)
    assert scene.state(force=True) == "promoted"
    scene.server.advance(3 * DAY)
    assert scene.works(old), "this is a use of it"
    run = scene.run()
    assert "is still in use" in told(run)
    assert scene.works(old)
    assert not any(task.changed for task in scene.run().tasks)
    scene.server.advance(OVERLAP + HOUR)
    assert scene.works(old)
    assert scene.state() == "fine"
    assert scene.tokens() == ["t"], "and not for ever"
    assert scene.works(scene.held())


@pytest.mark.parametrize("scene", ["cpanel", "cpanel through whm"], indirect=True)
def test_a_token_from_before_the_clock_fell_behind_gets_its_overlap(scene: Scene) -> None:
    """It is younger than the live one, by their create times; so both that were retired meanwhile keep working."""
    first = scene.make()
    scene.server.advance(-3 * DAY)
    secrets = [first]
    for _rotation in range(2):
        assert scene.state(force=True) == "promoted"
        secrets.append(scene.held())
        scene.server.advance(HOUR)
    scene.server.advance(3 * DAY)
    assert scene.state() == "promoted"
    assert all(scene.works(secret) for secret in [*secrets, scene.held()])
    assert scene.state() == "fine"
    assert all(scene.works(secret) for secret in secrets), "their overlap counts from this rotation"
    scene.server.advance(OVERLAP + HOUR)
    assert scene.state() == "fine"
    assert scene.tokens() == ["t"]
