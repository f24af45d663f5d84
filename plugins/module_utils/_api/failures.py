# Copyright (c) 2026 panelops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What can go wrong between a request and its answer, and the sentence that says what to check.

The text of a library's exception is never passed on: it can quote headers, and so secrets.
"""

from __future__ import annotations

import re
import socket
import ssl
from collections.abc import Iterator
from dataclasses import dataclass

from .answers import names_something_twice, object_in, quoted, words_in, words_of_text
from .connection import Connection

_USER_IN_URL = re.compile(r"//[^/]*@")
_ENCODING = re.compile(r"[A-Za-z0-9, -]{1,30}")
_NEVER_SENT = (
    "refused",
    "dns",
    "connect_timeout",
    "connect",
    "certificate",
    "tls",
    "plain_http",
    "ca_path",
    "proxy",
    "invalid",
)
_PASSING = ("refused", "connect_timeout", "connect", "timeout", "dropped", "status_5xx", "status_429", "truncated")
_ANSWERED = (
    *("redirect", "status_5xx", "status_429", "status", "html", "truncated", "not_authenticated"),
    *("unfinished", "too_long", "encoded"),
)


@dataclass(eq=False)
class Failure(Exception):
    """One failed request. ``kind`` is one word of ours, ``cause`` a short text for the user."""

    kind: str
    cause: str

    @property
    def passing(self) -> bool:
        """Is another try of a read worth it?"""
        return self.kind in _PASSING

    @property
    def may_have_happened(self) -> bool:
        """Could the server have carried the request out all the same? A redirect may be that of somebody on the way back."""
        return self.kind not in (*_NEVER_SENT, "not_authenticated")

    @property
    def answered(self) -> bool:
        """Did the server answer at all?"""
        return self.kind in _ANSWERED

    @classmethod
    def redirected(cls, location: str) -> Failure:
        """A redirect is never followed: it would turn a POST into a GET and carry the credential elsewhere."""
        if "login" in location.lower() or "cpsess" in location.lower():
            return cls("not_authenticated", "a redirect to the login page")
        where = _USER_IN_URL.sub("//", location.split("?")[0])
        return cls("redirect", f"a redirect to {quoted(where)[:200]!r}")

    @classmethod
    def status(cls, status: int, body: bytes) -> Failure:
        """An HTTP status other than 200 (a failed function would still be 200)."""
        if status in (401, 403):
            return cls("not_authenticated", f"HTTP {status}")
        if status == 429:
            return cls("status_429", "HTTP 429, too many requests")
        words = words_in(object_in(body))
        told = f"HTTP {status}, {words!r}" if words else f"HTTP {status}"
        return cls("status_5xx" if status >= 500 else "status", told)

    @classmethod
    def not_json(cls, body: bytes) -> Failure:
        """HTTP 200, but no JSON object: a login page, another page, or an answer cut short."""
        beginning = body[:4096].decode("utf-8", "replace").lstrip().lower()
        if beginning.startswith(("<!doctype", "<html", "<head", "<body")):
            if "login" in body.decode("utf-8", "replace").lower():
                return cls("not_authenticated", "the HTML login page")
            return cls("html", "an HTML page instead of JSON")
        if beginning.startswith("{") and names_something_twice(body):
            return cls("truncated", "JSON in which a name stands twice")
        if beginning.startswith(("{", "[")):
            return cls("truncated", "JSON that breaks off")
        words = words_of_text(body)
        told = f"something that is not JSON: {words!r}" if words else "something that is not JSON"
        return cls("truncated", told if beginning else "an empty answer")

    @classmethod
    def unfinished(cls) -> Failure:
        """The answer began, but did not end in time. Another try would take as long."""
        return cls("unfinished", "something that did not end within the timeout")

    @classmethod
    def broken_off(cls) -> Failure:
        """The request was sent, at least in part, and what came back is no answer."""
        return cls("dropped", "the connection broke off")

    @classmethod
    def too_long(cls, most: int) -> Failure:
        """The body has more bytes than any answer of the API."""
        return cls("too_long", f"more than {most // 1024 // 1024} MiB")

    @classmethod
    def encoded(cls, encoding: str) -> Failure:
        """The body is compressed otherwise than we said we could read, or not what it says."""
        named = repr(encoding) if _ENCODING.fullmatch(encoding) else "its encoding has no usual name"
        return cls("encoded", f"a body that cannot be decompressed ({named})")

    @classmethod
    def from_exception(cls, exc: BaseException) -> Failure:
        """Name the fault under the layers that requests and urllib3 wrap around it."""
        layers = list(_layers(exc))
        names = {type(layer).__name__ for layer in layers}
        if "ProxyError" in names:
            return cls("proxy", "the proxy that the environment names did not connect us")
        if names & {"InvalidProxyURL", "ProxySchemeUnknown", "InvalidSchema"}:
            return cls("proxy", "the proxy that the environment names is none of the kind http://host:port")
        for layer in layers:
            if isinstance(layer, ssl.SSLCertVerificationError):
                return cls("certificate", layer.verify_message or "not trusted")
            if isinstance(layer, ssl.SSLError):
                if getattr(layer, "reason", None) in ("WRONG_VERSION_NUMBER", "HTTP_REQUEST", "RECORD_LAYER_FAILURE"):
                    return cls("plain_http", "the port does not speak TLS")
                if getattr(layer, "reason", None) in (
                    "NO_CERTIFICATE_OR_CRL_FOUND",
                    "BAD_BASE64_DECODE",
                    "BAD_END_LINE",
                ):
                    return cls("ca_path", "its file is not a PEM file that can be read")
                return cls("tls", getattr(layer, "reason", None) or "TLS failed")
        if any(isinstance(layer, socket.gaierror) for layer in layers) or "NameResolutionError" in names:
            return cls("dns", "the name is not known")
        if any(isinstance(layer, ConnectionRefusedError) for layer in layers):
            return cls("refused", "connection refused")
        if "ConnectTimeoutError" in names or "ConnectTimeout" in names:
            return cls("connect_timeout", "no connection within the timeout")
        if "NewConnectionError" in names:
            return cls("connect", "no route or connection")
        if names & {"ReadTimeout", "ReadTimeoutError"} or any(isinstance(layer, socket.timeout) for layer in layers):
            return cls("timeout", "no answer within the timeout")
        if names & {
            "InvalidURL",
            "InvalidHeader",
            "LocationParseError",
            "UnicodeError",
        }:
            return cls("invalid", "the request could not be built")
        return cls.broken_off()


def _layers(exc: BaseException) -> Iterator[BaseException]:
    """An exception and all that it wraps: causes, contexts, ``reason`` and exceptions among its arguments."""
    todo: list[object] = [exc]
    seen: set[int] = set()
    while todo:
        layer = todo.pop(0)
        if not isinstance(layer, BaseException) or id(layer) in seen:
            continue
        seen.add(id(layer))
        yield layer
        todo += [layer.__cause__, layer.__context__, getattr(layer, "reason", None), *layer.args]


def sentence_for(failure: Failure, connection: Connection) -> str:
    """One or two sentences: what happened with which server, and what to check."""
    where = connection.address
    credential = "api_token" if connection.api_token else "password"
    hints = {
        "refused": "Is the service running, and is port the right one (2087 for WHM, 2083 for cPanel)?",
        "dns": "Check host for a typing mistake, and the name service of the host that runs the module.",
        "connect_timeout": "Check host and port, and the firewalls on the way; or raise timeout.",
        "connect": "Check host and port, and the network of the host that runs the module.",
        "certificate": "Name the certificate authority with ca_path, or connect by the name that the certificate holds.",
        "tls": "Check that host and port belong to a cPanel & WHM server with an ordinary TLS set-up.",
        "ca_path": "Give a file with the certificate authorities to trust.",
        "plain_http": "Use the service's TLS port (2087 for WHM, 2083 for cPanel).",
        "proxy": "Check https_proxy and no_proxy in the environment of the task.",
        "invalid": "Check host, port and the credential for stray characters.",
        "timeout": "The server may be busy: try again, or raise timeout.",
        "unfinished": "The server may be busy: try again, or raise timeout.",
        "too_long": "Check that host and port belong to a cPanel & WHM server's API.",
        "encoded": "Check host and port, and any proxy on the way.",
        "dropped": "Try again; if it stays so, look at the server's cpsrvd log.",
        "redirect": "Check host and port: the API itself never redirects.",
        "status_5xx": "Try again; if it stays so, look at the server's cpsrvd log.",
        "status_429": "Try again later, with fewer calls at a time.",
        "status": "Check that host and port belong to a cPanel & WHM server's API.",
        "html": "Check that host and port belong to a cPanel & WHM server's API, not to a web site.",
        "truncated": "Try again; if it stays so, check that host and port belong to a cPanel & WHM server's API.",
        "not_authenticated": (
            "Check username and api_token: it may be mistyped, revoked or expired, or this host's address may not be on "
            "the token's whitelist_ips."
            if connection.api_token
            else "Check username and password, and that port is the right one (2087 for WHM, 2083 for cPanel). After many failed "
            "logins a server may refuse even the right password for a while."
        ),
    }
    hint = hints[failure.kind]
    if failure.kind == "not_authenticated":
        return f"{where} did not accept {credential} of {connection.username} ({failure.cause}). {hint}"
    if failure.kind == "ca_path":
        return f"ca_path: {connection.ca_path} is not a PEM file that can be read. {hint}"
    if failure.kind == "certificate":
        return f"The TLS certificate of {where} is not trusted ({failure.cause}). {hint}"
    if failure.answered:
        return f"{where} answered with {failure.cause}. {hint}"
    return f"No answer from {where}: {failure.cause}. {hint}"
