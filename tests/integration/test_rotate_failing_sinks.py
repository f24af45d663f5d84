# Copyright (c) 2026 panelops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A sink that fails at every run never piles up tokens: each staged one has all the privileges of the live one."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.support.rotating import Rotation, sentence_of, sink
from tests.support.server import Server

OVERLAP = 3600


class Failing:
    """A token of which a sink of the type tasks fails."""

    def __init__(self, server: Server, folder: Path, service: str, *sinks: dict) -> None:
        self.server = server
        self.service = service
        self.tasks = folder / "own.yml"
        self.tasks.write_text(
            f"- name: Count\n  ansible.builtin.shell: echo >>'{folder}/begun'\n"
            "- name: Break\n  ansible.builtin.command: 'false'\n"
        )
        self.begun = folder / "begun"
        own = {"type": "tasks", "tasks": str(self.tasks)}
        self.old = server.whm_token("t", acl="list-accts") if service == "whm" else server.uapi_token("t")
        limits = {"acls": ["list-accts"]} if service == "whm" else {}
        token = {"name": "t", "expires_in": "90d", "max_age": "1d", "sinks": [*sinks, own], **limits}
        # Where the token of an account cannot expire in place, its age says that it is due.
        variables = {"service": service, "overlap": f"{OVERLAP}s"}
        self.rotation = Rotation(server, folder, [token], variables)
        server.advance(2 * 86400)

    def tokens(self) -> list[str]:
        return sorted(self.server.whm_tokens() if self.service == "whm" else self.server.uapi_tokens())

    def staged(self) -> list[str]:
        return [name for name in self.tokens() if name.startswith("t--next-")]

    def repair(self) -> None:
        self.tasks.write_text("- name: Keep\n  ansible.builtin.command: 'true'\n")


@pytest.fixture(params=["whm", "cpanel"])
def failing(request: pytest.FixtureRequest, server: Server, tmp_path: Path) -> Failing:
    return Failing(server, tmp_path, request.param)


def test_four_runs_leave_two_staged_tokens(failing: Failing) -> None:
    assert "own.yml: the task Break failed." in sentence_of(failing.rotation.run())
    first = failing.staged()
    assert len(first) == 1

    said = sentence_of(failing.rotation.run())
    assert f"t: {first[0]} of an earlier run may have been delivered: its sink could not say how far it came." in said
    assert "Another token is staged when the overlap of that one is over, at 20" in said
    assert f"To go on at once, revoke {first[0]} if no consumer holds it." in said
    assert failing.staged() == first

    failing.server.advance(OVERLAP + 1)
    assert "own.yml: the task Break failed." in sentence_of(failing.rotation.run())
    both = failing.staged()
    assert len(both) == 2
    assert set(first) < set(both)

    for _day in range(2):
        failing.server.advance(86400)
        said = sentence_of(failing.rotation.run())
        assert (
            f"t: {both[0]} and {both[1]} of earlier runs may have been delivered, so no third token is staged." in said
        )
        assert "Repair the sink, revoke those of the two that no consumer holds" in said
        assert failing.staged() == both
    assert failing.tokens() == ["t", *both]
    assert (
        failing.server.whm_accepts(failing.old)
        if failing.service == "whm"
        else failing.server.uapi_accepts(failing.old)
    )


def test_what_the_sentence_says_is_a_way_out(failing: Failing) -> None:
    failing.rotation.run()
    (name,) = failing.staged()
    failing.repair()
    if failing.service == "whm":
        failing.server.whm_ok("api_token_revoke", token_name=name)
    else:
        failing.server.uapi_ok("Tokens::revoke", name=name)
    assert len(failing.rotation.rotated()["rotated"]) == 1


def test_a_repaired_sink_rotates_once_the_overlap_is_over(failing: Failing) -> None:
    failing.rotation.run()
    failing.server.advance(OVERLAP + 1)
    failing.repair()
    assert len(failing.rotation.rotated()["rotated"]) == 1
    assert failing.staged() == []


def test_a_staged_token_from_the_future_does_not_wait_for_its_time(failing: Failing) -> None:
    """The clock was set back by ten days since; how long ago it was staged, nobody knows."""
    failing.server.advance(10 * 86400)
    failing.rotation.run()
    assert len(failing.staged()) == 1
    failing.server.advance(-10 * 86400)
    failing.repair()
    assert len(failing.rotation.rotated()["rotated"]) == 1
    assert failing.staged() == []
    failing.server.advance(OVERLAP + 130)
    assert failing.rotation.rotated()["rotated"] == []
    assert failing.tokens() == ["t"]


def test_a_killed_run_does_not_make_the_next_one_wait(server: Server, tmp_path: Path) -> None:
    """What a kill has left, nobody has said of that its delivery failed."""
    failing = Failing(server, tmp_path, "whm")
    failing.repair()
    server.whm_token("t--next-abc123", acl="list-accts")
    server.advance(5)
    assert len(failing.rotation.rotated()["rotated"]) == 1


def test_a_delivery_that_never_began_is_withdrawn_at_once(server: Server, tmp_path: Path) -> None:
    """The file cannot be verified, so the tasks are not run, and nobody can have the new secret."""
    failing = Failing(server, tmp_path, "whm", sink(tmp_path / "copy", host="consumer2"))
    failing.rotation.tokens[0]["whitelist_ips"] = ["127.0.0.1"]
    for _run in range(4):
        assert "does not accept the new token from consumer2" in sentence_of(failing.rotation.run())
        assert failing.tokens() == ["t"]
        assert not failing.begun.exists()
        server.advance(86400)
