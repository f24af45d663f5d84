# Copyright (c) 2026 panelops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Names that we give to tokens besides the user's own."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Collection, Iterable

from ansible_collections.panelops.cpanel.plugins.module_utils._token import LONGEST_NAME

_DIGITS = "0123456789abcdefghijklmnopqrstuvwxyz"
_ASIDE = "--old-"
_SIBLING = re.compile(r"(.+)--(?:next|prev)-[0-9a-z]+")
_STAMP_LENGTH = 6  # base-36 digits; enough until the year 2038, a seventh digit is allowed for


def stamp(seconds: int) -> str:
    """Unix seconds in base 36."""
    digits = ""
    while seconds:
        seconds, rest = divmod(seconds, 36)
        digits = _DIGITS[rest] + digits
    return digits or "0"


def aside_prefix(name: str) -> str:
    """How the names begin under which a re-issue keeps the old token of ``name`` until the new one exists.

    A name too long for the suffix is cut, with a piece of its hash so that two long names stay apart.
    """
    room = LONGEST_NAME - len(_ASIDE) - _STAMP_LENGTH - 1
    if len(name) > room:
        name = f"{name[: room - 7]}-{hashlib.sha256(name.encode()).hexdigest()[:6]}"
    return name + _ASIDE


def is_aside(name: str) -> bool:
    """Can a re-issue have left this name?"""
    return _ASIDE in name


def is_sibling(name: str, names: Collection[str]) -> bool:
    """Is it a staged or retired token of a rotation of one of these names (DESIGN section 5)?"""
    match = _SIBLING.fullmatch(name)
    return match is not None and match[1] in names


def aside_name(name: str, create_time: int, taken: Collection[str]) -> str:
    """A free name for the old token of ``name``, stamped with its time of creation (Unix seconds)."""
    prefix = aside_prefix(name)
    while prefix + stamp(create_time) in taken:
        create_time += 1
    return prefix + stamp(create_time)


def left_aside(name: str, names: Iterable[str]) -> tuple:
    """Those of ``names`` that a re-issue of ``name`` which never finished has left behind."""
    prefix = aside_prefix(name)
    tail = set(_DIGITS)
    return tuple(
        sorted(
            other
            for other in names
            if other.startswith(prefix) and 6 <= len(other) - len(prefix) <= 7 and set(other[len(prefix) :]) <= tail
        )
    )
