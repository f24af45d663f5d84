# Copyright (c) 2026 panelops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A run that puts the live secret where it is missing, killed on its way: the consumer of the other place never notices."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.reliability.polling import Consumer
from tests.reliability.rotation_scene import Point, Scene
from tests.support.paths import REPOSITORY
from tests.support.rotating import Rotation, sink
from tests.support.server import Server

POINTS = [
    Point("whm", "raw", "task", 8),
    Point("whm", "raw", "task", 16),
    Point("whm", "raw", "call-after", 3),
    Point("account", "raw", "task", 18),
    Point("account", "raw", "call-before", 3),
]


class Lacking(Scene):
    """A scene whose token is not due, and has a second file that does not exist."""

    @property
    def second(self) -> Path:
        return self.folder / "second"

    def _rotation(self) -> Rotation:
        rotation = super()._rotation()
        for token in rotation.tokens:
            del token["max_age"]
            token["sinks"].append(sink(self.second))
        return rotation


@pytest.mark.parametrize("point", POINTS, ids=lambda point: point.name)
def test_a_repair_that_is_killed(server: Server, tmp_path: Path, point: Point) -> None:
    scene = Lacking(server, tmp_path / "scene", point.service, point.sinks)
    scene.prepare()
    tokens = scene.tokens().keys()
    (copy,) = scene.copies.values()
    consumer = Consumer(scene.polling(), REPOSITORY)
    try:
        assert scene.start(point).wait(180) == -9, "the play was not killed"
        assert not scene.second.exists() or scene.second.read_text().strip() == copy.secret()
        scene.run()
        assert scene.second.read_text().strip() == copy.secret()
        assert scene.tokens().keys() == tokens
        written = scene.second.stat()
        scene.run()
        assert scene.second.stat() == written
    finally:
        served, refused = consumer.end()
    assert refused == []
    assert served > 0
