# Copyright (c) 2026 panelops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The few other cPanel functions on the account itself that clients of the token API call (docs/wire-contract.md, section C6)."""

from __future__ import annotations

from token_server.functions.contracts import UapiFunction
from token_server.parameters import Parameters
from token_server.state.engine import Engine
from token_server.state.records import Account


def list_domains(_engine: Engine, account: Account, _parameters: Parameters) -> dict[str, object]:
    """List the domains of the account: on this server, each has one."""
    return {"main_domain": account.domain, "addon_domains": [], "parked_domains": [], "sub_domains": []}


def list_accounts(engine: Engine, account: Account, _parameters: Parameters) -> list[dict[str, object]]:
    """List the account itself, which is the one that is logged in, and those that it owns as a reseller."""
    owned = [
        other
        for other in engine.store.accounts()
        if other.id == account.id or (account.uses_whm and other.owner_id == account.id)
    ]
    return [
        {"user": other.username, "domain": other.domain, "select": "1" if other.id == account.id else ""}
        for other in owned
    ]


FUNCTIONS: dict[str, UapiFunction] = {
    "DomainInfo::list_domains": list_domains,
    "Resellers::list_accounts": list_accounts,
}
