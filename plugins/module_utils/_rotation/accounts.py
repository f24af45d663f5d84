# Copyright (c) 2026 panelops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Entries of a task that are about many accounts (O(tokens[].accounts)), and the name of an account in a sink. Pure.

The first step matches the patterns with the accounts of the server. Each later step takes the accounts from what the step before has
returned, so that an account that comes or goes meanwhile changes nothing.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from fnmatch import fnmatchcase
from typing import Any

from .._errors import InvalidOption
from .entries import Key

PLACEHOLDER = "{account}"
"""In the path, the key, the names of the keys and the C(args) of a sink: the name of the account."""

_PLAIN = re.compile(r"[a-z0-9_-]+")
"""What can be part of any path and key, and nothing else than a name there."""

Meant = Callable[[Mapping[str, Any]], Sequence[str]]
"""The accounts that an entry with O(tokens[].accounts) is about."""


def is_pattern(name: str) -> bool:
    """Does it stand for all accounts that it matches?"""
    return any(character in name for character in "*?[")


def patterns_of(options: Mapping[str, Any]) -> Sequence[str] | None:
    """The names and patterns of accounts of an entry, checked or as the task gives it; ``None`` if it is about one token."""
    given = options.get("accounts")
    return given.split(",") if isinstance(given, str) else given


def matches(options: Mapping[str, Any], account: str | None) -> bool:
    """Is an entry about this account, which the server has?"""
    patterns = patterns_of(options)
    if patterns is None or account is None:
        return options.get("account") == account
    return any(fnmatchcase(account, each) if is_pattern(each) else account == each for each in patterns)


def matching(options: Mapping[str, Any], listed: Iterable[str]) -> list[str]:
    """The accounts of a server that the names and patterns of an entry stand for, in alphabetical order.

    :param listed: the accounts that the caller can reach.
    :raises InvalidOption: one of them stands for none.
    """
    listed = list(listed)
    found: set[str] = set()
    for pattern in patterns_of(options) or ():
        names = [name for name in listed if (fnmatchcase(name, pattern) if is_pattern(pattern) else name == pattern)]
        if not names:
            told = "matches no account" if is_pattern(pattern) else "is not an account"
            raise InvalidOption("accounts", f"{pattern} {told} that this user can reach.", "Correct or remove it.")
        found.update(names)
    return sorted(found)


def suspended(tokens: Iterable[Mapping[str, Any]], listed: Mapping[str, bool]) -> list[Key]:
    """The tokens of suspended accounts, which are skipped. A single O(tokens[].account) is not: whoever names it means it.

    :param listed: the accounts that the caller can reach, and whether they are suspended.
    """
    return [
        (account, options["name"])
        for options in tokens
        if options["accounts"] is not None
        for account in matching(options, listed)
        if listed[account]
    ]


def from_rotation(rotation: Iterable[Mapping[str, Any]]) -> Meant:
    """The accounts that the step before has found for an entry.

    :param rotation: what it has returned.
    """
    accounts: dict[str, list[str]] = {}
    for entry in rotation:
        if entry.get("account") is not None:
            accounts.setdefault(entry["name"], []).append(entry["account"])

    def meant(options: Mapping[str, Any]) -> list[str]:
        return [account for account in accounts.get(options["name"], ()) if matches(options, account)]

    return meant


def one_by_one(options: Mapping[str, Any], meant: Meant) -> list[Mapping[str, Any]]:
    """An entry as one for each of its accounts."""
    if patterns_of(options) is None:
        return [options]
    return [{**options, "accounts": None, "account": account} for account in meant(options)]


def with_account(sink: Mapping[str, Any], account: str | None) -> Mapping[str, Any]:
    """A sink with the name of the account in its path, its key, the names of its keys and its C(args). Other braces stay.

    :raises InvalidOption: the entry names no account, or its name cannot be part of a path.
    """
    filled: dict[str, Any] = {}
    for option in ("path", "key"):
        given = sink.get(option)
        if given is not None and PLACEHOLDER in given:
            filled[option] = given.replace(PLACEHOLDER, _plain(account, option))
    names = sink.get("keys")
    if names is not None and any(PLACEHOLDER in str(name) for name in names):
        plain = _plain(account, "keys")
        filled["keys"] = {str(name).replace(PLACEHOLDER, plain): value for name, value in names.items()}
    if sink.get("args") is not None:
        filled["args"] = _filled(sink["args"], account)
    return {**sink, **filled}


def _filled(value: Any, account: str | None) -> Any:
    if isinstance(value, Mapping):
        return {key: _filled(each, account) for key, each in value.items()}
    if isinstance(value, list):
        return [_filled(each, account) for each in value]
    if isinstance(value, str) and PLACEHOLDER in value:
        return value.replace(PLACEHOLDER, _plain(account, "args"))
    return value


def _plain(account: str | None, option: str) -> str:
    if account is None:
        raise InvalidOption(
            option, f"holds {PLACEHOLDER}, but the entry names no account.", "Give account or accounts."
        )
    if not _PLAIN.fullmatch(account):
        raise InvalidOption(
            option,
            f"holds {PLACEHOLDER}, but the name {account!r} has other characters than a-z, 0-9, _ and -.",
            "Give this account an entry of its own, with the path or key in full.",
        )
    return account
