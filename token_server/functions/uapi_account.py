# Copyright (c) 2026 panelops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The few other cPanel functions that clients of the token API call (CONTRACT section 6)."""

from __future__ import annotations

from token_server.functions.contracts import Api2Function, UapiFunction
from token_server.parameters import Parameters
from token_server.state.engine import Engine
from token_server.state.records import Account


def list_pops(_engine: Engine, _account: Account, _parameters: Parameters) -> list[object]:
    """List the e-mail accounts: this server has none."""
    return []


def get_user_information(_engine: Engine, account: Account, _parameters: Parameters) -> dict[str, object]:
    """Show the account itself."""
    return {"user": account.username, "domain": account.domain, "created": account.create_time}


FUNCTIONS: dict[str, UapiFunction] = {
    "Email::list_pops": list_pops,
    "Variables::get_user_information": get_user_information,
}

API2_FUNCTIONS: dict[str, Api2Function] = {
    "Email::listpops": list_pops,
}
