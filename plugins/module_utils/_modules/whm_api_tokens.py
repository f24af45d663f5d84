# Copyright (c) 2026 panelops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What M(panelops.cpanel.whm_api_tokens) does, as a function of plain data."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from functools import lru_cache
from typing import Any

from .._api.access import WhmAccess, opened
from .._api.owners import owners_of
from .._engine.guard import guard_plans, own_token
from .._model.plan import Plan
from .._model.token import WhmToken
from .._task.token_file import TokenFile, no_token_file
from .bulk import Bulk
from .items import home_of, items_from, refuse
from .whm_api_token import limits_from, matches


def run(
    params: Mapping[str, Any],
    check_mode: bool,
    environ: Mapping[str, str],
    token_files: Callable[[Mapping[str, Any]], TokenFile] = no_token_file,
) -> dict[str, object]:
    """Bring many API tokens of WHM into their desired states and return the task's result.

    :raises PanelopsError: with a sentence for the user.
    """
    items = items_from(params, WhmToken, limits_from, token_files)
    with opened(WhmAccess(params, environ)) as access:
        bulk = Bulk(owners_of(access), items, WhmToken, lambda _owner: home_of(access, params["username"]))
        refuse(bulk.look())
        bulk.read([None])
        bulk.prove(lambda stored: matches(access, stored))
        refuse(bulk.plan())
        own = lru_cache(lambda: own_token(access))

        def kept() -> list[str]:
            token = None if params["allow_self"] else own()
            return [token.name] if token else []

        if params["prune"]:
            bulk.prune(params["prune_prefix"], kept)

        def guard(plans: Iterable[Plan]) -> list[str]:
            return [] if params["allow_self"] else guard_plans(access, plans, check_mode, own)

        warnings = guard(bulk.plans())
        if check_mode:
            bulk.rehearse()
        else:
            bulk.apply(lambda plan, _live: guard([plan]))
        return bulk.result(check_mode, params["return_token"], warnings)
