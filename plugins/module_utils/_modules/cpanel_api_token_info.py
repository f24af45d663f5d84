# Copyright (c) 2026 panelops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What M(panelops.cpanel.cpanel_api_token_info) does, as a function of plain data."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from .._api.access import CpanelAccess, WhmAccess, opened
from .._api.account_list import matching_accounts, tokens_of_accounts, unreadable
from .._api.owners import owners_of
from .._errors import InvalidOption, PanelopsError
from .selection import selection_from


def run(params: Mapping[str, Any], check_mode: bool, environ: Mapping[str, str]) -> dict[str, object]:
    """List tokens of cPanel accounts; reads only, so check mode is no different.

    :raises PanelopsError: with a sentence for the user.
    """
    select = selection_from(params)
    if params["accounts"] is not None and params["account"] is not None:
        raise InvalidOption("account and accounts", "both are given.", "Give one of them.")
    if params["accounts"] is None:
        with opened(CpanelAccess(params, environ)) as access:
            tokens, now = access.api.tokens(), access.now()
            return _result(now, _of(access.owner, select(tokens, now)))
    with opened(WhmAccess(params, environ)) as access:
        accounts = matching_accounts(access.transport, params["accounts"])
        lists = tokens_of_accounts(owners_of(access), accounts)
        errors = unreadable(lists, params["accounts"])
        now = access.now()
        listed = [
            entry
            for account, tokens in sorted(lists.items())
            if not isinstance(tokens, PanelopsError)
            for entry in _of(account, select(tokens, now))
        ]
        return _result(now, listed, {account: str(errors[account]) for account in sorted(errors)}, len(accounts))


def _result(
    now: int, listed: list[dict[str, object]], errors: Mapping[str, str] | None = None, accounts: int = 1
) -> dict[str, object]:
    result = dict(
        changed=False,
        cpanel_api_tokens=listed,
        server_time=now,
        accounts_asked=accounts,
        unreadable_accounts=[dict(account=account, msg=msg) for account, msg in (errors or {}).items()],
    )
    if errors:
        result["warnings"] = [
            f"The tokens of {len(errors)} of {accounts} accounts could not be listed; unreadable_accounts says why: {', '.join(errors)}."
        ]
    return result


def _of(account: str, tokens: list[dict[str, object]]) -> list[dict[str, object]]:
    return [dict(token, account=account) for token in tokens]
