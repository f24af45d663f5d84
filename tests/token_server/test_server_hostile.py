# Copyright (c) 2026 panelops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""No input whatever makes the server fail: no 5xx, no traceback, no hang."""

from __future__ import annotations

import ipaddress
import json
import re
import socket
from typing import Any
from urllib.parse import quote

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.support.server import Server
from tests.support.users import ALICE, ROOT
from token_server.functions.permissions import API2_FUNCTIONS, UAPI_FUNCTIONS, WHM_FUNCTIONS

some = settings(
    max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture], derandomize=True
)

texts = st.text(max_size=60) | st.sampled_from(
    ["", "\0", "0", "1", "-1", "9" * 5000, "\x7f", "%", "&", "=", "any", "all"]
)
names = st.from_regex(r"[A-Za-z0-9_-]{1,50}", fullmatch=True)
PARAMETERS = [
    "token_name", "token_name-1", "new_name", "acl", "acl-0", "acl-passwd", "expires_at", "whitelist_ip", "token", "user",
    "username", "newuser", "domain", "password", "reseller", "makeowner", "command", "command-1", "abort_on_error",
    "cpanel.user", "cpanel.module", "cpanel.function", "name", "readonly", "cpanel_jsonapi_user",
    "cpanel_jsonapi_module", "cpanel_jsonapi_func", "cpanel_jsonapi_apiversion", "api.version",
]  # fmt: skip
likely = st.sampled_from(["alice", "root", "reseller", "Tokens", "list", "t", "3", "2", "version", '["Tokens","list"]'])
parameters = st.dictionaries(st.sampled_from(PARAMETERS) | texts, st.lists(texts | likely, max_size=3), max_size=6)


@some
@given(function=st.sampled_from(sorted(WHM_FUNCTIONS)) | texts, given_parameters=parameters)
def test_any_parameters_of_whm(server: Server, function: str, given_parameters: dict[str, Any]) -> None:
    path = f"/json-api/{quote(function, safe='')}?api.version=1"
    response = server.request("whm", path, ROOT, data=given_parameters)
    assert response.status_code in (200, 401)
    response.json()
    if response.status_code == 401:  # An earlier example has changed root's password.
        server.reset()


@some
@given(
    name=st.sampled_from(sorted(UAPI_FUNCTIONS)) | st.sampled_from(sorted(API2_FUNCTIONS)), given_parameters=parameters
)
def test_any_parameters_of_uapi(server: Server, name: str, given_parameters: dict[str, Any]) -> None:
    response = server.request("cpanel", f"/execute/{name.replace('::', '/')}", ALICE, data=given_parameters)
    assert response.status_code == 200
    assert set(response.json()) == {"status", "data", "errors", "messages", "warnings", "metadata"}


@some
@given(name=texts | names)
def test_any_name(server: Server, name: str) -> None:
    valid = re.fullmatch("[A-Za-z0-9_-]{1,50}", name) is not None
    for answer, ok in (
        (server.whm("api_token_create", token_name=name)["metadata"]["result"], valid),
        (server.uapi("Tokens::create_full_access", name=name)["status"], valid),
    ):
        assert answer == int(ok)
    assert (name in server.whm_tokens()) == valid
    server.whm("api_token_revoke", token_name=name)
    server.uapi("Tokens::revoke", name=name)


addresses = st.ip_addresses().map(str) | st.builds(
    lambda address, length: f"{address}/{min(length, address.max_prefixlen)}", st.ip_addresses(), st.integers(0, 128)
)


@some
@given(texts_given=st.lists(addresses, max_size=5) | st.lists(texts | addresses, max_size=3))
def test_any_addresses(server: Server, texts_given: list[str]) -> None:
    def readable(text: str) -> bool:
        try:
            ipaddress.ip_network(text, strict=False)
        except ValueError:
            return False
        return "%" not in text and not re.search(r"/.*\.", text)

    answer = server.whm("api_token_create", token_name="t", whitelist_ip=texts_given)
    expected = texts_given == ["any"] or all(readable(text) for text in texts_given)
    assert answer["metadata"]["result"] == int(expected), answer
    if expected:
        stored = answer["data"]["whitelist_ips"]
        if texts_given in ([], ["any"]):
            assert stored is None
        else:
            as_networks = [ipaddress.ip_network(text, strict=False) for text in stored]
            assert set(as_networks) == {ipaddress.ip_network(text, strict=False) for text in texts_given}
            # What the server returns, it takes again and returns unchanged.
            again = server.whm_ok("api_token_update", token_name="t", whitelist_ip=stored)
            assert again["whitelist_ips"] == stored
        server.whm_ok("api_token_revoke", token_name="t")


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=10),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=10,
)


@some
@given(command=json_values | st.tuples(st.just("Tokens"), st.sampled_from(["list", "rename", "revoke"]), json_values))
def test_any_json_in_a_strict_batch(server: Server, command: Any) -> None:
    answer = server.uapi("Batch::strict", command=json.dumps(command))
    assert answer["status"] in (0, 1)


