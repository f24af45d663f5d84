# Copyright (c) 2026 panelops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The way to the server: proxies that the environment names, connections that end, certificate authorities."""

from __future__ import annotations

import base64
import socket
import ssl
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
import trustme
from ansible_collections.panelops.cpanel.plugins.module_utils._api.connection import WHM, connection_from
from ansible_collections.panelops.cpanel.plugins.module_utils._api.https import HttpsTransport
from ansible_collections.panelops.cpanel.plugins.module_utils._errors import PanelopsError
from ansible_collections.panelops.cpanel.plugins.plugin_utils._ci.order import order_from
from ansible_collections.panelops.cpanel.plugins.plugin_utils._ci.tokens import CiTokens

from tests.support.ci_orders import lookup_params
from tests.support.connect_proxy import ConnectProxy
from tests.support.cores import run_core
from tests.support.odd_servers import read_request
from tests.support.server import Server

pytestmark = pytest.mark.usefixtures("no_proxy_of_this_machine")


@pytest.mark.parametrize("variable", ["https_proxy", "HTTPS_PROXY", "all_proxy"])
@pytest.mark.parametrize("scheme", ["http://", ""])
def test_a_proxy_is_used(
    server: Server, proxy: ConnectProxy, monkeypatch: pytest.MonkeyPatch, variable: str, scheme: str
) -> None:
    monkeypatch.setenv(variable, f"{scheme}{proxy.address}")
    assert run_core("whm_api_token", server.environment, name="t", acls=["ssl"])["changed"]
    (asked,) = proxy.seen
    assert asked.startswith(f"CONNECT 127.0.0.1:{server.port} ")
    assert "authorization" not in asked.lower()


