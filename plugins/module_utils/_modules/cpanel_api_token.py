# Copyright (c) 2026 panelops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What M(panelops.cpanel.cpanel_api_token) does, as a function of plain data."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from .._api.access import CpanelAccess, opened
from .._api.account_list import is_suspended
from .._api.owners import Tokens, owners_of
from .._engine.guard import refuse_ending_every_token
from .._errors import PanelopsError, Refused
from .._model.plan import Plan
from .._model.token import CpanelToken, Limits
from .._task.token_file import TokenFile
from .items import Proof, Stored, desired_from, home_of
from .single import ensure


def run(
    params: Mapping[str, Any], check_mode: bool, environ: Mapping[str, str], token_file: TokenFile | None = None
) -> dict[str, object]:
    """Bring one API token of a cPanel account into its desired state and return the task's result.

    :raises PanelopsError: with a sentence for the user.
    """
    desired = desired_from(params, CpanelToken, limits_from(params))
    with opened(CpanelAccess(params, environ)) as access:

        def guard(plan: Plan, live: Tokens) -> list[str]:
            if access.own_secret and not params["allow_self"]:
                refuse_ending_every_token([plan], live, access.now())
            return []

        return ensure(
            owners_of(access),
            home_of(access),
            desired,
            check_mode,
            token_file,
            lambda stored: [belongs(access, each) for each in stored],
            guard,
            params["return_token"],
        )


def belongs(access: CpanelAccess, stored: Stored) -> Proof:
    """Is a stored secret that of a live API token of the account? cPanel cannot say of which.

    :raises PanelopsError: the server could not be asked; that is never taken for a secret that does not.
    """
    if access.connection is None:
        # The command line would show the secret to every user of the host, so it is not asked.
        return Proof(None)
    if not access.is_refused(stored.secret):
        return Proof(True)
    # An account that connects itself has just been let in, so it is not suspended.
    return _refused(access, stored) if access.is_through_whm else Proof(False)


def _refused(access: CpanelAccess, stored: Stored) -> Proof:
    """What a refused secret proves: nothing, if the account is suspended. It works again when the suspension ends."""
    name, account = stored.item.desired.name, access.owner
    path = stored.item.token_file.path if stored.item.token_file else ""
    try:
        if not is_suspended(access.transport, account):
            return Proof(False)
    except PanelopsError as error:
        remedy = " Give the caller the privilege acct-summary or list-accts." if isinstance(error, Refused) else ""
        return Proof(
            None,
            warning=f"The server does not accept the secret in {path}, but whether the account {account} is suspended could not be read, "
            f"so no new secret is issued for that reason. {error}{remedy}",
        )
    return Proof(
        None,
        warning=f"The account {account} is suspended, so it cannot be known whether {path} holds the secret of {name}. "
        "No new secret is issued for that reason.",
    )


def limits_from(params: Mapping[str, Any]) -> Limits:
    """The limits that the task gives."""
    return {} if params["readonly"] is None else {"readonly": params["readonly"]}
