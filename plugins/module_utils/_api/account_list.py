# Copyright (c) 2026 panelops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The cPanel accounts of a server: which ones a task is about, and which are suspended (docs/wire-contract.md, section C6)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from fnmatch import fnmatchcase

from .._errors import BadAnswer, PanelopsError, Refused
from .answers import says_yes
from .batch import Outcome
from .connection import checked_username
from .owners import Owners, Tokens, read_tokens
from .transport import Params, WhmCaller
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
    return list(listed_accounts(caller))


def listed_accounts(caller: WhmCaller) -> dict[str, bool]:
    """Every account that the caller may reach, and whether the server says that it is suspended."""
    entries = _entries(caller, "listaccts", [])
    return {str(entry["user"]): says_yes(entry.get("suspended")) is True for entry in entries}


def is_suspended(caller: WhmCaller, account: str) -> bool:
    """Is an account suspended? Asks by the function of one account, or, where the caller may not call that, by the list of all.

    :raises PanelopsError: it could not be found out.
    """
    try:
        entries = _entries(caller, "accountsummary", [("user", account)])
    except Refused:
        search = [("search", account), ("searchtype", "user"), ("searchmethod", "exact")]
        entries = _entries(caller, "listaccts", search)
    # Versions that do not know the exact search return every account whose name holds that text.
    flags = [says_yes(entry.get("suspended")) for entry in entries if entry["user"] == account]
    if len(flags) != 1 or flags[0] is None:
        raise BadAnswer(f"The server does not say whether the account {account} is suspended.")
    return flags[0]


def _entries(caller: WhmCaller, function: str, params: Params) -> list[Mapping[str, object]]:
    """The accounts in the answer to a function."""
    data = checked(caller.whm(function, params), function, False)
    entries = data.get("acct") if isinstance(data, Mapping) else None
    if not isinstance(entries, list) or not all(isinstance(each, Mapping) and "user" in each for each in entries):
        raise BadAnswer(f"The server's answer to {function} has an unknown shape.")
    return entries


def _is_pattern(name: str) -> bool:
    return any(character in name for character in "*?[")
