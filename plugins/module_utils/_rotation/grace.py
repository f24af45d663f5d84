# Copyright (c) 2026 panelops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""When the overlap of retired tokens is over, also where the server's clock was wrong for a while. Pure.

WHM ends a retired token by its expiry. cPanel cannot, so there its name tells when it was retired. Both times are only as good as the clock
was at that moment. Where they are proven to be wrong, the overlap counts anew, once, from the present: so no token is revoked early, and
none waits until the clock has caught up.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

from .._model.expiry import to_iso
from .._model.names import retired_name
from .._model.plan import Update
from .._model.token import ApiToken
from .state import AHEAD, KEPT, LAST_BREATH, Family, Retired, created, is_ahead, is_older


@dataclass(frozen=True)
class Anew:
    """A retired token whose overlap counts anew: the step that says so on the server, and a sentence for people."""

    before: ApiToken
    step: Update
    sentence: str


def over(family: Family, overlap: int, now: int) -> tuple[str, ...]:
    """The names of retired tokens whose overlap is over."""
    waiting = {each.before.name for each in anew(family, overlap, now)}
    # Contested ones show that create times have been wrong, and so may be the names. A rotation follows, and retires them all anew.
    doubtful = bool(family.contested(now))
    return tuple(
        each.token.name
        for each in _ours(family, now)
        if each.token.name not in waiting
        and (_has_expired(each, now) or (_is_over(each, overlap, now) and not doubtful))
    )


def anew(family: Family, overlap: int, now: int) -> tuple[Anew, ...]:
    """The retired tokens whose overlap must count anew, because the server's clock was another one when they were retired."""
    if family.live is None:
        return ()
    taken = {each.token.name for each in family.retired}
    found = []
    for each in _ours(family, now):
        if each.token.IN_PLACE:
            one = _shortened(each.token, family.live, overlap, now)
        elif _has_expired(each, now) or family.contested(now):
            one = None
        else:
            one = _renamed(each, family.live, overlap, now, taken)
        if one is not None:
            taken.add(one.step.token.name)
            found.append(one)
    return tuple(found)


def _ours(family: Family, now: int) -> list[Retired]:
    """The retired tokens that are older than the live one; others are for a rotation to decide about."""
    return [each for each in family.retired if is_older(each.token, family.live, now)]


def _has_expired(retired: Retired, now: int) -> bool:
    expires_at = retired.token.expires_at
    return expires_at is not None and expires_at + (KEPT if retired.token.IN_PLACE else 0) <= now


def _is_over(retired: Retired, overlap: int, now: int) -> bool:
    # One that was retired in the future has no overlap left only where there is none, in an emergency.
    return not retired.token.IN_PLACE and min(retired.number, now) + overlap <= now


def _shortened(token: ApiToken, live: ApiToken, overlap: int, now: int) -> Anew | None:
    """On WHM: the live token is from the future, so the expiry of what it has replaced was counted from there."""
    end = now + max(overlap, LAST_BREATH)
    if not is_ahead(live, now) or token.expires_at is None or token.expires_at <= end + AHEAD:
        return None
    sentence = (
        f"{token.name} was to work until {to_iso(token.expires_at)}, because the server's clock was ahead when it was retired. By the "
        f"server's present clock its overlap counts from now: it ends at {to_iso(end)}."
    )
    return Anew(token, Update(token.name, replace(token, expires_at=end)), sentence)


def _renamed(retired: Retired, live: ApiToken, overlap: int, now: int, taken: set[str]) -> Anew | None:
    """On cPanel: its name says that it was retired in the future; or that its overlap is over, although it is in use."""
    token, since = retired.token, to_iso(retired.number)
    if retired.number > now + AHEAD and overlap:
        why = f"By its name {token.name} was retired at {since}, which is ahead of the server's clock"
    elif _is_used_beyond(retired, live, overlap, now):
        why = (
            f"By its name {token.name} was retired at {since}, and it is still in use: either a consumer has not taken the new secret, or "
            "the server's clock was set forward since"
        )
    else:
        return None
    name = retired_name(live.name, now, taken)
    sentence = f"{why}. So its overlap counts from now, and not again: it is revoked after {to_iso(now + overlap)}."
    return Anew(token, Update(token.name, replace(token, name=name)), sentence)


def _is_used_beyond(retired: Retired, live: ApiToken, overlap: int, now: int) -> bool:
    """Has it been used after the end of its overlap?

    Only for the one that the live token has replaced, and that has its first overlap: it was retired soon after the live token was created.
    So a consumer that never takes a new secret does not keep an old one for ever.
    """
    end, used, born = retired.number + overlap, retired.token.last_used, created(live)
    return used is not None and end < used <= now and born <= retired.number < born + overlap
