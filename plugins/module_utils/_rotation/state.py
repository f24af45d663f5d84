# Copyright (c) 2026 panelops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The state machine of a rotation, pure. Its state is the names of the tokens on the server.

``NAME`` lives. ``NAME--next-RANDOM`` is staged: created, perhaps delivered, not yet promoted. ``NAME--prev-NUMBER`` is retired.

One rule keeps consumers from being locked out: **a run only ever limits or revokes tokens that are older than its own**. A copy is
delivered only where the copy that its run found before staging still is. So once a run's own token is delivered, nothing older can be
delivered any more, whatever other runs do and wherever they were killed; and what is not older is left alone.

Times are Unix seconds of the server's clock, durations are seconds.
"""

from __future__ import annotations

import enum
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from .._errors import InvalidOption
from .._model.expiry import CLOCK_SLACK, to_iso
from .._model.names import (
    is_doubtful,
    is_staged,
    retired_name,
    retired_stamp,
)
from .._model.plan import Update
from .._model.token import ApiToken, CpanelToken, WhmToken

MOST_DOUBTFUL = 2
"""How many staged tokens that may have been delivered a failing sink may leave. Each has all the privileges of the live one."""

LAST_BREATH = 5
"""Seconds that a token of WHM is given at least when it is retired: the function accepts no time that has passed."""

KEPT = 120
"""Seconds for which a retired token of WHM is kept after it has expired: its name stops calls of other runs still under way."""

EXPIRED = "expired"
"""The word for a token that is dead."""

UNFINISHED = "unfinished"
"""The word for a token whose rotation an earlier run did not finish."""

AHEAD = 300
"""Seconds by which what the server has written down may be ahead of its clock; if it is more, that was set back since."""


@dataclass(frozen=True)
class DesiredRotation:
    """The desired state of one token that rotates.

    ``limits`` holds what the task gives; what it does not give is taken over from the token that is replaced. ``lifetime`` and
    ``rotate_before`` are ``None`` where the task does not say, ``max_age`` is ``None`` for any age.
    """

    name: str
    kind: type[ApiToken] = WhmToken
    limits: Mapping[str, Any] = field(default_factory=dict)
    lifetime: int | None = None
    rotate_before: int | None = None
    max_age: int | None = None
    force: bool = False
    earlier: int = 0
    """By how many seconds it is due earlier than its age and its expiry say."""


@dataclass(frozen=True)
class Retired:
    """A retired token, with the number in its name."""

    token: ApiToken
    number: int


@dataclass(frozen=True)
class Family:
    """The live token of a name, with its staged and retired tokens."""

    live: ApiToken | None
    staged: tuple[ApiToken, ...] = ()
    retired: tuple[Retired, ...] = ()

    @classmethod
    def of(cls, name: str, tokens: Mapping[str, ApiToken]) -> Family:
        """Pick the family of ``name`` out of an owner's tokens."""
        staged, retired = [], []
        for each in sorted(tokens):
            number = retired_stamp(each, name)
            if number is not None:
                retired.append(Retired(tokens[each], number))
            elif is_staged(each, name):
                staged.append(tokens[each])
        return cls(tokens.get(name), tuple(staged), tuple(retired))

    def others(self) -> list[ApiToken]:
        """All but the live token."""
        return [*self.staged, *(each.token for each in self.retired)]

    def model(self) -> ApiToken | None:
        """The token whose limits a staged one takes over: the live one, or else the youngest of the others."""
        return self.live or max(self.others(), key=created, default=None)

    def contested(self, now: int) -> tuple[ApiToken, ...]:
        """Retired tokens that are not older than the live one, so it is not certain that no consumer holds them."""
        return tuple(each.token for each in self.retired if not is_older(each.token, self.live, now))


@dataclass(frozen=True)
class Reason:
    """Why a token is due: a word for machines and a text for people."""

    word: str
    text: str


def is_older(token: ApiToken, than: ApiToken | None, now: int) -> bool:
    """Was it certainly created before the other one?

    One from the future is from before the clock was set back, and older than what has a time of now. Two from the future compare.
    """
    return than is not None and (created(token) < created(than) or created(token) > now >= created(than))


