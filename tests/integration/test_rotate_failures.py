# Copyright (c) 2026 panelops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the role rotate refuses, and what it rolls back: the old token is never touched, and a sentence says why."""

from __future__ import annotations

import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.playbooks import run_playbook, task
from tests.support.rotating import Rotation, result_of, sentence_of, sink
from tests.support.server import Server

WISHES = {
    "rotate_before": (
        {"expires_in": "30d", "rotate_before": "30d"},
        "tokens[0] (t): rotate_before: 30d is not less than expires_in (30d). Every run would rotate the token.",
    ),
    "rotate_before alone": (
        {"rotate_before": "30d"},
        "tokens[0] (t): rotate_before: means something only with expires_in.",
    ),
    "name": (
        {"name": "n" * 38},
        f"tokens[0] ({'n' * 38}): name: '{'n' * 38}' has 38 characters, and a token that rotates may have 37: "
        "its successor's name is longer. Rename it first.",
    ),
    "acls of an account": (
        {"account": "alice"},
        "tokens[0] (t): acls: is an option of WHM's tokens; those of a cPanel account have none.",
    ),
    "sink without path": (
        {"sinks": [{"type": "file", "hosts": ["consumer1"]}]},
        "tokens[0] (t): sinks[0]: path: is needed for a sink of type file.",
    ),
    "sink without key": (
        {"sinks": [{"type": "file", "hosts": ["consumer1"], "path": "/x", "format": "env"}]},
        "tokens[0] (t): sinks[0]: key: is needed with format: env.",
    ),
    "foreign option": (
        {"sinks": [{"type": "vault", "path": "/x", "key": "k", "format": "raw"}]},
        "tokens[0] (t): sinks[0]: format: cannot be used with a sink of type vault. Remove it.",
    ),
    "one file for two": (
        {"sinks": [{"type": "file", "hosts": ["consumer1"], "path": "/x"}] * 2},
        "sinks: consumer1:/x is listed more than once. Give each token a file of its own.",
    ),
    "one file for two, in other words": (
        {"sinks": [{"type": "file", "hosts": ["consumer1"], "path": path} for path in ("/x", "/./x")]},
        "sinks: consumer1:/x is listed more than once. Give each token a file of its own.",
    ),
    "tasks that are not there": (
        {"sinks": [{"type": "tasks", "tasks": "tell.me"}]},
        "The tasks sink of t needs the file tell.me, which is not there. Give its path from the playbook's folder.",
    ),
    "duration": (
        {"max_age": "soon"},
        "tokens[0] (t): max_age: 'soon' is not a duration. Give for example 90d, 12h, 1d12h or 20m.",
    ),
}


def token(*sinks: dict, **options: object) -> dict:
    return {"name": "t", "acls": ["list-accts"], "sinks": list(sinks), **options}


@pytest.mark.parametrize("case", WISHES)
def test_refused_before_the_first_call(server: Server, tmp_path: Path, case: str) -> None:
    wish, sentence = WISHES[case]
    run = Rotation(server, tmp_path, [token(**wish)]).run()
    assert sentence_of(run) == sentence
    assert server.http_requests() == 0


def test_a_vault_whose_key_is_no_variable_is_found_before_anything_is_created(server: Server, tmp_path: Path) -> None:
    (tmp_path / "password").write_text("vault password\n")
    vault = {"type": "vault", "path": str(tmp_path / "vault.yml"), "key": "a-b"}
    run = Rotation(server, tmp_path, [token(vault)]).run("--vault-password-file", str(tmp_path / "password"))
    assert "vault.yml: key: 'a-b' is not the name of a variable. Give letters, digits and underscores." in sentence_of(
        run
    )
    assert server.commits() == {}


