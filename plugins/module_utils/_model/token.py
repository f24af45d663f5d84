# Copyright (c) 2026 panelops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The pure model of API tokens, free of any I/O (CONTRACT sections 2 and 3)."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from .._errors import InvalidOption
from .addresses import canonical_addresses
from .expiry import expiry_from_wire

EVERYTHING = "all"
"""The privilege that holds every other one."""

LONGEST_NAME = 50

_NAME = re.compile(r"[A-Za-z0-9_-]{1,50}")
_ACL = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.-]*")


@dataclass(frozen=True)
class ApiToken:
    """What the tokens of both services have in common. Never the secret.

    Times are Unix seconds, ``expires_at`` is ``None`` for never; ``last_used`` is kept only for servers that report it.
    """

    name: str
    expires_at: int | None = None
    create_time: int | None = None
    last_used: int | None = None
    reports_last_used: bool = False

    RESULT = ""
    """The key under which modules return the token."""
    IN_PLACE = False
    """Can the API change a token's limits without changing its secret?"""
    LIMITS = ("expires_at",)
    """The attributes that limit what the token can do; with the name, all that a task can decide."""

    def wishes(self) -> dict:
        """The part of it that a task can decide, as diffs show it."""
        return dict(name=self.name, **self.limits())

    def limits(self) -> dict:
        """The wishes without the name."""
        return {key: _plain(getattr(self, key)) for key in self.LIMITS}

    def as_result(self) -> dict:
        """The object as modules return it."""
        result = dict(self.wishes(), create_time=self.create_time)
        if self.reports_last_used:
            result["last_used"] = self.last_used
        return result


@dataclass(frozen=True)
class WhmToken(ApiToken):
    """A token of WHM: ``whitelist_ips`` is empty for any address."""

    acls: frozenset = frozenset()
    whitelist_ips: tuple = ()

    RESULT = "whm_api_token"
    IN_PLACE = True
    LIMITS = ("acls", "expires_at", "whitelist_ips")


@dataclass(frozen=True)
class CpanelToken(ApiToken):
    """A token of a cPanel account: it can do what the account can; ``features`` is empty for all of them."""

    readonly: bool = False
    has_full_access: bool = True
    features: tuple = ()

    RESULT = "cpanel_api_token"
    LIMITS = ("expires_at", "readonly")

    def as_result(self) -> dict:
        """The object as modules return it."""
        return dict(super().as_result(), has_full_access=self.has_full_access, features=list(self.features))


def _plain(value: object) -> object:
    if isinstance(value, frozenset):
        return sorted(value)
    return list(value) if isinstance(value, tuple) else value


def whm_token_from_wire(entry: Mapping, name: str | None = None) -> WhmToken:
    """Read a token from any of WHM's answers, whose shapes differ between functions (CONTRACT section 2).

    :raises ValueError, TypeError, AttributeError, KeyError: the entry has none of the known shapes.
    """
    return WhmToken(
        **_common_from_wire(entry, name),
        acls=acls_from_wire(entry.get("acls")),
        whitelist_ips=canonical_addresses(entry.get("whitelist_ips")),
    )


def cpanel_token_from_wire(entry: Mapping) -> CpanelToken:
    """Read a token from an entry of ``Tokens::list`` (CONTRACT section 3).

    :raises ValueError, TypeError, AttributeError, KeyError: the entry does not have the known shape.
    """
    return CpanelToken(
        **_common_from_wire(entry, entry["name"]),
        readonly=str(entry.get("readonly") or 0) == "1",
        has_full_access=str(entry.get("has_full_access", 1)) == "1",
        features=tuple(sorted(entry.get("features") or ())),
    )


def _common_from_wire(entry: Mapping, name: str | None) -> dict:
    return dict(
        name=str(entry.get("name") or name),
        expires_at=expiry_from_wire(entry.get("expires_at")),
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


def checked_acls(names: Iterable[str]) -> frozenset:
    """The wished privileges.

    Which privileges exist is the server's to say; only what cannot be one is refused here.

    :raises InvalidOption: the list is empty, or an entry cannot be a privilege's name.
    """
    acls = [name.strip() for name in names]
    if not acls:
        raise InvalidOption("acls", "is empty, but a token must have at least one privilege.")
    for name in acls:
        if not _ACL.fullmatch(name):
            raise InvalidOption("acls", f"{name!r} is not the name of a privilege.", "Names look like list-accts.")
    return canonical_acls(acls)
