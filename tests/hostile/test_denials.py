# Copyright (c) 2026 panelops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Denials that are not true: the server makes a change, and a proxy or a load balancer on the way back says that nobody was let in."""

from __future__ import annotations

import os
from dataclasses import replace
from pathlib import Path

import pytest

from tests.hostile.answers import ANSWERS, DENIALS, changed
from tests.hostile.plans import EVERY_CHANGE, FIRST_CHANGE, FROM_FIRST_CHANGE
from tests.hostile.relay import CHANGES, Relay, Relays
from tests.hostile.scene import Scene
from tests.hostile.subjects import BOB, SUBJECTS, Subject
from tests.hostile.test_answers import do
from tests.support.cores import result_of_core
from tests.support.dialects import DENIED
from tests.support.server import Server

CHANGING = {module: {key: each for key, each in them.items() if each.changes} for module, them in SUBJECTS.items()}
MADE = "was created all the same. Nobody has its secret, so it was revoked."
UNKNOWN = "The state could not be read either, so it is not known whether the change was made."


def denied(scene: Scene, subject: Subject, name: str, plan: str) -> list[str]:
    """Do it while changes are made and denied; the functions that were called to change something."""
    do(scene, subject, replace(ANSWERS[name], forward=True), plan)
    return [function for functions in scene.relays.now.calls for function in functions if function in CHANGES]


@pytest.mark.usefixtures("hurried")
@pytest.mark.parametrize("plan", [FIRST_CHANGE, EVERY_CHANGE, FROM_FIRST_CHANGE])
@pytest.mark.parametrize("module", [module for module, subjects in CHANGING.items() if subjects])
def test_every_module_and_step(server: Server, both: Relays, tmp_path: Path, module: str, plan: str) -> None:
    for subject, name in ((subject, name) for subject in CHANGING[module] for name in DENIALS):
        folder = tmp_path / f"{subject} {name}"
        folder.mkdir()
        server.reset()
        scene = Scene(server, both, folder)
        denied(scene, CHANGING[module][subject], name, plan)
        scene.check_words(f"{subject}, {name}")
        scene.check_requests(f"{subject}, {name}")
        scene.check_bystanders(f"{subject}, {name}")
        scene.check_holders(f"{subject}, {name}", blind=plan == FROM_FIRST_CHANGE)


CREATES = {
    "whm_api_token": ("create", "create into a file"),
    "cpanel_api_token": ("create", "create through WHM"),
}


@pytest.mark.usefixtures("hurried")
@pytest.mark.parametrize("name", DENIALS)
@pytest.mark.parametrize(("module", "subject"), [(module, each) for module, them in CREATES.items() for each in them])
def test_a_create(server: Server, both: Relays, tmp_path: Path, name: str, module: str, subject: str) -> None:
    """The token is revoked, and no other one is created."""
    scene = Scene(server, both, tmp_path)
    calls = denied(scene, SUBJECTS[module][subject], name, FIRST_CHANGE)
    assert [kind for each in calls for kind in ("create", "revoke") if kind in each] == ["create", "revoke"]
    (message,) = [output["msg"] for output in scene.outputs]
    assert f"The token t {MADE}" in message
    assert list(tmp_path.iterdir()) == [], "no file, and no note of a creation that may have happened"
    scene.check_holders(name, blind=False)


@pytest.mark.usefixtures("hurried")
@pytest.mark.parametrize("name", DENIALS)
@pytest.mark.parametrize("module", CREATES)
def test_a_create_and_all_that_follows(server: Server, both: Relays, tmp_path: Path, name: str, module: str) -> None:
    """The message says what is not known, once; with a file for the secret, the next run goes on by itself."""
    scene = Scene(server, both, tmp_path)
    subject = CREATES[module][1]
    (create,) = denied(scene, SUBJECTS[module][subject], name, FROM_FIRST_CHANGE)
    assert "create" in create
    (message,) = [output["msg"] for output in scene.outputs]
    assert f"{UNKNOWN} Look at the tokens before the next run" in message
    assert message.count("did not accept") == 1
    options = {"name": "t", "token_file": str(tmp_path / "t-secret")}
    whose = {"acls": ["ssl"]} if module == "whm_api_token" else {"account": "alice"}
    scene.relays.now = Relay()
    repaired = result_of_core(module, scene.relays.environment, **options, **whose)
    assert repaired["changed"], repaired
    scene.check_holders(name, blind=False)


