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

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from .._errors import InvalidOption
from .._model.expiry import CLOCK_SLACK, to_iso
from .._model.names import (
    is_staged,
    retired_name,
    retired_stamp,
)
from .._model.plan import Update
from .._model.token import ApiToken, WhmToken

LAST_BREATH = 5
"""Seconds that a token of WHM is given at least when it is retired: the function accepts no time that has passed."""

KEPT = 120
"""Seconds for which a retired token of WHM is kept after it has expired: its name stops calls of other runs still under way."""


@dataclass(frozen=True)
class RotationWish:
    """What is wished of one token that rotates.

    ``limits`` holds what the task gives; what it does not give is taken over from the token that is replaced. ``lifetime`` and
    ``rotate_before`` are ``None`` where the task does not say, ``max_age`` is ``None`` for any age.
    """

    name: str
    kind: type[ApiToken] = WhmToken
    limits: Mapping = field(default_factory=dict)
    lifetime: int | None = None
    rotate_before: int | None = None
    max_age: int | None = None
    force: bool = False


@dataclass(frozen=True)
class Family:
    """The live token of a name and its siblings, the retired ones with the numbers in their names."""

    live: ApiToken | None
    staged: tuple = ()
    retired: tuple = ()

    @classmethod
    def of(cls, name: str, tokens: Mapping[str, ApiToken]) -> Family:
        """Pick the family of ``name`` out of an owner's tokens."""
        staged = tuple(tokens[each] for each in sorted(tokens) if is_staged(each, name))
        numbers = ((tokens[each], retired_stamp(each, name)) for each in sorted(tokens))
        retired = tuple((token, number) for token, number in numbers if number is not None)
        return cls(tokens.get(name), staged, retired)

    def model(self) -> ApiToken | None:
        """The token whose limits a successor takes over: the live one, or else the youngest sibling."""
        siblings = [*self.staged, *(token for token, _number in self.retired)]
        return self.live or max(siblings, key=_age, default=None)

    def contested(self, now: int) -> tuple:
        """Retired tokens that are not older than the live one, so it is not certain that no consumer holds them."""
        return tuple(token for token, _number in self.retired if not is_older(token, self.live, now))


@dataclass(frozen=True)
class Reason:
    """Why a token is due: a word for machines and a text for people."""

    word: str
    text: str


def is_older(token: ApiToken, than: ApiToken | None, now: int) -> bool:
    """Was it certainly created before the other one? One from the future is from before the clock was set back."""
    return than is not None and (_age(token) < _age(than) or _age(token) > now)


def _age(token: ApiToken) -> int:
    return token.create_time or 0


def due(family: Family, wish: RotationWish, now: int) -> Reason | None:
    """Why the token must be rotated; ``None`` if it need not be."""
    live = family.live
    siblings = family.staged or family.retired
    if live is None and not siblings:
        return Reason("missing", "it does not exist")
    if live is None or family.staged or family.contested(now):
        return Reason("unfinished", "an earlier run did not finish, or another one is at work")
    if live.expires_at is not None and live.expires_at <= now:
        return Reason("expired", f"it expired at {to_iso(live.expires_at)}")
    if wish.force:
        return Reason("forced", "the task says so")
    differing = [key for key, value in wish.limits.items() if getattr(live, key) != value]
    if differing:
        return Reason("limits", f"{' and '.join(sorted(differing))} should be other than they are")
    lifetime = wish.lifetime
    if lifetime and (live.expires_at is None or live.expires_at - now > lifetime + CLOCK_SLACK):
        return Reason("lifetime", "it would live longer than expires_in")
    next_time = next_due(live, wish)
    if next_time is None or now < next_time:
        return None
    if wish.max_age is not None and _age(live) + wish.max_age <= now:
        return Reason("max_age", f"it was created at {to_iso(_age(live))}")
    return Reason("rotate_before", f"it expires at {to_iso(live.expires_at or 0)}")


