# Copyright (c) 2026 panelops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Many accounts of one server at once (CONTRACT sections 4 and 6)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from fnmatch import fnmatchcase

from .._errors import BadAnswer, PanelopsError
from .access import cpanel_through_whm
from .batch import run_all
from .connection import checked_username
from .whm import checked


def matching_accounts(transport, patterns: Sequence[str]) -> list[str]:
    """The accounts that names and patterns stand for; asks the server only if there is a pattern.

    :raises PanelopsError: a name cannot be one, or the accounts could not be listed.
    """
    names = {checked_username(name, "accounts") for name in patterns if not _is_pattern(name)}
    wild = [name for name in patterns if _is_pattern(name)]
    if wild:
        names.update(name for name in all_accounts(transport) if any(fnmatchcase(name, each) for each in wild))
    return sorted(names)


def unreadable(outcomes: Mapping[str, dict | PanelopsError], patterns: Sequence[str]) -> dict[str, PanelopsError]:
    """The accounts that could not be asked, with the errors: those that a pattern stands for must not hide the others.

    :param outcomes: see ``tokens_of_accounts``. :param patterns: see ``matching_accounts``.
    :raises PanelopsError: one of them is named in full, or there is no other.
    """
    errors = {account: outcome for account, outcome in outcomes.items() if isinstance(outcome, PanelopsError)}
    named = [account for account in errors if account in patterns]
    if errors and (named or len(errors) == len(outcomes)):
        account = named[0] if named else next(iter(errors))
        raise PanelopsError(f"The tokens of the account {account} could not be listed. {errors[account]}")
    return errors


def all_accounts(transport) -> list[str]:
    """Every account that the caller may reach."""
    data = checked(transport.whm("listaccts"), "listaccts", False)
    try:
        return [str(entry["user"]) for entry in data["acct"]]
    except (KeyError, TypeError):
        raise BadAnswer("The server's answer to listaccts has an unknown shape.") from None


def tokens_of_accounts(transport, accounts: Sequence[str]) -> dict[str, dict | PanelopsError]:
    """The tokens of each account by name, or the error of one that could not be asked.

    :raises PanelopsError: none could be.
    """
    jobs = [lambda way, account=account: cpanel_through_whm(way, account).tokens() for account in accounts]
    return dict(zip(accounts, run_all(transport, jobs, mutation=False)))


def _is_pattern(name: str) -> bool:
    return any(character in name for character in "*?[")
