# Copyright (c) 2026 panelops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Invariant I3 for rotations: a secret is in its sink and nowhere else, not even for a moment in a file on the way."""

from __future__ import annotations

import base64
import json
import os
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import pytest
import yaml

from tests.support.ci_systems import AWX_TOKEN, FOUND, GITHUB_TOKEN, JENKINS_TOKEN, CiSystems
from tests.support.openbao import OpenBao
from tests.support.playbooks import run_playbook, same_python, task
from tests.support.rotating import Rotation, result_of, sentence_of, sink
from tests.support.server import Server


class Kept:
    """Keeps every file that is ever seen below some folders, by a second name, so that removing it does not help it."""

    def __init__(self, folder: Path, kept: Path) -> None:
        self._folder = folder
        self._kept = kept
        self._seen: set[int] = set()
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._watch, daemon=True)

    @contextmanager
    def watching(self) -> Iterator[None]:
        """Watch until the end of the block."""
        self._kept.mkdir()
        self._thread.start()
        try:
            yield
        finally:
            self._ended.set()
            self._thread.join()

    def _watch(self) -> None:
        while not self._ended.is_set():
            self._look(self._folder)

    def _look(self, folder: Path) -> None:
        with suppress(OSError), os.scandir(folder) as entries:
            for entry in entries:
                if entry.is_dir(follow_symlinks=False):
                    self._look(Path(entry.path))
                elif entry.is_file(follow_symlinks=False) and entry.inode() not in self._seen:
                    self._seen.add(entry.inode())
                    with suppress(OSError):
                        os.link(entry.path, self._kept / str(len(self._seen)))

    def with_one_of(self, needles: list[bytes]) -> list[Path]:
        """The files seen that hold one of these."""
        return [path for path in self._kept.iterdir() if any(needle in path.read_bytes() for needle in needles)]


def forms_of(*secrets: str) -> list[bytes]:
    """What a secret may be written as."""
    plain = [secret.encode() for secret in secrets]
    return [*plain, *(base64.b64encode(secret + b"\n")[:40] for secret in plain)]


def by_environment_only(sink: dict, name: str) -> dict:
    """A sink whose credential does not stand in the playbook."""
    token = f"{{{{ lookup('ansible.builtin.env', '{name}') }}}}"
    return {**sink, "connection": {**sink["connection"], "token": token}}


@pytest.fixture
def places(tmp_path: Path) -> dict[str, str]:
    """All of Ansible's own folders, in one that can be watched."""
    ways = tmp_path / "ways"
    for name in ("tmp", "local", "remote", "home"):
        (ways / name).mkdir(parents=True)
    return {
        "TMPDIR": str(ways / "tmp"),
        "HOME": str(ways / "home"),
        "ANSIBLE_HOME": str(ways / "home" / ".ansible"),
        "ANSIBLE_LOCAL_TEMP": str(ways / "local"),
        "ANSIBLE_REMOTE_TMP": str(ways / "remote"),
        "ANSIBLE_CACHE_PLUGIN": "jsonfile",
        "ANSIBLE_CACHE_PLUGIN_CONNECTION": str(ways / "facts"),
        "ANSIBLE_LOG_PATH": str(ways / "ansible.log"),
        "ANSIBLE_RETRY_FILES_ENABLED": "1",
        "ANSIBLE_RETRY_FILES_SAVE_PATH": str(ways / "retry"),
        "ANSIBLE_CALLBACKS_ENABLED": "junit",
        "JUNIT_OUTPUT_DIR": str(ways / "junit"),
    }


def test_what_is_looked_for_would_be_found(server: Server, tmp_path: Path, places: dict[str, str]) -> None:
    """The ordinary way to write a secret leaves it in a file of the controller for a moment."""
    secret = "A-SECRET-TO-BE-FOUND-IN-SOME-FILE"
    copy = {"content": "{{ lookup('ansible.builtin.env', 'SECRET') }}", "dest": str(tmp_path / "copy"), "mode": "0600"}
    kept = Kept(tmp_path / "ways", tmp_path / "kept")
    with kept.watching():
        play = {"tasks": [{"name": "copy", "ansible.builtin.copy": copy, "no_log": True}]}
        run = run_playbook(play, tmp_path, {**server.environment, **places, "SECRET": secret})
    assert run.status == 0, run.output
    assert kept.with_one_of(forms_of(secret)) != []


