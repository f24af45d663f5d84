# Copyright (c) 2026 panelops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What M(panelops.cpanel.whm_api_token) does, as a function of plain data."""

from __future__ import annotations

import time
from collections.abc import Mapping

from .._api.access import WhmAccess, opened
from .._engine.guard import guard_plans, own_token
from .._model.addresses import checked_addresses
from .._model.token import WhmToken, checked_acls
from .._task.token_file import TokenFile
from .single import ensure, wish_from


def run(params: Mapping, check_mode: bool, environ: Mapping, token_file: TokenFile | None = None) -> dict:
    """Make one WHM token as wished and answer the task's result.

    :raises PanelopsError: with a sentence for the user.
    """
    wish = wish_from(params, WhmToken, limits_from(params), int(time.time()))
    with opened(WhmAccess(params, environ)) as access:

        def is_secret_of(secret: str, name: str) -> bool | None:
            if access.connection is None:
                # The command line would show the secret to every user of the host, so it is not asked.
                return None
            details = access.api.details(secret)
            return details is not None and details.name == name

        return ensure(
            access.api,
            wish,
            check_mode,
            token_file,
            is_secret_of,
            lambda plan, live: (
                [] if params["allow_self"] else guard_plans(access, [plan], check_mode, lambda: own_token(access))
            ),
            params["return_token"],
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
