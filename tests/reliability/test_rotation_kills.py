# Copyright (c) 2026 panelops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A fixed sample of the points at which ``make reliability`` hits rotations, and of its races. All of them are in docs/reliability.md."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.reliability.rotation_races import RACES, race
from tests.reliability.rotation_scene import Conditions, Point, Scene, hit
from tests.support.server import Server

POINTS = [
    Point("whm", "raw", "task", 11),
    Point("whm", "raw", "call-after", 2),
    Point("whm", "raw", "call-before", 5),
    Point("whm", "raw", "drop_after_commit", 1, "api_token_create"),
    Point("whm", "raw", "kill_after_commit", 1, "api_token_update"),
    Point("whm", "vault", "task", 14),
    Point("account", "env", "task", 9),
    Point("account", "raw", "drop_before_commit", 2, "Tokens::rename"),
    Point("account", "hashi_vault", "task", 14),
    Point("whm", "shared", "task", 15),
    Point("whm", "stores", "call-after", 12),
    Point("cpanel", "raw", "call-after", 5),
    Point("cpanel", "json", "kill_before_commit", 2, "Tokens::rename"),
    Point("cpanel", "tasks", "task", 15),
    Point("whm", "raw", "call-after", 3, conditions=Conditions(ahead=-7200)),
    Point("account", "raw", "drop_after_commit", 1, "Tokens::create_full_access", Conditions(ahead=80 * 86400)),
]


@pytest.mark.parametrize("point", POINTS, ids=lambda point: point.name)
def test_a_rotation_that_is_hit(server: Server, tmp_path: Path, point: Point) -> None:
    assert hit(Scene(server, tmp_path / "scene", point.service, point.sinks, point.conditions.ahead), point) > 0


@pytest.mark.parametrize("number", range(len(RACES)))
def test_two_runs_started_together(server: Server, tmp_path: Path, number: int) -> None:
    assert race(server, tmp_path / "scene", *RACES[number]) > 0
