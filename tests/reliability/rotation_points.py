# Copyright (c) 2026 panelops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Every point at which a rotation can be hit: found by a run that is not."""

from __future__ import annotations

from tests.reliability.rotation_scene import SERVICES, Point, Scene

FAULTS = ("drop_before_commit", "drop_after_commit", "kill_before_commit", "kill_after_commit")
KINDS = ("task", "call-before", "call-after", *FAULTS)
CASES = [
    *((service, sinks) for sinks in ("raw", "all") for service in SERVICES),
    *(("whm", sinks) for sinks in ("shared", "stores")),
]
"""A token with one file, and a token for each of a group of sinks. Files that hold other things and stores know nothing of services."""


def points_of(scene: Scene, sinks: str) -> list[Point]:
    """All points of a scene."""
    scene.prepare()
    scene.server.forget_counters()
    scene.run()
    functions = scene.server.calls()
    scene.check_converged()
    tasks, calls = scene.counts()
    points = [Point(scene.service, sinks, "task", number) for number in range(1, tasks + 1)]
    for kind in ("call-before", "call-after"):
        points += [Point(scene.service, sinks, kind, number) for number in range(1, calls + 1)]
    return points + [
        Point(scene.service, sinks, kind, number, function)
        for function, count in sorted(functions.items())
        for number in range(1, count + 1)
        for kind in FAULTS
    ]
