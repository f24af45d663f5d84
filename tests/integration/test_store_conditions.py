# Copyright (c) 2026 panelops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a real store can be like when a sink hashi_vault comes to it. No playbook: the steps are taken in this process."""

from __future__ import annotations

from pathlib import Path
from urllib.parse import quote

import pytest
import requests

from tests.support.openbao import ROOT_TOKEN, OpenBao, openbao
from tests.support.storing import Storing

OTHERS = {
    "user": "root",
    "none": None,
    "n": 5,
    "f": 1.5,
    "nested": {"a": [1, None]},
    "\u00fcber": "\u2713",
    "": "empty",
}
READ = 'path "secret/data/app" { capabilities = ["read"] }'


def kv(path: str = "app", **options: object) -> dict:
    return {"type": "hashi_vault", "path": path, "key": "token", **options}


def at(store: OpenBao, *sinks: dict, **environ: str) -> Storing:
    return Storing(sinks or (kv(),), {**store.environment, **environ})


def policy(*may: str, path: str = "secret/data/app") -> str:
    return f'path "{path}" {{ capabilities = [{", ".join(f"{chr(34)}{each}{chr(34)}" for each in may)}] }}'


@pytest.mark.parametrize(
    ("may", "exists", "sentence"),
    [
        (("read",), True, "the token of the store lacks update on secret/data/app. Add that to its policy."),
        (("read", "update"), False, "the token of the store lacks create on secret/data/app. Add that to its policy."),
        (("create", "update"), True, "the token of the store lacks read on secret/data/app. Add that to its policy."),
        (("deny",), True, "there is no mount secret, or the token may not see secret/app (preflight capability check"),
        (("read", "create"), False, "the token of the store lacks update on secret/data/app. Add that to its policy."),
        (("read", "update"), True, ""),
        (("read", "create", "update"), False, ""),
    ],
)
def test_privileges(store: OpenBao, may: tuple[str, ...], exists: bool, sentence: str) -> None:
    if exists:
        store.write("app", OTHERS)
    run = at(store, VAULT_TOKEN=store.token_for(policy(*may)))
    if sentence:
        assert run.sentence().startswith(sentence)
        return
    assert all(each.ok for each in run.whole())
    assert store.read("app") == (OTHERS if exists else {})


def test_a_token_that_may_not_ask_what_it_may(store: OpenBao) -> None:
    """Without the policy ``default`` nobody says what is missing; the write is refused, and it is certain that it was."""
    store.done("PUT", "sys/policies/acl/limited", {"policy": READ})
    body = {"policies": ["limited"], "no_default_policy": True}
    token = store.done("POST", "auth/token/create", body)["auth"]["client_token"]
    store.write("app", OTHERS)
    run = at(store, VAULT_TOKEN=token)
    assert run.check()[0].ok
    (told,) = run.deliver()
    assert (told.ok, told.unchanged) == (False, True)
    assert "secret/app cannot be written: " in str(told.msg)
    assert "permission denied" in str(told.msg)
    assert store.version("app") == 1


def test_deleted_versions(store: OpenBao) -> None:
    store.write("app", OTHERS)
    store.done("DELETE", "secret/data/app")
    rest = "Undelete it, or delete the secret with all its versions, so that it is clear what else belongs there."
    assert at(store).sentence() == f"version 1 of secret/app, the newest, was deleted. {rest}"
    store.done("POST", "secret/undelete/app", {"versions": [1]})
    store.done("PUT", "secret/destroy/app", {"versions": [1]})
    assert at(store).sentence() == f"version 1 of secret/app, the newest, was destroyed. {rest}"
    store.done("DELETE", "secret/metadata/app")
    run = at(store)
    assert run.check()[0].ok
    assert run.deliver()[0].ok
    assert store.read("app") == {"token": run.secret(0)}


