# Copyright (c) 2026 panelops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What comes between a sink hashi_vault and its store: lost answers, odd ones, endless ones, redirects, certificates, proxies."""

from __future__ import annotations

import gzip
import socket
import ssl
import threading
import time
from pathlib import Path

import pytest
import trustme

from tests.support.dropping import dropping
from tests.support.limits import patience
from tests.support.odd_ports import Serve, dripping, endless, port, silent
from tests.support.odd_servers import answer
from tests.support.openbao import ROOT_TOKEN, OpenBao
from tests.support.storing import Storing

OTHERS = {"user": "root", "n": 5}
WRITE, READ = r"^(POST|PUT) /v1/secret/data/", r"^GET /v1/secret/data/"
MOUNTED = b'{"data": {"type": "kv", "options": {"version": "2"}, "path": "secret/"}}'


def at(address: str, **connection: object) -> Storing:
    given = {"url": address, "token": ROOT_TOKEN, "timeout": 2, **connection}
    return Storing([{"type": "hashi_vault", "path": "app", "key": "token", "connection": given}])


@pytest.mark.parametrize("before", [True, False])
def test_the_answer_of_a_write_is_lost(store: OpenBao, before: bool) -> None:
    store.write("app", {**OTHERS, "token": "O" * 32})
    with dropping(store.url) as lossy:
        run = at(lossy.url)
        run.check()
        lossy.lose(WRITE, before=before)
        (told,) = run.deliver()
        assert (told.ok, told.unchanged, lossy.lost()) == (True, False, 1)
        assert store.read("app") == {**OTHERS, "token": run.secret(0)}
        assert store.version("app") == 2, "it is written once"
        lossy.forget()
        lossy.lose(WRITE, before=before)
        lossy.lose(READ, before=before)
        assert run.restore()[0].restored
        assert lossy.lost() == 2
    assert store.read("app") == {**OTHERS, "token": "O" * 32}
    assert store.version("app") == 3


def test_no_answer_of_any_write_comes(store: OpenBao) -> None:
    """Then nobody knows whether one comes late, so the new token must not be withdrawn."""
    store.write("app", OTHERS)
    with dropping(store.url) as lossy:
        run = at(lossy.url)
        run.check()
        lossy.lose(WRITE, before=True, count=1000)
        (told,) = run.deliver()
    assert (told.ok, told.unchanged, told.taken_over) == (False, False, False)
    assert "does not answer" in str(told.msg)
    assert store.read("app") == OTHERS


def test_a_store_that_is_gone_at_the_delivery(store: OpenBao) -> None:
    with dropping(store.url) as port:
        run = at(port.url)
        assert run.check()[0].ok
    (told,) = run.deliver()
    assert (told.ok, told.unchanged) == (False, True), "nothing was sent"


ODD: list[tuple[str, Serve, str]] = [
    ("HTML", lambda s: s.sendall(answer(b"<html>canary</html>")), "the answer of {url} is not one of a secrets store."),
    ("nothing", lambda s: s.sendall(answer(b"")), "the answer of {url} is not one of a secrets store."),
    ("a list", lambda s: s.sendall(answer(b"[]")), "the answer of {url} is not one of a secrets store."),
    ("null", lambda s: s.sendall(answer(b'{"data": null}')), "the answer of {url} is not one of a secrets store."),
    ("a page of a gateway", lambda s: s.sendall(answer(b"canary", status="502 Bad")), "cannot be looked at: HTTP 502."),
    ("endless", endless, "{url} does not answer (it answers with more than 8 MiB)."),
    ("a bomb", lambda s: s.sendall(answer(gzip.compress(b" " * 2**24), "Content-Encoding: gzip")), "more than 8 MiB"),
    ("dripping", dripping, "{url} does not answer ("),
    ("silent", silent, "{url} does not answer ("),
    ("a redirect", lambda s: s.sendall(answer(b"", "Location: /ui", status="302 Found")), "redirects, with HTTP 302"),
    (
        "a loop",
        lambda s: s.sendall(answer(b"", "Location: /v1", "Connection: close", status="307 Go")),
        "Exceeded 3 redirects",
    ),
]


@pytest.mark.parametrize(("serve", "sentence"), [each[1:] for each in ODD], ids=[each[0] for each in ODD])
def test_an_odd_answer(serve: Serve, sentence: str) -> None:
    with port(serve) as url:
        began = time.monotonic()
        # Of those that never end only the limit is waited for.
        told = at(url, timeout=2 if serve in (dripping, silent) else int(min(patience(30), 600))).sentence()
        assert sentence.format(url=url) in told
        assert "canary" not in told
        assert time.monotonic() - began < patience(20)