@pytest.mark.usefixtures("hurried")
@pytest.mark.parametrize("name", DENIALS)
@pytest.mark.parametrize(
    ("module", "subject"),
    [
        *(("whm_api_token", subject) for subject in ("update", "rename", "revoke")),
        *(("cpanel_api_token", subject) for subject in ("rename", "revoke", "revoke through WHM")),
    ],
)
def test_what_needs_no_secret_counts_as_done(
    server: Server, both: Relays, tmp_path: Path, name: str, module: str, subject: str
) -> None:
    """Once the state shows it; it is not sent again."""
    scene = Scene(server, both, tmp_path)
    assert len(denied(scene, SUBJECTS[module][subject], name, FIRST_CHANGE)) == 1
    assert scene.outputs[0].get("changed"), scene.outputs
    assert not scene.failed


@pytest.mark.usefixtures("hurried")
@pytest.mark.parametrize("name", DENIALS)
@pytest.mark.parametrize(("module", "whose"), [("whm_api_tokens", {"acls": ["ssl"]}), ("cpanel_api_tokens", BOB)])
def test_a_batch_of_creates(
    server: Server, both: Relays, tmp_path: Path, name: str, module: str, whose: dict[str, object]
) -> None:
    """All of them are settled together: one list, one batch of revocations at most."""
    scene = Scene(server, both, tmp_path)
    tokens = [{"name": each, **whose} for each in ("a", "b", "c")]
    batch = Subject(
        lambda scene: lambda scene, environment: scene.tell(result_of_core(module, environment, tokens=tokens))
    )
    calls = denied(scene, batch, name, FIRST_CHANGE)
    assert sum("create" in each for each in calls) == 3
    assert [entry["msg"].endswith(f"The token {entry['name']} {MADE}") for entry in scene.outputs[0][module]] == [
        True,
        True,
        True,
    ]
    scene.check_holders(name, blind=False)


WITHOUT_A_REASON = changed(lambda heard: {"metadata": {"result": 0}, "status": 0, "data": None})


@pytest.mark.usefixtures("hurried")
@pytest.mark.parametrize("module", CREATES)
def test_a_refusal_without_a_reason_is_not_certain(server: Server, both: Relays, tmp_path: Path, module: str) -> None:
    """The API always gives one. As after a lost answer, the state decides, and the create is sent once more."""
    scene = Scene(server, both, tmp_path)
    do(scene, SUBJECTS[module]["create"], WITHOUT_A_REASON, FIRST_CHANGE)
    assert not scene.failed, scene.outputs
    scene.check_holders(module, blind=False)


@pytest.mark.parametrize(
    ("module", "command", "function", "whose"),
    [
        ("whm_api_token", "whmapi1", "api_token_create", {"acls": ["ssl"]}),
        ("cpanel_api_token", "uapi", "create_full_access", {"account": "alice"}),
    ],
)
def test_on_the_command_line(
    server: Server, tmp_path: Path, module: str, command: str, function: str, whose: dict[str, object]
) -> None:
    """A command that does what it is asked, and says that it was not allowed to."""
    own = tmp_path / command
    path = server.on_the_server["PATH"]
    own.write_text(
        "#!/bin/sh\n"
        f"PATH='{path}'\n"
        f'case "$*" in\n*{function}*)\n  echo x >>{tmp_path}/asked\n  {command} "$@" >/dev/null\n'
        f"  echo '{DENIED.decode()}'\n  ;;\n*) exec {command} \"$@\" ;;\nesac\n"
    )
    own.chmod(0o755)
    environment = {**server.on_the_server, "PATH": f"{tmp_path}{os.pathsep}{path}"}
    failed = result_of_core(module, environment, name="t", transport="cli", **whose)
    assert failed["failed"]
    assert f"The token t {MADE}" in failed["msg"]
    assert (tmp_path / "asked").read_text() == "x\n"
    assert server.whm_tokens() == server.uapi_tokens() == {}