def test_mounts(store: OpenBao) -> None:
    store.done("POST", "sys/mounts/old", {"type": "kv", "options": {"version": "1"}})
    store.done("POST", "sys/mounts/transit", {"type": "transit"})
    store.done("POST", "sys/mounts/team/kv", {"type": "kv", "options": {"version": "2"}})
    rest = "so a write could not be made conditional. Give engine_mount_point one that is."
    kinds = {"old": "its version is 1", "transit": "its type is transit", "cubbyhole": "its type is cubbyhole"}
    for mount, what in kinds.items():
        told = at(store, kv(engine_mount_point=mount)).sentence()
        assert told == f"the mount {mount} is not a key-value store of version 2 ({what}), {rest}"
    told = at(store, kv("kv/app", engine_mount_point="team")).sentence()
    assert told == f"the mount team is not a key-value store of version 2 (its mount is team/kv), {rest}"
    assert (
        at(store, kv(engine_mount_point="nope")).sentence().startswith("there is no mount nope, or the token may not")
    )
    assert all(each.ok for each in at(store, kv(engine_mount_point="team/kv")).whole())


def test_everything_else_in_the_secret_stays(store: OpenBao) -> None:
    store.done("POST", "secret/config", {"cas_required": True})
    store.done(
        "POST", "secret/metadata/app", {"custom_metadata": {"owner": "x"}, "max_versions": 1, "cas_required": True}
    )
    store.done("POST", "secret/data/app", {"data": {**OTHERS, "token": "O" * 32}, "options": {"cas": 0}})
    before = store.done("GET", "secret/data/app")["data"]["data"]
    run = at(store)
    assert run.check()[0].held == "O" * 32
    assert run.deliver()[0].ok
    assert store.read("app") == {**before, "token": run.secret(0)}
    (told,) = run.restore()
    assert (told.restored, told.unchanged) == (True, True)
    assert store.read("app") == before
    metadata = store.done("GET", "secret/metadata/app")["data"]
    assert (metadata["custom_metadata"], metadata["max_versions"]) == ({"owner": "x"}, 1)


@pytest.mark.parametrize("path", ["a b/c.d", "100%/x%2Fy", "\u00fc/\u2713", "a?b#c", "app+1&x=2", "it's"])
def test_paths(store: OpenBao, path: str) -> None:
    run = at(store, {"type": "hashi_vault", "path": f"/{path}/", "key": "\u00fc . key"})
    assert run.check()[0].ok, run.checked[0].msg
    assert run.deliver()[0].ok
    assert store.read(quote(path)) == {"\u00fc . key": run.secret(0)}


def test_namespaces(store: OpenBao) -> None:
    store.done("POST", "sys/namespaces/team")
    headers = {"X-Vault-Namespace": "team"}
    mount = {"type": "kv", "options": {"version": "2"}}
    token = {"X-Vault-Token": ROOT_TOKEN, **headers}
    requests.post(f"{store.url}/v1/sys/mounts/secret", json=mount, headers=token, timeout=10).raise_for_status()
    try:
        both = at(store, kv(), kv(connection={"namespace": "team"}))
        assert [each.ok for each in both.check()] == [True, True]
        assert len({each.identity for each in both.checked}) == 2, "two places"
        assert [each.ok for each in both.deliver()] == [True, True]
        assert store.read("app") == {"token": both.secret(0)}
        assert store.read("app", mount="team/secret") == {"token": both.secret(1)}
        told = at(store, kv(connection={"namespace": "nope"})).sentence()
        assert "permission denied" in told or "namespace" in told
    finally:
        store.done("DELETE", "sys/namespaces/team")


def test_a_sealed_store(tmp_path: Path) -> None:
    with openbao(tmp_path) as own:
        own.write("app", OTHERS)
        run = at(own)
        assert run.check()[0].ok
        own.done("PUT", "sys/seal")
        (told,) = run.deliver()
        assert (told.ok, told.unchanged) == (False, True)
        assert "sealed" in str(told.msg)
        assert "sealed" in at(own).sentence()


def test_what_others_say_is_not_what_ansible_has_masked(store: OpenBao) -> None:
    told = at(store, kv("hosting/********")).sentence()
    assert told.startswith("a credential of WHM stands in its path, its keys, or one of the values to write")
    assert store.call("LIST", "secret/metadata/hosting").status_code == 404
