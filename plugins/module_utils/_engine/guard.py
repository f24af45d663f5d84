# Copyright (c) 2026 panelops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The lock-out guard (invariant I6): the token that we authenticate with is not revoked, narrowed or shut out unless told to."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import replace

from .._api.access import WhmAccess
from .._api.owners import Tokens, owners_of
from .._errors import (
    InvalidOption,
    NotAuthenticated,
    PanelopsError,
)
from .._model.names import stamp
from .._model.plan import Create, Plan, Revoke, Update
from .._model.token import EVERYTHING, ApiToken, WhmToken
from .apply import apply_one

PROBE_LIFETIME = 120
"""Seconds after which a probe token is dead, should its revocation fail."""


def own_token(access: WhmAccess) -> WhmToken | None:
    """The token of WHM that we authenticate with, if it is one. Costs a read."""
    return access.api.details(access.own_secret) if access.own_secret else None


def guard_plans(
    access: WhmAccess, plans: Iterable[Plan], check_mode: bool, ask_own: Callable[[], WhmToken | None]
) -> list[str]:
    """Refuse plans that would lock us out of WHM; answer warnings. Costs a read only if a token that exists is concerned.

    :param ask_own: answers the token that we authenticate with.
    :raises InvalidOption: naming what would be lost.
    """
    plans = list(plans)
    if all(isinstance(step, Create) for plan in plans for step in plan.steps):
        return []
    own = ask_own()
    if own is None:
        return []
    for plan in plans:
        refuse_lockout(plan, own)
    warnings = []
    for addresses in filter(None, (new_addresses(plan, own) for plan in plans)):
        if check_mode:
            warnings.append(
                f"A real run first tries from here, with a short-lived token, whether the new whitelist_ips of {own.name} admit us."
            )
        else:
            refuse_shut_out(access, own, addresses)
    return warnings


def refuse_lockout(plan: Plan, own: WhmToken) -> None:
    """:raises InvalidOption: the plan takes something from the token ``own``, which we authenticate with."""
    for step in plan.steps:
        if isinstance(step, Revoke) and own.name in step.names:
            raise _refusal(f"the task would revoke {own.name}, the token that it authenticates with.")
        if isinstance(step, Update) and step.name == own.name:
            if any(isinstance(other, Create) for other in plan.steps):
                raise _refusal(f"the task would reissue {own.name}, the token that it authenticates with.")
            taken = _taken(own, step.token)
            if taken:
                raise _refusal(f"the task would take {taken} from {own.name}, the token that it authenticates with.")


def new_addresses(plan: Plan, own: WhmToken) -> tuple[str, ...]:
    """The new allowlist of the token ``own``, if the plan gives it one that must be tried first."""
    for step in plan.steps:
        after = step.token if isinstance(step, Update) and step.name == own.name else None
        if isinstance(after, WhmToken) and after.whitelist_ips != own.whitelist_ips:
            return after.whitelist_ips
    return ()


def refuse_shut_out(access: WhmAccess, own: WhmToken, addresses: tuple[str, ...]) -> None:
    """Ask the server whether an allowlist admits us: with a short-lived token of that list, tried from here, then revoked.

    Only the server knows which address it sees us under, whatever NAT lies between.

    :raises InvalidOption: the list does not admit us.
    """
    owners, now = owners_of(access), access.now()
    name = f"panelops--probe-{stamp(now)}"
    probe = replace(
        own,
        name=name,
        acls=frozenset([sorted(own.acls)[0]]),
        whitelist_ips=addresses,
        expires_at=now + PROBE_LIFETIME,
    )
    secret = apply_one(owners, Plan(None, probe, (Create(probe),))).secret
    try:
        access.attempt(secret or "")
    except NotAuthenticated:
        raise _refusal(
            f"whitelist_ips of {own.name}, the token that the task authenticates with, would shut this host out."
        ) from None
    finally:
        try:
            apply_one(owners, Plan(probe, None, (Revoke((name,)),)))
        except PanelopsError as error:
            raise PanelopsError(
                f"The probe token {name} could not be revoked; it dies by itself within {PROBE_LIFETIME} s. {error}"
            ) from None


def refuse_ending_every_token(plans: Iterable[Plan], live: Tokens, now: int) -> None:
    """For cPanel, which cannot say which token is in use (docs/wire-contract.md, section C3): but if all of them end, that one does.

    :param live: the account's tokens by name.
    :raises InvalidOption: together the plans end all tokens that have not expired.
    """
    ended = {name for plan in plans for name in _ended(plan)}
    usable = [token.name for token in live.values() if token.expires_at is None or token.expires_at > now]
    if usable and ended.issuperset(usable):
        which = "is the account's only live token" if len(usable) == 1 else "are the account's only live tokens"
        raise _refusal(
            f"{' and '.join(sorted(usable))} {which}, so the task authenticates with {'it' if len(usable) == 1 else 'one of them'}, "
            "and would end it."
        )


def _ended(plan: Plan) -> set[str]:
    """The names of the live tokens whose secrets the plan ends; a reissue revokes the old token under another name."""
    ended = {name for step in plan.steps if isinstance(step, Revoke) for name in step.names}
    if plan.before is not None and any(isinstance(step, Create) for step in plan.steps):
        ended.add(plan.before.name)
    return ended


def _taken(own: WhmToken, after: ApiToken) -> str:
    if isinstance(after, WhmToken) and EVERYTHING not in after.acls and not own.acls <= after.acls:
        return "privileges"
    if after.expires_at is not None and (own.expires_at is None or after.expires_at < own.expires_at):
        return "lifetime"
    return ""


def _refusal(problem: str) -> InvalidOption:
    return InvalidOption(
        "allow_self", problem, "Use another credential for it, or give allow_self: true if that is what you want."
    )
