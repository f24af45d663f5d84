# Copyright (c) 2026 panelops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""How other versions, proxies and Perls put the same answers: one table.

A variant changes the reference server's real answer before it is sent, or how it is sent. Every task must do the same as without it.
"""

from __future__ import annotations

import gzip
import json
import ssl
from collections.abc import Callable
from dataclasses import dataclass

from tests.hostile.json_answers import envelopes
from tests.hostile.relay import Act, Heard, http
from tests.support.dialects import DIALECTS, Dialect, objects, of_tokens

Wire = Callable[[bytes, str], bytes]
"""The whole HTTP answer, of a body and a date."""


@dataclass(frozen=True)
class Variant:
    """``content`` changes the parsed answer, ``encode`` writes it, ``wire`` sends it. ``closes``: the connection ends with the answer."""

    content: Dialect = lambda answer: None
    encode: Callable[[dict], bytes] = lambda answer: json.dumps(answer).encode()
    wire: Wire = lambda body, date: http(body, f"Date: {date}")
    closes: bool = False

    def act(self) -> Act:
        """What the port does with each call."""

        def act(stream: ssl.SSLSocket, heard: Heard) -> bool:
            answer = heard.answer()
            self.content(answer)
            stream.sendall(self.wire(self.encode(answer), heard.date))
            return not self.closes

        return act


def each_object(change: Callable[[dict], None]) -> Dialect:
    """A change of every object in an answer."""

    def dialect(answer: dict) -> None:
        for each in list(objects(answer)):
            change(each)

    return dialect


def every_value(say: Callable[[str, object], object]) -> Dialect:
    """Another way to write the values of every object, by their names."""

    def change(each: dict) -> None:
        for key, value in list(each.items()):
            each[key] = say(key, value)

    return each_object(change)


FLAGS = {"result", "status", "readonly", "has_full_access", "suspended"}


def flags(yes: object, no: object) -> Dialect:
    """Another way to write 1 and 0, privileges among them."""

    def dialect(answer: dict) -> None:
        # All privileges are listed, and one of them is called like a flag.
        privileges = [each["acls"] for each in objects(answer) if isinstance(each.get("acls"), dict)]
        for each in list(objects(answer)):
            known = each.keys() if each in privileges else FLAGS & each.keys()
            for key in known:
                if each[key] in (0, 1):
                    each[key] = yes if each[key] else no

    return dialect


def without(*keys: str) -> Dialect:
    """Optional fields are missing."""

    def change(each: dict) -> None:
        for key in keys:
            each.pop(key, None)

    return each_object(change)


def null_if_empty(key: str, value: object) -> object:
    """Nothing is null."""
    return None if value in ("", [], {}) else value


def with_more(each: dict) -> None:
    """Fields that nobody knows, in every object but those whose names are data."""
    if "create_time" in each or "metadata" in each or "status" in each:
        each.update(hypothetical={"a": [1, None]}, x_y_z="{{ 7 * 7 }}")


def backwards(answer: dict) -> None:
    """The fields of objects, and the tokens of lists, in another order."""
    for each in list(objects(answer)):
        items = list(each.items())[::-1]
        each.clear()
        each.update(items)
        if isinstance(each.get("data"), list):
            each["data"].reverse()


def verbose(answer: dict) -> None:
    """Words where nothing failed."""
    for each in envelopes(answer):
        if "metadata" in each and each["metadata"].get("result") == 1:
            each["metadata"].update(
                reason="Done. \u201cNothing\u201d failed", output={"raw": "text", "warnings": ["w"]}
            )
        if each.get("status") == 1:
            each.update(messages=["Done."], warnings=["Mind the gap."], errors=[])


def batches(result: int) -> Dialect:
    """The outcome of a batch, whatever came of its commands."""

    def dialect(answer: dict) -> None:
        inside = (answer.get("data") or {}).get("result") if isinstance(answer.get("data"), dict) else None
        if isinstance(inside, list) and "metadata" in answer:
            failed = any(each["metadata"]["result"] != 1 for each in inside)
            answer["metadata"].update(result=result if failed else 1, reason="One or more commands failed.")

    return dialect


def last_used(say: Callable[[dict], object]) -> Dialect:
    """Another way to report when a token was last used."""
    return of_tokens(lambda token: token.update(last_used=say(token)))


def limits(key: str, say: Callable[[object], object]) -> Dialect:
    """Another way to write one limit of tokens."""

    def change(token: dict) -> None:
        if key in token:
            token[key] = say(token[key])

    return of_tokens(change)


def raw(head: str, body: Callable[[bytes], bytes] = bytes) -> Wire:
    """Headers as they stand here; ``{date}`` and ``{length}`` are put in."""

    def wire(data: bytes, date: str) -> bytes:
        sent = body(data)
        text = head.format(date=date, length=len(sent))
        return text.replace("\n", "\r\n").encode("latin-1") + b"\r\n\r\n" + sent

    return wire


def chunked(size: int, extension: str = "") -> Callable[[bytes], bytes]:
    """A body in chunks."""

    def body(data: bytes) -> bytes:
        parts = [data[start : start + size] for start in range(0, len(data), size)]
        return b"".join(b"%x%s\r\n%s\r\n" % (len(part), extension.encode(), part) for part in parts) + b"0\r\n\r\n"

    return body


CHUNKED = "HTTP/1.1 200 OK\nDate: {date}\nTransfer-Encoding: chunked"
UNTIL_THE_END = "HTTP/1.1 200 OK\nDate: {date}\nConnection: close"
ORDINARY = "Date: {date}\nContent-Length: {length}"

CONTENT: dict[str, Variant] = {
    **{f"dialect: {name}": Variant(dialect) for name, dialect in DIALECTS.items()},
    "flags as text": Variant(flags("1", "0")),
    "flags as true and false": Variant(flags(True, False)),
    "flags as 1.0 and 0.0": Variant(flags(1.0, 0.0)),
    "false as an empty text": Variant(flags(1, "")),
    "false as an empty text, true as text": Variant(flags("1", "")),
    "null for what is empty": Variant(every_value(null_if_empty)),
    "no optional fields": Variant(without("messages", "warnings", "version", "command", "last_used", "features")),
    "no reason": Variant(without("reason")),
    "more fields": Variant(each_object(with_more)),
    "another order": Variant(backwards),
    "words without a failure": Variant(verbose),
    "no acls in an answer to a change": Variant(of_tokens(lambda token: "token" in token and token.pop("acls", None))),
    "last use never known": Variant(last_used(lambda token: None)),
    "last use as an empty text": Variant(last_used(lambda token: "")),
    "last use as text": Variant(last_used(lambda token: str(token.get("last_used") or ""))),
    "last use 0": Variant(last_used(lambda token: token.get("last_used") or 0)),
    "allowlist as an empty text": Variant(limits("whitelist_ips", lambda value: value or "")),
    "allowlist in capitals": Variant(limits("whitelist_ips", lambda value: value and [each.upper() for each in value])),
    "allowlist in another order": Variant(limits("whitelist_ips", lambda value: value and value[::-1])),
    "allowlist twice": Variant(limits("whitelist_ips", lambda value: value and value * 2)),
    "single addresses as ranges": Variant(
        limits("whitelist_ips", lambda value: value and [each if "/" in each or ":" in each else f"{each}/32" for each in value])
    ),
    "expiry with a fraction": Variant(limits("expires_at", lambda value: value and float(value))),
    "features as an empty object": Variant(limits("features", lambda value: value or {})),
    "batch says 0": Variant(batches(0)),
    "batch says 1": Variant(batches(1)),
}  # fmt: skip

WIRE: dict[str, Variant] = {
    "content type with a charset": Variant(wire=raw(f"HTTP/1.1 200 OK\nContent-Type: application/json; charset=UTF-8\n{ORDINARY}")),
    "content type text": Variant(wire=raw(f"HTTP/1.1 200 OK\nContent-Type: text/plain; charset=utf-8\n{ORDINARY}")),
    "content type HTML": Variant(wire=raw(f"HTTP/1.1 200 OK\nContent-Type: text/html\n{ORDINARY}")),
    "no content type": Variant(wire=raw(f"HTTP/1.1 200 OK\n{ORDINARY}")),
    "headers in capitals": Variant(wire=raw("HTTP/1.1 200 OK\nDATE: {date}\nCONTENT-LENGTH: {length}\nCONTENT-TYPE: X/Y")),
    "headers in small letters": Variant(wire=raw("HTTP/1.1 200 ok\ndate: {date}\ncontent-length: {length}")),
    "blanks around headers": Variant(wire=raw("HTTP/1.1 200 OK\nDate:   {date}  \nContent-Length:\t{length}  ")),
    "no words in the status": Variant(wire=raw(f"HTTP/1.1 200 \n{ORDINARY}")),
    "HTTP/1.0": Variant(wire=raw(f"HTTP/1.0 200 OK\n{ORDINARY}"), closes=True),
    "HTTP/1.0 without a length": Variant(wire=raw("HTTP/1.0 200 OK\nDate: {date}"), closes=True),
    "no kept connection": Variant(wire=raw(f"HTTP/1.1 200 OK\nConnection: close\n{ORDINARY}"), closes=True),
    "until the end": Variant(wire=raw(UNTIL_THE_END), closes=True),
    "chunks": Variant(wire=raw(CHUNKED, chunked(50))),
    "chunks of a byte": Variant(wire=raw(CHUNKED, chunked(1))),
    "chunks with extensions": Variant(wire=raw(CHUNKED, chunked(4000, ";a=b"))),
    "gzip": Variant(wire=raw(f"HTTP/1.1 200 OK\nContent-Encoding: gzip\n{ORDINARY}", gzip.compress)),
    "gzip in chunks": Variant(
        wire=raw(f"{CHUNKED}\nContent-Encoding: x-gzip", lambda data: chunked(64)(gzip.compress(data)))
    ),
    "100 Continue first": Variant(wire=raw(f"HTTP/1.1 100 Continue\n\nHTTP/1.1 200 OK\n{ORDINARY}")),
    "a cookie": Variant(wire=raw(f"HTTP/1.1 200 OK\nSet-Cookie: cpsession=a%3Ab; HttpOnly; secure; path=/\n{ORDINARY}")),
    "ninety headers": Variant(wire=raw("HTTP/1.1 200 OK\n" + "".join(f"X-{each}: a\n" for each in range(90)) + ORDINARY)),
    "BOM": Variant(encode=lambda answer: b"\xef\xbb\xbf" + json.dumps(answer).encode()),
    "white space around": Variant(encode=lambda answer: b"\r\n \t" + json.dumps(answer).encode() + b"\r\n\n"),
    "indented": Variant(encode=lambda answer: json.dumps(answer, indent=3).encode()),
    "no blanks": Variant(encode=lambda answer: json.dumps(answer, separators=(",", ":")).encode()),
    "UTF-8 unescaped": Variant(encode=lambda answer: json.dumps(answer, ensure_ascii=False).encode()),
    "slashes escaped": Variant(encode=lambda answer: json.dumps(answer).replace("/", "\\/").encode()),
    "every letter escaped": Variant(
        encode=lambda answer: json.dumps(answer).replace("list", "\\u006cist").replace("token", "\\u0074oken").encode()
    ),
}  # fmt: skip

VARIANTS: dict[str, Variant] = {**CONTENT, **WIRE}
"""By name."""
