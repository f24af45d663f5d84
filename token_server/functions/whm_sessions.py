# Copyright (c) 2026 panelops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The WHM API 1 function that opens a session without a password: why seed 004 warns of its privilege."""

from __future__ import annotations

from token_server.envelopes import WhmReply
from token_server.functions.callers import Caller
from token_server.functions.contracts import WhmFunction
from token_server.functions.whm_accounts import reachable, refuse_resellers
from token_server.parameters import Parameters
from token_server.refusals import Refused, quoted
from token_server.state.engine import Engine
from token_server.state.records import Account

_SERVICES = {"cpaneld": "cpanel", "whostmgrd": "whm"}
"""How the vendor names the services in this function."""


def create_user_session(engine: Engine, caller: Caller, parameters: Parameters) -> WhmReply:
    """Open a session of an account that the caller may act on, or of the caller itself; ``url`` leads into it.

    The session has all privileges of the account, whatever the limits of the token that opened it.
    """
    requested = parameters.required("service")
    service = _SERVICES.get(requested)
    if service is None:
        raise Refused(f"Invalid {quoted('service')}: it must be cpaneld or whostmgrd.", cause="unknown service")
    base_url = engine.base_urls.get(service)
    if base_url is None:
        raise Refused(f"The service {quoted(requested)} is not running.", cause="service not running")
    session = engine.sessions.begin(_account(engine, caller, parameters.required("user"), service), service)
    path = f"/cpsess{session.path_token}"
    return WhmReply(
        {
            "service": requested,
            "session": session.cookie,
            "cp_security_token": path,
            "expires": str(int(session.ends)),
            "url": f"{base_url}{path}/login/?session={session.cookie}",
        }
    )


def _account(engine: Engine, caller: Caller, username: str, service: str) -> Account:
    account = caller.account if username == caller.account.username else reachable(engine, caller, username)
    if not (account.uses_whm if service == "whm" else account.uses_cpanel):
        raise Refused(f"{quoted(username)} does not have access to this service.", cause="account without this service")
    if service == "whm":
        refuse_resellers(caller, account)
    if account.suspended:
        raise Refused(f"The account {quoted(username)} is suspended.", cause="account suspended")
    return account


FUNCTIONS: dict[str, WhmFunction] = {"create_user_session": create_user_session}