def is_ahead(token: ApiToken, now: int) -> bool:
    """Is its create time wrong, for it is in the future? The server's clock was ahead then, and was set back since."""
    return created(token) > now + AHEAD


def created(token: ApiToken) -> int:
    """When it was created, in Unix seconds."""
    return token.create_time or 0


def due(family: Family, desired: DesiredRotation, now: int) -> Reason | None:
    """Why the token must be rotated; ``None`` if it need not be.

    Nobody knows the age of a token from the future, so it counts as older than any ``max_age``: a rotation does no harm, and gives it a
    time that is right. That waits while what it has replaced has its overlap, so that a server whose create times are always ahead does
    not rotate at every run.
    """
    live = family.live
    if live is None and not family.others():
        return Reason("missing", "it does not exist")
    if live is None or family.staged or family.contested(now):
        return Reason(UNFINISHED, "an earlier run did not finish, or another one is at work")
    if live.expires_at is not None and live.expires_at <= now:
        return Reason(EXPIRED, f"it expired at {to_iso(live.expires_at)}")
    if desired.force:
        return Reason("forced", "the task says so")
    differing = [key for key, value in desired.limits.items() if getattr(live, key) != value]
    if differing:
        return Reason("limits", f"{' and '.join(sorted(differing))} should be other than they are")
    lifetime = desired.lifetime
    if lifetime and (live.expires_at is None or live.expires_at - now > lifetime + CLOCK_SLACK):
        return Reason("lifetime", "it would live longer than expires_in")
    if desired.max_age is not None and is_ahead(live, now) and not family.retired:
        at = to_iso(created(live))
        return Reason("max_age", f"its create time {at} is ahead of the server's clock, so its age is not known")
    next_time = next_due(live, desired)
    if next_time is None or now < next_time:
        return None
    usual = next_due(live, replace(desired, earlier=0))
    why = "" if usual is None or usual <= now else f", and spread makes it due earlier than {to_iso(usual)}"
    by_age = _due_by_age(live, desired)
    if by_age is not None and by_age <= now:
        return Reason("max_age", f"it was created at {to_iso(created(live))}{why}")
    return Reason("rotate_before", f"it expires at {to_iso(live.expires_at or 0)}{why}")


def held_back(family: Family, silent: bool, overlap: int, now: int) -> str | None:
    """Why no further token is staged although the token is due; ``None`` if one may be.

    Tokens whose delivery failed without a word on the place are left, and must not pile up. What a killed run has left is replaced at once.

    :param silent: does the token have a sink of which a failure says nothing about its place?
    """
    unchanged = "" if family.live is None else " The old token is unchanged."
    doubtful = sorted((each for each in family.staged if is_doubtful(each.name)), key=created)
    counted = sorted(family.staged, key=created) if silent else doubtful
    if len(counted) >= MOST_DOUBTFUL:
        names = " and ".join(sorted(each.name for each in counted))
        return (
            f"{names} of earlier runs may have been delivered, so no third token is staged. Repair the sink, revoke those of the two that "
            "no consumer holds (state: absent), and run again."
            f"{unchanged}"
        )
    if not silent or not doubtful or created(doubtful[-1]) + overlap <= now or is_ahead(doubtful[-1], now):
        return None
    name, end = doubtful[-1].name, created(doubtful[-1]) + overlap
    return (
        f"{name} of an earlier run may have been delivered: its sink could not say how far it came. Another token is staged when the "
        f"overlap of that one is over, at {to_iso(end)}. To go on at once, revoke {name} if no consumer holds it."
        f"{unchanged}"
    )


def next_due(live: ApiToken, desired: DesiredRotation) -> int | None:
    """When the token will be due by its age or its expiry; ``None`` for never. It does not depend on when runs come."""
    times = [_due_by_expiry(live, desired), _due_by_age(live, desired)]
    return min((each for each in times if each is not None), default=None)


