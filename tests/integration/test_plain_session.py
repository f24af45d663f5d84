# Copyright (c) 2026 panelops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Requests with the standard library alone keep the rules of all others: proxies, deadlines, sizes, sentences."""

from __future__ import annotations

import base64
from pathlib import Path

import pytest
from ansible_collections.panelops.cpanel.plugins.module_utils._api.access import attempt
from ansible_collections.panelops.cpanel.plugins.module_utils._api.connection import WHM, connection_from
from ansible_collections.panelops.cpanel.plugins.module_utils._api.plain_session import PlainSession
from ansible_collections.panelops.cpanel.plugins.module_utils._errors import NotAuthenticated, PanelopsError

from tests.support.connect_proxy import ConnectProxy
from tests.support.server import Server

pytestmark = pytest.mark.usefixtures("no_proxy_of_this_machine")


def tries(server: Server, secret: str, **options: object) -> None:
    connection = connection_from({"timeout": 5, **options, "api_token": secret}, server.environment, WHM)
    attempt(connection, WHM, secret, PlainSession)


def test_a_secret_is_accepted_or_not(server: Server) -> None:
    tries(server, server.whm_token("t", acl="list-accts"))
    with pytest.raises(NotAuthenticated):
        tries(server, "A" * 32)


def test_a_proxy_is_used(server: Server, proxy: ConnectProxy, monkeypatch: pytest.MonkeyPatch) -> None:
    secret = server.whm_token("t", acl="list-accts")
    monkeypatch.setenv("https_proxy", f"http://us%3Aer:p%40ss@{proxy.address}/")
    tries(server, secret)
    (asked,) = proxy.seen
    assert asked.startswith(f"CONNECT 127.0.0.1:{server.port} ")
    assert f"Proxy-Authorization: Basic {base64.b64encode(b'us:er:p@ss').decode()}\r\n" in asked
    assert secret not in asked


@pytest.mark.parametrize(
    ("excepted", "used"), [("127.0.0.1", 0), ("example.org, 127.0.0.0/8", 0), ("*", 0), ("example.org,10.0.0.0/8", 1)]
)
def test_a_server_that_is_excepted_from_the_proxy(
    server: Server, proxy: ConnectProxy, monkeypatch: pytest.MonkeyPatch, excepted: str, used: int
) -> None:
    monkeypatch.setenv("all_proxy", proxy.address)
    monkeypatch.setenv("no_proxy", excepted)
    tries(server, server.whm_token("t", acl="list-accts"))
    assert len(proxy.seen) == used


def test_a_proxy_that_refuses(server: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    refusing = ConnectProxy(b"HTTP/1.1 407 Proxy Authentication Required\r\nContent-Length: 0\r\n\r\n")
    monkeypatch.setenv("https_proxy", f"http://{refusing.address}")
    with pytest.raises(PanelopsError, match=r"did not connect us\. Check https_proxy and no_proxy"):
        tries(server, "A" * 32)
    refusing.close()
    with pytest.raises(PanelopsError, match="did not connect us"):
        tries(server, "A" * 32)


@pytest.mark.parametrize("url", ["socks5://127.0.0.1:1080", "https://127.0.0.1:3128", "http://", "http://a:b:c"])
def test_a_proxy_that_cannot_be_used(server: Server, monkeypatch: pytest.MonkeyPatch, url: str) -> None:
    monkeypatch.setenv("https_proxy", url)
    with pytest.raises(PanelopsError, match=r"the proxy that the environment names .* Check https_proxy"):
        tries(server, "A" * 32)


def test_where_nothing_listens_and_what_is_not_known(server: Server) -> None:
    with pytest.raises(PanelopsError, match="connection refused"):
        tries(server, "A" * 32, port=1)
    with pytest.raises(PanelopsError, match="the name is not known"):
        tries(server, "A" * 32, host="nowhere.invalid")


def test_certificates(server: Server, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    secret = server.whm_token("t", acl="list-accts")
    for name in ("SSL_CERT_FILE", "REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE"):
        monkeypatch.setenv(name, server.environment["WHM_CA_PATH"])
    trusting_nobody = {**server.environment, "WHM_CA_PATH": ""}
    connection = connection_from({"api_token": secret}, trusting_nobody, WHM)
    with pytest.raises(PanelopsError, match="is not trusted"):
        attempt(connection, WHM, secret, PlainSession)
    tries(server, secret, validate_certs="no", ca_path=str(tmp_path / "none"))


@pytest.mark.parametrize(
    ("kind", "sentence"),
    [
        ("html", "the HTML login page|an HTML page"),
        ("truncated_json", "breaks off|broke off"),
        ("login_redirect", "did not accept"),
        ("status:503", "HTTP 503"),
        ("delay:7", "no answer within the timeout"),
    ],
)
def test_answers_of_other_kinds(server: Server, kind: str, sentence: str) -> None:
    secret = server.whm_token("t", acl="list-accts")
    for call in (1, 2, 3):
        server.fault("version", kind, call)
    with pytest.raises(PanelopsError, match=sentence):
        tries(server, secret, timeout=2)
