# Copyright (c) 2026 panelops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Where the role rotate delivers secrets, and what stands there then."""

from __future__ import annotations

import json
import os
import subprocess
import time
from pathlib import Path

import yaml

from tests.support.limits import patience
from tests.support.paths import STAND_INS
from tests.support.rotating import Rotation, result_of, sentence_of, sink
from tests.support.server import Server

"""A collection of the name community.hashi_vault, with modules that keep the secrets of a key-value store in a file."""


def works(server: Server, secret: str) -> bool:
    return server.whm_accepts(secret, source="127.0.0.2")


def token(*sinks: dict, **options: object) -> dict:
    return {"name": "t", "acls": ["list-accts"], "sinks": list(sinks), **options}


def test_every_kind_of_file_and_your_own_tasks(server: Server, tmp_path: Path) -> None:
    (tmp_path / "own.j2").write_text(
        "# {{ name }} of {{ account or 'root' }} for {{ inventory_hostname }}\n[token]\n{{ token }}\n"
    )
    keep = {"ansible.builtin.copy": {"content": "{{ rotate_secret }}", "dest": str(tmp_path / "tasks"), "mode": "0600"}}
    # By a name that the role could have for a file of its own.
    (tmp_path / "tasks.yml").write_text(yaml.safe_dump([{"name": "Keep", "no_log": True, **keep}]))
    (tmp_path / "password").write_text("vault password\n")
    sinks = [
        sink(tmp_path / "raw"),
        sink(tmp_path / "env", format="env", key="TOKEN"),
        sink(tmp_path / "json", host="consumer2", format="json", key="token", mode="0640"),
        sink(tmp_path / "template", format="template", template=str(tmp_path / "own.j2")),
        {"type": "vault", "path": str(tmp_path / "vault.yml"), "key": "whm_token"},
        {"type": "tasks", "tasks": "tasks.yml"},
    ]
    rotation = Rotation(server, tmp_path, [token(*sinks)])
    password = ("--vault-password-file", str(tmp_path / "password"))
    for number in range(2):
        result = rotation.rotated(*password, force=True)
        assert len(result["rotated"]) == 1
        raw = (tmp_path / "raw").read_text()
        secret = raw.strip()
        assert raw == f"{secret}\n"
        assert works(server, secret)
        assert (tmp_path / "env").read_text() == f"TOKEN={secret}\n"
        assert json.loads((tmp_path / "json").read_text()) == {"token": secret}
        assert (tmp_path / "json").stat().st_mode & 0o777 == 0o640
        assert (tmp_path / "template").read_text() == f"# t of root for localhost\n[token]\n{secret}\n"
        assert (tmp_path / "tasks").read_text() == secret
        assert (tmp_path / "vault.yml").read_text().startswith("$ANSIBLE_VAULT;1.1;AES256\n")
        command = ["ansible-vault", "view", *password, str(tmp_path / "vault.yml")]
        shown = subprocess.run(command, capture_output=True, text=True, timeout=patience(60), check=True).stdout
        assert shown == f'---\n"whm_token": !unsafe "{secret}"\n', number


def test_a_handler_is_notified_when_its_token_is_delivered(server: Server, tmp_path: Path) -> None:
    tokens = [
        token(sink(tmp_path / "a"), name="a", notify=["Reload a"]),
        token(sink(tmp_path / "b"), name="b", notify=["Reload b"]),
    ]
    handlers = [{"name": f"Reload {name}", "ansible.builtin.debug": {"msg": name}} for name in "abc"]
    rotation = Rotation(server, tmp_path, tokens, play={"handlers": handlers})
    run = rotation.run()
    assert run.status == 0, run.output
    assert [task.name for task in run.tasks if task.name.startswith("Reload")] == ["Reload a", "Reload b"]
    assert not [task for task in rotation.run().tasks if task.name.startswith("Reload")]


