# Copyright (c) 2026 panelops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""API tokens as the servers describe them: pure."""

from __future__ import annotations

import re
from abc import ABC, abstractmethod
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timezone
from typing import Any, ClassVar, TypedDict

from .._errors import InvalidOption
from .addresses import canonical_addresses
from .expiry import expiry_from_wire

EVERYTHING = "all"
"""The privilege that includes every other one."""

LONGEST_NAME = 50

Wire = Mapping[str, Any]
"""An object of a server's answer. What it holds is untrusted: the functions below give it types or raise."""

_VENDORS_SECRET = re.compile(r"[A-Z0-9]{32}")
_NAME = re.compile(r"[A-Za-z0-9_-]{1,50}")
_ACL = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.-]*")


class Limits(TypedDict, total=False):
    """The limits that a task gives, besides the expiry; what it does not give is left out."""

    acls: frozenset[str]
    whitelist_ips: tuple[str, ...]
    readonly: bool


class _Common(TypedDict):
    name: str
    expires_at: int | None
    create_time: int | None
    last_used: int | None
    reports_last_used: bool


@dataclass(frozen=True)
class ApiToken(ABC):
    """What the API tokens of both services have in common. It never holds the secret.

    Times are Unix seconds, and ``expires_at`` is ``None`` if the token never expires. Not every server reports ``last_used``.
    """

    name: str
    expires_at: int | None = None
    create_time: int | None = None
    last_used: int | None = None
    reports_last_used: bool = False

    RESULT: ClassVar[str] = ""
    """The key under which modules return the token."""
    IN_PLACE: ClassVar[bool] = False
    """Can the API change a token's limits without changing its secret?"""
    LIMITS: ClassVar[tuple[str, ...]] = ("expires_at",)
    """The attributes that limit what the token can do; with the name, all that a task can decide."""

    def settings(self) -> dict[str, object]:
        """The part that a task can decide, as diffs show it: plain data."""
        return dict(name=self.name, **self.limits())

    def limits(self) -> dict[str, object]:
        """The same without the name."""
        return {key: _plain(getattr(self, key)) for key in self.LIMITS}

    @abstractmethod
    def with_limits(self, limits: Limits) -> ApiToken:
        """The same token with these limits; those that are left out stay."""

    def is_expired(self, now: int) -> bool:
        """Has it expired by ``now`` (Unix seconds)?"""
        return self.expires_at is not None and self.expires_at <= now

    def completed_from(self, planned: ApiToken) -> ApiToken:
        """The same token with what the answer to a change leaves out, and the list would show."""
        if self.reports_last_used or not planned.reports_last_used:
            return self
        return replace(self, last_used=planned.last_used, reports_last_used=True)

    def as_result(self) -> dict[str, object]:
        """The object as modules return it: plain data."""
        result = dict(self.settings(), create_time=self.create_time)
        if self.reports_last_used:
            result["last_used"] = self.last_used
        return result


@dataclass(frozen=True)
class WhmToken(ApiToken):
    """An API token of WHM. ``whitelist_ips`` is its allowlist; if that is empty, any address may use the token."""

    acls: frozenset[str] = frozenset()
    whitelist_ips: tuple[str, ...] = ()

    RESULT = "whm_api_token"
    IN_PLACE = True
    LIMITS = ("acls", "expires_at", "whitelist_ips")

    def with_limits(self, limits: Limits) -> WhmToken:
        """See the base class."""
        return replace(
            self,
            acls=limits.get("acls", self.acls),
            whitelist_ips=limits.get("whitelist_ips", self.whitelist_ips),
        )


@dataclass(frozen=True)
class CpanelToken(ApiToken):
    """An API token of a cPanel account. It can do what the account can; if ``features`` is empty, with all features."""

    readonly: bool = False
    has_full_access: bool = True
    features: tuple[str, ...] = ()

    RESULT = "cpanel_api_token"
    LIMITS = ("expires_at", "readonly")

    def with_limits(self, limits: Limits) -> CpanelToken:
        """See the base class."""
        return replace(self, readonly=limits.get("readonly", self.readonly))

    def as_result(self) -> dict[str, object]:
        """See the base class."""
        return dict(super().as_result(), has_full_access=self.has_full_access, features=list(self.features))