def lead(live: ApiToken, desired: DesiredRotation) -> int:
    """For how many seconds before its expiry the token is due at least; 0 if it never expires."""
    if live.expires_at is None:
        return 0
    return _lifetime(live.expires_at, live, desired) // 3 if desired.rotate_before is None else desired.rotate_before


def _lifetime(expires_at: int, live: ApiToken, desired: DesiredRotation) -> int:
    return desired.lifetime or max(expires_at - created(live), 0)


def _due_by_expiry(live: ApiToken, desired: DesiredRotation) -> int | None:
    if live.expires_at is None:
        return None
    before = lead(live, desired)
    # Never all of its life, which nobody could check where the task does not give it.
    earlier = desired.earlier % max(_lifetime(live.expires_at, live, desired) - before, 1)
    return live.expires_at - before - earlier


def _due_by_age(live: ApiToken, desired: DesiredRotation) -> int | None:
    return None if desired.max_age is None else created(live) + desired.max_age - desired.earlier


@dataclass(frozen=True)
class Replacement:
    """What a staged token is to be like: its limits but for the expiry, and its lifetime (``None``: it never expires)."""

    limits: Mapping[str, Any]
    lifetime: int | None

    def token(self, kind: type[ApiToken], name: str, now: int) -> ApiToken:
        """The staged token, as it is to be created."""
        return kind(name=name, expires_at=now + self.lifetime if self.lifetime else None, **self.limits)

    def as_dict(self) -> dict[str, object]:
        """The same as plain data."""
        limits = {key: sorted(value) if isinstance(value, frozenset) else value for key, value in self.limits.items()}
        limits = {key: list(value) if isinstance(value, tuple) else value for key, value in limits.items()}
        return dict(limits=limits, lifetime=self.lifetime)

    @classmethod
    def of(cls, kind: type[ApiToken], plain: Mapping[str, Any]) -> Replacement:
        """Read plain data.

        :raises ValueError: it is not what ``as_dict`` returns.
        """
        limits, lifetime = plain.get("limits"), plain.get("lifetime")
        names = {key for key in kind.LIMITS if key != "expires_at"}
        if not isinstance(limits, Mapping) or not limits.keys() <= names:
            raise ValueError("limits")
        if lifetime is not None and not (isinstance(lifetime, int) and lifetime > 0):
            raise ValueError("lifetime")
        if kind is not WhmToken:
            return cls(dict(limits), lifetime)
        acls, addresses = limits.get("acls"), limits.get("whitelist_ips") or []
        if not isinstance(acls, list) or not isinstance(addresses, list):
            raise ValueError("limits")
        return cls(dict(acls=frozenset(acls), whitelist_ips=tuple(addresses)), lifetime)


def replacement_of(family: Family, desired: DesiredRotation) -> Replacement:
    """What the staged token is to be like: as the task says, else as the present token is.

    :raises InvalidOption: nothing says which privileges it should have, or how long it should live; or it would have more than the old one.
    """
    model = family.model()
    if isinstance(model, CpanelToken) and (model.features or not model.has_full_access):
        raise InvalidOption(
            "tokens",
            f"the token {model.name} is limited to some features of the account, and the API creates only tokens with full access.",
            "Replace it by hand, or leave it out.",
        )
    if model is None and "acls" in desired.kind.LIMITS and "acls" not in desired.limits:
        raise InvalidOption("acls", f"the token {desired.name} does not exist, and none are given to create it with.")
    lifetime = desired.lifetime
    if lifetime is None and model is not None and model.expires_at is not None:
        if model.IN_PLACE and retired_stamp(model.name, desired.name) is not None:
            raise InvalidOption(
                "expires_in",
                f"the token {desired.name} does not exist any more, and what it replaced, {model.name}, expires when its overlap is over.",
                f"Give expires_in, or revoke {model.name} if no consumer needs it: then the new token never expires.",
            )
        lifetime = max(model.expires_at - created(model), 1)
    names = [key for key in desired.kind.LIMITS if key != "expires_at"]
    limits = {key: getattr(model, key) for key in names if model is not None}
    return Replacement({**limits, **desired.limits}, lifetime)