def test_a_file_that_is_there_keeps_its_owner_and_mode(server: Server, tmp_path: Path) -> None:
    """Whoever reads it must go on reading it."""
    copy = tmp_path / "copy"
    copy.write_text("old\n")
    copy.chmod(0o640)
    os.chown(copy, 12345, 23456)
    Rotation(server, tmp_path, [token(sink(copy))]).rotated()
    status = copy.stat()
    assert (status.st_uid, status.st_gid, status.st_mode & 0o777) == (12345, 23456, 0o640)


def test_what_a_killed_delivery_left_is_swept(server: Server, tmp_path: Path) -> None:
    """It is a secret beside the file. One that is young may be that of a run under way."""
    names = (
        ".copy.panelops-new-abcd_123",
        ".copy.panelops-new-young123",
        ".copy.password",
        ".copy.new-password",
        ".other.panelops-new-abcd_123",
    )
    for name in names:
        (tmp_path / name).write_text("secret")
        if "young" not in name:
            os.utime(tmp_path / name, (time.time() - 7200,) * 2)
    Rotation(server, tmp_path, [token(sink(tmp_path / "copy"))]).rotated()
    assert [name for name in names if (tmp_path / name).exists()] == list(names[1:])


def kv_environment(store: Path) -> dict[str, str]:
    """Of a run that finds the stand-in."""
    return {"ANSIBLE_COLLECTIONS_PATH": f"{os.environ['ANSIBLE_COLLECTIONS_PATH']}:{STAND_INS}", "KV_STORE": str(store)}


def test_hashi_vault(server: Server, tmp_path: Path) -> None:
    """With a stand-in for the collection, which Galaxy alone has: the role's use of its documented options."""
    store = tmp_path / "kv.json"
    store.write_text(json.dumps({"secret/app": {"version": 3, "data": {"other": "stays", "token": "old"}}}))
    environment = kv_environment(store)
    kv = {"type": "hashi_vault", "path": "app", "key": "token"}
    run = Rotation(server, tmp_path, [token(kv)]).run(environment=environment)
    assert run.status == 0, run.output
    kept = json.loads(store.read_text())["secret/app"]
    assert (kept["version"], kept["data"]["other"]) == (4, "stays")
    assert works(server, kept["data"]["token"])

    broken = {"type": "tasks", "tasks": str(tmp_path / "broken.yml")}
    (tmp_path / "broken.yml").write_text("- name: Break\n  ansible.builtin.command: 'false'\n")
    run = Rotation(server, tmp_path, [token(kv, broken)], {"force": True}).run(environment=environment)
    assert "the tasks sink" in sentence_of(run)
    assert json.loads(store.read_text())["secret/app"]["data"] == kept["data"], "it is rolled back"


def test_two_tokens_in_one_secret_of_hashi_vault(server: Server, tmp_path: Path) -> None:
    """Each has its key, and the other's is not in its way."""
    store = tmp_path / "kv.json"
    store.write_text("{}")
    tokens = [token({"type": "hashi_vault", "path": "app", "key": name}, name=name) for name in ("one", "two")]
    broken = {"type": "tasks", "tasks": str(tmp_path / "broken.yml")}
    (tmp_path / "broken.yml").write_text("- name: Break\n  ansible.builtin.command: 'false'\n")
    run = Rotation(server, tmp_path, tokens).run(environment=kv_environment(store))
    assert run.status == 0, run.output
    kept = json.loads(store.read_text())["secret/app"]["data"]
    details = {name: server.whm("api_token_get_details", token=secret) for name, secret in kept.items()}
    assert {name: found["data"]["name"] for name, found in details.items()} == {"one": "one", "two": "two"}

    tokens[1]["sinks"].append(broken)
    run = Rotation(server, tmp_path, tokens, {"force": True}).run(environment=kv_environment(store))
    assert "1 of 2 tokens did not rotate. two: the tasks sink" in sentence_of(run)
    after = json.loads(store.read_text())["secret/app"]["data"]
    assert (after["two"], after["one"] != kept["one"]) == (kept["two"], True), "only one of them is rolled back"


