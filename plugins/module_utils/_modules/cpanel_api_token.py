# Copyright (c) 2026 panelops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What M(panelops.cpanel.cpanel_api_token) does, as a function of plain data."""

from __future__ import annotations

import time
from collections.abc import Mapping

from .._api.access import CpanelAccess, opened
from .._engine.guard import refuse_ending_only_token
from .._model.plan import Plan
from .._model.token import CpanelToken
from .._task.token_file import TokenFile
from .single import ensure, wish_from


def run(params: Mapping, check_mode: bool, environ: Mapping, token_file: TokenFile | None = None) -> dict:
    """Make one token of a cPanel account as wished and answer the task's result.

    :raises PanelopsError: with a sentence for the user.
    """
    wish = wish_from(params, CpanelToken, limits_from(params), int(time.time()))
    with opened(CpanelAccess(params, environ)) as access:

        def guard(plan: Plan, live: Mapping) -> list:
            if access.own_secret and not params["allow_self"]:
                refuse_ending_only_token(plan, live, access.api.now())
            return []

        return ensure(
            access.api,
            wish,
            check_mode,
            token_file,
            # Which token a secret belongs to cannot be asked of cPanel (CONTRACT section 3).
            lambda secret, name: False if access.is_dead(secret) else None,
            guard,
            params["return_token"],
        )


def limits_from(params: Mapping) -> dict:
    """The limits that the task gives."""
    return {} if params["readonly"] is None else {"readonly": params["readonly"]}
