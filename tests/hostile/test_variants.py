# Copyright (c) 2026 panelops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Dialects: each variant of the table under every module, the lookup and every step of a rotation, which must do as without it."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from tests.hostile.chance import ROUNDS, Chance
from tests.hostile.relay import Relay, Relays
from tests.hostile.scene import Scene
from tests.hostile.subjects import SUBJECTS, Subject
from tests.hostile.variants import VARIANTS
from tests.support.server import Server
from tests.support.speaking import ALONE, OTHERWISE

MOVING = (
    "create_time",
    "new_create_time",
    "last_used",
    "seconds_left",
    "server_time",
    "expires_at",
    "new_expires_at",
    "next_due",
)
_STAMPED = re.compile(
    r"[0-9a-f]{64}|[A-Z0-9]{32}|(--(?:next|prev|old)-|ci-job-label-)\w+|\d{9,}|/tmp/\S+|127\.0\.0\.1:\d+"
)


def test_the_table_is_long_enough() -> None:
    assert len(VARIANTS) >= 25


@pytest.fixture(scope="session")
def plainly() -> dict[tuple[str, str], list[object]]:
    """By module and subject, what came of it without a variant: each is done once, as nothing in it depends on the variant."""
    return {}


@pytest.mark.usefixtures("hurried")
@pytest.mark.parametrize("module", SUBJECTS)
@pytest.mark.parametrize("name", VARIANTS)
def test_a_variant(
    server: Server,
    both: Relays,
    plainly: dict[tuple[str, str], list[object]],
    tmp_path: Path,
    name: str,
    module: str,
) -> None:
    for number in range(ROUNDS):
        chance = Chance(name, module, number)
        subject = chance.choice(sorted(SUBJECTS[module]))
        folder = tmp_path / str(number)
        about = f"{subject}, {chance}"
        if (module, subject) not in plainly:
            scene = Scene(server, both, folder / "plainly")
            plainly[module, subject] = outputs(scene, SUBJECTS[module][subject], Relay(), f"plainly: {about}")
        scene = Scene(server, both, folder / "in-the-variant")
        told = outputs(scene, SUBJECTS[module][subject], Relay(VARIANTS[name].act()), about)
        assert told == plainly[module, subject], f"{about}: {plainly[module, subject]} {told}"


@pytest.mark.usefixtures("hurried")
@pytest.mark.parametrize("module", SUBJECTS)
@pytest.mark.parametrize("dialect", [*ALONE, OTHERWISE])
def test_a_dialect_of_the_server(
    server: Server,
    both: Relays,
    plainly: dict[tuple[str, str], list[object]],
    tmp_path: Path,
    dialect: str,
    module: str,
) -> None:
    for number, subject in enumerate(sorted(SUBJECTS[module])):
        about = f"{module}: {subject} in {dialect}"
        if (module, subject) not in plainly:
            scene = Scene(server, both, tmp_path / str(number) / "plainly")
            plainly[module, subject] = outputs(scene, SUBJECTS[module][subject], Relay(), f"plainly: {about}")
        scene = Scene(server, both, tmp_path / str(number) / "in-the-dialect")
        told = outputs(scene, SUBJECTS[module][subject], Relay(), about, dialect)
        assert told == plainly[module, subject], f"{about}: {plainly[module, subject]} {told}"


def outputs(scene: Scene, subject: Subject, relay: Relay, about: str, dialect: str = "") -> list[object]:
    """Do it on a server as new, which must succeed; its results without their moments."""
    scene.server.reset()
    if dialect:
        scene.server.speak(dialect)
    scene.folder.mkdir(parents=True)
    done(scene, subject, relay)
    assert not scene.failed, f"{about}: {scene.outputs}"
    scene.check_words(about)
    scene.check_requests(about)
    scene.check_bystanders(about)
    scene.check_holders(about, blind=False)
    assert scene.relays.now.calls, about
    return [without_the_moment(output) for output in scene.outputs]


def done(scene: Scene, subject: Subject, relay: Relay) -> None:
    run = subject.prepare(scene)
    scene.relays.now = relay
    run(scene, scene.relays.environment)


def without_the_moment(part: object) -> object:
    """A result without what differs between two runs, and without what only some versions tell."""
    if isinstance(part, dict):
        return {
            without_the_moment(key): type(value).__name__
            if key in MOVING and key != "last_used"
            else without_the_moment(value)
            for key, value in part.items()
            if key not in ("last_used", "previous", "content")
        }
    if isinstance(part, list):
        return [without_the_moment(value) for value in part]
    return _STAMPED.sub("MOMENT", part) if isinstance(part, str) else part