def next_due(live: ApiToken, wish: RotationWish) -> int | None:
    """When the token will be due by its age or its expiry; ``None`` for never. It does not depend on when runs come."""
    times = []
    if live.expires_at is not None:
        lifetime = wish.lifetime or max(live.expires_at - _age(live), 0)
        times.append(live.expires_at - (lifetime // 3 if wish.rotate_before is None else wish.rotate_before))
    if wish.max_age is not None:
        times.append(_age(live) + wish.max_age)
    return min(times, default=None)


def successor_of(family: Family, wish: RotationWish) -> tuple[dict, int | None]:
    """The limits and the lifetime that the successor is to have: what is wished, else what the present token has.

    :raises InvalidOption: nothing says which privileges it should have.
    """
    model = family.model()
    if model is None and "acls" in wish.kind.LIMITS and "acls" not in wish.limits:
        raise InvalidOption("acls", f"the token {wish.name} does not exist, and none are given to create it with.")
    lifetime = wish.lifetime
    if lifetime is None and model is not None and model.expires_at is not None:
        lifetime = max(model.expires_at - _age(model), 1)
    names = [key for key in wish.kind.LIMITS if key != "expires_at"]
    limits = {key: getattr(model, key) for key in names if model is not None}
    limits.update(wish.limits)
    return limits, lifetime


def over(family: Family, overlap: int, now: int) -> tuple:
    """The names of retired tokens whose overlap is over.

    WHM ends a retired token by its expiry. cPanel cannot, so there its name tells when it was retired.
    """
    if family.live is None:
        return ()
    return tuple(
        token.name
        for token, number in family.retired
        if is_older(token, family.live, now) and _is_over(token, number, overlap, now)
    )


def _is_over(token: ApiToken, number: int, overlap: int, now: int) -> bool:
    if token.IN_PLACE:
        return token.expires_at is not None and token.expires_at + KEPT <= now
    return number + overlap <= now or (token.expires_at is not None and token.expires_at <= now)


@dataclass(frozen=True)
class Promotion:
    """The way from delivered to live. ``state``: ``done``, ``taken_over`` (another run's token is younger), or ``todo``.

    The step that gives the successor its name is ``steps[decisive]``.
    """

    state: str
    steps: tuple = ()
    decisive: int = 0


def promotion(tokens: Mapping[str, ApiToken], name: str, own: ApiToken, overlap: int, now: int) -> Promotion:
    """What is left to do to promote ``own``, the staged token as it was created.

    A retired token of WHM carries the time of its creation in its name: two runs retire the same token under the same name, and only
    the first can. So a late call of a run that was overtaken cannot hit the successor, which has the name by then. One of cPanel
    carries the time of its retirement; a late call does it no harm, for it only loses its name, which the next run sees.
    """
    family = Family.of(name, tokens)
    successor = tokens.get(own.name)
    if successor is None:
        ours = family.live is not None and _age(family.live) == _age(own)
        retired = any(_age(token) == _age(own) for token, _number in family.retired)
        return Promotion("done" if ours and not retired else "taken_over")
    if family.live is not None and not is_older(family.live, successor, now):
        return Promotion("taken_over")
    taken = set(tokens)
    steps = [] if family.live is None else [_retire(name, family.live, overlap, now, taken)]
    decisive = len(steps)
    steps.append(Update(successor.name, replace(successor, name=name)))
    others = [token for token in family.staged if is_older(token, successor, now)]
    if not successor.IN_PLACE:
        others += family.contested(now)
    steps += [_retire(name, token, overlap, now, taken) for token in others]
    if successor.IN_PLACE:
        steps += _shortened(family, successor, overlap, now)
    return Promotion("todo", tuple(steps), decisive)


def _shortened(family: Family, successor: ApiToken, overlap: int, now: int) -> list[Update]:
    """Steps for tokens that were retired before, and would live longer than those that are retired now."""
    end = now + max(overlap, LAST_BREATH)
    return [
        Update(token.name, replace(token, expires_at=end))
        for token, _number in family.retired
        if is_older(token, successor, now) and (token.expires_at is None or token.expires_at > end)
    ]


def _retire(name: str, token: ApiToken, overlap: int, now: int, taken: set) -> Update:
    if not token.IN_PLACE:
        after = replace(token, name=retired_name(name, now, taken))
    else:
        end = now + max(overlap, LAST_BREATH)
        if token.expires_at is not None:
            end = min(end, max(token.expires_at, now + LAST_BREATH))
        after = replace(token, name=retired_name(name, _age(token), taken), expires_at=end)
    taken.add(after.name)
    return Update(token.name, after)


def ended_at_once(tokens: Mapping[str, ApiToken], name: str, now: int) -> tuple:
    """The names of siblings to revoke in an emergency: all that are older than the live token.

    Those of WHM need not be: promoted without an overlap, they are dead within ``LAST_BREATH``.
    """
    family = Family.of(name, tokens)
    siblings = [*family.staged, *(token for token, _number in family.retired)]
    return tuple(token.name for token in siblings if not token.IN_PLACE and is_older(token, family.live, now))
