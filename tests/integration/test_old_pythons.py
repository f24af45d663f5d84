# Copyright (c) 2026 panelops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A host whose Python is too old for the modules gets a sentence, and no module."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.support.playbooks import run_playbook, task
from tests.support.pythons import interpreter
from tests.support.rotating import Rotation, sentence_of, sink
from tests.support.server import Server


@pytest.fixture
def old_python(tmp_path: Path) -> str:
    """A Python 3.8 whose name does not tell it."""
    found = interpreter("3.8")
    if found is None:
        pytest.skip("there is no Python 3.8 on this machine")
    path = tmp_path / "python"
    path.write_text(f'#!/bin/sh\nexec "{found}" "$@"\n')
    path.chmod(0o755)
    return str(path)


def sentence(python: str) -> str:
    return (
        f"The Python interpreter {python} of this host is Python 3.8; the modules of panelops.cpanel need Python 3.9 or newer. "
        "Install one there, and name it with ansible_python_interpreter."
    )


def test_a_module(server: Server, tmp_path: Path, old_python: str) -> None:
    tasks = [task(name, name, _ignore_errors=True) for name in ("whm_api_token_info", "cpanel_api_token_info")]
    play = {"vars": {"ansible_python_interpreter": old_python}, "tasks": tasks}
    run = run_playbook(play, tmp_path, server.environment, ("-vvv",))
    for each in run.tasks:
        assert each.failed
        assert each.msg == sentence(old_python)
    assert "AnsiballZ" not in run.output
    assert server.http_requests() == 0


@pytest.mark.parametrize("how", ["named", "discovered"])
def test_a_consumer(server: Server, tmp_path: Path, old_python: str, how: str) -> None:
    discovered = f"auto_silent ansible_interpreter_python_fallback='[\"{old_python}\"]'"
    hosts = tmp_path / "old.ini"
    named = old_python if how == "named" else discovered
    hosts.write_text(f"old ansible_connection=local ansible_python_interpreter={named}\n")
    token = {"name": "t", "acls": ["list-accts"], "sinks": [sink(tmp_path / "copy", host="old")]}
    run = Rotation(server, tmp_path, [token]).run("-i", str(hosts))
    assert f"the file sink old:{tmp_path}/copy: {sentence(old_python)} Nothing was changed." in sentence_of(run)
    assert server.commits() == {}
