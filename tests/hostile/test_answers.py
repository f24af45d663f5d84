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
from tests.hostile.plans import BLIND, EVERY, EVERY_CHANGE, FIRST_READ, PLANS
from tests.hostile.relay import Relay, Relays
from tests.hostile.scene import Scene
from tests.hostile.subjects import SUBJECTS, Subject
from tests.support.server import Server

OF_CREATES = (
    *("result 2", "result null", "two lengths", "302 to nowhere", "one answer for all", "a secret twice"),
    *(
        "the credential in a message",
        "the credential in a redirect",
        "refused with the credential",
        "refused with a secret",
    ),
)
"""Answers whose faults ``tests/cases.md`` lists."""
CREATING = (
    *(("whm_api_token", "create"), ("whm_api_token", "create into a file"), ("cpanel_api_token", "create")),
    *(("whm_api_tokens", "many"), ("cpanel_api_tokens", "many")),
)
"""What creates tokens: modules, and what is done with them."""


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
        check(Scene(server, both, folder), subjects[subject], name, plan, f"{subject}, {plan}, {chance}")


@pytest.mark.usefixtures("hurried")
@pytest.mark.parametrize(
    ("name", "module", "subject"),
    [
        (name, module, subject)
        for name in OF_CREATES
        for module, subject in CREATING
        if SUBJECTS[module][subject].batches or not ANSWERS[name].batch
    ],
)
def test_an_answer_to_a_create(
    server: Server, both: Relays, tmp_path: Path, name: str, module: str, subject: str
) -> None:
    """Those that once cost a secret, always where they did; above, chance decides what they answer."""
    check(Scene(server, both, tmp_path), SUBJECTS[module][subject], name, EVERY_CHANGE, f"{name}, {module}")


def check(scene: Scene, subject: Subject, name: str, plan: str, about: str) -> None:
    """Do it against a server with this answer; nothing is lost, shown, or harmed."""
    do(scene, subject, ANSWERS[name], plan)
    scene.check_words(about)
    scene.check_requests(about)
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
