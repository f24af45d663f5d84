# Copyright (c) 2026 panelops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""One token as wished: what whm_api_token and cpanel_api_token have in common, as functions of plain data."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace

from .._engine.apply import Applied, apply_plan
from .._errors import InvalidOption
from .._model.expiry import expiry_wish_from
from .._model.plan import Create, Plan, Wish, plan_token
from .._model.token import ApiToken, checked_name
from .._task.token_file import TokenFile


def wish_from(params: Mapping, kind: type[ApiToken], limits: Mapping, now: int) -> Wish:
    """Check the options that say what the token should be.

    :param limits: the limits that the task gives, already checked.
    :param now: Unix seconds of the host that runs the module.
    :raises InvalidOption: naming the option and the rule.
    """
    name = checked_name(params["name"])
    only_expired = params["only_expired"]
    if params["state"] == "absent":
        return Wish(name, kind, present=False, only_expired=only_expired)
    if only_expired:
        raise InvalidOption("only_expired", "means something only with state: absent.")
    rename_from = params["rename_from"]
    if rename_from is not None and checked_name(rename_from, "rename_from") == name:
        raise InvalidOption("rename_from", "is the same as name.", "Give the name that the token has had so far.")
    expiry = expiry_wish_from(params, now)
    recreate = params["recreate"]
    if expiry.renew_before and not kind.IN_PLACE and recreate not in ("if_changed", "always"):
        raise InvalidOption(
            "renew_before",
            "cPanel cannot prolong a token's life without a new secret.",
            "Give recreate: if_changed with it.",
        )
    return Wish(name, kind, limits=limits, expiry=expiry, rename_from=rename_from, recreate=recreate)


def ensure(
    api,
    wish: Wish,
    check_mode: bool,
    token_file: TokenFile | None = None,
    is_secret_of: Callable[[str, str], bool | None] = lambda secret, name: None,
    guard: Callable[[Plan, Mapping], list] = lambda plan, live: [],
    return_token: bool = True,
) -> dict:
    """Make one token as wished and answer the task's result.

    :param is_secret_of: is this the secret of the live token of this name? ``None``: that cannot be known. Asked only with a
        ``token_file``.
    :param guard: refuses a plan that would lock us out, and answers warnings.
    :raises PanelopsError: with a sentence for the user.
    """
    live = api.tokens()
    if token_file and wish.present:
        token_file.check_place()
        wish = replace(wish, proved=_proved(token_file, live, wish, is_secret_of))
    plan = plan_token(live, wish, api.now())
    result = dict(changed=plan.changed, diff=plan.diff, warnings=[*plan.warnings, *guard(plan, live)])
    creates = any(isinstance(step, Create) for step in plan.steps)
    if token_file and wish.present and (creates or token_file.attributes_differ()):
        result["changed"] = True
        result["diff"]["before"]["token_file"] = "no secret of this token" if creates else "other owner, group or mode"
        result["diff"]["after"]["token_file"] = f"{token_file.path} as wished"
    if check_mode:
        return dict(result, **{wish.kind.RESULT: plan.after.as_result() if plan.after else None})
    applied = _apply(api, plan, token_file if creates else None)
    if token_file and wish.present and not creates:
        token_file.set_attributes()
    if plan.after and applied.token.wishes() != plan.after.wishes():
        result["warnings"].append(_otherwise(plan.after, applied.token))
    result[wish.kind.RESULT] = applied.token.as_result() if applied.token else None
    if applied.secret is not None and (return_token or not token_file):
        result["token"] = applied.secret
    return result


def _proved(token_file: TokenFile, live: Mapping, wish: Wish, is_secret_of: Callable) -> bool | None:
    name = wish.name if wish.name in live else wish.rename_from
    if name not in live:
        return True
    stored = token_file.stored()
    return False if stored is None else is_secret_of(stored, name)


def _apply(api, plan: Plan, token_file: TokenFile | None) -> Applied:
    if token_file is None:
        return apply_plan(api, plan)
    token_file.reserve()
    try:
        return apply_plan(api, plan, keep=token_file.write)
    finally:
        token_file.give_back()


def _otherwise(asked: ApiToken, answered: ApiToken) -> str:
    want, have = asked.wishes(), answered.wishes()
    fields = ", ".join(f"{key} {have[key]!r} instead of {want[key]!r}" for key in want if want[key] != have[key])
    return f"The server made the token {asked.name} with {fields}."
