# Copyright (c) 2026 panelops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Request bodies: every type that clients send, for every function; and those that cannot be read."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any
from urllib.parse import urlencode

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.conformance.calls import UAPI_CALLS, WHM_CALLS
from tests.support.server import Server
from tests.support.users import ALICE, ROOT
from token_server.functions.permissions import UAPI_FUNCTIONS, WHM_FUNCTIONS
from token_server.http.bodies import MAX_PART_HEADERS, MAX_PARTS, BadBody, parameters

Body = tuple[str | None, bytes]
Pairs = list[tuple[str, str]]


def multipart(pairs: Pairs, headers: str = "") -> Body:
    """Return the body as ``curl -F`` and PHP send it."""
    parts = "".join(
        f'--xYz\r\nContent-Disposition: form-data; name="{name}"\r\n{headers}\r\n{text}\r\n' for name, text in pairs
    )
    return 'multipart/form-data; boundary="xYz"', f"{parts}--xYz--\r\n".encode()


def as_json(pairs: Pairs) -> Body:
    """Return the body as a JSON object; a name that comes more than once has a list."""
    values: dict[str, Any] = {}
    for name, text in pairs:
        values[name] = [*values[name], text] if name in values else [text]
    return "application/json", json.dumps(
        {name: texts[0] if len(texts) == 1 else texts for name, texts in values.items()}
    ).encode()


def urlencoded(content_type: str | None) -> Callable[[Pairs], Body]:
    """Return what makes a urlencoded body that calls itself something else."""
    return lambda pairs: (content_type, urlencode(pairs).encode())


KINDS: dict[str, Callable[[Pairs], Body]] = {
    "form": urlencoded("application/x-www-form-urlencoded; charset=UTF-8"),
    "octets": urlencoded("application/octet-stream"),
    "text": urlencoded("text/plain;charset=UTF-8"),
    "none": urlencoded(None),
    "odd": urlencoded("; charset=\u00ff/"),
    "multipart": multipart,
    "json": as_json,
}
every_kind = pytest.mark.parametrize("kind", KINDS)


def _post(server: Server, listener: str, path: str, credentials: tuple[str, str], body: Body) -> Any:
    content_type, content = body
    # None takes the header out that the client would send by itself.
    headers: dict[str, Any] = {"Content-Type": content_type}
    return server.request(listener, path, credentials, data=content, headers=headers)


@every_kind
def test_every_function_of_whm(server: Server, kind: str) -> None:
    assert {function for function, _parameters in WHM_CALLS} == set(WHM_FUNCTIONS)
    for function, given_parameters in WHM_CALLS:
        if function == "api_token_get_details":
            given_parameters = {"token": server.whm_token("detailed")}
        body = KINDS[kind]([("api.version", "1"), *given_parameters.items()])
        answer = _post(server, "whm", f"/json-api/{function}", ROOT, body).json()
        succeeded = answer["result"]["status"] if function == "cpanel" else answer["metadata"]["result"]
        assert succeeded == 1, (function, answer)


@every_kind
def test_every_function_of_uapi(server: Server, kind: str) -> None:
    assert {function for function, _parameters in UAPI_CALLS} == set(UAPI_FUNCTIONS)
    for function, given_parameters in UAPI_CALLS:
        body = KINDS[kind](list(given_parameters.items()))
        answer = _post(server, "cpanel", f"/execute/{function.replace('::', '/')}", ALICE, body).json()
        assert answer["status"] == 1, (function, answer)


@every_kind
def test_the_function_of_api_2(server: Server, kind: str) -> None:
    body = KINDS[kind]([("cpanel_jsonapi_module", "Email"), ("cpanel_jsonapi_func", "listpops")])
    answer = _post(server, "cpanel", "/json-api/cpanel", ALICE, body).json()
    assert answer["cpanelresult"]["event"]["result"] == 1


