# Copyright (c) 2026 panelops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The sink kubernetes_secret, against a stand-in that plays resource versions: what stays, and conditional writes."""

from __future__ import annotations

import json
import socket
import ssl
from base64 import b64encode
from collections.abc import Iterator
from pathlib import Path

import pytest
import trustme

from tests.support.dropping import dropping
from tests.support.kubernetes import TOKEN, Kubernetes, kubernetes
from tests.support.odd_ports import port
from tests.support.odd_servers import answer
from tests.support.talking import NEW, OLD, OTHER, Talk, sentence


@pytest.fixture
def here() -> Iterator[Kubernetes]:
    with kubernetes() as cluster:
        yield cluster


def talk(here: Kubernetes, *sinks: dict, **settings: str) -> Talk:
    chosen = [{"type": "kubernetes_secret", "path": "app", **sink} for sink in sinks or ({"key": "token"},)]
    return Talk({"host": here.url, "api_key": TOKEN, **settings}, chosen)


def encoded(text: str) -> str:
    return b64encode(text.encode()).decode()


def test_everything_else_stays(here: Kubernetes) -> None:
    binary = b64encode(b"\xff\x00").decode()
    data = {"db": encoded(TOKEN), "binary": binary, "token": encoded(OLD)}
    labels = {"labels": {"app": "billing"}, "annotations": {"a": "b"}}
    here.put("app", data, type="example.com/own", metadata=labels)
    run = talk(here)
    (seen,) = run.check()
    assert (seen.ok, seen.held) == (True, OLD)
    assert run.deliver({"token": NEW})[0].ok
    made = here.secrets["default", "app"]
    assert made["data"] == {**data, "token": encoded(NEW)}
    assert made["type"] == "example.com/own"
    assert labels.items() < made["metadata"].items()
    assert run.restore()[0].restored
    assert here.secrets["default", "app"]["data"] == data


def test_a_secret_is_created_and_keys_are_written_together(here: Kubernetes) -> None:
    run = talk(here, {"namespace": "prod", "keys": {"user": "username", "pass": "secret"}})
    assert run.check()[0].ok
    assert run.deliver({"user": "root", "pass": NEW})[0].ok
    made = here.secrets["prod", "app"]
    assert (made["type"], made["data"]) == ("Opaque", {"user": encoded("root"), "pass": encoded(NEW)})
    assert run.restore()[0].restored
    assert here.secrets["prod", "app"]["data"] == {}


@pytest.mark.parametrize("exists", [True, False])
def test_two_runs_at_once(here: Kubernetes, exists: bool) -> None:
    """Another writer comes between our reading and our writing: other keys are merged, ours gives way."""
    if exists:
        here.put("app", {"token": encoded(OLD)})
    held = {"token": encoded(OLD)} if exists else {}
    for meddled, ok in (({**held, "b": encoded("2")}, True), ({"token": encoded(OTHER)}, False)):
        here.secrets.pop(("default", "app"), None)
        if exists:
            here.put("app", held)
        run = talk(here)
        run.check()
        with dropping(here.url) as proxy:
            run.connection = {**run.connection, "host": proxy.url}
            proxy.meddle(r"^GET .*/secrets/app", lambda now=meddled: here.put("app", now))
            (told,) = run.deliver({"token": NEW})
        assert (told.ok, told.taken_over) == (ok, not ok), told.msg
        assert here.secrets["default", "app"]["data"] == ({**meddled, "token": encoded(NEW)} if ok else meddled)


@pytest.mark.parametrize("exists", [True, False])
def test_a_lost_answer_is_settled_by_reading(here: Kubernetes, exists: bool) -> None:
    if exists:
        here.put("app", {"token": encoded(OLD), "b": encoded("1")})
    run = talk(here)
    run.check()
    with dropping(here.url) as proxy:
        run.connection = {**run.connection, "host": proxy.url}
        proxy.lose("^(PUT|POST) ", before=False)
        (told,) = run.deliver({"token": NEW})
        assert proxy.lost() == 1
    assert told.ok, told.msg
    assert here.secrets["default", "app"]["data"]["token"] == encoded(NEW)


def test_what_can_never_be_written_is_found_at_the_check(here: Kubernetes) -> None:
    here.put("fixed", {}, immutable=True)
    here.put("app", {})
    assert sentence(talk(here, {"path": "fixed", "key": "k"}).check()).startswith("default/fixed is immutable.")
    assert sentence(talk(here, {"namespace": "none", "key": "k"}).check()) == (
        "there is no namespace none. Create it, or name another one."
    )
    here.may = {"get"}
    assert sentence(talk(here).check()) == (
        "Kubernetes does not allow us to update default/app. Add the verb update to our role."
    )
    here.reviews = False
    run = talk(here)
    assert run.check()[0].ok, "nobody says so before"
    assert 'cannot update resource "secrets"' in sentence(run.deliver({"token": NEW}))
    assert run.delivered[0].unchanged
    here.may = set()
    assert 'default/app cannot be read: (403) secrets is forbidden: User "ci" cannot get' in sentence(
        talk(here).check()
    )
    assert sentence(talk(here, api_key="wrong").check()) == "default/app cannot be read: (401) Unauthorized."
    assert sentence(talk(here, host="http://127.0.0.1:1").check()).startswith("http://127.0.0.1:1 does not answer (")


@pytest.mark.parametrize("named", [True, False])
def test_a_kubeconfig_with_a_client_certificate(tmp_path: Path, named: bool) -> None:
    """Also where the server has its certificate under another name than its host's."""
    authority, context = trustme.CA(), ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert("cluster.internal" if named else "127.0.0.1").configure_cert(context)
    authority.configure_trust(context)
    context.verify_mode = ssl.CERT_REQUIRED
    client = authority.issue_cert("ci@example.com")
    authority.cert_pem.write_to_path(str(tmp_path / "ca.pem"))
    client.private_key_and_cert_chain_pem.write_to_path(str(tmp_path / "client.pem"))
    seen = []

    def serve(stream: socket.socket) -> None:
        assert isinstance(stream, ssl.SSLSocket)
        seen.append(stream.getpeercert())
        manifest = {"metadata": {"name": "app", "resourceVersion": "1"}, "data": {"token": encoded(OLD)}}
        stream.sendall(answer(json.dumps(manifest).encode(), "Content-Type: application/json", "Connection: close"))

    with port(serve, context) as url:
        cluster = {"server": url, "certificate-authority": str(tmp_path / "ca.pem")}
        user = {name: str(tmp_path / "client.pem") for name in ("client-certificate", "client-key")}
        config = {
            "current-context": "c",
            "clusters": [
                {"name": "c", "cluster": {**cluster, **({"tls-server-name": "cluster.internal"} if named else {})}}
            ],
            "users": [{"name": "u", "user": user}],
            "contexts": [{"name": "c", "context": {"cluster": "c", "user": "u"}}],
        }
        (tmp_path / "config").write_text(json.dumps(config))
        sink = {"type": "kubernetes_secret", "path": "app", "key": "token"}
        (told,) = Talk({"kubeconfig": str(tmp_path / "config")}, [sink]).check()
    assert (told.ok, told.held) == (True, OLD), told.msg
    assert seen
    assert all(seen)
