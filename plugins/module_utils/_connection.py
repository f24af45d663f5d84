# Copyright (c) 2026 panelops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""How a server is reached and who asks: the connection options, checked before any call."""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from dataclasses import dataclass

from ansible_collections.panelops.cpanel.plugins.module_utils._errors import InvalidOption

_HOST = re.compile(r"[A-Za-z0-9]([A-Za-z0-9._-]*[A-Za-z0-9])?")
_USERNAME = re.compile(r"[^\s:/\x00-\x1f\x7f]+")
_HEADER_SAFE = re.compile(r"[\x21-\x7e]+")


@dataclass(frozen=True)
class Connection:
    """One server, one caller. ``timeout`` is in seconds and holds for connecting and for each wait on the answer."""

    host: str
    port: int
    username: str
    api_token: str | None
    password: str | None
    validate_certs: bool
    ca_path: str | None
    timeout: int

    def __repr__(self) -> str:
        """No secret in any representation (invariant I3)."""
        return f"Connection({self.username}@{self.address})"

    @property
    def address(self) -> str:
        """``host:port`` as it stands in a URL."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return f"{host}:{self.port}"


def connection_from(params: Mapping, environ: Mapping, prefix: str) -> Connection:
    """Check the connection options and say who connects where.

    :param params: the options of DESIGN section 3, with the fallbacks to the environment already applied.
    :param environ: the task's environment; tells a credential that a task gave from one that only the environment holds.
    :param prefix: ``WHM`` or ``CPANEL``, the beginning of the environment variables' names.
    :raises InvalidOption: naming the option, the rule and the remedy.
    """
    api_token, password = _one_credential(params, environ, prefix)
    if not _USERNAME.fullmatch(params["username"] or ""):
        raise InvalidOption("username", "must be an account's name, without spaces, colons or slashes.")
    if not 1 <= params["port"] <= 65535:
        raise InvalidOption("port", f"{params['port']} is not a port; give a number from 1 to 65535.")
    if params["timeout"] < 1:
        raise InvalidOption("timeout", f"{params['timeout']} is not a time to wait; give at least 1 second.")
    ca_path = params["ca_path"] or None
    if ca_path and params["validate_certs"] and not os.path.isfile(ca_path):
        raise InvalidOption("ca_path", f"there is no file {ca_path} on the host that runs the module.")
    return Connection(
        host=_host(params["host"]),
        port=params["port"],
        username=params["username"],
        api_token=api_token,
        password=password,
        validate_certs=params["validate_certs"],
        ca_path=ca_path,
        timeout=params["timeout"],
    )


def _host(host: str | None) -> str:
    text = (host or "").strip()
    if text.startswith("[") and text.endswith("]"):
        text = text[1:-1]
    if ":" in text and "/" not in text:
        import ipaddress

        try:
            return str(ipaddress.IPv6Address(text))
        except ValueError:
            pass
    if not _HOST.fullmatch(text):
        raise InvalidOption(
            "host", f"{text!r} is not a host name or address.", "Give the name alone, without https://, path or port."
        )
    return text


def _one_credential(params: Mapping, environ: Mapping, prefix: str) -> tuple[str | None, str | None]:
    """What the task says goes before what the environment says; two answers from one place are a mistake."""
    api_token, password = (params["api_token"] or "").strip(), params["password"] or ""
    if api_token and password:
        token_from_env = environ.get(f"{prefix}_API_TOKEN", "").strip() == api_token
        password_from_env = environ.get(f"{prefix}_PASSWORD") == password
        if token_from_env == password_from_env:
            raise InvalidOption("api_token and password", "both are given.", "Give one of them, preferably api_token.")
        if token_from_env:
            api_token = ""
        else:
            password = ""
    if not api_token and not password:
        raise InvalidOption(
            "api_token",
            "no credential is given.",
            f"Give api_token (or password), or set {prefix}_API_TOKEN (or {prefix}_PASSWORD) in the task's environment.",
        )
    if api_token and not _HEADER_SAFE.fullmatch(api_token):
        raise InvalidOption(
            "api_token", "holds characters that no API token has.", "Was it decrypted, and is it one line?"
        )
    return api_token or None, password or None
