# Copyright (c) 2026 panelops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The steps from the live state to the desired state: pure, so that check mode and the run cannot differ."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace

from .._errors import InvalidOption
from .expiry import DesiredExpiry, refuse_past, to_iso
from .names import interim_name, leftovers_of
from .token import ApiToken, Limits, WhmToken


@dataclass(frozen=True)
class DesiredToken:
    """The desired state of one token.

    ``limits`` holds the limits that the task gives; the others keep their live values. ``proved`` says whether the secret that the task
    stores is this token's: ``False`` also if none is stored, ``None`` if that cannot be known.
    """

    name: str
    kind: type[ApiToken] = WhmToken
    present: bool = True
    limits: Limits = field(default_factory=Limits)
    expiry: DesiredExpiry = field(default_factory=DesiredExpiry)
    rename_from: str | None = None
    recreate: str = "if_unusable"
    proved: bool | None = True
    only_expired: bool = False
    """For a token that should be absent: revoke it only once it has expired."""


@dataclass(frozen=True)
class Create:
    """Create a token; its secret is new."""

    token: ApiToken


@dataclass(frozen=True)
class Update:
    """Give the token ``name`` the whole state ``token``, its name included; the secret stays.

    The whole state, because the API resets what it is not given.
    """

    name: str
    token: ApiToken


@dataclass(frozen=True)
class TakeName(Update):
    """Rename a token that this plan created, once ``Revoke`` has made its name free."""


@dataclass(frozen=True)
class Revoke:
    """Revoke API tokens."""

    names: tuple[str, ...]


@dataclass(frozen=True)
class Plan:
    """The steps from ``before`` to ``after`` (``None``: no token), in order.

    ``leftovers`` are the names of tokens that an interrupted reissue left, and that the steps revoke.
    """

    before: ApiToken | None
    after: ApiToken | None
    steps: tuple[Create | Update | Revoke, ...] = ()
    warnings: tuple[str, ...] = ()
    leftovers: tuple[str, ...] = ()

    @property
    def changed(self) -> bool:
        """Is there anything to do?"""
        return bool(self.steps)

    @property
    def diff(self) -> dict[str, dict[str, object]]:
        """``before`` and ``after`` as Ansible shows them: never a secret, only whether there is a new one."""
        before = self.before.settings() if self.before else {}
        after = self.after.settings() if self.after else {}
        if self.before and any(isinstance(step, Create) for step in self.steps):
            before["secret"], after["secret"] = "the current one", "a new one"
        left = [
            name for step in self.steps if isinstance(step, Revoke) for name in step.names if name in self.leftovers
        ]
        if left:
            before["leftovers"], after["leftovers"] = left, []
        return dict(before=before, after=after)


NOTHING = Plan(None, None)
"""There is nothing to do, and no token."""


def plan_token(
    live: Mapping[str, ApiToken], desired: DesiredToken, now: int, aside: Collection[str] | None = None
) -> Plan:
    """The plan that reaches the desired state of one token.

    :param live: the owner's tokens by name.
    :param now: the server's time in Unix seconds.
    :param aside: the names in ``live`` that can be leftovers of a reissue, where the caller knows them already.
    :raises InvalidOption: the state cannot be reached, for a reason that only the live state shows.
    """
    leftovers = leftovers_of(desired.name, live if aside is None else aside)
    current = live.get(desired.name)
    if desired.only_expired:
        expired = current is not None and current.expires_at is not None and current.expires_at <= now
        return Plan(current, None, (Revoke((desired.name,)),)) if expired else Plan(current, current)
    if not desired.present:
        gone = ((desired.name,) if current else ()) + leftovers
        return Plan(current, None, (Revoke(gone),) if gone else (), leftovers=leftovers)
    refuse_past(desired.expiry.at, now)
    tidy = (Revoke(leftovers),) if leftovers else ()
    source = live.get(desired.rename_from) if desired.rename_from else None
    found = current or source
    if found is None or (current is None and leftovers):
        after = _next_of([live[name] for name in leftovers], desired, now) if leftovers else _first(desired, now)
        return Plan(None, after, (Create(after), *tidy), leftovers=leftovers)
    warnings: tuple[str, ...] = ()
    if current is not None and source is not None:
        warnings = (
            f"{desired.name} exists already, so {desired.rename_from} was not renamed to it and is still there.",
        )
    current = found
    expires_at = desired.expiry.next(current.expires_at, now)
    after = replace(current, name=desired.name, expires_at=expires_at).with_limits(desired.limits)
    # A secret that cannot be tied to a token may be that of a leftover, whose reissue was interrupted.
    lost = desired.proved is False or (desired.proved is None and bool(leftovers))
    if _must_reissue(current, after, desired, now, lost):
        _refuse_expired(after, now)
        after = replace(after, create_time=None, last_used=None)
        steps = _reissue(current, after, live, leftovers, now)
    else:
        _refuse_impossible(current, after, desired)
        _refuse_expired(after, now)
        if lost:
            tidy = ()
            warnings += (f"The stored secret is not that of {desired.name}, and recreate: never leaves it so.",)
        steps = tidy if after == current else (Update(current.name, after), *tidy)
    return Plan(current, after, steps, warnings, leftovers)


