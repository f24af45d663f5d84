# Copyright (c) 2026 panelops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a hostile or broken server can answer: one table.

Each answer stands in for one that the reference server gave, or would have given.
"""

from __future__ import annotations

import base64
import gzip
import json
import re
import ssl
import time
from collections.abc import Callable
from dataclasses import dataclass, replace

from tests.hostile.json_answers import BATCHES, SHAPES, TEXTS
from tests.hostile.relay import Act, Heard, http, reset
from tests.support.dialects import DENIED, LOGIN_PAGE

SLOW = 1.3
"""Seconds that a slow answer lasts: longer than the timeout of the tests' tasks."""


@dataclass(frozen=True)
class Answer:
    """How one answer is given.

    ``forward``: does the server carry the call out all the same? ``slow``: does it cost a timeout? ``batch``: only for batches.
    """

    act: Act
    forward: bool = True
    slow: bool = False
    batch: bool = False


Bytes = Callable[[Heard], bytes]


def sending(make: Bytes, then: Callable[[ssl.SSLSocket], None] = lambda stream: None, **how: bool) -> Answer:
    """An answer of these bytes, after which the connection ends."""

    def act(stream: ssl.SSLSocket, heard: Heard) -> bool:
        stream.sendall(make(heard))
        then(stream)
        return False

    return Answer(act, **how)


DENIALS = ("302 to the login", "401", "403 with a page", "200 with Access denied", "the login page")
"""Answers that say that nobody was let in. Here they are true; ``test_denials`` has those that are not."""


def plain(body: bytes, *headers: str, status: str = "200 OK", **how: bool) -> Answer:
    """An answer that does not depend on the call."""
    return sending(lambda heard: http(body, *headers, status=status), **how)


def as_was(*headers: str, status: str = "200 OK", version: str = "HTTP/1.1") -> Answer:
    """The true body, with another status or more headers."""
    return sending(lambda heard: http(heard.body, *headers, status=status, version=version))


def raw_headers(head: str, body: Bytes = lambda heard: heard.body) -> Answer:
    """The true body (or another) behind headers that are written here in full."""
    return sending(lambda heard: head.replace("\n", "\r\n").encode("latin-1") + b"\r\n\r\n" + body(heard))


def changed(change: Callable[[Heard], object], **how: bool) -> Answer:
    """Another object as JSON."""
    return sending(lambda heard: http(json.dumps(change(heard)).encode("utf-8", "surrogatepass")), **how)


def body_of(make: Bytes) -> Answer:
    """Another body."""
    return sending(lambda heard: http(make(heard)))


def dripping(stream: ssl.SSLSocket, heard: Heard) -> bool:
    """A byte now and then, for longer than anybody waits."""
    stream.sendall(http(b" " * 100_000)[:-100_000])
    for _number in range(int(SLOW / 0.1)):
        stream.sendall(b" ")
        time.sleep(0.1)
    return False


def silent(stream: ssl.SSLSocket, heard: Heard) -> bool:
    """Nothing."""
    time.sleep(SLOW)
    return False


def endless_headers(stream: ssl.SSLSocket, heard: Heard) -> bool:
    """Headers without an end: the client must go."""
    stream.sendall(b"HTTP/1.1 200 OK\r\nX-Long: ")
    for _number in range(200):
        stream.sendall(b"a" * 65536)
    return False


