# Copyright (c) 2026 panelops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The pure model of an API token, free of any I/O (CONTRACT section 2)."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from ansible_collections.panelops.cpanel.plugins.module_utils._addresses import canonical_addresses
from ansible_collections.panelops.cpanel.plugins.module_utils._errors import InvalidOption
from ansible_collections.panelops.cpanel.plugins.module_utils._expiry import expiry_from_wire

EVERYTHING = "all"
"""The privilege that holds every other one."""

LONGEST_NAME = 50

_NAME = re.compile(r"[A-Za-z0-9_-]{1,50}")
_ACL = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.-]*")


@dataclass(frozen=True)
class ApiToken:
    """An API token as we compare it. Never its secret.

    ``expires_at`` and the other times are Unix seconds, ``None`` for never; ``whitelist_ips`` empty for any address;
    ``last_used`` is kept only for servers that report it.
    """

    name: str
    acls: frozenset
    expires_at: int | None = None
    whitelist_ips: tuple = ()
    create_time: int | None = None
    last_used: int | None = None
    reports_last_used: bool = False

    def as_result(self) -> dict:
        """The object as modules return it."""
        result = dict(self.wishes(), create_time=self.create_time)
        if self.reports_last_used:
            result["last_used"] = self.last_used
        return result

    def wishes(self) -> dict:
        """The part of it that a task can decide, as diffs show it."""
        return dict(
            name=self.name, acls=sorted(self.acls), expires_at=self.expires_at, whitelist_ips=list(self.whitelist_ips)
        )


def token_from_wire(entry: Mapping, name: str | None = None) -> ApiToken:
    """Read a token from any of the API's answers, whose shapes differ between functions (CONTRACT section 2).

    :raises ValueError, TypeError, AttributeError, KeyError: the entry has none of the known shapes.
    """
    return ApiToken(
        name=str(entry.get("name") or name),
        acls=acls_from_wire(entry.get("acls")),
        expires_at=expiry_from_wire(entry.get("expires_at")),
        whitelist_ips=canonical_addresses(entry.get("whitelist_ips")),
        create_time=expiry_from_wire(entry.get("create_time")),
        last_used=expiry_from_wire(entry.get("last_used")),
        reports_last_used="last_used" in entry,
    )


def acls_from_wire(value: Mapping | Iterable | None) -> frozenset:
    """The granted privileges: a list of names (create, update) or an object of name -> 0|1 (list)."""
    if isinstance(value, Mapping):
        return canonical_acls(name for name, granted in value.items() if str(granted) == "1")
    return canonical_acls(value or ())


def canonical_acls(names: Iterable[str]) -> frozenset:
    """``all`` holds every other privilege, so a set with it is just that."""
    acls = frozenset(names)
    return frozenset([EVERYTHING]) if EVERYTHING in acls else acls


def checked_name(name: str | None, option: str = "name") -> str:
    """:raises InvalidOption: the name breaks the rule of seeds 003 and 004."""
    if not name:
        raise InvalidOption(option, "is empty.", "Give 1 to 50 letters, digits, dashes and underscores.")
    if len(name) > LONGEST_NAME:
        raise InvalidOption(option, f"{name!r} has {len(name)} characters; {LONGEST_NAME} are allowed.")
    if not _NAME.fullmatch(name):
        raise InvalidOption(
            option, f"{name!r} has characters that are not allowed.", "Give only a-z, A-Z, 0-9, dashes and underscores."
        )
    return name


def checked_acls(names: Iterable[str] | None) -> frozenset | None:
    """The wished privileges; ``None`` keeps those that the token has.

    Which privileges exist is the server's to say; only what cannot be one is refused here.

    :raises InvalidOption: the list is empty, or an entry cannot be a privilege's name.
    """
    if names is None:
        return None
    acls = [name.strip() for name in names]
    if not acls:
        raise InvalidOption("acls", "is empty, but a token must have at least one privilege.")
    for name in acls:
        if not _ACL.fullmatch(name):
            raise InvalidOption("acls", f"{name!r} is not the name of a privilege.", "Names look like list-accts.")
    return canonical_acls(acls)
