# Copyright (c) 2026 panelops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The WHM API 1 functions that call cPanel functions for an account (docs/wire-contract.md, section C4)."""

from __future__ import annotations

from token_server.envelopes import WhmAnswer, WhmReply
from token_server.functions.callers import Caller
from token_server.functions.contracts import Calls, WhmComposite
from token_server.functions.whm_accounts import reachable
from token_server.parameters import Parameters
from token_server.refusals import Refused, quoted
from token_server.state.records import Account


async def uapi_cpanel(calls: Calls, caller: Caller, parameters: Parameters, depth: int) -> WhmAnswer:
    """Call a UAPI function for an account; its flat answer is ``data.uapi``."""
    account = reachable(calls.engine, caller, parameters.required("cpanel.user"))
    module, function = parameters.required("cpanel.module"), parameters.required("cpanel.function")
    inner = parameters.without("cpanel.", "api.version")
    answer = await calls.uapi(caller, account, module, function, inner, depth)
    return WhmAnswer("uapi_cpanel", 1, WhmReply({"uapi": answer.as_object()}))


async def cpanel(calls: Calls, caller: Caller, parameters: Parameters, depth: int) -> WhmAnswer:
    """Call a cPanel function in the older way."""
    account = reachable(calls.engine, caller, parameters.required("cpanel_jsonapi_user"))
    return WhmAnswer("cpanel", 1, WhmReply(), whole=await older_call(calls, caller, account, parameters, depth))


async def older_call(
    calls: Calls, caller: Caller, account: Account, parameters: Parameters, depth: int
) -> dict[str, object]:
    """Call the function that ``cpanel_jsonapi_*`` name; return the whole answer of API 2 (default) or 3 (UAPI)."""
    module, function = parameters.required("cpanel_jsonapi_module"), parameters.required("cpanel_jsonapi_func")
    version = parameters.one("cpanel_jsonapi_apiversion") or "2"
    inner = parameters.without("cpanel_jsonapi_", "api.version")
    if version == "3":
        answer = await calls.uapi(caller, account, module, function, inner, depth)
        return answer.wrapped(module, function)
    if version == "2":
        return await calls.api2(caller, account, module, function, inner)
    raise Refused(f"Invalid {quoted('cpanel_jsonapi_apiversion')}: it must be 2 or 3.", cause="invalid api version")


FUNCTIONS: dict[str, WhmComposite] = {"cpanel": cpanel, "uapi_cpanel": uapi_cpanel}
