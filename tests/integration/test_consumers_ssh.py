# Copyright (c) 2026 panelops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Consumers behind a real OpenSSH server: two users, one of whom becomes root by sudo."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from pathlib import Path
from threading import Event, Thread

import pytest
import yaml

from tests.support.limits import patience
from tests.support.missing import missing
from tests.support.paths import REPOSITORY
from tests.support.playbooks import Run
from tests.support.pythons import environment, interpreter
from tests.support.rotating import Rotation, result_of
from tests.support.server import Server
from tests.support.sshd import Sshd, sshd

REQUIREMENTS = (REPOSITORY / "requirements.txt").read_text(encoding="utf-8").splitlines()


@pytest.fixture(scope="module")
def ssh() -> Iterator[Sshd]:
    with sshd() as running:
        yield running


class Fleet:
    """Hosts by name, their variables, and a token for each."""

    def __init__(self, server: Server, ssh: Sshd, folder: Path) -> None:
        self.server, self.ssh, self.folder = server, ssh, folder
        self.hosts: dict[str, dict] = {}
        self.tokens: list[dict] = []
        self.play: dict = {}
        self.variables: dict = {"verify": {"ca_path": str(ssh.folder / "ca.pem")}}
        shutil.copyfile(server.ready["ca_file"], ssh.folder / "ca.pem")

    def add(self, host: str, path: str, variables: dict, **options: object) -> None:
        """A host, and a token whose secret goes there."""
        self.hosts[host] = variables
        file = {"type": "file", "hosts": [host], "path": path}
        self.tokens.append({"name": host, "acls": ["list-accts"], "sinks": [file], **options})

    def run(self, *options: str, environment: dict | None = None, **variables: object) -> Run:
        hosts = self.folder / "ssh.yml"
        hosts.write_text(yaml.safe_dump({"all": {"hosts": self.hosts}}), encoding="utf-8")
        rotation = Rotation(self.server, self.folder, self.tokens, self.variables, self.play)
        return rotation.run("-i", str(hosts), *options, environment=environment, **variables)

    def messages(self, run: Run) -> dict[str, str]:
        return {each["name"]: each["msg"] for each in result_of(run)["failed"]}


@pytest.fixture
def fleet(server: Server, ssh: Sshd, tmp_path: Path) -> Fleet:
    return Fleet(server, ssh, tmp_path)


def broken(fleet: Fleet) -> dict[str, str]:
    """Add one working host and many others; return what is to be said of those."""
    ssh = fleet.ssh
    # To become root the user needs a password; to become daemon, a terminal.
    ssh.sudo(
        f"{ssh.admin} ALL=(root) ALL",
        f"{ssh.admin} ALL=(daemon) NOPASSWD: ALL",
        "Defaults>daemon requiretty",
    )
    pipelining = "Without pipelining secrets would be left in files on the way. "
    hosts: dict[str, tuple[dict, str]] = {
        "address": (ssh.host(ssh.plain, host="{{ nosuch_address }}"), "'nosuch_address' is undefined"),
        "become": (
            ssh.host(ssh.plain, become=True, become_method="nosuch"),
            "could not find matching plugin: 'nosuch'",
        ),
        "connection": (ssh.host(ssh.plain, connection="nosuch"), "the connection plugin 'nosuch' was not found."),
        "interpreter": (ssh.host(ssh.plain, python_interpreter="{{ nosuch_python }}"), "'nosuch_python' is undefined."),
        "password": (ssh.host(ssh.admin, become_password="wrong"), "Incorrect sudo password."),
        "pipelining": (
            ssh.host(ssh.plain, ssh_pipelining=False),
            f"{pipelining}ansible_ssh_pipelining is false for this host, and goes before ansible_pipelining. Set it to true, or remove it.",
        ),
        "port": (ssh.host(ssh.plain, port=1), "the host cannot be reached: Failed to connect to the host via ssh"),
        "su": (
            ssh.host(ssh.plain, become=True, become_method="su"),
            f"{pipelining}The become method su does not allow it.",
        ),
        "terminal": (ssh.host(ssh.admin, become_user="daemon"), "sudo on this host demands a terminal (requiretty)"),
    }
    fleet.add("works", "~/copy", ssh.host(ssh.plain))
    for name, (variables, _said) in hosts.items():
        fleet.add(name, f"/nowhere/{name}", variables)
    return {name: said for name, (_variables, said) in hosts.items()}


@pytest.mark.parametrize("core", ["own", "2.18"])
def test_a_broken_host_costs_its_own_sinks_a_sentence(fleet: Fleet, core: str) -> None:
    """The one of 2.18 is the last ansible-core that ends a loop for all hosts where one cannot be connected to."""
    expected = broken(fleet)
    run = fleet.run(environment={} if core == "own" else with_core(core))
    assert run.status != 0
    failed = fleet.messages(run)
    assert failed.keys() == expected.keys(), run.output
    for name, said in expected.items():
        assert f"{name}:/nowhere/{name}: " in failed[name]
        assert said in failed[name]
        assert "Nothing was changed." in failed[name]
    assert [each["name"] for each in result_of(run)["rotated"]] == ["works"]
    assert list(fleet.server.whm_tokens()) == ["works"]
    assert fleet.server.whm_accepts((fleet.ssh.home(fleet.ssh.plain) / "copy").read_text().strip())