def test_a_proxy_with_a_password(server: Server, proxy: ConnectProxy, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("https_proxy", f"http://us%3Aer:p%40ss@{proxy.address}/")
    run_core("whm_api_token_info", server.environment)
    assert f"Proxy-Authorization: Basic {base64.b64encode(b'us:er:p@ss').decode()}\r\n" in proxy.seen[0]


@pytest.mark.parametrize("excepted", ["127.0.0.1", "example.org, 127.0.0.0/8", "*"])
def test_a_server_that_is_excepted_from_the_proxy(
    server: Server, proxy: ConnectProxy, monkeypatch: pytest.MonkeyPatch, excepted: str
) -> None:
    monkeypatch.setenv("https_proxy", f"http://{proxy.address}")
    monkeypatch.setenv("no_proxy", excepted)
    run_core("whm_api_token_info", server.environment)
    assert proxy.seen == []


def test_others_are_not_excepted(server: Server, proxy: ConnectProxy, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("https_proxy", f"http://{proxy.address}")
    monkeypatch.setenv("no_proxy", "example.org,10.0.0.0/8,192.0.2.1")
    run_core("whm_api_token_info", server.environment)
    assert len(proxy.seen) == 1


def test_a_proxy_that_refuses(server: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    refusing = ConnectProxy(b"HTTP/1.1 407 Proxy Authentication Required\r\nContent-Length: 0\r\n\r\n")
    monkeypatch.setenv("https_proxy", f"http://{refusing.address}")
    with pytest.raises(PanelopsError, match=r"did not connect us\. Check https_proxy and no_proxy"):
        run_core("whm_api_token_info", server.environment)
    refusing.close()
    with pytest.raises(PanelopsError, match="did not connect us"):
        run_core("whm_api_token_info", server.environment)
    assert server.http_requests() == 0


@pytest.mark.parametrize("url", ["socks5://127.0.0.1:1080", "https://127.0.0.1:3128", "http://"])
def test_a_proxy_that_cannot_be_used(server: Server, monkeypatch: pytest.MonkeyPatch, url: str) -> None:
    monkeypatch.setenv("https_proxy", url)
    with pytest.raises(PanelopsError, match=r"(the proxy that the environment names .*|could not be built\.) Check "):
        run_core("whm_api_token_info", server.environment)


def test_a_file_without_certificates(server: Server, tmp_path: Path) -> None:
    (tmp_path / "ca.pem").write_text("not a certificate")
    with pytest.raises(PanelopsError, match=r"ca\.pem is not a PEM file that can be read"):
        run_core("whm_api_token_info", server.environment, ca_path=str(tmp_path / "ca.pem"))


@contextmanager
def ending_without_a_word(context: ssl.SSLContext, ended: threading.Event) -> Iterator[int]:
    """A port that answers one request for each connection, promises to keep it, and ends it."""
    body = b'{"metadata":{"result":1}}'
    with socket.create_server(("127.0.0.1", 0)) as listener:

        def serve() -> None:
            for _each in range(2):
                connection, _peer = listener.accept()
                with context.wrap_socket(connection, server_side=True) as stream:
                    read_request(stream)
                    stream.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n%s" % (len(body), body))
                ended.set()

        thread = threading.Thread(target=serve)
        thread.start()
        yield listener.getsockname()[1]
        thread.join()


def test_a_mutation_is_not_sent_into_a_connection_that_the_server_has_ended(tmp_path: Path) -> None:
    """It would count as lost, and cost reads to settle."""
    authority, context = trustme.CA(), ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert("127.0.0.1").configure_cert(context)
    authority.cert_pem.write_to_path(str(tmp_path / "ca.pem"))
    ended = threading.Event()
    with ending_without_a_word(context, ended) as port:
        options = {"host": "127.0.0.1", "port": port, "api_token": "A" * 32, "timeout": 5}
        transport = HttpsTransport(connection_from({**options, "ca_path": str(tmp_path / "ca.pem")}, {}, WHM), WHM)
        transport.whm("version")
        assert ended.wait(5)
        assert transport.whm("api_token_revoke", [("token_name", "t")], mutation=True)["metadata"]["result"] == 1
        transport.close()


def test_one_connection_serves_a_whole_task(
    server: Server, proxy: ConnectProxy, monkeypatch: pytest.MonkeyPatch
) -> None:
    server.whm_token("t", acl="list-accts")
    server.forget_counters()
    monkeypatch.setenv("https_proxy", f"http://{proxy.address}")
    run_core("whm_api_token", server.environment, name="t", recreate="always")
    assert sum(server.calls().values()) == 5, "one read before each change, one after the revocation"
    assert len(proxy.seen) == 1


@pytest.fixture
def foreign_settings(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """What a machine may have set for other programs that use requests; the file trusts an authority that nobody asked for."""
    path = tmp_path / "everybody.pem"
    home = tmp_path / "home"
    home.mkdir()
    (home / ".netrc").write_text("machine 127.0.0.1 login root password of-the-netrc-canary\n")
    (home / ".netrc").chmod(0o600)
    monkeypatch.setenv("HOME", str(home))
    monkeypatch.setenv("NETRC", str(home / ".netrc"))
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", str(path))
    monkeypatch.setenv("CURL_CA_BUNDLE", str(path))
    return path


def test_the_machines_certificate_authorities_are_not_ours(server: Server, foreign_settings: Path) -> None:
    """They would decide whom root's credential is sent to."""
    foreign_settings.write_bytes(Path(server.ready["ca_file"]).read_bytes())
    without = {name: value for name, value in server.environment.items() if name != "WHM_CA_PATH"}
    with pytest.raises(PanelopsError, match="is not trusted"):
        run_core("whm_api_token_info", without)
    ci = order_from(dict(params=lookup_params(acls=["ssl"], timeout=10), environ=without))
    with pytest.raises(PanelopsError, match="is not trusted"):
        CiTokens("label").secret(ci)
    assert server.http_requests() == 0


def test_no_setting_of_the_machine_keeps_us_from_the_server(server: Server, foreign_settings: Path) -> None:
    """A file that is not there, or holds nothing; and the .netrc knows another password."""
    assert run_core("whm_api_token_info", server.environment)["whm_api_tokens"] == []
    foreign_settings.write_text("")
    assert run_core("whm_api_token_info", server.environment)["whm_api_tokens"] == []
    unchecked = {name: value for name, value in server.environment.items() if name != "WHM_CA_PATH"}
    assert run_core("whm_api_token_info", unchecked, validate_certs=False)["whm_api_tokens"] == []