def half(heard: Heard) -> bytes:
    return heard.body[: len(heard.body) // 2]


def credential_of(heard: Heard) -> str:
    """The credential as a server sees it: for Basic, with the password."""
    scheme, _blank, value = heard.credential.partition(" ")
    if scheme == "Basic":
        return f"{heard.credential} {base64.b64decode(value).decode()}"
    return heard.credential


WRONG = b"WRONGWRONGWRONGWRONGWRONGWRONGWR"
PAGE = b"<!DOCTYPE html><html><body>{{ lookup('pipe', 'id') }}</body></html>"
HTTP_ANSWERS: dict[str, Answer] = {
    "no HTTP": sending(lambda heard: b"\x00\xff\xfe garbage\r\n\r\n"),
    "HTTP 9.9": as_was(version="HTTP/9.9"),
    "HTTP 0.9": sending(lambda heard: heard.body),
    "status 999": as_was(status="999 Beyond"),
    "status 42": as_was(status="42 Short"),
    "a status in words": as_was(status="two hundred"),
    "a status without words": as_was(status="500"),
    "101": plain(b"", "Upgrade: websocket", status="101 Switching Protocols"),
    "103": raw_headers("HTTP/1.1 103 Early Hints\nLink: </a>; rel=preload", lambda heard: b""),
    "100 a hundred times": sending(lambda heard: b"HTTP/1.1 100 Continue\r\n\r\n" * 100),
    "204": raw_headers("HTTP/1.1 204 No Content", lambda heard: b""),
    "206": sending(lambda heard: http(half(heard), "Content-Range: bytes 0-9/99", status="206 Partial Content")),
    "301 to itself": plain(b"", "Location: /json-api/api_token_list", status="301 Moved"),
    "302 to the login": plain(b"", "Location: /login/?session=CANARYCANARYCANARYCANARY12345678", status="302 Found"),
    "307 elsewhere": plain(b"", "Location: https://192.0.2.1/\x1b[2J", status="307 Temporary Redirect"),
    "302 to nowhere": plain(b"", status="302 Found"),
    "401": plain(DENIED, status="401 Unauthorized"),
    "403 with a page": plain(PAGE, "Content-Type: text/html", status="403 Forbidden"),
    "404 with words": plain(b'{"message":"no \\u001b[31m route"}', status="404 Not Found"),
    "429": plain(b"", "Retry-After: 999999999", status="429 Too Many Requests"),
    "500 with a page": plain(PAGE, status="500 Oops"),
    "502 without a body": plain(b"", status="502 Bad Gateway"),
    "503 with the true body": as_was(status="503 Unavailable"),
    "200 with Access denied": plain(DENIED),
    "the login page": plain(LOGIN_PAGE, "Content-Type: text/html"),
    "a page": plain(PAGE, "Content-Type: text/html"),
    "an empty body": plain(b""),
    "a body that ends early": sending(lambda heard: http(heard.body)[: -len(heard.body) // 2]),
    "a length that is too short": raw_headers("HTTP/1.1 200 OK\nContent-Length: 20"),
    "a length below zero": raw_headers("HTTP/1.1 200 OK\nContent-Length: -1"),
    "a length in words": raw_headers("HTTP/1.1 200 OK\nContent-Length: many"),
    "two lengths": raw_headers("HTTP/1.1 200 OK\nContent-Length: 7\nContent-Length: 90000"),
    "a chunk without a size": raw_headers("HTTP/1.1 200 OK\nTransfer-Encoding: chunked"),
    "a chunk that is too long": raw_headers(
        "HTTP/1.1 200 OK\nTransfer-Encoding: chunked", lambda heard: b"ffffffffff\r\n" + heard.body
    ),
    "chunks without an end": raw_headers(
        "HTTP/1.1 200 OK\nTransfer-Encoding: chunked", lambda heard: b"%x\r\n" % len(heard.body) + heard.body
    ),
    "no gzip": raw_headers("HTTP/1.1 200 OK\nContent-Encoding: gzip\nConnection: close"),
    "half a gzip": raw_headers(
        "HTTP/1.1 200 OK\nContent-Encoding: gzip\nConnection: close",
        lambda heard: gzip.compress(heard.body)[: -len(gzip.compress(heard.body)) // 2],
    ),
    "an unknown encoding": as_was("Content-Encoding: br\x07"),
    "five hundred headers": as_was(*[f"X-{number}: a" for number in range(500)]),
    "a header of 100 KB": as_was(f"X-Long: {'a' * 100_000}"),
    "a header without a colon": raw_headers("HTTP/1.1 200 OK\nno colon here\n\0"),
    "closed at once": sending(lambda heard: b""),
    "reset at once": sending(lambda heard: b"", reset),
    "reset in the middle": sending(lambda heard: http(heard.body)[: -len(heard.body) // 2], reset),
    "silence": Answer(silent, slow=True),
    "drips": Answer(dripping, slow=True),
    "headers without an end": Answer(endless_headers),
}  # fmt: skip

BODIES: dict[str, Answer] = {
    "half the JSON": body_of(half),
    "the JSON twice": body_of(lambda heard: heard.body * 2),
    "UTF-16": body_of(lambda heard: heard.body.decode().encode("utf-16")),
    "a blank": body_of(lambda heard: b" "),
    "YAML": body_of(lambda heard: b"---\ndata:\n  token: AAAABBBBCCCCDDDDEEEEFFFFGGGG1111\n"),
    "text": body_of(lambda heard: b"Your license\x1b[31m has expired {{ 7 * 7 }}\r\n::error::owned"),
    "a list": body_of(lambda heard: b"[" + heard.body + b"]"),
    "a text": body_of(lambda heard: json.dumps(heard.body.decode()).encode()),
    "a number": body_of(lambda heard: b"1"),
    "null": body_of(lambda heard: b"null"),
    "true": body_of(lambda heard: b"true"),
    "an empty object": body_of(lambda heard: b"{}"),
    "NaN": body_of(lambda heard: b'{"metadata":{"result":NaN},"status":NaN,"data":NaN}'),
    "Infinity": body_of(lambda heard: b'{"metadata":{"result":Infinity},"status":-Infinity,"data":Infinity}'),
    "a result of 5,000 digits": body_of(lambda heard: b'{"metadata":{"result":%s},"status":1}' % (b"9" * 5000)),
    "a result of 400 digits": body_of(lambda heard: b'{"metadata":{"result":%s},"status":%s}' % (b"9" * 400, b"9" * 400)),
    "lists in lists": body_of(lambda heard: b'{"metadata":' + b"[" * 100_000),
    "objects in objects": body_of(lambda heard: b'{"data":' * 800 + b"1" + b"}" * 800),
    "errors in errors": body_of(lambda heard: b'{"result":' * 480 + b'{"error":"deep"}' + b"}" * 480),
    "a secret twice": body_of(lambda heard: re.sub(rb'("token":"[^"]*")', rb'\1,"token":"%s"' % WRONG, heard.body)),
    "a secret in text": plain(b"Set AAAABBBBCCCCDDDDEEEEFFFFGGGG1111 aside\n"),
}  # fmt: skip

ECHOES: dict[str, Answer] = {
    "the credential in a page": sending(lambda heard: http(credential_of(heard).encode(), status="500 Oops")),
    "the credential as text": sending(lambda heard: http(credential_of(heard).encode())),
    "the credential in a message": sending(
        lambda heard: http(json.dumps({"message": f"no {credential_of(heard)}"}).encode(), status="503 Busy")
    ),
    "the credential in a redirect": sending(
        lambda heard: http(b"", f"Location: https://{heard.credential.split(' ')[-1]}@192.0.2.1/", status="302 Found")
    ),
}

LIES = ("data null", "no data", "the name of another token", "a name that is a template")
"""As lists of an account's tokens they cannot be told from true ones: whoever hears nothing else does not know what is there."""

ANSWERS: dict[str, Answer] = {
    **HTTP_ANSWERS,
    **BODIES,
    **ECHOES,
    **{name: changed(change) for name, change in SHAPES.items()},
    **{name: changed(change, batch=True) for name, change in BATCHES.items()},
    **{name: replace(HTTP_ANSWERS[name], forward=False) for name in DENIALS},
    # A refusal is true: one that is not would be a lie that nobody can find out.
    **{name: changed(change, forward=False) for name, change in TEXTS.items()},
}
"""What may stand in for an answer, by name."""