def test_a_connection_that_hangs_costs_its_sinks_the_time_limit(fleet: Fleet) -> None:
    ssh = fleet.ssh
    with ssh.stopped_master(ssh.plain) as stuck:
        fleet.add("stuck", "~/copy", stuck)
        fleet.add("works", "~/copy", ssh.host(ssh.plain))
        limit = round(patience(4))
        run = fleet.run(consumer_timeout=limit)
        left = [words for words in command_lines().values() if stuck["ansible_ssh_args"].rpartition(" ")[2] in words]
        assert len(left) == 1, "the master alone: no ssh stays behind"
    failed = fleet.messages(run)
    assert f"stuck:~/copy: the host did not answer within {limit} seconds. If it is only slow" in failed["stuck"]
    assert [each["name"] for each in result_of(run)["rotated"]] == ["works"]
    assert list(fleet.server.whm_tokens()) == ["works"]


def with_core(version: str) -> dict[str, str]:
    """The environment of a run of another ansible-core."""
    python = interpreter("3.11")
    if python is None:
        missing(f"ansible-core {version} needs a Python 3.11, and there is none on this machine")
    venv = environment(f"matrix/{version}-3.11", python, [f"ansible-core=={version}.*", *REQUIREMENTS])
    return {"PATH": f"{venv / 'bin'}{os.pathsep}{os.environ['PATH']}"}


def command_lines() -> dict[int, str]:
    """What every user of this machine can read of its processes."""
    found = {}
    for path in Path("/proc").glob("[0-9]*/cmdline"):
        with suppress(OSError):  # It has ended.
            found[int(path.parent.name)] = path.read_bytes().replace(b"\0", b" ").decode(errors="replace")
    return found


class Watch(Thread):
    """Reads the command lines of all processes, again and again."""

    def __init__(self) -> None:
        super().__init__(daemon=True)
        self.seen: set[str] = set()
        self.done = Event()

    def run(self) -> None:
        while not self.done.is_set():
            self.seen |= set(command_lines().values())

    def __enter__(self) -> Watch:
        self.start()
        return self

    def __exit__(self, *_error: object) -> None:
        self.done.set()
        self.join()


HANDLER = {
    "name": "Tell it",
    "ansible.builtin.shell": "echo {{ item }} >>'{{ told }}'",
    "loop": "{{ rotate_consumers['Tell it'] }}",
    "delegate_to": "{{ item }}",
}


def test_two_users_get_their_secrets_and_nobody_else_does(fleet: Fleet) -> None:
    ssh = fleet.ssh
    ssh.sudo(f"{ssh.admin} ALL=(ALL) NOPASSWD: ALL")
    root_file = ssh.folder / "of-root"
    fleet.add("plain", "~/two", ssh.host(ssh.plain), notify=["Tell it"])
    fleet.add("root", str(root_file), ssh.host(ssh.admin), notify=["Tell it"])
    fleet.add("other", "~/become", ssh.host(ssh.admin, become_user=ssh.plain))
    told = ssh.folder / "told"
    told.touch()
    told.chmod(0o666)
    fleet.play = {"handlers": [HANDLER], "vars": {"told": str(told)}}
    with Watch() as watch:
        assert fleet.run().status == 0
        before = told.read_text().split()
        # Again, and of one token only.
        fleet.tokens[1]["whitelist_ips"] = ["127.0.0.1"]
        assert fleet.run().status == 0
    assert sorted(before) == ["plain", "root"]
    assert told.read_text().split() == [*before, "root"], "handlers run where a copy changed, once"
    home = ssh.home(ssh.plain)
    files = {home / "two": ssh.plain, root_file: "root", home / "become": ssh.plain}
    for path, owner in files.items():
        secret = path.read_text().strip()
        assert fleet.server.whm_accepts(secret)
        assert (path.owner(), path.stat().st_mode & 0o777) == (owner, 0o600)
        assert not [words for words in watch.seen if secret in words]
        holders = [one for one in ssh.folder.rglob("*") if one.is_file() and secret in one.read_text(errors="replace")]
        assert holders == [path]
    assert [words for words in watch.seen if ssh.plain in words], "processes of this user were seen"


def test_two_rotations_of_one_file_at_once(fleet: Fleet) -> None:
    ssh = fleet.ssh
    fleet.add("plain", "~/shared", ssh.host(ssh.plain))
    others = [Fleet(fleet.server, ssh, fleet.folder / name) for name in ("a", "b")]
    for one in others:
        one.folder.mkdir()
        one.hosts, one.tokens = fleet.hosts, fleet.tokens
    assert fleet.run().status == 0
    with ThreadPoolExecutor() as pool:
        runs = list(pool.map(lambda one: one.run(force=True), others))
    for run in runs:
        assert run.status == 0, run.output
        result = result_of(run)
        assert [each["name"] for each in result["rotated"] + result["taken_over"]] == ["plain"]
    secret = (ssh.home(ssh.plain) / "shared").read_text().strip()
    assert fleet.server.whm_accepts(secret)
    assert [name for name in fleet.server.whm_tokens() if "--next-" in name] == []
    assert fleet.server.whm_ok("api_token_get_details", token=secret)["name"] == "plain", "the live one"
