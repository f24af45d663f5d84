# Copyright (c) 2026 panelops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Whatever keywords a playbook passes on to the role rotate: nothing is promoted that was not delivered, and a sentence says so."""

from __future__ import annotations

import pytest
from ansible.playbook.block import Block
from ansible.playbook.play import Play
from ansible.playbook.role.include import RoleInclude

from tests.support.keywords import ROWS, WITHOUT_EFFECT, Outcome, run_rows
from tests.support.server import Server


@pytest.fixture(scope="module")
def outcomes(running_server: Server, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Outcome]:
    """The whole table, run once."""
    running_server.reset()
    return {outcome.row.host: outcome for outcome in run_rows(running_server, tmp_path_factory.mktemp("keywords"))}


def test_the_table_has_every_keyword() -> None:
    """Also those that a later ansible-core brings."""
    known = {key for row in ROWS for key in row.keywords} | WITHOUT_EFFECT
    assert {*Play.fattributes, *Block.fattributes, *RoleInclude.fattributes} - known == set()


@pytest.mark.parametrize("row", [row.host for row in ROWS])
def test_nothing_is_promoted_that_was_not_delivered(
    outcomes: dict[str, Outcome], running_server: Server, row: str
) -> None:
    outcome = outcomes[row]
    assert outcome.wrong(running_server) == [], outcome.output[-4000:]
