# Copyright (c) 2026 panelops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Two rotation runs that are started together."""

from __future__ import annotations

from pathlib import Path

from tests.reliability.polling import Consumer
from tests.reliability.rotation_scene import KEPT, OVERLAP, Scene
from tests.support.paths import REPOSITORY
from tests.support.server import Server

RACES = (("whm", "raw"), ("cpanel", "raw"), ("whm", "shared"), ("whm", "stores"))
"""Of which service, into which sinks."""


def race(server: Server, folder: Path, service: str, sinks: str) -> int:
    """Start two runs at once. One token lives afterwards for each sink, its secret delivered; answers how often a consumer was served."""
    scene = Scene(server, folder, service, sinks)
    scene.prepare()
    consumer = Consumer(scene.polling(), REPOSITORY)
    try:
        plays = [scene.start(), scene.start()]
        statuses = [play.wait(180) for play in plays]
        output = (folder / "output").read_text(errors="replace")[-12000:]
        assert statuses == [0, 0], output
        live = {name for name in scene.tokens() if "--prev-" not in name}
        assert live == set(scene.sinks.names), (live, output)
        scene.check_converged()
        server.advance(OVERLAP + KEPT)
        scene.decide()
        scene.check_tidy()
    finally:
        served, refused = consumer.end()
    assert refused == []
    assert served > 0
    return served
