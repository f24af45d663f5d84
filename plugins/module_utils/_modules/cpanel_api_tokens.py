# Copyright (c) 2026 panelops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What M(panelops.cpanel.cpanel_api_tokens) does, as a function of plain data."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from contextlib import ExitStack
from typing import Any

from .._api.access import CpanelAccess, WhmAccess, opened
from .._api.account_list import matching_accounts
from .._api.owners import Owner, Owners, SeparateAccounts, Tokens, owners_of
from .._engine.guard import refuse_ending_every_token
from .._errors import InvalidOption
from .._model.plan import Plan
from .._model.token import CpanelToken
from .._task.token_file import TokenFile, no_token_file
from .bulk import Bulk
from .cpanel_api_token import belongs, limits_from
from .items import home_of, items_from, refuse


def run(
    params: Mapping[str, Any],
    check_mode: bool,
    environ: Mapping[str, str],
    token_files: Callable[[Mapping[str, Any]], TokenFile] = no_token_file,
) -> dict[str, object]:
    """Bring many API tokens of cPanel accounts into their desired states and return the task's result.

    :raises PanelopsError: with a sentence for the user.
    """
    items = items_from(params, CpanelToken, limits_from, token_files)
    named = {item.owner for item in items}
    if None in named and (len(named) > 1 or params["accounts"]):
        raise InvalidOption("tokens", "some name an account and some do not.", "Name the account of each, or of none.")
    if params["accounts"] and not params["prune"]:
        raise InvalidOption("accounts", "means something only with prune: true.")
    if params["accounts"] is not None and _is_empty(params["accounts"], named):
        raise InvalidOption("accounts", "is empty.", "Name the accounts whose tokens to prune, or leave it out.")
    with ExitStack() as stack:

        def account(name: Owner) -> CpanelAccess:
            return stack.enter_context(opened(CpanelAccess(dict(params, account=name), environ)))

        itself = named in ({None}, set()) and not params["accounts"]
        more: list[Owner] = []
        owners: Owners
        if itself or params["transport"] == "cli":
            accesses = {name: account(name) for name in [*named, *(params["accounts"] or [])] or [None]}
            more += accesses
            owners = SeparateAccounts(accesses)
        else:
            access = stack.enter_context(opened(WhmAccess(params, environ)))
            more += matching_accounts(access.transport, params["accounts"]) if params["accounts"] else []
            owners = owners_of(access)
        bulk = Bulk(owners, items, CpanelToken, lambda owner: home_of(account(owner)))
        refuse(bulk.look())
        bulk.read(more)
        own = itself and accesses[None].own_secret is not None and not params["allow_self"]
        live = dict(bulk.live(None)) if own else {}
        bulk.prove(lambda stored: [belongs(account(each.item.owner), each) for each in stored])
        refuse(bulk.plan())
        if params["prune"]:
            bulk.prune(params["prune_prefix"], _refuse_to_guess if own else tuple)

        def guard(plans: Iterable[Plan], live: Tokens) -> list[str]:
            if own:
                refuse_ending_every_token(plans, live, owners.now())
            return []

        guard(bulk.plans(), live)
        if check_mode:
            bulk.rehearse()
        else:
            bulk.apply(lambda plan, live: guard([plan], live))
        return bulk.result(check_mode, params["return_token"])


def _is_empty(accounts: Sequence[str], named: Collection[Owner]) -> bool:
    """Does nothing say whose tokens to prune? Then it must not be the account's that the connection is for."""
    return not all(name.strip() for name in accounts) or not (accounts or any(named))


def _refuse_to_guess() -> tuple[str, ...]:
    raise InvalidOption(
        "prune",
        "would revoke tokens while the task authenticates with one, and cPanel cannot tell which that is.",
        "Authenticate with the password or through WHM, or give allow_self: true.",
    )