@every_kind
def test_lists_and_texts_arrive_as_they_are(server: Server, kind: str) -> None:
    pairs = [
        ("token_name", "t"),
        ("acl", "list-accts"),
        ("acl", "passwd"),
        ("whitelist_ip-1", "10.0.0.2"),
        ("whitelist_ip-0", "10.0.0.1"),
    ]
    answer = _post(server, "whm", "/json-api/api_token_create?api.version=1", ROOT, KINDS[kind](pairs)).json()
    assert sorted(answer["data"]["acls"]) == ["list-accts", "passwd"]
    assert answer["data"]["whitelist_ips"] == ["10.0.0.1", "10.0.0.2"]
    odd = "a &=+%41;\u00e9\u4e16\U0001f600"
    answer = _post(server, "whm", "/json-api/suspendacct?api.version=1", ROOT, KINDS[kind]([("user", odd)])).json()
    assert odd in answer["metadata"]["reason"]


@every_kind
def test_logging_in(server: Server, kind: str) -> None:
    body = KINDS[kind]([("user", "alice"), ("pass", ALICE.password)])
    assert _post(server, "cpanel", "/login", ALICE, body).status_code == 302


def test_the_scalars_of_json(server: Server) -> None:
    expires_at = server.now() + 1000
    content = json.dumps({"name": "t", "expires_at": expires_at, "readonly": True, "nothing": None}).encode()
    for content_type in ("application/json", "Application/JSON; charset=utf-8", "application/json;charset=utf-16"):
        server.reset()
        path = "/execute/Tokens/create_full_access"
        answer = _post(server, "cpanel", path, ALICE, (content_type, content)).json()
        assert answer["status"] == 1, answer
        token = server.uapi_tokens()["t"]
        assert (token["expires_at"], token["readonly"]) == (expires_at, 1)


def test_character_sets_of_parts(server: Server) -> None:
    path = "/json-api/suspendacct?api.version=1"
    for charset in ("utf-8", "UTF8", "iso-8859-1", "windows-1252"):
        kind, content = multipart([("user", "NAME")], f"Content-Type: text/plain; charset={charset}\r\n")
        content = content.replace(b"NAME", "caf\u00e9".encode(charset))
        answer = _post(server, "whm", path, ROOT, (kind, content)).json()
        assert "caf\u00e9" in answer["metadata"]["reason"]
    for charset in ("klingon", "base64", "punycode", "utf-16"):
        body = multipart([("user", "alice")], f"Content-Type: text/plain; charset={charset}\r\n")
        assert _post(server, "whm", path, ROOT, body).status_code == 400, charset


def test_files_count_as_their_text(server: Server) -> None:
    answer = server.request(
        "whm", "/json-api/api_token_create?api.version=1", ROOT, files={"token_name": ("name.txt", b"from-a-file")}
    ).json()
    assert answer["data"]["name"] == "from-a-file"


def _part(headers: str) -> bytes:
    return f"--x\r\n{headers}\r\n\r\nt\r\n--x--\r\n".encode()


DISPOSITION = 'Content-Disposition: form-data; name="token_name"'
MULTIPART = "multipart/form-data; boundary=x"
BROKEN: dict[str, tuple[str, bytes, str]] = {
    "no boundary": ("multipart/form-data", b"--x", "boundary"),
    "an empty boundary": ('multipart/form-data; boundary=""', b"--x", "boundary"),
    "no end": (MULTIPART, _part(DISPOSITION).replace(b"--x--", b""), "does not end"),
    "cut off": (MULTIPART, _part(DISPOSITION)[:-9], "does not end"),
    "another boundary": (MULTIPART + "y", _part(DISPOSITION), "does not end"),
    "no name": (MULTIPART, _part("Content-Disposition: form-data"), "with a name"),
    "an empty name": (MULTIPART, _part('Content-Disposition: form-data; name=""'), "with a name"),
    "no disposition": (MULTIPART, _part("Content-Type: text/plain"), "with a name"),
    "another disposition": (MULTIPART, _part(DISPOSITION.replace("form-data", "attachment")), "with a name"),
    "no headers": (MULTIPART, b"--x\r\nt\r\n--x--\r\n", "no headers"),
    "long headers": (MULTIPART, _part(f"{DISPOSITION}\r\nX: {'a' * MAX_PART_HEADERS}"), "at most 4096 bytes"),
    "too many parts": (MULTIPART, _part(DISPOSITION)[:-7] * (MAX_PARTS + 1) + b"--x--\r\n", "at most 1000 parts"),
    "no JSON": ("application/json", b"token_name=t", "JSON object"),
    "JSON that is cut off": ("application/json", b'{"token_name": "t"', "JSON object"),
    "a list": ("application/json", b'["token_name"]', "JSON object"),
    "an object in an object": ("application/json", b'{"token_name": {"a": 1}}', "JSON object"),
    "a list in a list": ("application/json", b'{"token_name": [["t"]]}', "JSON object"),
    "deep JSON": ("application/json", b'{"token_name":' + b"[" * 100_000, "JSON object"),
    "a long number": ("application/json", b'{"token_name":' + b"9" * 5000 + b"}", "JSON object"),
    "JSON of no encoding": ("application/json", b'{"token_name": "\xff"}', "JSON object"),
    "too many values": ("application/json", b'{"token_name":[' + b"1," * 60_000 + b"1]}", "too many parameters"),
    "too many fields": ("text/plain", b"a&" * 60_000, "too many parameters"),
}


