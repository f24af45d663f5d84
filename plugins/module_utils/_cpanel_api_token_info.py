# Copyright (c) 2026 panelops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What M(panelops.cpanel.cpanel_api_token_info) does, as a function of plain data."""

from __future__ import annotations

from collections.abc import Mapping

from ansible_collections.panelops.cpanel.plugins.module_utils._access import CpanelAccess, WhmAccess, opened
from ansible_collections.panelops.cpanel.plugins.module_utils._accounts import matching_accounts, tokens_of_accounts
from ansible_collections.panelops.cpanel.plugins.module_utils._errors import InvalidOption, PanelopsError
from ansible_collections.panelops.cpanel.plugins.module_utils._selection import selection_from


def run(params: Mapping, check_mode: bool, environ: Mapping) -> dict:
    """List tokens of cPanel accounts; reads only, so check mode is no different.

    :raises PanelopsError: with a sentence for the user.
    """
    select = selection_from(params)
    if params["accounts"] is not None and params["account"] is not None:
        raise InvalidOption("account and accounts", "both are given.", "Give one of them.")
    if params["accounts"] is None:
        with opened(CpanelAccess(params, environ)) as access:
            owner, tokens = access.owner, access.api.tokens()
            return dict(changed=False, cpanel_api_tokens=_of(owner, select(tokens, access.api.now())))
    with opened(WhmAccess(params, environ)) as access:
        accounts = matching_accounts(access.transport, params["accounts"])
        lists = tokens_of_accounts(access.transport, accounts)
        for account, tokens in lists.items():
            if isinstance(tokens, PanelopsError):
                raise PanelopsError(f"The tokens of the account {account} could not be listed. {tokens}")
        now = access.api.now()
        listed = [entry for account in sorted(lists) for entry in _of(account, select(lists[account], now))]
        return dict(changed=False, cpanel_api_tokens=listed)


def _of(account: str, tokens: list[dict]) -> list[dict]:
    return [dict(token, account=account) for token in tokens]
