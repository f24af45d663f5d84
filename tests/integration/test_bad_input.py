# Copyright (c) 2026 panelops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Invariant I8: bad input and bad answers each get one clear sentence, never a traceback."""

from __future__ import annotations

import socket
import ssl
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
import trustme

from tests.support.playbooks import Run, run_playbook, task
from tests.support.server import Server

TOKEN = {"name": "t", "acls": ["list-accts"]}
REFUSED_BEFORE_ANY_CALL = {
    "name: 'aaaaa": {"name": "a" * 51},
    "name: 'two words' has characters": {"name": "two words"},
    "name: is empty": {"name": ""},
    "rename_from: is the same as name": {"rename_from": "t"},
    "whitelist_ips: 101 addresses are more than the 100": {
        "whitelist_ips": [f"10.0.{n // 50}.{n % 50}" for n in range(101)]
    },
    "whitelist_ips: '10.0.0.0/33' is not an address": {"whitelist_ips": ["10.0.0.0/33"]},
    "whitelist_ips: '10.0.0.7/24' names one address and a range": {"whitelist_ips": ["10.0.0.7/24"]},
    "expires_at: 'soon' is not a time": {"expires_at": "soon"},
    "expires_at: '20300131T180000Z' is not a time": {"expires_at": "20300131T180000Z"},
    "expires_in: '7776000' has no unit": {"expires_in": "7776000"},
    "expires_in: '5y' is not a duration": {"expires_in": "5y"},
    "renew_before: 2d is not less than expires_in": {"expires_in": "1d", "renew_before": "2d"},
    "timezone: 'Nowhere' is not known": {"expires_at": "2035-01-01", "timezone": "Nowhere"},
    "acls: is empty": {"acls": []},
    "acls: 'list accts' is not the name of a privilege": {"acls": ["list accts"]},
    "host: 'https://127.0.0.1' is not a host name": {"host": "https://127.0.0.1"},
    "port: 99999 is not a port": {"port": 99999},
    "ca_path: there is no file /nowhere/ca.pem": {"ca_path": "/nowhere/ca.pem"},
    "api_token: holds characters that no API token has": {"api_token": "two words"},
    "timeout: 0 is not a time": {"timeout": 0},
}


def failing(tasks: list[dict], folder: Path, environment: dict) -> Run:
    """Run tasks that are all expected to fail, and check how they do."""
    run = run_playbook({"ignore_errors": True, "tasks": tasks}, folder, environment)
    assert "Traceback" not in run.output
    for each in run.tasks:
        assert each.failed, each.name
        assert "\n" not in each.msg
        assert "exception" not in each.data
        assert each.name in each.msg
    assert len(run.tasks) == len(tasks)
    return run


def test_bad_options_are_refused_before_any_call(server: Server, tmp_path: Path) -> None:
    tasks = [
        task(message, "whm_api_token", **{**TOKEN, **options}) for message, options in REFUSED_BEFORE_ANY_CALL.items()
    ]
    failing(tasks, tmp_path, server.environment)
    assert server.http_requests() == 0


def test_an_account_that_nobody_names_can_be_given_in_two_ways(server: Server, tmp_path: Path) -> None:
    unnamed = {key: value for key, value in server.environment.items() if key != "CPANEL_USERNAME"}
    message = (
        "username: is not given. Give it, or set CPANEL_USERNAME in the environment, or give account to go through WHM."
    )
    failing([task(message, "cpanel_api_token", name="t")], tmp_path, unnamed)


def test_only_a_token_can_be_revoked_or_bound_to_addresses(server: Server, tmp_path: Path) -> None:
    """What a message asks to check is what the credential can be."""
    tasks = [
        task("did not accept api_token", "whm_api_token_info", api_token="WRONG" * 6),
        task("did not accept password", "whm_api_token_info", password="wrong"),
    ]
    of_token, of_password = failing(tasks, tmp_path, server.environment).tasks
    assert "revoked" in of_token.msg
    assert "whitelist_ips" in of_token.msg
    assert "revoked" not in of_password.msg
    assert "whitelist_ips" not in of_password.msg
    assert "many failed logins" in of_password.msg


def test_no_credential_or_two(server: Server, tmp_path: Path) -> None:
    environment = {key: value for key, value in server.environment.items() if key != "WHM_PASSWORD"}
    tasks = [
        task("api_token: no credential is given", "whm_api_token", **TOKEN),
        task("api_token and password: both are given", "whm_api_token_info", api_token="A" * 32, password="a password"),
    ]
    failing(tasks, tmp_path, environment)


