# Copyright (c) 2026 panelops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A sample of the points under other conditions: any two of service, sink, what hits, clock and batch results meet at least once."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator
from dataclasses import replace
from itertools import combinations, product
from typing import NamedTuple

from tests.reliability.rotation_points import KINDS, points_of
from tests.reliability.rotation_scene import AHEAD, SERVICES, Conditions, Point, Scene

SEED = 1
CLOCKS = {"usual": AHEAD, "behind": -2 * 3600, "far ahead": 80 * 86400}
"""How many seconds the server's clock is ahead of ours when the rotation begins."""


class Combination(NamedTuple):
    """One of each."""

    service: str
    sinks: str
    kind: str
    clock: str
    batch: str


EVERY = [
    Combination(*values)
    for values in product(SERVICES, ("raw", "vault", "tasks"), KINDS, CLOCKS, ("zero", "one"))
    if values[3:] != ("usual", "zero")
]
"""All combinations, but for the conditions under which every point is hit anyway."""


def pairwise(chooser: random.Random) -> list[Combination]:
    """Return few combinations in which all pairs of values meet that meet at all."""
    missing = {pair for each in EVERY for pair in _pairs(each)}
    chosen = []
    while missing:
        candidates = chooser.sample(EVERY, len(EVERY))
        best = max(candidates, key=lambda each: len(missing.intersection(_pairs(each))))
        missing.difference_update(_pairs(best))
        chosen.append(best)
    return chosen


def sampled(scene_of: Callable[[str, str], Scene]) -> Iterator[Point]:
    """Yield a point for each combination, chosen among all of its kind.

    :param scene_of: makes the scene of a service and a sink.
    """
    chooser = random.Random(SEED)  # noqa: S311
    chosen = pairwise(chooser)
    points = {
        (service, sinks): points_of(scene_of(service, sinks), sinks)
        for service, sinks in sorted({(each.service, each.sinks) for each in chosen})
    }
    for each in chosen:
        point = chooser.choice([one for one in points[each.service, each.sinks] if one.kind == each.kind])
        yield replace(point, conditions=Conditions(CLOCKS[each.clock], each.batch))


def _pairs(each: Combination) -> set[tuple[tuple[str, str], ...]]:
    return set(combinations(zip(Combination._fields, each, strict=True), 2))
