# Copyright (c) 2026 panelops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""How other versions of cPanel & WHM answer, as changes to the reference server's answers.

A dialect is a function that changes a parsed answer in place.
"""

from __future__ import annotations

import ipaddress
from collections.abc import Callable, Iterator

Answer = dict
Dialect = Callable[[Answer], None]


def objects(value: object) -> Iterator[dict]:
    """Yield every object in a parsed answer, the inner ones first."""
    if isinstance(value, dict):
        for part in list(value.values()):
            yield from objects(part)
        yield value
    elif isinstance(value, list):
        for part in value:
            yield from objects(part)


def of_tokens(change: Callable[[dict], None]) -> Dialect:
    """Return a dialect that changes every object that describes a token."""

    def dialect(answer: Answer) -> None:
        for each in objects(answer):
            if "create_time" in each:
                change(each)

    return dialect


def _where(key: str, say: Callable[[object], object]) -> Dialect:
    def change(token: dict) -> None:
        if key in token:
            token[key] = say(token[key])

    return of_tokens(change)


def _without(key: str, unless: Callable[[object], bool] = lambda value: False) -> Dialect:
    def change(token: dict) -> None:
        if key in token and not unless(token[key]):
            del token[key]

    return of_tokens(change)


def _granted(acls: object) -> list[str]:
    return sorted(name for name in acls if not isinstance(acls, dict) or acls[name])


def _bare_creation(token: dict) -> None:
    """Versions that know neither expiry nor allowlists of tokens return neither."""
    if "token" in token:
        for key in ("expires_at", "whitelist_ips", "acls"):
            token.pop(key, None)


def _compressed(addresses: object) -> object:
    return [
        str(ipaddress.ip_network(text)) if "/" in text else str(ipaddress.ip_address(text)) for text in addresses or ()
    ]


def wrapped(answer: Answer) -> None:
    """UAPI as the command line wraps it, also over HTTP and through WHM."""
    for each in objects(answer):
        if {"status", "errors", "messages"} <= set(each):
            flat = dict(each)
            each.clear()
            each.update(apiversion=3, module="Tokens", func="list", result=flat)


def outcomes_as_text(answer: Answer) -> None:
    """Integers can come back as strings."""
    for each in objects(answer):
        for key in ("result", "status", "has_full_access", "readonly"):
            if isinstance(each.get(key), int):
                each[key] = str(each[key])
        if each.get("data") == 1:
            each["data"] = "1"


def talkative(answer: Answer) -> None:
    """Text in ``reason`` and ``messages`` on success too."""
    for each in objects(answer):
        if each.get("reason") == "OK":
            each["reason"] = "Some \u201ctext\u201d, although nothing failed"
        if each.get("status") == 1 and "messages" in each:
            each.update(messages=["Done."], warnings=["Mind the gap."])


def revoking_what_is_gone_succeeds(answer: Answer) -> None:
    """The reference server calls it a failure on WHM."""
    metadata = answer.get("metadata") or {}
    if metadata.get("command") == "api_token_revoke":
        metadata.update(result=1, reason="OK")


def revoking_what_is_gone_fails(answer: Answer) -> None:
    """The reference server calls it a success on cPanel."""
    for each in objects(answer):
        if each.get("status") == 1 and each.get("data") == 1:
            each.update(status=0, data=None, errors=["There is no such token."])


DIALECTS: dict[str, Dialect] = {
    "expiry as text": _where("expires_at", lambda value: "" if value is None else str(value)),
    "never is 0": _where("expires_at", lambda value: value or 0),
    "never is the text 0": _where("expires_at", lambda value: str(value or 0)),
    "never is not said": _without("expires_at", unless=bool),
    "acls always a list": _where("acls", _granted),
    "acls always an object": _where("acls", lambda acls: dict.fromkeys(_granted(acls), 1)),
    "acls an object of text": _where("acls", lambda acls: dict.fromkeys(_granted(acls), "1") | {"news": "0"}),
    "addresses compressed": _where("whitelist_ips", _compressed),
    "any address is an empty list": _where("whitelist_ips", lambda value: value or []),
    "any address is not said": _without("whitelist_ips", unless=bool),
    "creation time as text": _where("create_time", str),
    "no last use": _without("last_used"),
    "creation tells little": of_tokens(_bare_creation),
    "wrapped": wrapped,
    "outcomes as text": outcomes_as_text,
    "talkative": talkative,
}
"""Dialects that change the form of answers only."""

REVOKING_TWICE: dict[str, Dialect] = {
    "success": revoking_what_is_gone_succeeds,
    "failure": revoking_what_is_gone_fails,
}
"""The outcome of revoking a token that does not exist."""

DENIED = b'{"cpanelresult":{"apiversion":"2","error":"Access denied","data":{"reason":"Access denied","result":"0"},"type":"text"}}'
LOGIN_PAGE = (
    b'<!DOCTYPE html>\n<html><head><title>cPanel Login</title></head><body><form id="login_form"></form></body></html>'
)

DENIALS: dict[str, tuple[int, dict[str, str], bytes]] = {
    "403": (403, {}, DENIED),
    "200 with Access denied": (200, {}, DENIED),
    "the login page": (200, {}, LOGIN_PAGE),
    "401 with the login page": (401, {}, LOGIN_PAGE),
    "a redirect to the login page": (302, {"Location": "/login/?login_only=1"}, b""),
}
"""Status, headers and body that take the place of a 401."""
