# Copyright (c) 2026 panelops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The logins of a sink hashi_vault at a real store: one for each run, which ends with it."""

from __future__ import annotations

import json
import time
from base64 import urlsafe_b64encode
from pathlib import Path

from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import padding, rsa

from tests.support.dropping import Dropping, dropping
from tests.support.openbao import ROOT_TOKEN, OpenBao
from tests.support.storing import Storing

SINK = {"type": "hashi_vault", "path": "app", "key": "token"}
POLICY = 'path "secret/data/*" { capabilities = ["create", "read", "update"] }'


def may_write(store: OpenBao) -> None:
    store.done("PUT", "sys/policies/acl/writer", {"policy": POLICY})


def run_with(port: Dropping, **connection: object) -> Storing:
    """Take all steps; each must go well."""
    run = Storing([{**SINK, "connection": {"url": port.url, **connection}}], {"HOME": "/nonexistent"})
    told = run.whole()
    assert all(each.ok for each in told), told
    assert told[2].restored
    return run


def accessors(store: OpenBao) -> int:
    """How many tokens of the store live."""
    return len(store.done("LIST", "auth/token/accessors")["data"]["keys"])


def approle(store: OpenBao, mount: str = "approle", **options: object) -> dict[str, str]:
    may_write(store)
    store.done("POST", f"sys/auth/{mount}", {"type": "approle"})
    store.done("POST", f"auth/{mount}/role/r", {"token_policies": ["writer"], **options})
    return {
        "auth_method": "approle",
        "role_id": store.done("GET", f"auth/{mount}/role/r/role-id")["data"]["role_id"],
        "secret_id": store.done("POST", f"auth/{mount}/role/r/secret-id")["data"]["secret_id"],
    }


def test_an_identifier_that_is_good_for_one_login(store: OpenBao) -> None:
    login, before = approle(store, secret_id_num_uses=1), accessors(store)
    with dropping(store.url) as port:
        run_with(port, **login)
        assert port.count("auth/approle/login") == 1
        assert port.count("auth/token/revoke-self") == 1
    assert accessors(store) == before, "the login has ended"
    again = Storing([{**SINK, "connection": {"url": store.url, **login}}])
    told = again.sentence()
    assert told.startswith(f"The store at {store.url} refuses the login by approle: ")
    assert login["secret_id"] not in told


def test_a_login_that_is_nearly_over_is_made_again(store: OpenBao) -> None:
    login = approle(store, "own", token_ttl="30s")
    with dropping(store.url) as port:
        run_with(port, mount_point="own", **login)
        assert port.count("auth/own/login") == 4, "once for each step, for 30 s may not be enough for the next one"


def test_a_login_that_another_has_ended(store: OpenBao) -> None:
    run = Storing([{**SINK, "connection": {"url": store.url, **approle(store)}}])
    assert run.check()[0].ok
    store.done("DELETE", "sys/auth/approle")
    (told,) = run.deliver()
    assert (told.ok, told.unchanged) == (False, True)
    assert "secret/app cannot be read: " in str(told.msg)
    assert "permission denied" in str(told.msg)


def test_userpass(store: OpenBao) -> None:
    may_write(store)
    store.done("POST", "sys/auth/userpass", {"type": "userpass"})
    store.done("POST", "auth/userpass/users/u", {"password": "p\u00e4ss", "token_policies": ["writer"]})
    with dropping(store.url) as port:
        run_with(port, auth_method="userpass", username="u", password="p\u00e4ss")
        wrong = {"url": port.url, "auth_method": "userpass", "username": "u", "password": "canary"}
        told = Storing([{**SINK, "connection": wrong}]).sentence()
    assert "refuses the login by userpass: invalid username or password" in told
    assert "canary" not in told


def test_jwt(store: OpenBao) -> None:
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    form = (serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo)
    may_write(store)
    store.done("POST", "sys/auth/ci", {"type": "jwt"})
    store.done("POST", "auth/ci/config", {"jwt_validation_pubkeys": [key.public_key().public_bytes(*form).decode()]})
    role = {"role_type": "jwt", "user_claim": "sub", "bound_audiences": ["bao"], "token_policies": ["writer"]}
    store.done("POST", "auth/ci/role/r", role)
    claims = {"sub": "job", "aud": "bao", "exp": int(time.time()) + 600, "iat": int(time.time())}
    parts = [urlsafe_b64encode(json.dumps(part).encode()).rstrip(b"=") for part in ({"alg": "RS256"}, claims)]
    sign = key.sign(b".".join(parts), padding.PKCS1v15(), hashes.SHA256())
    jwt = b".".join([*parts, urlsafe_b64encode(sign).rstrip(b"=")]).decode()
    with dropping(store.url) as port:
        run_with(port, auth_method="jwt", mount_point="ci", role_id="r", jwt=jwt)
        assert port.count("auth/ci/login") == 1


def test_a_token_that_is_given_lives_on(store: OpenBao, tmp_path: Path) -> None:
    may_write(store)
    token = store.done("POST", "auth/token/create", {"policies": ["writer"]})["auth"]["client_token"]
    (tmp_path / ".vault-token").write_text(f"{token}\n")
    with dropping(store.url) as port:
        run_with(port, token=token)
        run_with(port, token_path=str(tmp_path))
        assert port.count("revoke") == 0
    assert store.call("GET", "auth/token/lookup-self", token=token).ok


def test_one_login_for_all_sinks(store: OpenBao) -> None:
    """What each secret costs: a look and a question at the check, a look, a write and a look at the delivery."""
    login = approle(store)
    with dropping(store.url) as port:
        sinks = [{**SINK, "path": f"app{number}", "connection": {"url": port.url, **login}} for number in range(5)]
        run = Storing(sinks)
        assert all(each.ok for each in (*run.check(), *run.deliver()))
        run.close()
        counts = {what: port.count(what) for what in ("login", "mounts", "capabilities", "GET .*data", "revoke")}
        assert counts == {"login": 1, "mounts": 1, "capabilities": 5, "GET .*data": 15, "revoke": 1}
        assert port.count() == 28


def test_messages_hold_no_credential(store: OpenBao) -> None:
    with dropping(store.url) as port:
        told = Storing([{**SINK, "connection": {"url": port.url, "token": f"{ROOT_TOKEN}-canary"}}]).sentence()
    assert "canary" not in told