class PromotionState(enum.Enum):
    """How far a staged token is on its way to be live."""

    UNFINISHED = "unfinished"
    DONE = "done"
    TAKEN_OVER = "taken_over"
    """Another run's token is younger."""
    VANISHED = "vanished"
    """Neither a run of a rotation nor its expiry can have ended it: somebody has revoked or renamed it."""


@dataclass(frozen=True)
class Promotion:
    """The way from delivered to live. ``decisive`` is the one of the steps that gives the staged token its name."""

    state: PromotionState
    steps: tuple[Update, ...] = ()
    decisive: Update | None = None


def promotion(
    tokens: Mapping[str, ApiToken], name: str, own: ApiToken, overlap: int, now: int, overlap_max: int = 0
) -> Promotion:
    """What is left to do to promote ``own``, the staged token as it was created.

    :param overlap_max: for how many seconds tokens that were retired before may work on.

    A retired token of WHM carries the time of its creation in its name: two runs retire the same token under the same name, and only
    the first can. So a late call of a run that was overtaken cannot hit the promoted token, which has the name by then. One of cPanel
    carries the time of its retirement; a late call does it no harm, for it only loses its name, which the next run sees.
    """
    family = Family.of(name, tokens)
    staged = tokens.get(own.name)
    if staged is None:
        ours = family.live is not None and created(family.live) == created(own)
        if any(created(each.token) == created(own) for each in family.retired):
            return Promotion(PromotionState.TAKEN_OVER)
        if ours:
            return Promotion(PromotionState.DONE)
        younger = [token for token in (family.live, *family.staged) if is_older(own, token, now)]
        return Promotion(PromotionState.TAKEN_OVER if younger else PromotionState.VANISHED)
    if family.live is not None and not is_older(family.live, staged, now):
        return Promotion(PromotionState.TAKEN_OVER)
    taken = set(tokens)
    steps = [] if family.live is None else [_retire(name, family.live, overlap, now, taken)]
    decisive = Update(staged.name, replace(staged, name=name))
    steps.append(decisive)
    others = [token for token in family.staged if is_older(token, staged, now)]
    if not staged.IN_PLACE and family.contested(now):
        # Either calls came late or the clock has been wrong; then the names of the others may tell wrong times too.
        others += [each.token for each in family.retired]
    steps += [_retire(name, token, overlap, now, taken) for token in others]
    if staged.IN_PLACE:
        steps += _shortened(family, staged, overlap, overlap_max, now)
    return Promotion(PromotionState.UNFINISHED, tuple(steps), decisive)


def _shortened(family: Family, staged: ApiToken, overlap: int, overlap_max: int, now: int) -> list[Update]:
    """Steps for tokens that were retired before, and would live longer than any may: those of now, or because nobody knows who needs it."""
    end = now + max(overlap, LAST_BREATH)
    longest = now + max(overlap, overlap_max, LAST_BREATH)
    return [
        Update(each.token.name, replace(each.token, expires_at=end))
        for each in family.retired
        if is_older(each.token, staged, now) and (each.token.expires_at is None or each.token.expires_at > longest)
    ]


def _retire(name: str, token: ApiToken, overlap: int, now: int, taken: set[str]) -> Update:
    if not token.IN_PLACE:
        after = replace(token, name=retired_name(name, now, taken))
    else:
        end = now + max(overlap, LAST_BREATH)
        if token.expires_at is not None:
            end = min(end, max(token.expires_at, now + LAST_BREATH))
        after = replace(token, name=retired_name(name, created(token), taken), expires_at=end)
    taken.add(after.name)
    return Update(token.name, after)


def ended_at_once(tokens: Mapping[str, ApiToken], name: str, now: int) -> tuple[str, ...]:
    """The names of staged and retired tokens to revoke in an emergency: all that are older than the live token.

    Those of WHM need not be: promoted without an overlap, they are dead within ``LAST_BREATH``.
    """
    family = Family.of(name, tokens)
    return tuple(token.name for token in family.others() if not token.IN_PLACE and is_older(token, family.live, now))
