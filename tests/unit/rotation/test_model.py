# Copyright (c) 2026 panelops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Invariant I5 in the model: runs side by side, killed anywhere; no copy is ever refused, and the next run ends well."""

from __future__ import annotations

import os

from ansible_collections.panelops.cpanel.plugins.module_utils._rotation.state import KEPT, DesiredRotation
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from tests.unit.rotation.world import NAME, OVERLAP, Run, World, kinds

MOST_RUNS = 3
EXAMPLES = int(os.environ.get("ROTATION_EXAMPLES", "300"))


class Rotations(RuleBasedStateMachine):
    """Any runs in any order, on one token."""

    @initialize(kind=st.sampled_from(kinds()), sinks=st.integers(1, 2))
    def begin(self, kind: type, sinks: int) -> None:
        self.world = World(kind, sinks)
        self.runs: list[Run] = []

    @precondition(lambda self: len(self.runs) < MOST_RUNS)
    @rule(force=st.booleans(), fails_at=st.sampled_from([None, None, None, 0, 1]), emergency=st.booleans())
    def start(self, force: bool, fails_at: int | None, emergency: bool) -> None:
        desired = DesiredRotation(NAME, self.world.kind, force=force)
        self.runs.append(Run(self.world, desired, fails_at, emergency and force))

    @precondition(lambda self: self.runs)
    @rule(data=st.data(), steps=st.integers(1, 8))
    def go_on(self, data: st.DataObject, steps: int) -> None:
        run = data.draw(st.sampled_from(self.runs))
        for _step in range(steps):
            if not run.step():
                self.runs.remove(run)
                break
            self.no_copy_is_refused()

    @precondition(lambda self: self.runs)
    @rule(data=st.data())
    def kill(self, data: st.DataObject) -> None:
        self.runs.remove(data.draw(st.sampled_from(self.runs)))

    @rule(seconds=st.integers(1, 3))
    def tick(self, seconds: int) -> None:
        self.world.now += seconds

    @precondition(lambda self: not any(run.critical for run in self.runs))
    @rule(overlaps=st.integers(1, 3))
    def wait(self, overlaps: int) -> None:
        """No call is on its way for a whole overlap."""
        self.world.now += overlaps * OVERLAP

    @precondition(lambda self: hasattr(self, "world"))
    @invariant()
    def no_copy_is_refused(self) -> None:
        assert all(self.world.accepts(copy) for copy in self.world.copies), self.world.__dict__

    def teardown(self) -> None:
        """All runs are dead. The next one ends with one live token, the delivered one, and the one after the overlap tidies up."""
        if not hasattr(self, "world"):
            return
        world = self.world
        desired = DesiredRotation(NAME, world.kind)
        for pause in (1, OVERLAP + KEPT + 10):
            world.now += pause
            run = Run(world, desired)
            while run.step():
                self.no_copy_is_refused()
            assert set(world.copies) == {world.secrets[NAME]}
            assert not [name for name in world.tokens if "--next-" in name]
        assert list(world.tokens) == [NAME]


TestRotations = Rotations.TestCase
TestRotations.settings = settings(max_examples=EXAMPLES, stateful_step_count=40, deadline=None)