def _first(desired: DesiredToken, now: int) -> ApiToken:
    if "acls" in desired.kind.LIMITS and "acls" not in desired.limits:
        raise InvalidOption(
            "acls",
            f"the token {desired.name} does not exist, and none are given to create it with.",
            "Give the privileges that it needs; [all] must be said, it is never implied.",
        )
    return desired.kind(name=desired.name, expires_at=desired.expiry.first(now)).with_limits(desired.limits)


def _next_of(aside: Sequence[ApiToken], desired: DesiredToken, now: int) -> ApiToken:
    """The token that an interrupted reissue would have created: it keeps the limits of the leftover.

    :raises InvalidOption: the leftover has expired meanwhile, and the task does not say until when the new token should live.
    """
    old = max(aside, key=lambda token: (token.expires_at is None or token.expires_at > now, token.create_time or 0))
    expires_at = desired.expiry.next(old.expires_at, now)
    after = replace(old, name=desired.name, expires_at=expires_at, create_time=None, last_used=None)
    after = after.with_limits(desired.limits)
    _refuse_expired(after, now)
    return after


def _must_reissue(current: ApiToken, after: ApiToken, desired: DesiredToken, now: int, lost: bool) -> bool:
    """Is a new secret needed, and does ``recreate`` allow it?"""
    if desired.recreate in ("always", "never"):
        return desired.recreate == "always"
    if lost:
        return True
    if current.IN_PLACE:
        return False
    expired = current.expires_at is not None and current.expires_at <= now
    return expired or (desired.recreate == "if_changed" and after.limits() != current.limits())


def _refuse_impossible(current: ApiToken, after: ApiToken, desired: DesiredToken) -> None:
    """:raises InvalidOption: the API cannot make the change without a new secret, and ``recreate`` does not allow that."""
    if current.IN_PLACE:
        return
    want, have = after.limits(), current.limits()
    fields = [key for key in want if want[key] != have[key]]
    if fields:
        raise InvalidOption(
            "recreate",
            f"{' and '.join(fields)} of the token {desired.name} cannot be changed without a new secret: cPanel has no function for it.",
            "Give recreate: if_changed to have a new one issued, or leave the token as it is.",
        )


def _refuse_expired(after: ApiToken, now: int) -> None:
    """:raises InvalidOption: the token would exist, but be expired: that is not what ``state: present`` means."""
    if after.expires_at is not None and after.expires_at <= now:
        raise InvalidOption(
            "expires_at",
            f"the token {after.name} expired at {to_iso(after.expires_at)} and the task does not say until when it should live.",
            "Give expires_at or expires_in, or state: absent to revoke it.",
        )


def _reissue(
    current: ApiToken, after: ApiToken, live: Mapping[str, ApiToken], leftovers: tuple[str, ...], now: int
) -> tuple[Create | Update | Revoke, ...]:
    """The old token keeps working under another name until the new one exists, so a failed create takes nothing away.

    WHM cannot rename an expired token without extending it, so there the new token gets the other name until the old one is revoked.
    """
    aside = interim_name(after.name, current.create_time or 0, live)
    if current.IN_PLACE and current.expires_at is not None and current.expires_at <= now:
        return (Create(replace(after, name=aside)), Revoke((current.name, *leftovers)), TakeName(aside, after))
    return (Update(current.name, replace(current, name=aside)), Create(after), Revoke((aside, *leftovers)))
