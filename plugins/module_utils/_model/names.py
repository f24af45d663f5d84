# Copyright (c) 2026 panelops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The names that we give to API tokens besides the user's own: those of staged and retired tokens, and of leftovers of a reissue."""

from __future__ import annotations

import hashlib
import re
import secrets
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass

from .token import LONGEST_NAME, ApiToken

_DIGITS = "0123456789abcdefghijklmnopqrstuvwxyz"
_INTERIM = "--old-"
_STAGED, _RETIRED = "--next-", "--prev-"
_SIBLING = re.compile(r"(.+)(--next-|--prev-)([0-9a-z]{1,10})")
_DOUBTFUL = "z"
"""The first random digit of a staged token whose delivery failed and may have reached a consumer; others begin with another one."""
_STAMP_LENGTH = 6  # base-36 digits; enough until the year 2038, a seventh digit is allowed for
_WAITING = "z"
"""Begins the stamp of a new token that waits for its name. No time of our era has a stamp of seven digits that begins so."""
_STAMP = re.compile(r"(z?)([0-9a-z]{6}|[0-9a-y][0-9a-z]{6})")
_MOST_TAKEN = 60
"""By so much a stamp is increased at most, because the name with the right one is taken."""
LONGEST_ROTATED = LONGEST_NAME - len(_STAGED) - _STAMP_LENGTH
"""The longest name that leaves room for the names of its staged and retired tokens."""


def stamp(seconds: int) -> str:
    """Unix seconds as digits in base 36, small letters."""
    digits, seconds = "", max(seconds, 0)
    while seconds:
        seconds, rest = divmod(seconds, 36)
        digits = _DIGITS[rest] + digits
    return digits or "0"


def interim_prefix(name: str) -> str:
    """The beginning of the names under which a reissue keeps the old token of ``name`` until the new one exists.

    A name that is too long for the suffix is cut, and gets a piece of its hash so that two long names stay apart.
    """
    room = LONGEST_NAME - len(_INTERIM) - _STAMP_LENGTH - 1
    if len(name) > room:
        name = f"{name[: room - 7]}-{hashlib.sha256(name.encode()).hexdigest()[:6]}"
    return name + _INTERIM


def is_interim(name: str) -> bool:
    """Can it be the name of a leftover of a reissue?"""
    return _INTERIM in name


def is_sibling(name: str, names: Collection[str]) -> bool:
    """Is it the name of a staged or retired token of one of these names?"""
    match = _SIBLING.fullmatch(name)
    return match is not None and match[1] in names


def is_staged(name: str, of: str) -> bool:
    """Is it the name of a staged token of ``of``?"""
    match = _SIBLING.fullmatch(name)
    return match is not None and match[1] == of and match[2] == _STAGED


def retired_stamp(name: str, of: str) -> int | None:
    """The number in the name of a retired token of ``of``; ``None`` if it is not the name of one."""
    sibling = sibling_of(name)
    return sibling.number if sibling is not None and sibling.of == of else None


def staged_name(name: str) -> str:
    """A name for a staged token of ``name``. It is random, so that two runs at once do not choose the same."""
    first = secrets.choice(_DIGITS.replace(_DOUBTFUL, ""))
    return name + _STAGED + first + "".join(secrets.choice(_DIGITS) for _digit in range(_STAMP_LENGTH - 1))


def doubtful_name(staged: str) -> str:
    """The name of a staged token once its delivery has failed and may have reached a consumer. It is no longer than the one before."""
    head, mark, digits = staged.rpartition(_STAGED)
    return head + mark + _DOUBTFUL + digits[1:]


def is_doubtful(staged: str) -> bool:
    """Is it the name of a staged token whose delivery has failed and may have reached a consumer?"""
    return staged.rpartition(_STAGED)[2].startswith(_DOUBTFUL)


def retired_name(name: str, number: int, taken: Collection[str]) -> str:
    """A free name for a retired token of ``name``, with this number or the next that is free."""
    while f"{name}{_RETIRED}{stamp(number)}" in taken:
        number += 1
    return f"{name}{_RETIRED}{stamp(number)}"


def interim_name(name: str, create_time: int, taken: Collection[str]) -> str:
    """A free name for the old token of ``name``, stamped with its time of creation (Unix seconds)."""
    return _stamped(interim_prefix(name), create_time, taken)


def waiting_name(name: str, create_time: int, taken: Collection[str]) -> str:
    """A free name for the new token of ``name`` while the old one has that, stamped with the time of creation of the old one.

    It is the same for all that want to replace that token, and the server takes a name only once: so only one of them goes on.
    """
    return _stamped(interim_prefix(name) + _WAITING, create_time, taken)


def _stamped(prefix: str, create_time: int, taken: Collection[str]) -> str:
    while prefix + stamp(create_time) in taken:
        create_time += 1
    return prefix + stamp(create_time)


def leftovers_of(
    name: str, live: Mapping[str, ApiToken], now: int, candidates: Iterable[str] | None = None
) -> tuple[str, ...]:
    """The names of the tokens that an interrupted reissue of ``name`` provably left, sorted.

    A name of this form alone proves nothing: anybody may have given it. The stamp of an old token must be the time of its creation, and
    what has taken its place is newer; a new one is newer than its stamp, and the old one is gone or has expired.

    :param live: the owner's tokens by name. :param now: the server's time in Unix seconds.
    :param candidates: the names in ``live`` that may be leftovers, where the caller knows them already.
    """
    prefix = interim_prefix(name)
    found = []
    for other in live if candidates is None else candidates:
        match = _STAMP.fullmatch(other, len(prefix)) if other.startswith(prefix) else None
        if match is not None and _is_ours(live[other], match, live.get(name), now):
            found.append(other)
    return tuple(sorted(found))


def waits_for(left: str, name: str, old: ApiToken) -> bool:
    """Is it the name of a new token of ``name`` that waits until ``old``, which it replaces, is revoked?"""
    match = _STAMP.fullmatch(left, len(interim_prefix(name)))
    return (
        match is not None
        and bool(match[1])
        and old.create_time is not None
        and _fits(int(match[2], 36), old.create_time)
    )


def _is_ours(left: ApiToken, match: re.Match[str], current: ApiToken | None, now: int) -> bool:
    created, stamped = left.create_time, int(match[2], 36)
    if created is None:
        return False
    if not match[1]:
        return _fits(stamped, created) and (current is None or (current.create_time or created) >= created)
    if current is None:
        return stamped <= created + _MOST_TAKEN
    expired = current.is_expired(now)
    return expired and current.create_time is not None and _fits(stamped, current.create_time)


def _fits(stamped: int, created: int) -> bool:
    """Is it the stamp of a token that was created then? One whose name was taken has a stamp that is a little higher."""
    return 0 <= stamped - created <= _MOST_TAKEN


@dataclass(frozen=True)
class Sibling:
    """What the name of a staged or retired token says.

    ``of`` is the name of the live token. ``number`` is the number of a retired token, on cPanel the time of its retirement (Unix seconds);
    it is ``None`` for a staged token.
    """

    of: str
    number: int | None


def sibling_of(name: str) -> Sibling | None:
    """Read the name of a staged or retired token; ``None`` if it is neither."""
    match = _SIBLING.fullmatch(name)
    if match is None:
        return None
    return Sibling(match[1], int(match[3], 36) if match[2] == _RETIRED else None)


def name_behind(name: str) -> str:
    """The name that the user gave: without what a rotation or a reissue appends."""
    sibling = sibling_of(name)
    return sibling.of if sibling else name.partition(_INTERIM)[0]
