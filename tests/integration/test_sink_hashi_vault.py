# Copyright (c) 2026 panelops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The sink hashi_vault against a real store: OpenBao, which has the API of HashiCorp Vault."""

from __future__ import annotations

import calendar
import os
import time
from pathlib import Path

import pytest

from tests.support.openbao import ROOT_TOKEN, OpenBao
from tests.support.paths import OTHERS as COLLECTIONS
from tests.support.rotating import Rotation, result_of, sentence_of, sink
from tests.support.server import Server

OTHERS = {"db_user": "root", "db_url": "mysql://root@db", "n": 5, "nested": {"a": [1, None]}}


def token(*sinks: dict, **options: object) -> dict:
    return {"name": "t", "acls": ["list-accts"], "sinks": list(sinks), **options}


def kv(path: str = "app", key: str = "token", **options: object) -> dict:
    return {"type": "hashi_vault", "path": path, "key": key, **options}


def test_other_keys_stay(server: Server, store: OpenBao, tmp_path: Path) -> None:
    """The store's own credential is a word that stands in other keys: nothing masks it there."""
    store.write("app", {**OTHERS, "token": "old"})
    defaults = {"group/community.hashi_vault.vault": {"auth_method": "token", "token": "root", "url": store.url}}
    found = {"ANSIBLE_COLLECTIONS_PATH": f"{os.environ['ANSIBLE_COLLECTIONS_PATH']}:{COLLECTIONS}"}
    run = Rotation(server, tmp_path, [token(kv())], play={"module_defaults": defaults}).run(environment=found)
    assert run.status == 0, run.output
    assert len(result_of(run)["rotated"]) == 1
    held = store.read("app")
    assert server.whm_accepts(held.pop("token"))
    assert held == OTHERS
    assert store.version("app") == 2


def test_several_values_in_one_write(server: Server, store: OpenBao, tmp_path: Path) -> None:
    keys = {"cPanel_Username": "username", "cPanel_Apitoken": "secret", "cPanel_Hostname": "host", "p": "port"}
    sink = {"type": "hashi_vault", "path": "app", "keys": {**keys, "n": "name", "until": "expires_at"}}
    run = Rotation(server, tmp_path, [token(sink, expires_in="90d")]).run(environment=store.environment)
    assert run.status == 0, run.output
    held = store.read("app")
    assert server.whm_accepts(held["cPanel_Apitoken"])
    assert (held["cPanel_Username"], held["cPanel_Hostname"], held["n"]) == ("root", "127.0.0.1", "t")
    assert held["p"] == str(server.port)
    assert (
        calendar.timegm(time.strptime(held["until"], "%Y-%m-%dT%H:%M:%SZ"))
        == result_of(run)["rotated"][0]["new_expires_at"]
    )
    assert store.version("app") == 1


def broken(folder: Path) -> dict:
    """A sink that always fails, after the stores."""
    (folder / "broken.yml").write_text("- name: Break\n  ansible.builtin.command: 'false'\n")
    return {"type": "tasks", "tasks": str(folder / "broken.yml")}


def test_two_tokens_in_one_secret(server: Server, store: OpenBao, tmp_path: Path) -> None:
    """Each has its key, and the other's is not in its way; only the one that fails is rolled back."""
    tokens = [token(kv(key=name), name=name) for name in ("one", "two")]
    run = Rotation(server, tmp_path, tokens).run(environment=store.environment)
    assert run.status == 0, run.output
    kept = store.read("app")
    assert store.version("app") == 1, "both are written at once"
    details = {name: server.whm("api_token_get_details", token=secret) for name, secret in kept.items()}
    assert {name: found["data"]["name"] for name, found in details.items()} == {"one": "one", "two": "two"}

    tokens[1]["sinks"].append(broken(tmp_path))
    run = Rotation(server, tmp_path, tokens, {"force": True}).run(environment=store.environment)
    assert "1 of 2 tokens did not rotate. two: the tasks sink" in sentence_of(run)
    after = store.read("app")
    assert (after["two"], after["one"] != kept["one"]) == (kept["two"], True)


def test_two_tokens_under_one_key(server: Server, store: OpenBao, tmp_path: Path) -> None:
    tokens = [
        token(kv(key="k", engine_mount_point=mount), name=name) for name, mount in (("one", "secret"), ("two", None))
    ]
    run = Rotation(server, tmp_path, tokens).run(environment=store.environment)
    assert sentence_of(run) == (
        "sinks: the key k of secret/app is listed more than once. Give each token a key of its own."
    )
    # One store under two names, which only their addresses tell.
    tokens = [token(kv(key="k")), token(kv(key="k", connection={"url": f"{store.url}/"}), name="two")]
    run = Rotation(server, tmp_path, tokens).run(environment=store.environment)
    assert "it is the same place as one of the token " in sentence_of(run)
    assert server.commits() == {}


