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

from .._errors import InvalidOption, refuse_nul

_HOST = re.compile(r"[A-Za-z0-9]([A-Za-z0-9._-]*[A-Za-z0-9])?")
_USERNAME = re.compile(r"[^\s:/\x00-\x1f\x7f]+")
_HEADER_SAFE = re.compile(r"[\x21-\x7e]+")
_LINE_END = re.compile(r"\r?\n\Z")
_BOOLEANS = {
    **dict.fromkeys(("yes", "on", "1", "true", "t", "y"), True),
    **dict.fromkeys(("no", "off", "0", "false", "f", "n"), False),
}
DEFAULT_TIMEOUT = 30
"""Seconds."""


@dataclass(frozen=True)
class Connection:
    """One server and one caller. ``timeout``: seconds for the connection, and again for each whole answer."""

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


@dataclass(frozen=True)
class Given:
    """The value of a connection option, cleaned (``None``: not given), and where it came from.

    ``source`` is the option or the environment variable, as messages name it.
    """

    value: str | None
    source: str

    def refused(self, problem: str, remedy: str = "") -> InvalidOption:
        """The error that says what is wrong with the value.

        :param problem: the rest of a sentence about the value. One with an ``@`` may hold a credential, so it is not repeated.
        """
        value = self.value or ""
        shown = "the value" if "@" in value else value if value.isdecimal() else repr(value)
        return InvalidOption(self.source, f"{shown} {problem}", remedy)


def option_or_variable(params: Mapping[str, Any], environ: Mapping[str, str], option: str, variable: str) -> Given:
    """A connection option as the task gives it, or else as the environment variable does.

    White space around a value is no part of it (of a password, only a final line end is cut), and an empty value is not given.
    """
    for value, source in ((params.get(option), option), (environ.get(variable), variable)):
        cleaned = _cleaned(value, option)
        if cleaned is not None:
            return Given(cleaned, source)
    return Given(None, option)


def _cleaned(value: object, option: str) -> str | None:
    if value is None:
        return None
    return (_LINE_END.sub("", str(value)) if option == "password" else str(value).strip()) or None


def connection_from(params: Mapping[str, Any], environ: Mapping[str, str], service: Service) -> Connection:
    """The connection that the options describe, checked. An option goes before its environment variable.

    :param params: the connection options; ``None`` or empty where the task gives nothing.
    :param environ: the task's environment.
    :raises InvalidOption: naming the option or the variable, the rule and the remedy.
    """

    def given(option: str, environment: Mapping[str, str] = environ) -> Given:
        return option_or_variable(params, environment, option, f"{service.prefix}_{option.upper()}")

    username = given("username")
    if username.value is None and service.username is None:
        through_whm = ", or give account to go through WHM" if "account" in params else ""
        raise InvalidOption(
            "username", "is not given.", f"Give it, or set {service.prefix}_USERNAME in the environment{through_whm}."
        )
    timeout = timeout_from(params)
    api_token, password = _one_credential(given, environ, service)
    validate_certs = _boolean(given("validate_certs"))
    return Connection(
        host=_host(given("host"), service),
        port=port_of(given("port"), service.port),
        username=checked_username(username.value or service.username or "", username.source),
        api_token=api_token,
        password=password,
        validate_certs=validate_certs,
        ca_path=_ca_path(given("ca_path"), validate_certs),
        timeout=timeout,
    )


def timeout_from(params: Mapping[str, Any]) -> int:
    """The option ``timeout``, in seconds.

    :raises InvalidOption: it is no whole number of at least 1.
    """
    given = Given(_cleaned(params.get("timeout"), "timeout"), "timeout")
    if given.value is None:
        return DEFAULT_TIMEOUT
    if not given.value.isdecimal() or int(given.value) < 1:
        raise given.refused("is not a time to wait; give at least 1 second.")
    return int(given.value)


def checked_username(name: str, option: str = "username") -> str:
    """:raises InvalidOption: it cannot be the name of an account."""
    if not name.strip():
        raise InvalidOption(option, "is empty.", "Name the account, or leave the option out.")
    if not _USERNAME.fullmatch(name):
        raise InvalidOption(option, "must be an account's name, without spaces, colons or slashes.")
    return name


def _host(given: Given, service: Service) -> str:
    if given.value is None:
        raise InvalidOption("host", "is not given.", f"Give it, or set {service.prefix}_HOST in the environment.")
    text = given.value
    if text.startswith("[") and text.endswith("]"):
        text = text[1:-1]
    if ":" in text and "/" not in text:
        try:
            return str(ipaddress.IPv6Address(text))
        except ValueError:
            pass
    if not _HOST.fullmatch(text):
        raise given.refused("is not a host name or address.", "Give the name alone, without https://, path or port.")
    return text


def port_of(given: Given, default: int) -> int:
    """A TCP port.

    :raises InvalidOption: it is none.
    """
    if given.value is None:
        return default
    if not given.value.isdecimal() or not 1 <= int(given.value) <= 65535:
        raise given.refused("is not a port; give a number from 1 to 65535.")
    return int(given.value)


def checked_port(port: int | str, option: str = "port") -> int:
    """:raises InvalidOption: it is no TCP port."""
    return port_of(Given(str(port).strip(), option), 0)


def _boolean(given: Given) -> bool:
    """A boolean as Ansible reads it; certificates are verified unless the value says not to.

    :raises InvalidOption: it says neither.
    """
    if given.value is None:
        return True
    try:
        return _BOOLEANS[given.value.lower()]
    except KeyError:
        raise given.refused("is neither true nor false.") from None


def _ca_path(given: Given, validate_certs: bool) -> str | None:
    if given.value is None:
        return None
    refuse_nul(given.source, given.value)
    path = os.path.expanduser(given.value)
    if validate_certs and not os.path.isfile(path):
        what = "such a file" if "@" in path else f"file {path}"
        raise InvalidOption(given.source, f"there is no {what} on the host that connects to the server.")
    return path


def _one_credential(
    given: Callable[[str, Mapping[str, str]], Given], environ: Mapping[str, str], service: Service
) -> tuple[str | None, str | None]:
    """The API token or the password: what the task gives goes before all that the environment holds."""
    api_token, password = given("api_token", {}), given("password", {})
    if api_token.value and password.value:
        raise InvalidOption("api_token and password", "both are given.", "Give one of them, preferably api_token.")
    if not api_token.value and not password.value:
        api_token, password = given("api_token", environ), given("password", environ)
    if api_token.value is None:
        if password.value is None:
            raise InvalidOption(
                "api_token",
                "no credential is given.",
                f"Give api_token (or password), or set {service.prefix}_API_TOKEN (or {service.prefix}_PASSWORD) in the environment.",
            )
        return None, password.value
    if not _HEADER_SAFE.fullmatch(api_token.value):
        raise InvalidOption(
            api_token.source, "holds characters that no API token has.", "Was it decrypted, and is it one line?"
        )
    return api_token.value, None