def test_what_only_the_server_can_refuse(server: Server, tmp_path: Path) -> None:
    tasks = [
        task("acls: the token t does not exist", "whm_api_token", name="t"),
        task("expires_at: 2001-01-01T23:59:59Z is in the past", "whm_api_token", **TOKEN, expires_at="2001-01-01"),
        task("no-such-acl", "whm_api_token", name="t", acls=["no-such-acl"]),
        task("The server refused api_token_create", "whm_api_token", name="t", acls=["no-such-acl"]),
        task("did not accept api_token of root (HTTP 401)", "whm_api_token", **TOKEN, api_token="WRONG" * 6),
        task("did not accept password of root (HTTP 401)", "whm_api_token_info", password="wrong"),
    ]
    failing(tasks, tmp_path, server.environment)
    assert server.whm_tokens() == {}


@pytest.mark.parametrize(
    ("kind", "message"),
    [
        ("html", "did not accept password of root (the HTML login page)"),
        ("login_redirect", "did not accept password of root (a redirect to the login page)"),
        ("truncated_json", "answered with JSON that breaks off"),
        ("not_json", "answered with something that is not JSON"),
        ("status:500", "answered with HTTP 500"),
        ("status:429", "too many requests"),
        ("status:404", "answered with HTTP 404"),
        ("status:403", "did not accept password of root (HTTP 403)"),
        ("drop_before_commit", "the connection broke off"),
        ("delay:5", "no answer within the timeout"),
    ],
)
def test_answers_that_are_none(server: Server, tmp_path: Path, kind: str, message: str) -> None:
    for call in (1, 2, 3):
        server.fault("api_token_list", kind, call)
    failing([task(message, "whm_api_token", **TOKEN, timeout=1)], tmp_path, server.environment)


@contextmanager
def answering(body: bytes, context: ssl.SSLContext | None) -> Iterator[int]:
    """A port that answers every connection with the same bytes, inside TLS if a context is given."""
    with socket.create_server(("127.0.0.1", 0)) as listener:

        def serve() -> None:
            while True:
                try:
                    connection, _peer = listener.accept()
                except OSError:
                    return
                try:
                    with context.wrap_socket(connection, server_side=True) if context else connection as stream:
                        stream.recv(65536)
                        stream.sendall(body)
                except OSError:
                    continue

        threading.Thread(target=serve, daemon=True).start()
        yield listener.getsockname()[1]
        listener.shutdown(socket.SHUT_RDWR)


def test_servers_that_are_not_whm(server: Server, tmp_path: Path) -> None:
    authority = trustme.CA()
    ca_path = tmp_path / "ca.pem"
    authority.cert_pem.write_to_path(str(ca_path))
    right, wrong_name = (ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER) for _each in range(2))
    authority.issue_cert("127.0.0.1").configure_cert(right)
    authority.issue_cert("other.example").configure_cert(wrong_name)
    page = b"<!DOCTYPE html><html><body>It works!</body></html>"
    html = b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\nConnection: close\r\n\r\n%s" % (len(page), page)
    json = b'HTTP/1.1 200 OK\r\nContent-Length: 15\r\nConnection: close\r\n\r\n{"status":"ok"}'
    with socket.create_server(("127.0.0.1", 0)) as closed:
        closed_port = closed.getsockname()[1]
    with (
        answering(html, right) as web,
        answering(json, right) as other,
        answering(b"", wrong_name) as named,
        answering(b"HTTP/1.0 400 Bad\r\n\r\n", None) as plain,
    ):
        places = {
            "an HTML page instead of JSON": {"port": web},
            "is not one that WHM API 1 gives": {"port": other},
            "connect by the name that the certificate holds": {"port": named},
            "the port does not speak TLS": {"port": plain},
            "connection refused": {"port": closed_port},
            "the name is not known": {"host": "whm.invalid"},
            "is not trusted": {"port": server.port},
        }
        common = {**TOKEN, "ca_path": str(ca_path), "timeout": 3}
        tasks = [task(message, "whm_api_token", **{**common, **options}) for message, options in places.items()]
        failing(tasks, tmp_path, server.environment)


def test_a_certificate_is_not_checked_only_when_told_so(server: Server, tmp_path: Path) -> None:
    environment = {key: value for key, value in server.environment.items() if key != "WHM_CA_PATH"}
    failing([task("is not trusted", "whm_api_token_info")], tmp_path, environment)
    run = run_playbook(
        {"tasks": [task("unchecked", "whm_api_token_info", validate_certs=False)]}, tmp_path, environment
    )
    assert run.status == 0, run.output
