# Copyright (c) 2026 panelops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The token that a CI job asks for, checked. Equal orders get the same token."""

from __future__ import annotations

import importlib
import sys
from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from typing import Any

from ansible_collections.panelops.cpanel.plugins.module_utils._api.access import CpanelAccess, WhmAccess
from ansible_collections.panelops.cpanel.plugins.module_utils._api.connection import (
    CPANEL,
    WHM,
    Connection,
    checked_username,
    connection_from,
)
from ansible_collections.panelops.cpanel.plugins.module_utils._errors import InvalidOption, PanelopsError
from ansible_collections.panelops.cpanel.plugins.module_utils._model.addresses import checked_addresses
from ansible_collections.panelops.cpanel.plugins.module_utils._model.expiry import parse_duration
from ansible_collections.panelops.cpanel.plugins.module_utils._model.token import (
    ApiToken,
    CpanelToken,
    WhmToken,
    checked_acls,
)

from .names import checked_purpose

SHORTEST, LONGEST = 5, 86400
"""Seconds that a CI token may live."""


@dataclass(frozen=True)
class Owner:
    """The owner of a CI token, and how to reach its server. ``account`` is ``None`` for the caller's own tokens."""

    service: str
    connection: Connection
    account: str | None

    def access(self) -> WhmAccess | CpanelAccess:
        """The API as this owner.

        :raises PanelopsError: the Python library requests is missing.
        """
        try:
            importlib.import_module("requests")
        except ImportError:
            raise PanelopsError(
                f"The Python library requests is missing. Install it for {sys.executable}, which runs Ansible (or the script)."
            ) from None
        params = dict(asdict(self.connection), transport="https", account=self.account, cpanel_port=None)
        return WhmAccess(params, {}) if self.service == "whm" else CpanelAccess(params, {})


@dataclass(frozen=True)
class Order:
    """One token. ``ttl`` is in seconds; ``limited`` is the token without its name and expiry, which are chosen when it is created."""

    owner: Owner
    purpose: str
    ttl: int
    limited: ApiToken

    def token(self, name: str, expires_at: int) -> ApiToken:
        """The token to create."""
        return replace(self.limited, name=name, expires_at=expires_at)


def order_from(request: Mapping[str, Any]) -> Order:
    """The order in a request, checked.

    :param request: ``params``, the options of the lookup by name, and ``environ``, the environment with further connection options.
    :raises InvalidOption: naming the option, the rule and the remedy.
    """
    params = request["params"]
    purpose = checked_purpose(params["purpose"])
    ttl = parse_duration(params["ttl"], "ttl")
    if not SHORTEST <= ttl <= LONGEST:
        raise InvalidOption(
            "ttl", f"{params['ttl']} is not between 5 seconds and a day.", "For a longer life there are the modules."
        )
    limited = _whm_token(params) if params["service"] == "whm" else _cpanel_token(params)
    account = None if params["account"] is None else checked_username(params["account"], "account")
    through = WHM if params["service"] == "whm" or account else CPANEL
    connection = connection_from(params, request["environ"], through)
    return Order(Owner(params["service"], connection, account), purpose, ttl, limited)


def _whm_token(params: Mapping[str, Any]) -> WhmToken:
    _refuse(params, ("account", "readonly"), "whm")
    if params["acls"] is None:
        raise InvalidOption(
            "acls", "is not given.", "Give the privileges that the job needs; [all] must be said, it is never implied."
        )
    addresses = checked_addresses(params["whitelist_ips"] or ())
    return WhmToken("", acls=checked_acls(params["acls"]), whitelist_ips=addresses)


def _cpanel_token(params: Mapping[str, Any]) -> CpanelToken:
    _refuse(params, ("acls", "whitelist_ips"), "cpanel")
    return CpanelToken("", readonly=bool(params["readonly"]))


def _refuse(params: Mapping[str, Any], options: tuple[str, ...], service: str) -> None:
    other = "cpanel" if service == "whm" else "whm"
    for option in options:
        if params[option] is not None:
            raise InvalidOption(
                option, f"cannot be used with service: {service}.", f"Remove it, or set service: {other}."
            )