def test_a_delivery_of_no_type_on_hosts_is_refused(tmp_path: Path) -> None:
    entry = {"name": "t", "sink": 0, "host": "localhost", "path": str(tmp_path / "copy")}
    tasks = [
        task(
            kind, "api_token_delivery", step="check", sinks=[dict(entry, type=kind)], _vars={"ansible_pipelining": True}
        )
        for kind in ("hashi_vault", "file")
    ]
    run = run_playbook({"tasks": tasks}, tmp_path, {})
    (refused,) = run["hashi_vault"].data["sinks"]
    assert (refused["ok"], refused["unchanged"]) == (False, True)
    assert refused["msg"] == "type: hashi_vault is no kind of sinks on hosts. There are file, vault, verify."
    assert run["file"].data["sinks"][0]["ok"]


@pytest.fixture
def full_disk(tmp_path: Path) -> Iterator[Path]:
    """A folder on a file system of its own that has no room left."""
    folder = tmp_path / "full"
    folder.mkdir()
    mounted = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=4k", "tmpfs", str(folder)], capture_output=True, text=True, check=False
    )
    if mounted.returncode:
        pytest.skip(f"no file system can be mounted here: {mounted.stderr.strip()}")
    yield folder
    subprocess.run(["umount", str(folder)], check=True)


def test_each_token_that_did_not_rotate_has_a_line_that_is_true(server: Server, tmp_path: Path) -> None:
    """Of one a staged token stays, so it is not said that nothing was changed; where it is true of all, it is."""
    (tmp_path / "own.yml").write_text("- name: Break\n  ansible.builtin.command: 'false'\n")
    tokens = [
        token(sink(tmp_path / "no" / "folder")),
        token({"type": "tasks", "tasks": str(tmp_path / "own.yml")}, name="u"),
        token(sink(tmp_path / "none" / "folder"), name="v"),
    ]
    lines = sentence_of(Rotation(server, tmp_path, tokens).run()).split("\n")
    assert lines[0] == "3 of 3 tokens did not rotate."
    assert [line.split(":")[0] for line in lines[1:]] == ["t", "u", "v"]
    end = "Nothing was changed for this token."
    assert [line.endswith(end) for line in lines[1:]] == [True, False, True]
    assert "Nothing was changed." not in "".join(lines)
    assert len(server.whm_tokens()) == 1
    lines = sentence_of(Rotation(server, tmp_path, [tokens[0], tokens[2]]).run()).split("\n")
    assert [line.endswith(" Nothing was changed.") for line in lines] == [False, True, True]


def test_the_first_step_has_changed_nothing_where_no_token_is_created(server: Server, tmp_path: Path) -> None:
    """Where one would be, check mode says so there."""
    tokens = [token(sink(tmp_path / "no" / "folder"))]
    step = "panelops.cpanel.rotate : Take the step: decide"
    assert Rotation(server, tmp_path, tokens).run()[step].data["changed"] is False
    (tmp_path / "no").mkdir()
    assert Rotation(server, tmp_path, tokens).run("--check")[step].data["changed"] is True
    run = Rotation(server, tmp_path, tokens).run()
    assert run[step].data["changed"] is False
    assert run["panelops.cpanel.rotate : Take the step: stage"].data["changed"] is True


def test_a_host_that_is_not_in_the_inventory(server: Server, tmp_path: Path) -> None:
    tokens = [token(sink(tmp_path / "copy", host="consumer.invalid"))]
    said = sentence_of(Rotation(server, tmp_path, tokens).run("-c", "ssh", environment={"ANSIBLE_TIMEOUT": "3"}))
    assert said.startswith(
        f"1 of 1 token did not rotate. t: the file sink consumer.invalid:{tmp_path}/copy: the host cannot be reached: "
    )
    assert said.endswith(
        " The inventory of this run does not have it. Add it there, or correct its name in hosts or verify_from of the token. "
        "Nothing was changed."
    )
    (tmp_path / "more.yml").write_text("all: {hosts: {consumer.invalid: }}\n")
    known = Rotation(server, tmp_path, tokens)
    said = sentence_of(known.run("-i", str(tmp_path / "more.yml"), environment={"ANSIBLE_TIMEOUT": "3"}))
    assert said.endswith(" The module ansible.builtin.ping shows why. Nothing was changed.")