@some
@given(header=st.binary(max_size=200).filter(lambda value: not set(value) & {0, 10, 13}))
def test_any_authorization_header(server: Server, header: bytes) -> None:
    for prefix in (b"", b"whm ", b"Basic "):
        # The client sends no value that begins with what Python takes for white space.
        value = (prefix + header).decode("latin-1").strip()
        response = server.request("whm", "/json-api/version?api.version=1", headers={"Authorization": value})
        assert response.status_code in (400, 401)


@some
@given(body=st.binary(max_size=300), query=st.binary(max_size=100))
def test_any_bytes_as_parameters(server: Server, body: bytes, query: bytes) -> None:
    for content_type in (
        "application/x-www-form-urlencoded",
        "application/json",
        "multipart/form-data; boundary=a",
        "\x7f",
    ):
        encoded = "".join(f"%{byte:02x}" if byte % 3 else chr(byte % 26 + 97) for byte in query)
        path = f"/json-api/api_token_create?api.version=1&token_name=&{encoded}"
        response = server.request("whm", path, ROOT, data=body, headers={"Content-Type": content_type})
        assert response.status_code in (200, 400)


def _raw(server: Server, request: bytes) -> bytes:
    """Send bytes to the plain WHM port and return everything that comes back until the server closes or is silent."""
    port = int(server.ready["whm_plain"].rpartition(":")[2])
    answer = b""
    with socket.create_connection(("127.0.0.1", port), 5) as connection:
        connection.settimeout(5)
        connection.sendall(request)
        connection.shutdown(socket.SHUT_WR)
        try:
            while part := connection.recv(65536):
                answer += part
        except ConnectionResetError:
            pass
    return answer


@some
@given(
    path=st.binary(max_size=80).map(lambda raw: raw.translate(None, b" \r\n\t\x0b\x0c")), junk=st.binary(max_size=80)
)
def test_any_bytes_on_the_socket(server: Server, path: bytes, junk: bytes) -> None:
    for request in (
        b"GET /json-api/" + path + b"?" + path + b" HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n",
        b"GET /cpsess0000000000/"
        + path
        + b" HTTP/1.1\r\nHost: x\r\nCookie: "
        + path
        + b"\r\nConnection: close\r\n\r\n",
        b"POST /login HTTP/1.0\r\nContent-Length: 5\r\n\r\n" + junk,
        junk + b"\r\n\r\n",
    ):
        answer = _raw(server, request)
        assert not answer.startswith(b"HTTP/1.1 5"), (request, answer)
    assert server.status("whm", ROOT) == 200


@pytest.mark.parametrize("method", ["HEAD", "PUT", "DELETE", "PATCH", "OPTIONS", "TRACE"])
def test_other_methods(server: Server, method: str) -> None:
    for path in ("/json-api/version?api.version=1", "/login", "/nothing"):
        response = server.request("whm", path, ROOT, method=method)
        assert response.status_code == 405
        assert response.headers["allow"] == "GET, POST"


@pytest.mark.parametrize(
    "path", ["/", "/nothing", "/json-api", "/execute", "//", "/cpsess123/json-api/version", "/%ff%00"]
)
def test_unknown_paths(server: Server, path: str) -> None:
    response = server.request("whm", path, ROOT)
    assert response.status_code == 404
    assert response.json()["errors"]


@pytest.mark.parametrize(
    "path", ["/execute/", "/execute//", "/execute/Tokens", "/execute/Tokens/list/x", "/execute/a/b/c"]
)
def test_incomplete_functions(server: Server, path: str) -> None:
    answer = server.request("cpanel", path, ALICE).json()
    assert (answer["status"], len(answer["errors"])) == (0, 1)


def test_bodies_that_are_too_long(server: Server) -> None:
    for listener in ("whm", "whm_plain"):
        for size in (1024 * 1024 + 1, 3_000_000):
            body = b"a=" + b"x" * size
            assert server.request(listener, "/json-api/version?api.version=1", ROOT, data=body).status_code == 413
            chunks = (body[at : at + 65536] for at in range(0, len(body), 65536))
            response = server.request(
                listener, "/json-api/version?api.version=1", ROOT, data=chunks,
                headers={"Content-Type": "application/x-www-form-urlencoded"},
            )  # fmt: skip
            assert response.status_code == 413
        body = b"a=" + b"x" * (1024 * 1024 - 10)
        assert server.request(listener, "/json-api/version?api.version=1", ROOT, data=body).status_code == 200


def test_too_many_parameters(server: Server) -> None:
    assert server.request("whm", "/json-api/version?api.version=1", ROOT, data="a&" * 60_000,
                          headers={"Content-Type": "application/x-www-form-urlencoded"}).status_code == 400  # fmt: skip
    assert "too many" in server.whm_refused("batch", command="version?" + "a&" * 60_000)


def test_the_middle_of_a_request_missing(server: Server) -> None:
    assert _raw(server, b"POST /json-api/version HTTP/1.1\r\nHost: x\r\nContent-Length: 100\r\n\r\nabc") == b""
    assert b"401" in _raw(server, b"GET /json-api/version HTTP/1.0\r\n\r\n")
    assert server.status("whm", ROOT) == 200
