# Copyright (c) 2026 panelops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""From what is and what is wished to the steps between: pure, so check mode and the real run cannot differ (invariant I7)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from ansible_collections.panelops.cpanel.plugins.module_utils._errors import InvalidOption
from ansible_collections.panelops.cpanel.plugins.module_utils._expiry import ExpiryWish, refuse_past, to_iso
from ansible_collections.panelops.cpanel.plugins.module_utils._names import aside_name, left_aside
from ansible_collections.panelops.cpanel.plugins.module_utils._token import ApiToken


@dataclass(frozen=True)
class Wish:
    """What a task wants of one token. ``None`` for ``acls`` and ``whitelist_ips``: keep what the token has."""

    name: str
    present: bool = True
    acls: frozenset | None = None
    whitelist_ips: tuple | None = None
    expiry: ExpiryWish = field(default_factory=ExpiryWish)
    rename_from: str | None = None
    recreate: str = "if_unusable"


@dataclass(frozen=True)
class Create:
    """Make a token; its secret is new."""

    token: ApiToken


@dataclass(frozen=True)
class Update:
    """Give the token ``name`` the whole state ``token``, its name too; the secret stays (invariant I2)."""

    name: str
    token: ApiToken


@dataclass(frozen=True)
class Revoke:
    """Make an end of tokens."""

    names: tuple


@dataclass(frozen=True)
class Plan:
    """The steps from ``before`` to ``after`` (``None``: no token), in order."""

    before: ApiToken | None
    after: ApiToken | None
    steps: tuple[Create | Update | Revoke, ...] = ()
    warnings: tuple = ()
    leftovers: tuple = ()

    @property
    def changed(self) -> bool:
        """Is there anything to do?"""
        return bool(self.steps)

    @property
    def diff(self) -> dict:
        """``before`` and ``after`` for Ansible; no secret, but whether there is a new one."""
        before = self.before.wishes() if self.before else {}
        after = self.after.wishes() if self.after else {}
        if self.before and any(isinstance(step, Create) for step in self.steps):
            before["secret"], after["secret"] = "the current one", "a new one"
        left = [
            name for step in self.steps if isinstance(step, Revoke) for name in step.names if name in self.leftovers
        ]
        if left:
            before["left_aside"], after["left_aside"] = left, []
        return dict(before=before, after=after)


def plan_token(live: Mapping[str, ApiToken], wish: Wish, now: int) -> Plan:
    """What must be done so that the wish is true.

    :param live: the owner's tokens by name.
    :param now: the server's time in Unix seconds.
    :raises InvalidOption: the wish cannot be granted, for a reason that only the live state shows.
    """
    leftovers = left_aside(wish.name, live)
    current = live.get(wish.name)
    if not wish.present:
        gone = ((wish.name,) if current else ()) + leftovers
        return Plan(current, None, (Revoke(gone),) if gone else (), leftovers=leftovers)
    refuse_past(wish.expiry.at, now)
    tidy = (Revoke(leftovers),) if leftovers else ()
    source = live.get(wish.rename_from) if wish.rename_from else None
    if current is None and source is None:
        after = _first(wish, now)
        return Plan(None, after, (Create(after), *tidy), leftovers=leftovers)
    warnings = ()
    if current is not None and source is not None:
        warnings = (f"{wish.name} exists already, so {wish.rename_from} was not renamed to it and is still there.",)
    current = current or source
    after = _next(current, wish, now)
    if wish.recreate == "always":
        after = replace(after, create_time=None, last_used=None)
        steps = _reissue(current, after, live, leftovers)
    elif after != current:
        steps = (Update(current.name, after), *tidy)
    else:
        steps = tidy
    return Plan(current, after, steps, warnings, leftovers)


def _first(wish: Wish, now: int) -> ApiToken:
    if wish.acls is None:
        raise InvalidOption(
            "acls",
            f"the token {wish.name} does not exist, and none are given to create it with.",
            "Give the privileges that it needs; [all] must be said, it is never implied.",
        )
    return ApiToken(
        name=wish.name, acls=wish.acls, expires_at=wish.expiry.first(now), whitelist_ips=wish.whitelist_ips or ()
    )


def _next(current: ApiToken, wish: Wish, now: int) -> ApiToken:
    after = replace(
        current,
        name=wish.name,
        acls=current.acls if wish.acls is None else wish.acls,
        whitelist_ips=current.whitelist_ips if wish.whitelist_ips is None else wish.whitelist_ips,
        expires_at=wish.expiry.next(current.expires_at, now),
    )
    if after.expires_at is not None and after.expires_at <= now:
        raise InvalidOption(
            "expires_at",
            f"the token {current.name} expired at {to_iso(after.expires_at)} and the task does not say until when it should live.",
            "Give expires_at or expires_in, or state: absent to revoke it.",
        )
    return after


def _reissue(current: ApiToken, after: ApiToken, live: Mapping[str, ApiToken], leftovers: tuple) -> tuple:
    """The old token stays, under another name, until the new one exists: a failed create takes nothing away."""
    aside = aside_name(after.name, current.create_time or 0, live)
    return (Update(current.name, replace(current, name=aside)), Create(after), Revoke((aside, *leftovers)))
