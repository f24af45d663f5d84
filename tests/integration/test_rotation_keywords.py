# Copyright (c) 2026 panelops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Whatever keywords a playbook passes on to the role rotate: nothing is promoted that was not delivered, and a sentence says so."""

from __future__ import annotations

import fcntl
import json
import os

import pytest
from ansible.playbook.block import Block
from ansible.playbook.play import Play
from ansible.playbook.role.include import RoleInclude

from tests.support.keywords import ROWS, WITHOUT_EFFECT, run_rows
from tests.support.server import Server


@pytest.fixture(scope="module")
def outcomes(running_server: Server, tmp_path_factory: pytest.TempPathFactory) -> dict[str, tuple[list[str], str]]:
    """The whole table, run once for all processes of the tests: of each row what is wrong, and the end of its output."""
    shared = tmp_path_factory.getbasetemp()
    if "PYTEST_XDIST_WORKER" in os.environ:
        shared = shared.parent
    kept = shared / f"keywords-{os.environ.get('PYTEST_XDIST_TESTRUNUID', 'alone')}.json"
    with kept.with_suffix(".lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not kept.exists():
            running_server.reset()
            rows = run_rows(running_server, tmp_path_factory.mktemp("keywords"))
            kept.write_text(json.dumps({row.row.host: (row.wrong(running_server), row.output[-4000:]) for row in rows}))
    found: dict[str, tuple[list[str], str]] = json.loads(kept.read_text())
    return found


def test_the_table_has_every_keyword() -> None:
    """Also those that a later ansible-core brings."""
    known = {key for row in ROWS for key in row.keywords} | WITHOUT_EFFECT
    assert {*Play.fattributes, *Block.fattributes, *RoleInclude.fattributes} - known == set()


@pytest.mark.parametrize("row", [row.host for row in ROWS])
def test_nothing_is_promoted_that_was_not_delivered(outcomes: dict[str, tuple[list[str], str]], row: str) -> None:
    wrong, output = outcomes[row]
    assert wrong == [], output
