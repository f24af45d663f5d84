# Copyright (c) 2026 panelops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Blind sinks: modules of others, unchanged, against stand-ins for GitHub, Jenkins and AWX."""

from __future__ import annotations

from pathlib import Path

from tests.support.ci_systems import AWX_TOKEN, FOUND, GITHUB_TOKEN, JENKINS_TOKEN, CiSystems
from tests.support.openbao import OpenBao
from tests.support.playbooks import run_playbook
from tests.support.rotating import Rotation, sentence_of
from tests.support.server import Server


def token(*sinks: dict, **options: object) -> dict:
    return {"name": "t", "acls": ["list-accts"], "sinks": list(sinks), **options}


def test_one_run_delivers_to_all(server: Server, systems: CiSystems, store: OpenBao, tmp_path: Path) -> None:
    """On the controller, although the connection of the play leads nowhere; and neither -vvvv nor ANSIBLE_DEBUG shows anything of it."""
    sinks = [
        systems.module_sink(),
        systems.github_sink(repository="r"),
        systems.github_sink(args={"visibility": "private"}),
        systems.jenkins_sink(args={"description": "for deployments"}),
        systems.awx_sink(args={"inputs": {"port": "2087"}}),
        {"type": "hashi_vault", "path": "app", "key": "token"},
    ]
    play = {"module_defaults": systems.module_defaults(), "become": True, "become_user": "nobody-of-this-name"}
    rotation = Rotation(server, tmp_path, [token(*sinks)], {"force": True}, play)
    environment = {**FOUND, **store.environment}
    delivered = []
    for options, more in (((), {}), (("-vvvv",), {"ANSIBLE_DEBUG": "1"})):
        run = rotation.run(*options, environment={**environment, **more})
        assert run.status == 0, run.output
        secret = store.read("app")["token"]
        assert server.whm_accepts(secret)
        assert systems.github == {"o/r/BY_MODULE": secret, "o/r/WHM_TOKEN": secret, "o/WHM_TOKEN": secret}
        assert systems.jenkins["whm"]["secret"] == secret
        assert systems.jenkins["whm"]["description"] == "for deployments"
        inputs = {"api_token": secret, "user": "root", "server": "127.0.0.1", "port": "2087"}
        assert systems.awx["whm"]["inputs"] == inputs
        assert not any(text in run.output for text in (secret, GITHUB_TOKEN, JENKINS_TOKEN, AWX_TOKEN))
        delivered.append(secret)
    assert delivered[0] != delivered[1]


def test_one_that_fails_at_every_run_leaves_two_tokens(
    server: Server, systems: CiSystems, store: OpenBao, tmp_path: Path
) -> None:
    """What is compared is put back, what comes after it is not begun, and the staged token stays, for nobody knows who has got it."""
    old = server.whm_token("t", acl="list-accts")
    store.write("app", {"token": old})
    (tmp_path / "own.yml").write_text(f"- name: Keep\n  ansible.builtin.command: touch '{tmp_path}/begun'\n")
    systems.refusing = "github"
    sinks = [
        systems.github_sink(repository="r"),
        systems.github_sink(repository="second"),
        {"type": "hashi_vault", "path": "app", "key": "token"},
        {"type": "tasks", "tasks": str(tmp_path / "own.yml")},
    ]
    rotation = Rotation(server, tmp_path, [token(*sinks)], {"force": True, "overlap": "1h"})
    environment = {**FOUND, **store.environment}
    staged = []
    for _time in range(4):
        systems.calls.clear()
        run = rotation.run(environment=environment)
        staged.append((sorted(name[:8] for name in server.whm_tokens()), sentence_of(run), list(systems.calls)))
        if len(staged) != 1:
            server.advance(3600 + 60)
    names, sentences, calls = zip(*staged, strict=True)
    assert list(names) == [
        ["t", "t--next-"],
        ["t", "t--next-"],
        ["t", "t--next-", "t--next-"],
        ["t", "t--next-", "t--next-"],
    ]
    assert (
        "the github_secret sink o/WHM_TOKEN: community.general.github_secrets failed: Failed to upsert" in sentences[0]
    )
    assert calls[0] == [
        "GET /github/repos/o/r/actions/secrets/public-key",
        "PUT /github/repos/o/r/actions/secrets/WHM_TOKEN",
    ]
    assert (calls[1], calls[3]) == ([], [])
    assert store.read("app") == {"token": old}
    assert not (tmp_path / "begun").exists()
    assert server.whm_accepts(old)


def test_what_cannot_work_is_found_before_anything_is_created(
    server: Server, systems: CiSystems, tmp_path: Path
) -> None:
    """In check mode too; and no module is started for it."""
    own = systems.module_sink
    wrong = {
        "absent": own(module="community.general.nothing_of_this_name"),
        "short": own(module="copy"),
        "copy": own(module="ansible.builtin.copy", key="content", args={"dest": "/nowhere"}),
        "legacy": own(module="ansible.legacy.command", key="cmd", args={}),
        "own": own(args={"value": "x"}),
        "deep": own(key="organization.name"),
        "mapping": own(args=["a"]),
        "fixed": systems.github_sink(args={"state": "absent"}),
        "readers": systems.github_sink(),
        "setting": systems.github_sink(connection={"password": "x"}),
        "needed": {"type": "awx_credential", "credential": "c", "key": "k"},
    }
    step = {"step": "decide", "host": "127.0.0.1", "port": str(server.port)}
    tasks = [
        {
            "name": name,
            "panelops.cpanel.api_token_rotation": {**step, "tokens": [token(sink)]},
            "ignore_errors": True,
        }
        for name, sink in wrong.items()
    ]
    run = run_playbook({"tasks": tasks}, tmp_path, {**server.environment, **FOUND}, ("--check",))
    told = {name: run[name].msg for name in wrong}
    assert told == {
        "absent": "The module sink of t needs the module community.general.nothing_of_this_name, which is not installed on the controller. "
        "Install its collection, or a newer version of it: ansible-galaxy collection install --upgrade community.general",
        "short": "The module sink of t cannot run copy: give the module's full name, NAMESPACE.COLLECTION.MODULE.",
        "copy": "The module sink of t cannot run ansible.builtin.copy: it writes what it is given to files, also to temporary ones. A "
        "sink of type file or vault writes a file without that.",
        "legacy": told["legacy"],
        "own": "The module sink of t cannot run community.general.github_secrets: value gets a value, and is given besides. Remove it from "
        "args or module_defaults.",
        "deep": "The module sink of t cannot run community.general.github_secrets: organization.name gets a value, and organization of it "
        "is not a mapping.",
        "mapping": "The module sink of t cannot run community.general.github_secrets: args is not a mapping of the module's options.",
        "fixed": "The github_secret sink of t cannot run community.general.github_secrets: args gives state, which this type sets itself. "
        "Remove it there.",
        "readers": "The github_secret sink of t needs a repository, or for a secret of the organization args with visibility: all, "
        "private or selected.",
        "setting": "The github_secret sink of t cannot run community.general.github_secrets: connection.password: is not an option of this "
        "store. There are url, token.",
        "needed": "tokens[0] (t): sinks[0]: credential_type: is needed for a sink of type awx_credential.",
    }
    assert "stands on a command line" in told["legacy"]
    assert systems.calls == []
    assert server.commits() == {}