@pytest.mark.parametrize("broken", BROKEN)
def test_what_cannot_be_read_is_a_sentence(server: Server, broken: str) -> None:
    content_type, content, words = BROKEN[broken]
    for listener, path, credentials in (
        ("whm", "/json-api/api_token_create?api.version=1", ROOT),
        ("cpanel", "/execute/Tokens/create_full_access", ALICE),
        ("whm", "/login", ROOT),
    ):
        answer = _post(server, listener, path, credentials, (content_type, content))
        assert answer.status_code == 400
        (sentence,) = answer.json()["errors"]
        assert words in sentence
        assert sentence.endswith(".")
    assert server.whm_tokens() == {}


def test_who_is_not_authenticated_learns_nothing_of_the_body(server: Server) -> None:
    answer = _post(server, "whm", "/json-api/version", ("root", "wrong"), ("application/json", b"{"))
    assert answer.status_code == 401


def test_an_empty_body_of_any_type_has_no_parameters(server: Server) -> None:
    for content_type in ("application/json", "multipart/form-data", "multipart/form-data; boundary=x", "text/plain"):
        answer = _post(server, "whm", "/json-api/version?api.version=1", ROOT, (content_type, b""))
        assert answer.json()["metadata"]["result"] == 1


@settings(max_examples=300, deadline=None, derandomize=True)
@given(
    content_type=st.binary(max_size=30)
    | st.sampled_from([b"application/json", b"multipart/form-data; boundary=a", b"multipart/form-data; boundary*=x''%ff"]),
    content=st.lists(
        st.binary(max_size=12)
        | st.sampled_from([b"--a", b"--", b"\r\n", b"\r\n\r\n", b"Content-Disposition: form-data; name", b'="', b"*=", b"''", b"{", b'"']),
        max_size=14,
    ).map(b"".join),
)  # fmt: skip
def test_any_bytes_are_parameters_or_a_sentence(content_type: bytes, content: bytes) -> None:
    try:
        parameters(b"", content, content_type)
    except BadBody as refusal:
        assert str(refusal).endswith(".")


@pytest.mark.parametrize("charset", ["undefined", "idna", "punycode", "x", "utf-16"])
def test_character_sets_of_names(charset: str) -> None:
    """What a client says of the character set of a name or a boundary is no reason to fail."""
    body = f"--abc\r\nContent-Disposition: form-data; name*={charset}''a\r\n\r\nx\r\n--abc--\r\n".encode()
    with pytest.raises(BadBody):
        parameters(b"", body, b"multipart/form-data; boundary=abc")
    with pytest.raises(BadBody):
        parameters(b"", body, f"multipart/form-data; boundary*={charset}''abc".encode())


def test_spellings_of_names() -> None:
    """Quotes, escapes, the order of parameters, folded lines and encoded names: as browsers, curl and mail libraries send them."""
    for spelling, name in {
        'form-data; name="a;b"': "a;b",
        'form-data; filename="x;\\"y"; name="q\\"\\\\"': 'q"\\',
        "FORM-DATA;NAME = plain ; x=y;": "plain",
        "form-data;\r\n name=folded": "folded",
        "form-data; name*=utf-8'en'caf%C3%A9": "caf\u00e9",
        "form-data; name*=iso-8859-1''caf%E9; name=cafe": "caf\u00e9",
    }.items():
        body = f"--x\r\nContent-Disposition: {spelling}\r\n\r\nvalue\r\n--x--\r\n".encode()
        assert parameters(b"", body, b'Multipart/Form-Data; charset=utf-8; boundary="x"').one(name) == "value", spelling