def _plain(value: object) -> object:
    if isinstance(value, frozenset):
        return sorted(value)
    return list(value) if isinstance(value, tuple) else value


def whm_token_from_wire(entry: Wire, name: str | None = None) -> WhmToken:
    """Read a token from any of WHM's answers, whose shapes differ between functions.

    :param name: its name, where the entry does not hold it.
    :raises ValueError, TypeError, AttributeError, KeyError: the entry has none of the known shapes.
    """
    return WhmToken(
        **_common_from_wire(entry, name),
        acls=acls_from_wire(entry.get("acls")),
        whitelist_ips=canonical_addresses(entry.get("whitelist_ips")),
    )


def cpanel_token_from_wire(entry: Wire) -> CpanelToken:
    """Read a token from an entry of ``Tokens::list``.

    :raises ValueError, TypeError, AttributeError, KeyError: the entry does not have the known shape.
    """
    return CpanelToken(
        **_common_from_wire(entry, entry["name"]),
        readonly=str(entry.get("readonly") or 0) == "1",
        has_full_access=str(entry.get("has_full_access", 1)) == "1",
        features=tuple(sorted(entry.get("features") or ())),
    )


def _common_from_wire(entry: Wire, name: str | None) -> _Common:
    return _Common(
        name=str(entry.get("name") or name),
        expires_at=time_from_wire(entry.get("expires_at")),
        create_time=time_from_wire(entry.get("create_time")),
        last_used=time_from_wire(entry.get("last_used")),
        reports_last_used="last_used" in entry,
    )


def time_from_wire(value: int | float | str | None) -> int | None:
    """Unix seconds of a time in a server's answer, one that has a date; ``None`` for never.

    :raises ValueError, TypeError: it is none, such as the ``Infinity`` that Python reads from JSON.
    """
    try:
        seconds = expiry_from_wire(value)
        if seconds is not None:
            datetime.fromtimestamp(seconds, timezone.utc)
    except (OverflowError, OSError):
        raise ValueError("no time has so many seconds") from None
    return seconds


def acls_from_wire(value: Mapping[str, object] | Iterable[str] | None) -> frozenset[str]:
    """The privileges of a token: a list of names (from create and update) or an object of name and 0 or 1 (from list).

    :raises TypeError: it is neither.
    """
    if isinstance(value, Mapping):
        return canonical_acls(name for name, granted in value.items() if str(granted) == "1")
    names = list(value or ())
    if not all(isinstance(name, str) for name in names):
        raise TypeError("a privilege has a name")
    return canonical_acls(names)


def looks_like_vendors_secret(text: str) -> bool:
    """Has it the form of the secrets that cPanel & WHM makes?"""
    return _VENDORS_SECRET.fullmatch(text) is not None


def canonical_acls(names: Iterable[str]) -> frozenset[str]:
    """Privileges as a set; ``all`` includes every other one, so a set with it holds nothing else."""
    acls = frozenset(names)
    return frozenset([EVERYTHING]) if EVERYTHING in acls else acls


def checked_name(name: str | None, option: str = "name") -> str:
    """:raises InvalidOption: the name breaks the vendor's rules."""
    if not name:
        raise InvalidOption(option, "is empty.", "Give 1 to 50 letters, digits, dashes and underscores.")
    if len(name) > LONGEST_NAME:
        raise InvalidOption(option, f"{name!r} has {len(name)} characters; {LONGEST_NAME} are allowed.")
    if not _NAME.fullmatch(name):
        raise InvalidOption(
            option, f"{name!r} has characters that are not allowed.", "Give only a-z, A-Z, 0-9, dashes and underscores."
        )
    return name


def checked_acls(names: Iterable[str]) -> frozenset[str]:
    """The desired privileges, in canonical form.

    Only the server knows which privileges exist, so this refuses only what cannot be one.

    :raises InvalidOption: the list is empty, or an entry cannot be a privilege's name.
    """
    acls = [name.strip() for name in names]
    if not acls:
        raise InvalidOption("acls", "is empty, but a token must have at least one privilege.")
    for name in acls:
        if not _ACL.fullmatch(name):
            raise InvalidOption("acls", f"{name!r} is not the name of a privilege.", "Names look like list-accts.")
    return canonical_acls(acls)
