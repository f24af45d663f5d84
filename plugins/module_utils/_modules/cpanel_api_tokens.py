# Copyright (c) 2026 panelops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What M(panelops.cpanel.cpanel_api_tokens) does, as a function of plain data."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from contextlib import ExitStack

from .._api.access import CpanelAccess, WhmAccess, opened
from .._api.account_list import matching_accounts
from .._api.owners import SeparateAccounts, WhmAccounts
from .._engine.guard import refuse_ending_only_token
from .._errors import InvalidOption
from .._model.token import CpanelToken
from .._task.token_file import no_token_file
from .bulk import Bulk, items_from
from .cpanel_api_token import limits_from


def run(params: Mapping, check_mode: bool, environ: Mapping, token_files: Callable = no_token_file) -> dict:
    """Make many tokens of cPanel accounts as wished and answer the task's result.

    :raises PanelopsError: with a sentence for the user.
    """
    items = items_from(params, CpanelToken, limits_from, int(time.time()), token_files)
    named = {item.owner for item in items}
    if None in named and (len(named) > 1 or params["accounts"]):
        raise InvalidOption("tokens", "some name an account and some do not.", "Name the account of each, or of none.")
    if params["accounts"] and not params["prune"]:
        raise InvalidOption("accounts", "means something only with prune: true.")
    with ExitStack() as stack:

        def account(name: str | None) -> CpanelAccess:
            return stack.enter_context(opened(CpanelAccess(dict(params, account=name), environ)))

        itself = named in ({None}, set()) and not params["accounts"]
        if itself or params["transport"] == "cli":
            accesses = {name: account(name) for name in [*named, *(params["accounts"] or [])] or [None]}
            more = list(accesses)
            owners: SeparateAccounts | WhmAccounts = SeparateAccounts(accesses)
            now = next(iter(accesses.values())).api.now
        else:
            access = stack.enter_context(opened(WhmAccess(params, environ)))
            more = matching_accounts(access.transport, params["accounts"]) if params["accounts"] else []
            owners, now = WhmAccounts(access), access.api.now
        bulk = Bulk(owners, items, CpanelToken, now)
        bulk.read(more)
        own = itself and accesses[None].own_secret is not None and not params["allow_self"]
        live = dict(bulk.live()[None]) if own else {}
        bulk.prove(
            lambda stored: [False if account(item.owner).is_dead(secret) else None for item, secret, _name in stored]
        )
        bulk.plan()
        if params["prune"]:
            bulk.prune(params["prune_prefix"], _refuse_to_guess if own else tuple)
        for plan in bulk.plans() if own else ():
            refuse_ending_only_token(plan, live, now())
        if not check_mode:
            bulk.apply()
        return bulk.result(check_mode, params["return_token"])


def _refuse_to_guess() -> tuple:
    raise InvalidOption(
        "prune",
        "would revoke tokens while the task authenticates with one, and cPanel cannot tell which that is.",
        "Authenticate with the password or through WHM, or give allow_self: true.",
    )
