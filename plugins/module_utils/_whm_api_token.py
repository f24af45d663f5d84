# Copyright (c) 2026 panelops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What M(panelops.cpanel.whm_api_token) does, as a function of plain data."""

from __future__ import annotations

import time
from collections.abc import Mapping

from ansible_collections.panelops.cpanel.plugins.module_utils._addresses import checked_addresses
from ansible_collections.panelops.cpanel.plugins.module_utils._apply import apply_plan
from ansible_collections.panelops.cpanel.plugins.module_utils._connection import WHM, connection_from
from ansible_collections.panelops.cpanel.plugins.module_utils._errors import InvalidOption
from ansible_collections.panelops.cpanel.plugins.module_utils._expiry import expiry_wish_from
from ansible_collections.panelops.cpanel.plugins.module_utils._plan import Wish, plan_token
from ansible_collections.panelops.cpanel.plugins.module_utils._token import ApiToken, checked_acls, checked_name
from ansible_collections.panelops.cpanel.plugins.module_utils._transport import HttpsTransport
from ansible_collections.panelops.cpanel.plugins.module_utils._whm import WhmApi


def run(params: Mapping, check_mode: bool, environ: Mapping) -> dict:
    """Make one WHM token as wished and answer the task's result.

    :raises PanelopsError: with a sentence for the user.
    """
    wish = wish_from(params, int(time.time()))
    transport = HttpsTransport(connection_from(params, environ, WHM), WHM)
    try:
        api = WhmApi(transport)
        plan = plan_token(api.tokens(), wish, api.now())
        result = dict(changed=plan.changed, diff=plan.diff, warnings=list(plan.warnings))
        if check_mode:
            return dict(result, whm_api_token=plan.after.as_result() if plan.after else None)
        applied = apply_plan(api, plan)
        if plan.after and applied.token.wishes() != plan.after.wishes():
            result["warnings"].append(_otherwise(plan.after, applied.token))
        result["whm_api_token"] = applied.token.as_result() if applied.token else None
        return result if applied.secret is None else dict(result, token=applied.secret)
    finally:
        transport.close()


def wish_from(params: Mapping, now: int) -> Wish:
    """Check the options that say what the token should be.

    :param now: Unix seconds of the host that runs the module.
    :raises InvalidOption: naming the option and the rule.
    """
    name = checked_name(params["name"])
    if params["state"] == "absent":
        return Wish(name, present=False)
    rename_from = params["rename_from"]
    if rename_from is not None and checked_name(rename_from, "rename_from") == name:
        raise InvalidOption("rename_from", "is the same as name.", "Give the name that the token has had so far.")
    return Wish(
        name,
        limits=limits_from(params),
        expiry=expiry_wish_from(params, now),
        rename_from=rename_from,
        recreate=params["recreate"],
    )


def limits_from(params: Mapping) -> dict:
    """The limits that the task gives, in canonical form.

    :raises InvalidOption: naming the option and the rule.
    """
    limits = {}
    if params["acls"] is not None:
        limits["acls"] = checked_acls(params["acls"])
    if params["whitelist_ips"] is not None:
        limits["whitelist_ips"] = checked_addresses(params["whitelist_ips"])
    return limits


def _otherwise(asked: ApiToken, answered: ApiToken) -> str:
    want, have = asked.wishes(), answered.wishes()
    fields = ", ".join(f"{key} {have[key]!r} instead of {want[key]!r}" for key in want if want[key] != have[key])
    return f"The server made the token {asked.name} with {fields}."