SILENT: dict[str, tuple[dict[str, object], dict[str, object]]] = {
    "hashi_vault": ({"path": "a{n}", "key": "k"}, {"url": "{url}", "token": ROOT_TOKEN}),
    "gitlab_variable": ({"project": "a/b", "key": "K{n}"}, {"api_url": "{url}", "api_token": "any"}),
    "kubernetes_secret": ({"path": "a{n}", "key": "k"}, {"host": "{url}", "api_key": "any"}),
}


@pytest.mark.parametrize("kind", SILENT)
def test_many_secrets_of_a_store_that_does_not_answer(kind: str) -> None:
    """None of them waits once the store has been silent for twice the timeout."""
    options, connection = SILENT[kind]
    with port(silent) as url:
        given = {name: str(value).format(url=url) for name, value in connection.items()} | {"timeout": 1}
        named = [{name: str(value).format(n=n) for name, value in options.items()} for n in range(40)]
        sinks = [{"type": kind, **one, "connection": given} for one in named]
        began = time.monotonic()
        told = Storing(sinks).check()
        assert time.monotonic() - began < patience(15)
    assert not any(each.ok for each in told)
    assert "it has not answered for " in str(told[-1].msg)


def test_a_standby_node_sends_its_callers_to_the_active_one(store: OpenBao) -> None:
    def standby(stream: socket.socket) -> None:
        stream.sendall(
            answer(b"", f"Location: {store.url}{paths.pop(0)}", "Connection: close", status="307 Temporary Redirect")
        )

    paths = ["/v1/sys/internal/ui/mounts/secret/app", "/v1/sys/capabilities-self", "/v1/secret/data/app"] + [
        "/v1/secret/data/app"
    ] * 3
    with port(standby) as url:
        run = at(url)
        assert run.check()[0].ok
        assert run.deliver()[0].ok
    assert store.read("app") == {"token": run.secret(0)}


def test_certificates(tmp_path: Path) -> None:
    authority, context = trustme.CA(), ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert("127.0.0.1").configure_cert(context)
    authority.cert_pem.write_to_path(str(tmp_path / "ca.pem"))
    trustme.CA().cert_pem.write_to_path(str(tmp_path / "other.pem"))

    def to_http(stream: socket.socket) -> None:
        stream.sendall(answer(b"", "Location: http://127.0.0.1:1/v1/x", status="307 Temporary Redirect"))

    for given in ({"ca_cert": str(tmp_path / "other.pem")}, {}):
        with port(lambda stream: stream.sendall(answer(MOUNTED)), context) as url:
            told = at(url, **given).sentence()
            assert "CERTIFICATE_VERIFY_FAILED" in told
            assert "Does connection.ca_cert, or the environment variable VAULT_CACERT, name the authority" in told
    for given in ({"ca_cert": str(tmp_path / "ca.pem")}, {"validate_certs": False}):
        with port(to_http, context) as url:
            assert "it redirects to a connection without TLS" in at(url, **given).sentence()
    assert at("https://127.0.0.1:1", ca_cert="/nonexistent").sentence() == (
        "connection.ca_cert: /nonexistent cannot be read."
    )


def test_nothing_of_netrc_and_everything_of_proxies(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    heard: list[bytes] = []

    def hear(stream: socket.socket) -> None:
        stream.sendall(answer(b"{}"))

    (tmp_path / "netrc").write_text("machine store.example login canary password canary\n")
    monkeypatch.setenv("NETRC", str(tmp_path / "netrc"))
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", "/nonexistent")
    listener = socket.create_server(("127.0.0.1", 0))
    listener.settimeout(20)

    def proxy() -> None:
        connection, _peer = listener.accept()
        with connection:
            heard.append(connection.recv(65536))
            hear(connection)

    thread = threading.Thread(target=proxy)
    thread.start()
    monkeypatch.setenv("http_proxy", f"http://127.0.0.1:{listener.getsockname()[1]}")
    at("http://store.example").sentence()
    thread.join()
    listener.close()
    assert heard[0].startswith(b"GET http://store.example/v1/sys/internal/ui/mounts/secret/app HTTP/1.1\r\n")
    assert b"Authorization" not in heard[0]
    assert b"X-Vault-Token: root" in heard[0]


@pytest.mark.parametrize(
    ("connection", "sentence"),
    [
        ({"url": "vault:8200"}, "connection.url: vault:8200 is no address. It is one such as https://vault.example"),
        ({"token": "canary\u00e9"}, "connection.token: has characters that are not printable ASCII."),
        ({"namespace": "a\nb"}, "connection.namespace: has characters that are not printable ASCII."),
        ({"timeout": 0}, "connection.timeout: 0 is not a number of seconds from 1 to 600."),
    ],
)
def test_settings_that_cannot_be_used(connection: dict, sentence: str) -> None:
    told = at("http://127.0.0.1:1", **connection).sentence()
    assert told.startswith(sentence)
    assert "canary" not in told
