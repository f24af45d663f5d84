# Copyright (c) 2026 panelops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The steps from the live state to the desired state: pure, so that check mode and the run cannot differ."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field, replace

from .._errors import InvalidOption
from .expiry import DesiredExpiry, refuse_past, to_iso
from .names import interim_name, leftovers_of, waiting_name, waits_for
from .stored import Issue, StoredSecret
from .token import ApiToken, Limits, WhmToken
from .whose_secret import WhoseSecret


@dataclass(frozen=True)
class DesiredToken:
    """The desired state of one token.

    ``limits`` holds the limits that the task gives; the others keep their live values. ``stored`` is ``None`` if the task stores no secret.
    """

    name: str
    kind: type[ApiToken] = WhmToken
    present: bool = True
    limits: Limits = field(default_factory=Limits)
    expiry: DesiredExpiry = field(default_factory=DesiredExpiry)
    rename_from: str | None = None
    recreate: str = "if_expired"
    stored: StoredSecret | None = None
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
    """Rename a token that a reissue has created, once ``Revoke`` has made its name free."""


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
    leftovers = _leftovers(live, desired, now, aside)
    current = live.get(desired.name)
    if desired.only_expired:
        expired = current is not None and current.is_expired(now)
        return Plan(current, None, (Revoke((desired.name,)),)) if expired else Plan(current, current)
    if not desired.present:
        gone = ((desired.name,) if current else ()) + leftovers
        return Plan(current, None, (Revoke(gone),) if gone else (), leftovers=leftovers)
    refuse_past(desired.expiry.at, now)
    source = live.get(desired.rename_from) if desired.rename_from else None
    old = current
    if old is None and source is not None and source.is_expired(now):
        # Its reissue was interrupted before the new token took the name.
        old = source if any(waits_for(left, desired.name, source) for left in leftovers) else None
    found = _found(live, desired, old, leftovers, now) or source
    whose = WhoseSecret(desired.stored, desired.name, found, leftovers, live, now) if desired.stored else None
    if whose is not None:
        whose.refuse_anothers()
    if found is None:
        after = _first(live, desired, now)
        plan = Plan(None, after, (Create(after),))
    else:
        plan = _plan_found(live, desired, found, old, leftovers, now)
    if current is not None and source is not None:
        told = f"{desired.name} exists already, so {desired.rename_from} was not renamed to it and is still there."
        plan = replace(plan, warnings=(told, *plan.warnings))
    if whose is None:
        return plan
    if any(isinstance(step, Create) for step in plan.steps):
        whose.refuse_strange()
        warnings = whose.warnings_if_replaced()
    else:
        warnings = whose.warnings_if_kept(accepted=desired.recreate == "never")
    return replace(plan, warnings=(*plan.warnings, *warnings))


def issue_of(plan: Plan) -> Issue:
    """What a note says of the issue that a plan is, before anything is sent."""
    creates = [step.token for step in plan.steps if isinstance(step, Create)]
    renamed = [step.token.name for step in plan.steps if isinstance(step, Update) and not isinstance(step, TakeName)]
    waits = any(isinstance(step, TakeName) for step in plan.steps)
    return Issue(
        limits=creates[0].limits() if creates else {},
        interim=renamed[0] if renamed else None,
        old_create_time=plan.before.create_time if renamed and plan.before else None,
        waiting=creates[0].name if creates and waits else None,
    )


def _leftovers(
    live: Mapping[str, ApiToken], desired: DesiredToken, now: int, aside: Collection[str] | None
) -> tuple[str, ...]:
    """What interrupted reissues have left, by the names and times of the tokens or by our own notes."""
    noted = desired.stored.left(desired.name, live) if desired.stored else frozenset()
    known = noted if aside is None else noted.intersection(aside)
    return tuple(sorted(known.union(leftovers_of(desired.name, live, now, aside))))


def _found(
    live: Mapping[str, ApiToken],
    desired: DesiredToken,
    current: ApiToken | None,
    leftovers: tuple[str, ...],
    now: int,
) -> ApiToken | None:
    """The token that the desired one is now: ``current``, or what an interrupted reissue has left of it."""
    holder = desired.stored.holder if desired.stored else None
    if holder is not None and holder in leftovers and not live[holder].is_expired(now):
        waits = current is not None and current.IN_PLACE and current.is_expired(now) and desired.recreate != "always"
        if waits or current is None:
            return live[holder]
    if current is not None or not leftovers:
        return current
    return max(
        (live[name] for name in leftovers), key=lambda token: (not token.is_expired(now), token.create_time or 0)
    )