BAD_PLACES = {
    "no folder": ("no/folder/copy", {}, "path: there is no folder {0}/no/folder. Create it before."),
    "a folder": ("", {}, "path: {0} is a folder. Give the path of a file."),
    "no such owner": ("copy", {"owner": "nobody-of-this-name"}, "owner, group or mode: of {0}/copy cannot be set:"),
    "a foreign file": ("foreign", {}, "path: {0}/foreign holds other things than a secret, which would be lost."),
    "a foreign env": ("foreign", {"format": "env", "key": "TOKEN"}, "path: {0}/foreign holds other things than TOKEN"),
    "a foreign json": (
        "foreign",
        {"format": "json", "key": "TOKEN"},
        "path: {0}/foreign holds other things than TOKEN",
    ),
    "no variable": ("copy", {"format": "env", "key": "a-b"}, "key: 'a-b' is not the name of a variable."),
    "no template": ("copy", {"format": "template", "template": "missing.j2"}, "missing.j2"),
    "a template without the secret": (
        "copy",
        {"format": "template", "template": "empty.j2"},
        "template: what it makes does not hold the secret. Use {{{{ token }}}} in it.",
    ),
}


@pytest.mark.parametrize("case", BAD_PLACES)
def test_a_sink_that_cannot_be_written_is_found_before_anything_is_created(
    server: Server, tmp_path: Path, case: str
) -> None:
    path, options, sentence = BAD_PLACES[case]
    folder = tmp_path / "place"
    folder.mkdir()
    (folder / "foreign").write_text("TOKEN=1\nOTHER=2\n")
    (tmp_path / "empty.j2").write_text("{{ name }}\n")
    server.whm_token("t", acl="list-accts")
    server.whm_token("u", acl="list-accts")
    before = server.whm_tokens()["t"]
    place = folder / path if path else folder
    tokens = [token(sink(place, **options)), token(sink(folder / "fine"), name="u")]
    run = Rotation(server, tmp_path, tokens, {"force": True}).run()
    said = sentence_of(run)
    assert said.startswith(f"1 of 2 tokens did not rotate. t: the file sink consumer1:{place}: ")
    assert sentence.format(folder) in said
    assert said.endswith(" Nothing was changed for this token."), "the other one has rotated"
    assert server.whm_tokens()["t"] == before
    assert [name for name in server.whm_tokens() if name.startswith("t--")] == []
    assert [one["name"] for one in result_of(run)["rotated"]] == ["u"], "the other one is done all the same"


def test_a_full_disk_is_found_before_anything_is_created(server: Server, tmp_path: Path, full_disk: Path) -> None:
    server.whm_token("t", acl="list-accts")
    (full_disk / "copy").write_text("old\n")
    run = Rotation(server, tmp_path, [token(sink(full_disk / "copy"))], {"force": True}).run()
    assert f"nothing can be written beside {full_disk}/copy (No space left on device)" in sentence_of(run)
    assert list(server.whm_tokens()) == ["t"]
    assert [path.name for path in full_disk.iterdir()] == ["copy"]
    assert (full_disk / "copy").read_text() == "old\n"


def test_a_consumer_that_is_not_admitted_never_sees_the_new_copy(server: Server, tmp_path: Path) -> None:
    """The allow-list admits the first consumer only; the copy of the first is rolled back, that of the second never changes."""
    old = server.whm_token("t", acl="list-accts")
    copies = [tmp_path / "one", tmp_path / "two"]
    for copy in copies:
        copy.write_text(f"{old}\n")
    wish = token(sink(copies[0]), sink(copies[1], host="consumer2"), whitelist_ips=["127.0.0.2", "127.0.0.1"])
    run = Rotation(server, tmp_path, [wish]).run()
    said = sentence_of(run)
    assert (
        f"the file sink consumer2:{copies[1]}: 127.0.0.1:{server.port} does not accept the new token from consumer2."
        in said
    )
    assert "whitelist_ips" in said
    assert [copy.read_text() for copy in copies] == [f"{old}\n"] * 2
    assert list(server.whm_tokens()) == ["t"], "the new one is withdrawn"
    assert server.whm_accepts(old, source="127.0.0.3")


