# Copyright (c) 2026 panelops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Carry a plan out. Every mutation is sent once; one whose answer was lost is settled by reading the state (invariant I4)."""

from __future__ import annotations

from typing import Callable

from .._api.cpanel import CpanelApi
from .._api.whm import WhmApi
from .._errors import AnswerLost, PanelopsError, Refused
from .._model.plan import Create, Plan, Revoke, Update
from .._model.token import ApiToken


class Applied:
    """What came of a plan: the token as the server answered, and the secret if one was created."""

    def __init__(self, token: ApiToken | None) -> None:
        self.token = token
        self.secret: str | None = None


def apply_plan(api: WhmApi | CpanelApi, plan: Plan, keep: Callable[[str], None] = lambda secret: None) -> Applied:
    """Take the steps of a plan in order.

    :param keep: stores a secret; called as soon as there is one, before any further step.
    :raises PanelopsError: with the secret and the token in ``result``, if one was created before (invariant I3).
    """
    applied = Applied(plan.after)
    put_aside: Update | None = None
    try:
        for step in plan.steps:
            if isinstance(step, Create):
                applied.token, applied.secret = _create(api, step)
                keep(applied.secret)
            elif isinstance(step, Revoke):
                _revoke(api, step)
            elif plan.after is not None and step.token.name == plan.after.name:
                applied.token = _update(api, step)
            else:
                put_aside = step
                _update(api, step)
    except PanelopsError as error:
        if applied.secret is not None:
            raise PanelopsError(
                f"{error} The token was created before that: it works, and its secret is in token.",
                changed=True,
                token=applied.secret,
                **{applied.token.RESULT: applied.token.as_result()},
            ) from None
        if put_aside is not None:
            raise _brought_back(api, put_aside, plan.before, error) from None
        raise
    return applied


def _create(api: WhmApi | CpanelApi, step: Create) -> tuple:
    """Create, and once more if the answer is lost. What an unheard create made is revoked: nobody can have its secret.

    A create that was given up can still arrive, even just before the second one, which is then refused for its name's sake.
    """
    name, losses, cause = step.token.name, 0, ""
    for number in (1, 2, 3):
        try:
            return api.create(step.token)
        except AnswerLost as lost:
            losses, cause = losses + 1, lost.cause
            unheard = name in _state(api, lost)
        except Refused:
            unheard = number == 2 and name in api.tokens()
            if not unheard:
                raise
        if unheard:
            _revoke(api, Revoke((name,)))
        if losses == 2:
            break
    raise PanelopsError(
        f"The answer to {api.CREATE} was lost twice ({cause}). The token {name} was not left behind: run again."
    )


def _update(api: WhmApi | CpanelApi, step: Update) -> ApiToken:
    def settled(live: dict) -> bool:
        token = live.get(step.token.name)
        renamed = step.token.name == step.name or step.name not in live
        return token is not None and token.wishes() == step.token.wishes() and renamed

    return _settled(api, lambda: api.update(step.name, step.token), settled) or step.token


def _revoke(api: WhmApi | CpanelApi, step: Revoke) -> None:
    def gone(live: dict) -> bool:
        return not set(step.names) & set(live)

    try:
        _settled(api, lambda: api.revoke(step.names), gone)
    except Refused:
        # Versions differ on whether revoking what is not there is an error (CONTRACT section 2).
        if not gone(api.tokens()):
            raise


def _settled(api: WhmApi | CpanelApi, mutate: Callable, done: Callable) -> object:
    """Mutate; if the answer is lost, look whether it happened, and only if not, try once more."""
    try:
        return mutate()
    except AnswerLost as lost:
        if done(_state(api, lost)):
            return None
    return mutate()


def _state(api: WhmApi | CpanelApi, lost: AnswerLost) -> dict:
    try:
        return api.tokens()
    except PanelopsError as error:
        raise PanelopsError(
            f"{lost} The state could not be read either: {error} Look at the tokens before the next run: "
            "if one was created just now, nobody has its secret."
        ) from None


def _brought_back(api: WhmApi | CpanelApi, aside: Update, before: ApiToken, error: PanelopsError) -> PanelopsError:
    """Undo the renaming of a re-issue that failed, so that the old token is as it was."""
    message = f"{error} The old token is as it was."
    try:
        _update(api, Update(aside.token.name, before))
    except PanelopsError as second:
        if not _is_there(api, before.name):
            message = f"{error} The old token still works, but is now named {aside.token.name}: {second}"
    return PanelopsError(message, **error.result)


def _is_there(api: WhmApi | CpanelApi, name: str) -> bool:
    """As far as can be known."""
    try:
        return name in api.tokens()
    except PanelopsError:
        return False