def test_a_hashi_vault_that_cannot_be_read_is_found_before_anything_is_created(server: Server, tmp_path: Path) -> None:
    old = server.whm_token("t", acl="list-accts")
    kv = {"type": "hashi_vault", "path": "app", "key": "token"}
    run = Rotation(server, tmp_path, [token(kv)], {"force": True}).run(environment=kv_environment(tmp_path / "none"))
    assert "t: the hashi_vault sink app: it cannot be read: community.hashi_vault.vault_kv2_get " in sentence_of(run)
    assert "Nothing was changed." in sentence_of(run)
    assert server.commits() == {"api_token_create": 1}
    assert works(server, old)


def test_two_tokens_under_one_key_of_hashi_vault(server: Server, tmp_path: Path) -> None:
    tokens = [
        token({"type": "hashi_vault", "path": "app", "key": "k", "engine_mount_point": mount}, name=name)
        for name, mount in (("one", "secret"), ("two", None))
    ]
    run = Rotation(server, tmp_path, tokens).run(environment=kv_environment(tmp_path / "kv.json"))
    assert sentence_of(run) == (
        "sinks: the key k of secret/app is listed more than once. Give each token a key of its own."
    )
    assert server.calls() == {}


def test_a_secret_of_hashi_vault_that_another_run_has_replaced(server: Server, tmp_path: Path) -> None:
    old = server.whm_token("t", acl="list-accts")
    store, other, meddle = tmp_path / "kv.json", tmp_path / "other.json", tmp_path / "meddle.sh"
    store.write_text(json.dumps({"secret/app": {"version": 3, "data": {"token": "old"}}}))
    other.write_text(json.dumps({"secret/app": {"version": 4, "data": {"token": "of another run"}}}))
    # The template is made once to look whether it can be, and once to deliver.
    meddle.write_text(f"if test -e '{tmp_path}/once'; then cp '{other}' '{store}'; fi; touch '{tmp_path}/once'")
    (tmp_path / "own.j2").write_text("{{ lookup('ansible.builtin.pipe', 'sh meddle.sh') }}{{ token }}\n")
    file = sink(tmp_path / "copy", format="template", template="own.j2")
    kv = {"type": "hashi_vault", "path": "app", "key": "token"}
    run = Rotation(server, tmp_path, [token(kv, file)], {"force": True}).run(environment=kv_environment(store))
    assert run.status == 0, run.output
    assert [one["name"] for one in result_of(run)["taken_over"]] == ["t"]
    assert json.loads(store.read_text())["secret/app"]["data"] == {"token": "of another run"}
    assert not (tmp_path / "copy").exists(), "what was delivered elsewhere is rolled back"
    assert list(server.whm_tokens()) == ["t"], "and the successor is withdrawn"
    assert works(server, old)


def test_your_tasks_come_after_all_other_sinks(server: Server, tmp_path: Path) -> None:
    store = tmp_path / "kv.json"
    store.write_text("{}")
    (tmp_path / "own.yml").write_text(
        yaml.safe_dump([{"name": "Look", "ansible.builtin.command": f"grep -c two '{store}'"}])
    )
    own = token({"type": "tasks", "tasks": str(tmp_path / "own.yml")}, name="one")
    kv = {"type": "hashi_vault", "path": "app", "key": "two"}
    run = Rotation(server, tmp_path, [own, token(kv, name="two")]).run(environment=kv_environment(store))
    assert run.status == 0, run.output


def test_without_the_collection_hashi_vault_is_a_sentence(server: Server, tmp_path: Path) -> None:
    kv = {"type": "hashi_vault", "path": "app", "key": "token"}
    sentence = sentence_of(Rotation(server, tmp_path, [token(kv)]).run())
    assert sentence.startswith(
        "The hashi_vault sink of t needs the collection community.hashi_vault on the controller. Install it"
    )
    assert server.commits() == {}
