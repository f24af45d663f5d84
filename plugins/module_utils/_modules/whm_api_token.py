# Copyright (c) 2026 panelops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What M(panelops.cpanel.whm_api_token) does, as a function of plain data."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from .._api.access import WhmAccess, opened
from .._api.batch import Job, Outcome, run_all
from .._api.owners import Tokens, owners_of
from .._api.whm import WhmApi
from .._engine.guard import guard_plans, own_token
from .._errors import PanelopsError
from .._model.addresses import checked_addresses
from .._model.plan import Plan
from .._model.token import Limits, WhmToken, checked_acls
from .._task.token_file import TokenFile
from .items import Proof, Stored, desired_from, home_of
from .single import ensure


def run(
    params: Mapping[str, Any], check_mode: bool, environ: Mapping[str, str], token_file: TokenFile | None = None
) -> dict[str, object]:
    """Bring one API token of WHM into its desired state and return the task's result.

    :raises PanelopsError: with a sentence for the user.
    """
    desired = desired_from(params, WhmToken, limits_from(params))
    with opened(WhmAccess(params, environ)) as access:

        def guard(plan: Plan, live: Tokens) -> list[str]:
            return [] if params["allow_self"] else guard_plans(access, [plan], check_mode, lambda: own_token(access))

        return ensure(
            owners_of(access),
            home_of(access, params["username"]),
            desired,
            check_mode,
            token_file,
            lambda stored: matches(access, stored),
            guard,
            params["return_token"],
        )


def matches(access: WhmAccess, stored: Sequence[Stored]) -> Sequence[Proof]:
    """Which API token does each stored secret belong to?

    :raises PanelopsError: the server could not be asked; that is never taken for a secret that does not.
    """
    if access.connection is None:
        # The command line would show the secrets to every user of the host, so it is not asked.
        return [Proof(None)] * len(stored)

    def details(secret: str) -> Job[WhmToken | None]:
        return lambda caller: WhmApi(caller).details(secret)

    outcomes = run_all(access.transport, [details(each.secret) for each in stored], mutation=False)
    return [_proof(outcome) for outcome in outcomes]


def _proof(outcome: Outcome[WhmToken | None]) -> Proof:
    """:raises PanelopsError: the server could not be asked."""
    if isinstance(outcome, PanelopsError):
        raise outcome
    return Proof(False) if outcome is None else Proof(True, outcome.name)


def limits_from(params: Mapping[str, Any]) -> Limits:
    """The limits that the task gives, in canonical form.

    :raises InvalidOption: naming the option and the rule.
    """
    limits: Limits = {}
    if params["acls"] is not None:
        limits["acls"] = checked_acls(params["acls"])
    if params["whitelist_ips"] is not None:
        limits["whitelist_ips"] = checked_addresses(params["whitelist_ips"])
    return limits