@pytest.mark.both_dialects
def test_verifying_hosts_need_no_file(server: Server, tmp_path: Path) -> None:
    old = server.whm_token("t", acl="list-accts", whitelist_ip="127.0.0.2")
    (tmp_path / "password").write_text("vault password\n")
    vault = {"type": "vault", "path": str(tmp_path / "vault.yml"), "key": "whm_token"}
    options = ("--vault-password-file", str(tmp_path / "password"))
    rotation = Rotation(server, tmp_path, [token(vault)], {"force": True})
    said = sentence_of(rotation.run(*options))
    assert f"the vault sink localhost:{tmp_path}/vault.yml" in said
    assert "does not accept the new token from localhost." in said
    assert not (tmp_path / "vault.yml").exists(), "it is rolled back"
    assert list(server.whm_tokens()) == ["t"]
    rotation = Rotation(server, tmp_path, [token(vault, verify_from=["consumer1"])], {"force": True})
    assert len(rotation.rotated(*options)["rotated"]) == 1
    assert server.whm_accepts(old, source="127.0.0.2")


def test_a_host_that_cannot_be_reached(server: Server, tmp_path: Path) -> None:
    server.whm_token("t", acl="list-accts")
    run = Rotation(server, tmp_path, [token(sink(tmp_path / "copy", host="far.invalid"))], {"force": True}).run(
        environment={"ANSIBLE_TIMEOUT": "2"}
    )
    assert "the host cannot be reached: Failed to connect to the host via ssh" in sentence_of(run)
    assert list(server.whm_tokens()) == ["t"]


def test_tasks_that_fail_leave_the_new_token_alone(server: Server, tmp_path: Path) -> None:
    """Nobody knows how far they came, so the next run replaces it, and only that ends it."""
    old = server.whm_token("t", acl="list-accts")
    (tmp_path / "own.yml").write_text("- name: Break\n  ansible.builtin.command: 'false'\n")
    copy = tmp_path / "copy"
    copy.write_text(f"{old}\n")
    own = {"type": "tasks", "tasks": str(tmp_path / "own.yml")}
    said = sentence_of(Rotation(server, tmp_path, [token(sink(copy), own)], {"force": True}).run())
    assert f"the tasks sink {tmp_path}/own.yml: the task Break failed." in said
    assert copy.read_text() == f"{old}\n"
    assert sorted(server.whm_tokens())[0] == "t"
    assert len(server.whm_tokens()) == 2


def test_a_later_step_that_fails_is_a_sentence(server: Server, tmp_path: Path) -> None:
    """Of the step, and not of what is missing because of it."""
    old = server.whm_token("t", acl="list-accts")
    (tmp_path / "own.yml").write_text("- name: Meddle\n  ansible.builtin.set_fact:\n    rotate_overlap: soon\n")
    own = {"type": "tasks", "tasks": str(tmp_path / "own.yml")}
    said = sentence_of(Rotation(server, tmp_path, [token(own)], {"force": True}).run())
    assert said == "overlap: 'soon' is not a duration. Give for example 90d, 12h, 1d12h or 20m."
    assert server.whm_accepts(old)


def test_the_server_refuses_to_create(server: Server, tmp_path: Path) -> None:
    old = server.whm_token("t", acl="list-accts")
    run = Rotation(server, tmp_path, [token(sink(tmp_path / "copy"), acls=["no-such-acl"])]).run()
    said = sentence_of(run)
    assert (
        "t: The server refused api_token_create: The privilege (ACL) \u201cno-such-acl\u201d is unknown to this server."
        in said
    )
    assert "The old token is unchanged." in said
    assert not (tmp_path / "copy").exists()
    assert server.whm_accepts(old)


def test_a_server_that_is_down_is_a_sentence(server: Server, tmp_path: Path) -> None:
    run = Rotation(server, tmp_path, [token(sink(tmp_path / "copy"))], {"port": 1}).run()
    assert sentence_of(run).startswith("No answer from 127.0.0.1:1: connection refused.")
