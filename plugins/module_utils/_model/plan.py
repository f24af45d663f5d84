# Copyright (c) 2026 panelops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""From what is and what is wished to the steps between: pure, so check mode and the real run cannot differ (invariant I7)."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace

from .._errors import InvalidOption
from .expiry import ExpiryWish, refuse_past, to_iso
from .names import aside_name, left_aside
from .token import ApiToken, WhmToken


@dataclass(frozen=True)
class Wish:
    """What a task wants of one token.

    ``limits`` holds the attributes that the task gives (``acls``, ``whitelist_ips``, ``readonly``); those that it does not give
    stay as they are. ``proved``: is the secret that the task stores this token's? ``False`` also if it is missing, ``None`` if
    that cannot be known.
    """

    name: str
    kind: type[ApiToken] = WhmToken
    present: bool = True
    limits: Mapping = field(default_factory=dict)
    expiry: ExpiryWish = field(default_factory=ExpiryWish)
    rename_from: str | None = None
    recreate: str = "if_unusable"
    proved: bool | None = True
    only_expired: bool = False
    """Of a token that should be absent: leave it alone as long as it lives."""


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
class TakeName(Update):
    """The same for a token created just now, once ``Revoke`` has made the name free."""


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


NOTHING = Plan(None, None)
"""There is nothing to do, and no token."""


def plan_token(live: Mapping[str, ApiToken], wish: Wish, now: int, aside: Collection[str] | None = None) -> Plan:
    """What must be done so that the wish is true.

    :param live: the owner's tokens by name.
    :param now: the server's time in Unix seconds.
    :param aside: those names of ``live`` that a re-issue can have left, where the caller knows them already.
    :raises InvalidOption: the wish cannot be granted, for a reason that only the live state shows.
    """
    leftovers = left_aside(wish.name, live if aside is None else aside)
    current = live.get(wish.name)
    if wish.only_expired:
        expired = current is not None and current.expires_at is not None and current.expires_at <= now
        return Plan(current, None, (Revoke((wish.name,)),)) if expired else Plan(current, current)
    if not wish.present:
        gone = ((wish.name,) if current else ()) + leftovers
        return Plan(current, None, (Revoke(gone),) if gone else (), leftovers=leftovers)
    refuse_past(wish.expiry.at, now)
    tidy = (Revoke(leftovers),) if leftovers else ()
    source = live.get(wish.rename_from) if wish.rename_from else None
    if current is None and (leftovers or source is None):
        after = _next_of([live[name] for name in leftovers], wish, now) if leftovers else _first(wish, now)
        return Plan(None, after, (Create(after), *tidy), leftovers=leftovers)
    warnings = ()
    if current is not None and source is not None:
        warnings = (f"{wish.name} exists already, so {wish.rename_from} was not renamed to it and is still there.",)
    current = current or source
    after = replace(current, name=wish.name, expires_at=wish.expiry.next(current.expires_at, now), **wish.limits)
    # A secret that cannot be tied to a token may be that of one put aside, whose re-issue never finished.
    lost = wish.proved is False or (wish.proved is None and bool(leftovers))
    if _must_reissue(current, after, wish, now, lost):
        _refuse_expired(after, now)
        after = replace(after, create_time=None, last_used=None)
        steps = _reissue(current, after, live, leftovers, now)
    else:
        _refuse_impossible(current, after, wish)
        _refuse_expired(after, now)
        if lost:
            tidy = ()
            warnings += (f"The stored secret is not that of {wish.name}, and recreate: never leaves it so.",)
        steps = tidy if after == current else (Update(current.name, after), *tidy)
    return Plan(current, after, steps, warnings, leftovers)


def _first(wish: Wish, now: int) -> ApiToken:
    if "acls" in wish.kind.LIMITS and "acls" not in wish.limits:
        raise InvalidOption(
            "acls",
            f"the token {wish.name} does not exist, and none are given to create it with.",
            "Give the privileges that it needs; [all] must be said, it is never implied.",
        )
    return wish.kind(name=wish.name, expires_at=wish.expiry.first(now), **wish.limits)


def _next_of(aside: Sequence[ApiToken], wish: Wish, now: int) -> ApiToken:
    """What a re-issue would have made of a token that it put aside before it was killed: no limit of that is forgotten.

    :raises InvalidOption: that has expired meanwhile, and the task does not say until when the new one should live.
    """
    old = max(aside, key=lambda token: (token.expires_at is None or token.expires_at > now, token.create_time or 0))
    expires_at = wish.expiry.next(old.expires_at, now)
    after = replace(old, name=wish.name, expires_at=expires_at, create_time=None, last_used=None, **wish.limits)
    _refuse_expired(after, now)
    return after


def _must_reissue(current: ApiToken, after: ApiToken, wish: Wish, now: int, lost: bool) -> bool:
    """Is a new secret called for? Only where ``recreate`` allows it."""
    if wish.recreate in ("always", "never"):
        return wish.recreate == "always"
    if lost:
        return True
    if current.IN_PLACE:
        return False
    expired = current.expires_at is not None and current.expires_at <= now
    return expired or (wish.recreate == "if_changed" and after.limits() != current.limits())


def _refuse_impossible(current: ApiToken, after: ApiToken, wish: Wish) -> None:
    """:raises InvalidOption: the API cannot make the change without a new secret, and ``recreate`` does not allow that."""
    if current.IN_PLACE:
        return
    want, have = after.limits(), current.limits()
    fields = [key for key in want if want[key] != have[key]]
    if fields:
        raise InvalidOption(
            "recreate",
            f"{' and '.join(fields)} of the token {wish.name} cannot be changed without a new secret: cPanel has no function for it.",
            "Give recreate: if_changed to have a new one issued, or leave the token as it is.",
        )


def _refuse_expired(after: ApiToken, now: int) -> None:
    """:raises InvalidOption: the token would be there, but expired; that is not what present means."""
    if after.expires_at is not None and after.expires_at <= now:
        raise InvalidOption(
            "expires_at",
            f"the token {after.name} expired at {to_iso(after.expires_at)} and the task does not say until when it should live.",
            "Give expires_at or expires_in, or state: absent to revoke it.",
        )


def _reissue(current: ApiToken, after: ApiToken, live: Mapping[str, ApiToken], leftovers: tuple, now: int) -> tuple:
    """The old token stays, under another name, until the new one exists: a failed create takes nothing away.

    WHM cannot rename one that has expired without giving it another life, so there it is the new one that waits aside.
    """
    aside = aside_name(after.name, current.create_time or 0, live)
    if current.IN_PLACE and current.expires_at is not None and current.expires_at <= now:
        return (Create(replace(after, name=aside)), Revoke((current.name, *leftovers)), TakeName(aside, after))
    return (Update(current.name, replace(current, name=aside)), Create(after), Revoke((aside, *leftovers)))
