# Copyright (c) 2026 panelops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What M(panelops.cpanel.whm_api_tokens) does, as a function of plain data."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from functools import lru_cache

from .._api.access import WhmAccess, opened
from .._api.batch import run_all
from .._api.owners import WhmOwner
from .._api.whm import WhmApi
from .._engine.guard import guard_plans, own_token
from .._errors import PanelopsError
from .._model.token import WhmToken
from .._task.token_file import no_token_file
from .bulk import Bulk, items_from
from .whm_api_token import limits_from


def run(params: Mapping, check_mode: bool, environ: Mapping, token_files: Callable = no_token_file) -> dict:
    """Make many WHM tokens as wished and answer the task's result.

    :raises PanelopsError: with a sentence for the user.
    """
    items = items_from(params, WhmToken, limits_from, int(time.time()), token_files)
    with opened(WhmAccess(params, environ)) as access:
        owners = WhmOwner(access)
        bulk = Bulk(owners, items, WhmToken, access.api.now)
        bulk.read([None])
        bulk.prove(lambda stored: _match(access, owners, stored))
        bulk.plan()
        own = None if params["allow_self"] else lru_cache(lambda: own_token(access))
        if params["prune"]:
            bulk.prune(params["prune_prefix"], lambda: [own().name] if own and own() else [])
        warnings = guard_plans(access, bulk.plans(), check_mode, own) if own else []
        if not check_mode:
            bulk.apply()
        result = bulk.result(check_mode, params["return_token"])
        return dict(result, warnings=[*result["warnings"], *warnings])


def _match(access: WhmAccess, owners: WhmOwner, stored: Sequence[tuple]) -> Sequence[bool | None]:
    if access.connection is None:
        # The command line would show the secrets to every user of the host, so it is not asked.
        return [None] * len(stored)
    jobs = [lambda way, secret=secret: WhmApi(way).details(secret) for _item, secret, _name in stored]
    outcomes = run_all(owners.transport, jobs, False, owners.batches)
    for outcome in outcomes:
        if isinstance(outcome, PanelopsError):
            raise outcome
    return [token is not None and token.name == name for token, (_item, _secret, name) in zip(outcomes, stored)]
