# Copyright (c) 2026 panelops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Rotations in the model while the server's clock is wrong and is set right: no outage, and nothing that waits for the wrong time."""

from __future__ import annotations

from ansible_collections.panelops.cpanel.plugins.module_utils._rotation.state import AHEAD, KEPT, DesiredRotation
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.unit.rotation.world import NAME, OVERLAP, Run, World, kinds

DAY = 86400
RUN = st.tuples(st.just("run"), st.booleans())
WAIT = st.tuples(st.just("wait"), st.integers(1, 2 * OVERLAP))


class Clock:
    """A world with a true time beside the server's: what the clock shows is ``ahead`` of it."""

    def __init__(self, kind: type) -> None:
        self.world = World(kind, 1)
        self.ahead = 0
        self.true = self.world.now
        self.given_up: dict[int, int] = {}
        """When each secret that the consumer held before was replaced, in true time."""

    def wait(self, seconds: int) -> None:
        self.true += seconds
        self.world.now += seconds

    def set(self, ahead: int) -> None:
        self.ahead = ahead
        self.world.now = self.true + ahead

    def run(self, **desired: object) -> str:
        held = self.world.copies[0]
        run = Run(self.world, DesiredRotation(NAME, self.world.kind, **desired))
        while run.step():
            assert self.world.accepts(self.world.copies[0])
        if self.world.copies[0] != held:
            self.given_up[held] = self.true
        self.wait(1)
        return run.outcome


@settings(max_examples=150, deadline=None)
@given(kind=st.sampled_from(kinds()), ahead=st.integers(AHEAD + 1, 40 * DAY), acts=st.lists(RUN | WAIT, max_size=6))
def test_a_clock_that_was_ahead_shortens_no_overlap_and_prolongs_none_for_long(
    kind: type, ahead: int, acts: list
) -> None:
    """Whatever happens while it is ahead; then it is set right."""
    clock = Clock(kind)
    clock.set(ahead)
    for act, value in acts:
        if act == "run":
            clock.run(force=value)
        else:
            clock.wait(value)
    clock.set(0)
    clock.wait(1)
    for _run in range(3):
        clock.run()
        for secret, since in clock.given_up.items():
            assert clock.world.accepts(secret) or clock.true >= since + OVERLAP
    clock.wait(OVERLAP + KEPT + AHEAD)
    assert clock.run() == "fine"
    assert list(clock.world.tokens) == [NAME], "nothing waits until the clock has caught up"


@settings(max_examples=150, deadline=None)
@given(kind=st.sampled_from(kinds()), ahead=st.integers(10 * AHEAD, 40 * DAY), forced=st.booleans())
def test_max_age_mends_the_time_of_a_token_from_the_future(kind: type, ahead: int, forced: bool) -> None:
    """Also where a token that it has replaced has its overlap; and then nothing is due for as long as the age."""
    clock = Clock(kind)
    clock.set(ahead)
    clock.wait(5)
    if forced:
        clock.run(force=True)
    else:
        first = clock.world.tokens.pop(NAME)
        clock.world.create(first)
        clock.world.copies = [clock.world.secrets[NAME]]
    clock.set(0)
    clock.wait(1)
    outcomes = []
    for _run in range(4):
        outcomes.append(clock.run(max_age=30 * DAY))
        clock.wait(OVERLAP + KEPT + 1)
    assert outcomes.count("promoted") == 1
    assert outcomes[-1] == "fine"
    assert list(clock.world.tokens) == [NAME]
    assert clock.world.tokens[NAME].create_time <= clock.world.now
