# Copyright (c) 2026 panelops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Which cPanel accounts of a server a task is about (CONTRACT section 6)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from fnmatch import fnmatchcase

from .._errors import BadAnswer, PanelopsError
from .batch import Outcome
from .connection import checked_username
from .owners import Owners, Tokens, read_tokens
from .transport import WhmCaller
from .whm import checked


def matching_accounts(caller: WhmCaller, patterns: Sequence[str]) -> list[str]:
    """The accounts that names and patterns stand for; asks the server only if there is a pattern.

    :raises PanelopsError: a name cannot be one, or the accounts could not be listed.
    """
    names = {checked_username(name, "accounts") for name in patterns if not _is_pattern(name)}
    wild = [name for name in patterns if _is_pattern(name)]
    if wild:
        names.update(name for name in all_accounts(caller) if any(fnmatchcase(name, each) for each in wild))
    return sorted(names)


def tokens_of_accounts(owners: Owners, accounts: Sequence[str]) -> dict[str, Outcome[Tokens]]:
    """The API tokens of each account by name, or the error of one whose tokens could not be read.

    :raises PanelopsError: nothing could be read.
    """
    outcomes = read_tokens(owners, accounts)
    return {account: outcomes[account] for account in accounts}


def unreadable(outcomes: Mapping[str, Outcome[Tokens]], patterns: Sequence[str]) -> dict[str, PanelopsError]:
    """The accounts whose API tokens could not be read, with the errors: one that a pattern stands for must not hide the others.

    :param outcomes: see ``tokens_of_accounts``. :param patterns: see ``matching_accounts``.
    :raises PanelopsError: one of them is named in full, or there is no other.
    """
    errors = {account: outcome for account, outcome in outcomes.items() if isinstance(outcome, PanelopsError)}
    named = [account for account in errors if account in patterns]
    if errors and (named or len(errors) == len(outcomes)):
        account = named[0] if named else next(iter(errors))
        raise PanelopsError(f"The tokens of the account {account} could not be listed. {errors[account]}")
    return errors


def all_accounts(caller: WhmCaller) -> list[str]:
    """Every account that the caller may reach."""
    data = checked(caller.whm("listaccts"), "listaccts", False)
    entries = data.get("acct") if isinstance(data, Mapping) else None
    if not isinstance(entries, list) or not all(isinstance(each, Mapping) and "user" in each for each in entries):
        raise BadAnswer("The server's answer to listaccts has an unknown shape.")
    return [str(entry["user"]) for entry in entries]


def _is_pattern(name: str) -> bool:
    return any(character in name for character in "*?[")
