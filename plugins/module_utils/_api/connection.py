# Copyright (c) 2026 panelops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The connection options, checked before any call: which server, as whom, with which credential."""

from __future__ import annotations

import ipaddress
import os
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from .._errors import InvalidOption

_HOST = re.compile(r"[A-Za-z0-9]([A-Za-z0-9._-]*[A-Za-z0-9])?")
_USERNAME = re.compile(r"[^\s:/\x00-\x1f\x7f]+")
_HEADER_SAFE = re.compile(r"[\x21-\x7e]+")


@dataclass(frozen=True)
class Connection:
    """One server and one caller. ``timeout`` is in seconds, for connecting and for each wait for the answer."""

    host: str
    port: int
    username: str
    api_token: str | None
    password: str | None
    validate_certs: bool
    ca_path: str | None
    timeout: int

    def __repr__(self) -> str:
        """Without the secret, which must not appear in a traceback or a log."""
        return f"Connection({self.username}@{self.address})"

    @property
    def address(self) -> str:
        """``host:port`` as it stands in a URL."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return f"{host}:{self.port}"


@dataclass(frozen=True)
class Service:
    """What the connection options mean for one of the two services, WHM and cPanel."""

    prefix: str
    """The beginning of the environment variables' names."""
    scheme_word: str
    """The first word of the ``Authorization`` header."""
    port: int
    username: str | None
    """The user to authenticate as if none is named."""


WHM = Service("WHM", "whm", 2087, "root")
CPANEL = Service("CPANEL", "cpanel", 2083, None)


def connection_from(params: Mapping[str, Any], environ: Mapping[str, str], service: Service) -> Connection:
    """The connection that the options describe, checked. An option goes before its environment variable.

    :param params: the connection options; ``None`` where the task gives nothing.
    :param environ: the task's environment.
    :raises InvalidOption: naming the option, the rule and the remedy.
    """

    def given(option: str) -> str | None:
        value = params.get(option)
        return environ.get(f"{service.prefix}_{option.upper()}") or None if value is None else str(value)

    username = given("username") or service.username
    if username is None:
        raise InvalidOption(
            "username", "is not given.", f"Give it, or set {service.prefix}_USERNAME in the environment."
        )
    if params["timeout"] < 1:
        raise InvalidOption("timeout", f"{params['timeout']} is not a time to wait; give at least 1 second.")
    api_token, password = _one_credential(params, given, service)
    validate_certs = _boolean(given("validate_certs"))
    ca_path = given("ca_path")
    if ca_path and validate_certs and not os.path.isfile(ca_path):
        raise InvalidOption("ca_path", f"there is no file {ca_path} on the host that connects to the server.")
    return Connection(
        host=_host(given("host"), service),
        port=checked_port(params.get("port") or environ.get(f"{service.prefix}_PORT") or service.port),
        username=checked_username(username),
        api_token=api_token,
        password=password,
        validate_certs=validate_certs,
        ca_path=ca_path,
        timeout=params["timeout"],
    )


def checked_username(name: str, option: str = "username") -> str:
    """:raises InvalidOption: it cannot be the name of an account."""
    if not _USERNAME.fullmatch(name):
        raise InvalidOption(option, "must be an account's name, without spaces, colons or slashes.")
    return name


def _host(host: str | None, service: Service) -> str:
    if not host:
        raise InvalidOption("host", "is not given.", f"Give it, or set {service.prefix}_HOST in the environment.")
    text = host.strip()
    if text.startswith("[") and text.endswith("]"):
        text = text[1:-1]
    if ":" in text and "/" not in text:
        try:
            return str(ipaddress.IPv6Address(text))
        except ValueError:
            pass
    if not _HOST.fullmatch(text):
        raise InvalidOption(
            "host", f"{text!r} is not a host name or address.", "Give the name alone, without https://, path or port."
        )
    return text


def checked_port(port: int | str, option: str = "port") -> int:
    """:raises InvalidOption: it is no TCP port."""
    if not str(port).isdecimal() or not 1 <= int(str(port)) <= 65535:
        raise InvalidOption(option, f"{port} is not a port; give a number from 1 to 65535.")
    return int(str(port))


def _boolean(value: str | None) -> bool:
    """A boolean as Ansible reads it; certificates are verified unless the value clearly says not to."""
    return value is None or value.strip().lower() not in ("no", "off", "0", "n", "f", "false")


def _one_credential(
    params: Mapping[str, Any], given: Callable[[str], str | None], service: Service
) -> tuple[str | None, str | None]:
    api_token, password = params.get("api_token"), params.get("password")
    if api_token and password:
        raise InvalidOption("api_token and password", "both are given.", "Give one of them, preferably api_token.")
    if not api_token and not password:
        api_token = given("api_token")
        password = None if api_token else given("password")
    if not api_token and not password:
        raise InvalidOption(
            "api_token",
            "no credential is given.",
            f"Give api_token (or password), or set {service.prefix}_API_TOKEN (or {service.prefix}_PASSWORD) in the environment.",
        )
    api_token = api_token.strip() if api_token else None
    if api_token is not None and not _HEADER_SAFE.fullmatch(api_token):
        raise InvalidOption(
            "api_token", "holds characters that no API token has.", "Was it decrypted, and is it one line?"
        )
    return api_token, password
