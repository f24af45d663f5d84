# Copyright (c) 2026 panelops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A hostile server: each answer of the table through every module, the lookup and every step of a rotation.

Nothing that it answers makes a token that nobody holds the secret of, shows a secret, or ends in anything but a sentence.
"""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.hostile.answers import ANSWERS, LIES, Answer
from tests.hostile.chance import ROUNDS, Chance
from tests.hostile.plans import BLIND, EVERY, FIRST_READ, PLANS
from tests.hostile.relay import Relay, Relays
from tests.hostile.scene import Scene
from tests.hostile.subjects import SUBJECTS, Subject
from tests.support.server import Server


def test_the_tables_are_long_enough() -> None:
    assert len(ANSWERS) >= 40


@pytest.mark.usefixtures("hurried")
@pytest.mark.parametrize("module", SUBJECTS)
@pytest.mark.parametrize("name", ANSWERS)
def test_an_answer(server: Server, both: Relays, tmp_path: Path, name: str, module: str) -> None:
    answer = ANSWERS[name]
    subjects = {key: each for key, each in SUBJECTS[module].items() if each.batches or not answer.batch}
    for number in range(ROUNDS if subjects else 0):
        chance = Chance(name, module, number)
        subject = chance.choice(sorted(subjects))
        plan = chance.choice(sorted(PLANS) if subjects[subject].changes else [EVERY, FIRST_READ])
        folder = tmp_path / str(number)
        folder.mkdir()
        server.reset()
        scene = Scene(server, both, folder)
        do(scene, subjects[subject], answer, plan)
        about = f"{subject}, {plan}, {chance}"
        scene.check_words(about)
        scene.check_bystanders(about)
        if name not in LIES or plan not in BLIND:
            scene.check_holders(about, blind=plan in BLIND)


def do(scene: Scene, subject: Subject, answer: Answer, plan: str) -> None:
    """Do it against a server that answers so where the plan says."""
    scene.options = {"timeout": 1} if answer.slow else {}
    run = subject.prepare(scene)
    when = PLANS[plan]()
    relay = Relay(answer.act, lambda heard: when(heard) and (heard.batch or not answer.batch), answer.forward)
    scene.relays.now = relay
    run(scene, scene.relays.environment)