def test_no_secret_anywhere_but_in_its_sink(
    server: Server, store: OpenBao, systems: CiSystems, tmp_path: Path, places: dict[str, str]
) -> None:
    sinks, ways = tmp_path / "sinks", tmp_path / "ways"
    sinks.mkdir()
    admin, old = server.whm_token("admin", acl="all"), server.whm_token("t", acl="list-accts", whitelist_ip="127.0.0.2")
    (tmp_path / "own.j2").write_text("{{ token }}\n")
    (tmp_path / "own.yml").write_text(
        yaml.safe_dump(
            [
                {"name": "Look", "ansible.builtin.assert": {"that": "rotate_secret | length == 32"}},
                {
                    "name": "Use it",
                    "ansible.builtin.command": {"cmd": "grep -qEx '.{32}'", "stdin": "{{ rotate_secret }}"},
                    "no_log": True,
                    "vars": {"ansible_pipelining": True},
                },
            ]
        )
    )
    (tmp_path / "password").write_text("vault password\n")
    store.write("app", {"token": old})
    (sinks / "raw").write_text(f"{old}\n")
    (sinks / "env").write_text(f"TOKEN={old}\n")
    wished = [
        sink(sinks / "raw"),
        sink(sinks / "env", format="env", key="TOKEN"),
        sink(sinks / "json", format="json", key="token"),
        sink(sinks / "template", format="template", template=str(tmp_path / "own.j2")),
        {"type": "vault", "path": str(sinks / "vault.yml"), "key": "whm_token"},
        {"type": "hashi_vault", "path": "app", "key": "token"},
        by_environment_only(systems.awx_sink(), "AWX"),
        by_environment_only(systems.github_sink(repository="r"), "GITHUB"),
        by_environment_only(systems.jenkins_sink(), "JENKINS"),
        systems.module_sink(),
        {"type": "tasks", "tasks": str(tmp_path / "own.yml")},
    ]
    token = {"name": "t", "acls": ["list-accts"], "whitelist_ips": ["127.0.0.2"], "sinks": wished}
    variables = {"api_token": "{{ lookup('ansible.builtin.env', 'ADMIN') }}", "force": True}
    # What a later task of the play could show.
    dump = {"tasks": [{"name": "Show all", "ansible.builtin.debug": {"var": "hostvars[inventory_hostname]"}}]}
    github = {"token": "{{ lookup('ansible.builtin.env', 'GITHUB') }}", "api_url": f"{systems.url}/github"}
    defaults = {"module_defaults": {"community.general.github_secrets": github}}
    rotation = Rotation(server, tmp_path, [token], variables, {**dump, **defaults})
    environment = {
        **places,
        **FOUND,
        "GITHUB": GITHUB_TOKEN,
        "AWX": AWX_TOKEN,
        "JENKINS": JENKINS_TOKEN,
        "ADMIN": admin,
        "WHM_PASSWORD": "",
        **store.environment,
    }
    options = ("-vvvv", "--diff", "--vault-password-file", str(tmp_path / "password"))
    kept = Kept(ways, tmp_path / "kept")
    outputs = []
    with kept.watching():
        # Ansible shows what it gives to the user's own tasks then, so it is not asked to when these run.
        debugging = {**environment, "ANSIBLE_DEBUG": "1"}
        outputs.append(rotation.run(*options, "--check", environment=debugging))
        outputs.append(rotation.run(*options, environment=environment))
        first = (sinks / "raw").read_text().strip()
        # One that reads all of them, and copies the live secret to three.
        (sinks / "env").unlink()
        (sinks / "vault.yml").unlink()
        store.write("app", {"other": "theirs"})
        outputs.append(rotation.run(*options, environment=debugging, force=False))
        # One that fails at a blind sink, which repeats what it was sent, and so is rolled back wherever that can be done.
        systems.refusing = "awx"
        outputs.append(rotation.run(*options, environment=debugging))
    assert [run.status for run in outputs] == [0, 0, 0, 2], outputs[-1].output
    assert len(result_of(outputs[2])["healed"][0]["healed"]) == 3
    assert "rotate_result" in outputs[1]["Show all"].data["hostvars[inventory_hostname]"]
    assert (sinks / "raw").read_text().strip() == first
    assert {*systems.github.values(), systems.jenkins["whm"]["secret"]} == {first}
    assert "awx.awx.credential failed: ['It repeats what it was sent: {" in sentence_of(outputs[-1])
    repeated = json.loads(systems.refused)["inputs"]["api_token"]
    needles = forms_of(admin, old, first, repeated, GITHUB_TOKEN, JENKINS_TOKEN, AWX_TOKEN)
    for run in outputs:
        assert not any(needle in run.output.encode() for needle in needles)
    assert kept.with_one_of(needles) == []
    assert not [path for path in ways.rglob("*") if path.is_file() and any(one in path.read_bytes() for one in needles)]
    assert not any(
        needle in path.read_bytes() for path in server.state.rglob("*") if path.is_file() for needle in needles
    )
    assert sorted(path.name for path in sinks.iterdir()) == ["env", "json", "raw", "template", "vault.yml"]
    assert first.encode() not in (sinks / "vault.yml").read_bytes()


def test_without_pipelining_the_delivery_refuses(server: Server, tmp_path: Path) -> None:
    """What would leave secrets in files on the way is found before one is created."""
    old = server.whm_token("t", acl="list-accts")
    rotation = Rotation(server, tmp_path, [{"name": "t", "sinks": [sink(tmp_path / "copy")]}], {"force": True})
    run = rotation.run(environment={"ANSIBLE_KEEP_REMOTE_FILES": "1"})
    assert "Without pipelining secrets would be left in files on the way." in sentence_of(run)
    assert server.commits() == {"api_token_create": 1}
    assert not (tmp_path / "copy").exists()
    assert server.whm_accepts(old)


@pytest.mark.parametrize("step", ["decide", "stage"])
def test_a_step_that_would_leave_its_module_behind_refuses(server: Server, tmp_path: Path, step: str) -> None:
    """A kept module holds the credential; that of a later step the new secret too."""
    rotation = Rotation(server, tmp_path, [{"name": "t", "acls": ["list-accts"], "sinks": [sink(tmp_path / "copy")]}])
    given = {"rotation": [], "sinks": []} if step == "stage" else {}
    ask = task("step", "api_token_rotation", step=step, **rotation.options(), **given, _no_log=False)
    variables = {"ansible_python_interpreter": str(same_python(tmp_path))}
    environment = {**server.environment, "ANSIBLE_KEEP_REMOTE_FILES": "1"}
    run = run_playbook({"tasks": [ask], "vars": variables}, tmp_path, environment)
    assert run["step"].failed
    assert "ANSIBLE_KEEP_REMOTE_FILES" in run["step"].msg
    assert server.calls() == {}
