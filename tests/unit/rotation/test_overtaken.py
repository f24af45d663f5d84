# Copyright (c) 2026 panelops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a run leaves that was overtaken: the next one is due, and what retired its token stays in force."""

from __future__ import annotations

import pytest
from ansible_collections.panelops.cpanel.plugins.module_utils._model.names import is_doubtful, is_staged, retired_name
from ansible_collections.panelops.cpanel.plugins.module_utils._model.token import ApiToken
from ansible_collections.panelops.cpanel.plugins.module_utils._rotation.overtaken import is_replaced, left_by
from ansible_collections.panelops.cpanel.plugins.module_utils._rotation.state import (
    DesiredRotation,
    Family,
    due,
    held_back,
    promotion,
)

from tests.unit.rotation.world import NAME, OVERLAP, kinds

NOW = 1_000_000


def overtaken(kind: type[ApiToken]) -> tuple[dict[str, ApiToken], ApiToken]:
    """Return an owner's tokens after a younger run has promoted its own, and the staged token of the older run as it was."""
    own = kind(name=f"{NAME}--next-abc123", create_time=NOW - 20)
    younger = kind(name=f"{NAME}--next-def456", create_time=NOW - 10)
    tokens = {each.name: each for each in (kind(name=NAME, create_time=NOW - 900), own, younger)}
    for step in promotion(tokens, NAME, younger, OVERLAP, NOW).steps:
        del tokens[step.name]
        tokens[step.token.name] = step.token
    return tokens, own


@pytest.mark.parametrize("kind", kinds())
def test_the_next_run_is_due_at_once(kind: type[ApiToken]) -> None:
    tokens, own = overtaken(kind)
    desired = DesiredRotation(NAME, kind)
    assert due(Family.of(NAME, tokens), desired, NOW) is None
    left = left_by(tokens, NAME, own, OVERLAP, NOW)
    assert left is not None
    assert left.step is not None
    after = left.step.token
    assert is_staged(after.name, NAME)
    assert not is_doubtful(after.name), "or the next run would wait for an overlap"
    assert left.token == tokens[left.step.name]
    assert left.token.create_time == own.create_time
    # Two were retired at the same time, and a number that is taken is increased.
    assert left.end in (NOW + OVERLAP, NOW + OVERLAP + 1)
    assert after.expires_at == left.token.expires_at, "nothing is prolonged"
    tokens[after.name] = tokens.pop(left.step.name)
    family = Family.of(NAME, tokens)
    reason = due(family, desired, NOW)
    assert reason is not None
    assert reason.word == "unfinished"
    assert held_back(family, True, OVERLAP, NOW) is None


@pytest.mark.parametrize("kind", kinds())
def test_what_still_is_staged_needs_no_step(kind: type[ApiToken]) -> None:
    own = kind(name=f"{NAME}--next-abc123", create_time=NOW - 20, expires_at=NOW + 7)
    left = left_by({own.name: own}, NAME, own, OVERLAP, NOW)
    assert left is not None
    assert (left.token, left.step, left.end) == (own, None, NOW + 7)


@pytest.mark.parametrize("kind", kinds())
def test_what_has_been_revoked_or_has_expired_is_not_left(kind: type[ApiToken]) -> None:
    tokens, own = overtaken(kind)
    name = retired_name(NAME, 1, ())
    other = kind(name=name, create_time=NOW - 21)
    assert left_by({NAME: tokens[NAME], name: other}, NAME, own, OVERLAP, NOW) is None
    for end, is_left in ((NOW, False), (NOW + 1, True)):
        ended = kind(name=name, create_time=own.create_time, expires_at=end)
        assert (left_by({name: ended}, NAME, own, OVERLAP, NOW) is not None) is is_left


@pytest.mark.parametrize("kind", kinds())
def test_a_live_token_is_another_runs_if_it_was_created_at_another_time(kind: type[ApiToken]) -> None:
    live = kind(name=NAME, create_time=NOW)
    assert not is_replaced(live, NOW)
    assert not is_replaced(None, NOW)
    assert is_replaced(live, NOW - 1)
    assert is_replaced(live, None), "a first issue that another run has made too"