def test_a_secret_that_another_run_has_replaced(server: Server, store: OpenBao, tmp_path: Path) -> None:
    old = server.whm_token("t", acl="list-accts")
    store.write("app", {"token": "old"})
    # The template is made once to look whether it can be, and once to deliver.
    other = (
        f'curl -sf -H X-Vault-Token:{ROOT_TOKEN} -d \'{{"data":{{"token":"another"}}}}\' {store.url}/v1/secret/data/app'
    )
    (tmp_path / "meddle.sh").write_text(
        f"if test -e '{tmp_path}/once'; then {other} >/dev/null; fi; touch '{tmp_path}/once'"
    )
    (tmp_path / "own.j2").write_text("{{ lookup('ansible.builtin.pipe', 'sh meddle.sh') }}{{ token }}\n")
    file = sink(tmp_path / "copy", format="template", template="own.j2")
    (tmp_path / "own.yml").write_text(f"- name: Keep\n  ansible.builtin.command: touch '{tmp_path}/begun'\n")
    own = {"type": "tasks", "tasks": str(tmp_path / "own.yml")}
    run = Rotation(server, tmp_path, [token(kv(), file, own)], {"force": True}).run(environment=store.environment)
    assert run.status == 0, run.output
    assert [one["name"] for one in result_of(run)["taken_over"]] == ["t"]
    assert store.read("app") == {"token": "another"}
    assert not (tmp_path / "copy").exists(), "what was delivered elsewhere is rolled back"
    assert not (tmp_path / "begun").exists(), "nor would the user's tasks get it"
    assert list(server.whm_tokens()) == ["t"], "and the staged token is withdrawn"
    assert server.whm_accepts(old)


def test_a_store_that_does_not_answer_is_found_before_anything_is_created(server: Server, tmp_path: Path) -> None:
    nobody = {"VAULT_ADDR": "http://127.0.0.1:1", "VAULT_TOKEN": ROOT_TOKEN}
    for options in (("--check",), ()):
        run = Rotation(server, tmp_path, [token(kv())]).run(*options, environment=nobody)
        assert "t: the hashi_vault sink app: http://127.0.0.1:1 does not answer (" in sentence_of(run)
        assert "Nothing was changed." in sentence_of(run)
    assert server.commits() == {}


def test_what_cannot_be_written_piles_up_no_tokens(server: Server, store: OpenBao, tmp_path: Path) -> None:
    """Each run says why, and withdraws what was not delivered. The tokens of the first three are not even created."""
    store.write("deleted", {"token": "old"})
    store.done("DELETE", "secret/data/deleted")
    store.done("POST", "sys/mounts/one", {"type": "kv", "options": {"version": "1"}})
    # Without the policy "default" it may not ask what it may, so only the write is refused.
    store.done("PUT", "sys/policies/acl/reader", {"policy": 'path "secret/data/app" { capabilities = ["read"] }'})
    body = {"policies": ["reader"], "no_default_policy": True}
    reader = store.done("POST", "auth/token/create", body)["auth"]["client_token"]
    sinks = {
        "deleted": (kv("deleted"), "version 1 of secret/deleted, the newest, was deleted."),
        "mount": (kv(engine_mount_point="nope"), "there is no mount nope"),
        "version": (kv(engine_mount_point="one"), "the mount one is not a key-value store of version 2"),
        "refused": (kv(connection={"token": reader}), "secret/app cannot be written: "),
    }
    rotation = Rotation(server, tmp_path, [token(one, name=name) for name, (one, _why) in sinks.items()])
    for _number in range(3):
        told = sentence_of(rotation.run(environment=store.environment))
        assert all(f"{name}: the hashi_vault sink" in told and why in told for name, (_one, why) in sinks.items()), told
        assert server.whm_tokens() == {}
    assert server.counters("api_token_create")[0] == 3
    assert store.call("GET", "one/app").status_code == 404, "no secret has gone to a place where nobody looks"


def test_check_mode_writes_nothing(server: Server, store: OpenBao, tmp_path: Path) -> None:
    run = Rotation(server, tmp_path, [token(kv())]).run("--check", environment=store.environment)
    assert run.status == 0, run.output
    assert [one["name"] for one in result_of(run)["due"]] == ["t"]
    assert store.version("app") == 0


@pytest.mark.parametrize(
    ("connection", "sentence"),
    [
        ({}, "connection.url: is not given. Name the store there, or in the environment variable VAULT_ADDR."),
        ({"url": "http://x", "auth_method": "approle"}, "connection.role_id: is needed with auth_method: approle."),
        ({"url": "http://x", "timeout": "soon"}, "connection.timeout: soon is not a number of seconds from 1 to 600."),
        ({"url": "http://x"}, "connection.token: is not given, and there is no token in "),
    ],
)
def test_settings_are_checked_before_the_first_call(
    server: Server, tmp_path: Path, connection: dict, sentence: str
) -> None:
    environment = {"VAULT_ADDR": "", "VAULT_TOKEN": "", "HOME": str(tmp_path)}
    run = Rotation(server, tmp_path, [token(kv(connection=connection))]).run(environment=environment)
    assert sentence_of(run).startswith(f"The hashi_vault sink of t cannot reach its store: {sentence}")
    assert server.http_requests() == 0