def _plan_found(
    live: Mapping[str, ApiToken],
    desired: DesiredToken,
    found: ApiToken,
    current: ApiToken | None,
    leftovers: tuple[str, ...],
    now: int,
) -> Plan:
    """The plan for a token that exists, under its name or another one. ``current`` is the one that a reissue replaces."""
    expires_at = desired.expiry.next(found.expires_at, now)
    after = replace(found, name=desired.name, expires_at=expires_at).with_limits(desired.limits)
    # The old token can be one of them, where the task renames from the name that its reissue has given it.
    others = tuple(name for name in leftovers if name != found.name and (current is None or name != current.name))
    mine = desired.stored.is_of(found) if desired.stored else None
    if _must_reissue(found, after, desired, bool(others), now):
        _refuse_expired(after, now)
        after = replace(after, create_time=None, last_used=None)
        steps: tuple[Create | Update | Revoke, ...] = (Create(after), Revoke(leftovers))
        if found.name not in leftovers:
            steps = _reissue(found, after, live, leftovers, now)
        return Plan(found, after, steps, _cut_off(found, desired, bool(others), now), leftovers)
    _refuse_impossible(found, after, desired)
    _refuse_expired(after, now)
    warnings: tuple[str, ...] = ()
    tidy: tuple[Revoke, ...] = ()
    if others and mine:
        tidy = (Revoke(others),)
    elif others:
        warnings = (_left(others, desired.name),)
    if mine is False:
        warnings = (f"The stored secret is not that of {desired.name}, and recreate: never leaves it so.", *warnings)
    if current is not None and found is not current:
        # The new token of a reissue that was interrupted before it took the name of the one that has expired.
        return Plan(current, after, (Revoke((current.name, *others)), TakeName(found.name, after)), (), leftovers)
    steps = tidy if after == found else (Update(found.name, after), *tidy)
    return Plan(found, after, steps, warnings, leftovers)


def _left(names: tuple[str, ...], name: str) -> str:
    what = "is" if len(names) == 1 else "are"
    return (
        f"{' and '.join(names)} {what} left of an interrupted reissue of {name}. Consumers may use the secret, so nothing was revoked. "
        "Revoke what nobody uses with state: absent, or give recreate: always to replace all of them."
    )


def _cut_off(found: ApiToken, desired: DesiredToken, others: bool, now: int) -> tuple[str, ...]:
    """A warning if the reissue ends a secret that may be in use somewhere, though nobody asked for that in so many words.

    :param others: are there leftovers besides?
    """
    stored = desired.stored
    if stored is None or desired.recreate == "always" or found.is_expired(now):
        return ()
    mine = stored.is_of(found)
    if mine or (mine is None and not others):
        return ()
    if stored.has_begun(found):
        return (
            f"The live token {found.name} is taken for the one that an interrupted run created for {stored.path}, and another secret is "
            "issued. It may be that of another run: whoever uses its secret is cut off.",
        )
    if mine is None:
        return (
            f"Whether {stored.path} holds the secret of {desired.name} or of what an interrupted reissue left cannot be known: with "
            f"recreate: {desired.recreate} another one is issued. Whoever uses an old secret is cut off.",
        )
    return (
        f"The token {desired.name} was live, and {stored.path} did not hold its secret: with recreate: {desired.recreate} another one "
        "is issued. Whoever uses the old secret is cut off.",
    )


def _first(live: Mapping[str, ApiToken], desired: DesiredToken, now: int) -> ApiToken:
    if "acls" in desired.kind.LIMITS and "acls" not in desired.limits:
        raise InvalidOption(
            "acls",
            f"the token {desired.name} does not exist, and none are given to create it with.",
            "Give the privileges that it needs; [all] must be said, it is never implied.",
        )
    token = desired.kind(name=desired.name, expires_at=desired.expiry.first(now)).with_limits(desired.limits)
    # Whether the server reports it shows only on tokens that exist.
    return replace(token, reports_last_used=any(each.reports_last_used for each in live.values()))


def _must_reissue(found: ApiToken, after: ApiToken, desired: DesiredToken, others: bool, now: int) -> bool:
    """Is a new secret needed, and does ``recreate`` allow it?

    :param others: are there leftovers besides, so that a secret which cannot be tied to a token may be theirs?
    :raises InvalidOption: it is needed, but whoever uses the old one would be cut off, and the task does not say that this may be.
    """
    recreate, stored = desired.recreate, desired.stored
    if recreate in ("always", "never"):
        return recreate == "always"
    expired = found.is_expired(now)
    if stored is not None:
        mine = stored.is_of(found)
        doubtful = mine is False or (mine is None and others)
        if doubtful and (expired or recreate != "if_expired" or stored.has_begun(found)):
            return True
        if mine is False:
            raise InvalidOption(
                "token_file",
                f"{stored.path} does not hold the secret of the live token {found.name}, and another secret would cut off whoever uses "
                "this one.",
                "Put the secret there, give recreate: if_unusable to have another one issued all the same, or use the role rotate, "
                "which replaces a secret without an outage.",
            )
    if found.IN_PLACE:
        return False
    return expired or (recreate == "if_changed" and after.limits() != found.limits())


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
    if current.IN_PLACE and current.is_expired(now):
        waiting = waiting_name(after.name, current.create_time or 0, live)
        return (Create(replace(after, name=waiting)), Revoke((current.name, *leftovers)), TakeName(waiting, after))
    aside = interim_name(after.name, current.create_time or 0, live)
    return (Update(current.name, replace(current, name=aside)), Create(after), Revoke((aside, *leftovers)))
