# Copyright (c) 2026 panelops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A consumer's host that hangs is given up after the role's own time limit, and a delivery that took effect is not forgotten."""

from __future__ import annotations

import shlex
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
import yaml

from tests.support.limits import patience
from tests.support.playbooks import Run
from tests.support.rotating import Rotation, result_of, sentence_of, sink
from tests.support.server import Server

LIMIT = round(patience(4))
"""Seconds in which a host that does not hang answers, also on a busy machine."""


class Hanging:
    """A host whose Python runs what it is given, and then does not end as long as a file is there."""

    def __init__(self, folder: Path, name: str, hangs: Path) -> None:
        self.until_released = folder / f"{name}-waits"
        self.until_released.touch()
        python = folder / f"python-{name}"
        real, waits = shlex.quote(sys.executable), shlex.quote(str(self.until_released))
        python.write_text(
            f'#!/bin/sh\n{real} "$@"\nstatus=$?\n'
            f"while [ -e {shlex.quote(str(hangs))} ] && [ -e {waits} ]; do sleep 0.05; done\nexit $status\n"
        )
        python.chmod(0o755)
        self.variables = {"ansible_connection": "local", "ansible_python_interpreter": str(python)}

    def release(self) -> None:
        self.until_released.unlink(missing_ok=True)


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    return tmp_path / "copy"


@pytest.fixture
def at_once(tmp_path: Path) -> Iterator[Hanging]:
    """Hangs from the first module on."""
    host = Hanging(tmp_path, "stuck", tmp_path)
    yield host
    host.release()


@pytest.fixture
def after_delivery(tmp_path: Path, copy: Path) -> Iterator[Hanging]:
    """Hangs once the copy is there."""
    host = Hanging(tmp_path, "late", copy)
    yield host
    host.release()


def token(name: str, *sinks: dict) -> dict:
    return {"name": name, "acls": ["list-accts"], "sinks": list(sinks)}


def run(rotation: Rotation, hosts: dict[str, Hanging], *options: str, **variables: object) -> Run:
    path = rotation.folder / "hanging.yml"
    path.write_text(yaml.safe_dump({"all": {"hosts": {name: host.variables for name, host in hosts.items()}}}))
    return rotation.run("-i", str(path), *options, **variables)


def test_what_hangs_at_the_check_costs_its_own_tokens_a_sentence(
    server: Server, tmp_path: Path, at_once: Hanging
) -> None:
    own = tmp_path / "own.yml"
    own.write_text("- name: Store\n  ansible.builtin.command: 'true'\n  delegate_to: stuck\n")
    tokens = [
        token("a", sink(tmp_path / "a", host="stuck")),
        token("b", {"type": "tasks", "tasks": str(own)}),
        token("c", sink(tmp_path / "c")),
    ]
    done = run(Rotation(server, tmp_path, tokens, {"consumer_timeout": str(LIMIT)}), {"stuck": at_once})
    said = {each["name"]: each["msg"] for each in result_of(done)["failed"]}
    assert said.keys() == {"a", "b"}, done.output
    assert f"stuck:{tmp_path}/a: the host did not answer within {LIMIT} seconds." in said["a"]
    assert (
        f"the task Store runs on stuck, which did not answer within {LIMIT} seconds (rotate_consumer_timeout)."
        in said["b"]
    )
    assert [each["name"] for each in result_of(done)["rotated"]] == ["c"]
    assert list(server.whm_tokens()) == ["c"]


def test_a_delivery_that_took_effect_without_an_answer(
    server: Server, tmp_path: Path, copy: Path, after_delivery: Hanging
) -> None:
    old = server.whm_token("t", acl="list-accts")
    tasks = tmp_path / "own.yml"
    tasks.write_text(f"- name: Store\n  ansible.builtin.shell: echo >'{tmp_path}/stored'\n")
    file, own = sink(copy, host="late"), {"type": "tasks", "tasks": str(tasks)}
    rotation = Rotation(server, tmp_path, [token("t", file, own)], {"consumer_timeout": LIMIT, "force": True})
    done = run(rotation, {"late": after_delivery})
    assert f"late:{copy}: the host did not answer within {LIMIT} seconds." in sentence_of(done)
    assert result_of(done)["rotated"] == []
    assert not (tmp_path / "stored").exists(), "nothing else gets a secret that is not promoted"
    held = copy.read_text().strip()
    assert held != old
    assert server.whm_accepts(old)
    assert server.whm_accepts(held), "the host may use what it holds"
    after_delivery.release()
    again = run(rotation, {"late": after_delivery})
    assert "of an earlier run may have been delivered: its sink could not say how far it came." in sentence_of(again)
    server.advance(86400 + 1)
    last = run(rotation, {"late": after_delivery})
    assert [each["name"] for each in result_of(last)["rotated"]] == ["t"], last.output
    assert server.whm_accepts(held), "until its overlap is over"
    assert server.whm_ok("api_token_get_details", token=copy.read_text().strip())["name"] == "t"


@pytest.mark.parametrize("given", ["0", "-1", "86401"])
def test_a_limit_that_is_none_is_refused(server: Server, tmp_path: Path, given: str) -> None:
    rotation = Rotation(server, tmp_path, [token("t", sink(tmp_path / "copy"))], {"consumer_timeout": given})
    assert (
        sentence_of(rotation.run()) == f"rotate_consumer_timeout: {given!r} is not a number of seconds from 1 to 86400."
    )
    assert server.http_requests() == 0
