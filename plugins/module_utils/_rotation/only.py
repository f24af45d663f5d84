# Copyright (c) 2026 panelops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Which tokens a run is limited to (O(only)). Pure."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from fnmatch import fnmatchcase

from .._errors import InvalidOption
from .entries import Key

_REMEDY = "Correct or remove it."


def checked_only(given: Sequence[str] | None) -> tuple[str, ...] | None:
    """The names and patterns that a run is limited to; ``None`` for all tokens.

    :raises InvalidOption: there are none, so nothing would rotate, or one is empty.
    """
    if given is None:
        return None
    names = tuple(each.strip() for each in given)
    if not names or not all(names):
        raise InvalidOption(
            "only",
            "has an empty name." if names else "is empty, so no token would rotate.",
            "Name the tokens to rotate, such as monitoring, backup-* or alice/backup, or leave it out for all.",
        )
    return names


def is_selected(key: Key, only: Sequence[str] | None) -> bool:
    """Is a token among those that the run is limited to?"""
    return only is None or any(_matches(key, pattern) for pattern in only)


def refuse_unmatched(keys: Iterable[Key], only: Sequence[str] | None) -> None:
    """:raises InvalidOption: one of the names and patterns stands for none of these tokens, which are all tokens of the task."""
    keys = list(keys)
    for pattern in only or ():
        if not any(_matches(key, pattern) for key in keys):
            raise InvalidOption("only", f"{pattern} matches none of the tokens that are listed.", _REMEDY)


def _matches(key: Key, pattern: str) -> bool:
    """A pattern with a slash is about the account too. Neither accounts nor tokens have one in their names."""
    account, name = key
    theirs, slash, own = pattern.rpartition("/")
    return fnmatchcase(name, own) and (not slash or fnmatchcase(account or "", theirs))
