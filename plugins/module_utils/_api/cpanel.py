# Copyright (c) 2026 panelops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The UAPI ``Tokens`` functions of one cPanel account, as Python (docs/wire-contract.md, sections C3 and C4)."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace

from .._errors import AnswerLost, BadAnswer, Refused
from .._model.token import ApiToken, CpanelToken, cpanel_token_from_wire, time_from_wire
from .answers import says_yes, words_in
from .transport import WhmCaller
from .whm import checked, new_secret, object_of, refusal, unknown_shape

_UNKNOWN_SHAPE = "The server's answer to {0} is not one that UAPI gives. Check that host and port belong to cPanel."

CallTokens = Callable[[str, "list[tuple[str, str]]", bool], object]
"""Makes one call of the module ``Tokens`` for an account (function, parameters, is it a mutation?) and returns its ``data``."""


class CpanelApi:
    """The API tokens of one account. ``call`` makes the calls, by whichever way."""

    def __init__(self, call: CallTokens) -> None:
        self._call = call

    def tokens(self) -> dict[str, CpanelToken]:
        """All API tokens of the account by name, expired ones too."""
        data = self._call("list", [], False) or []
        try:
            if isinstance(data, list):
                tokens = {token.name: token for token in map(cpanel_token_from_wire, data)}
                if len(tokens) == len(data):
                    return tokens
        except (KeyError, TypeError, ValueError, AttributeError):
            pass
        raise BadAnswer(_UNKNOWN_SHAPE.format("Tokens::list"))

    def create_token(self, token: ApiToken) -> tuple[CpanelToken, str]:
        """Create an API token; returns it and its secret, which no later call shows again."""
        asked = _cpanel(token)
        data = self._call("create_full_access", _create_params(asked), True)
        secret = new_secret(data, "Tokens::create_full_access")
        try:
            return replace(asked, create_time=time_from_wire(object_of(data).get("create_time"))), secret
        except (TypeError, ValueError):
            return asked, secret

    def update_token(self, name: str, token: ApiToken) -> CpanelToken:
        """Rename an API token: all that UAPI can change of one."""
        asked = _cpanel(token)
        self._call("rename", [("name", name), ("new_name", asked.name)], True)
        return asked

    def revoke_tokens(self, names: Sequence[str]) -> None:
        """Revoke API tokens, one call each: the function takes one name."""
        for name in names:
            if str(self._call("revoke", [("name", name)], True)) == "0":
                raise Refused("Tokens::revoke", f"the token {name} was not removed")


def cpanel_through_whm(caller: WhmCaller, account: str) -> CpanelApi:
    """The API tokens of an account as an administrator reaches them, by ``uapi_cpanel`` (docs/wire-contract.md, section C4)."""

    def call(function: str, params: list[tuple[str, str]], mutation: bool) -> object:
        target = [("cpanel.user", account), ("cpanel.module", "Tokens"), ("cpanel.function", function)]
        try:
            answer = caller.whm("uapi_cpanel", [*target, *params], mutation)
        except AnswerLost as lost:
            raise AnswerLost(f"Tokens::{function}", lost.cause) from None
        checked(answer, "uapi_cpanel", mutation)
        return payload(answer, f"Tokens::{function}", mutation)

    return CpanelApi(call)


def payload(answer: object, function: str, mutation: bool) -> object:
    """``data`` of a UAPI answer: flat, wrapped as the command line does, or inside WHM's (docs/wire-contract.md, section C1).

    :raises Refused: status 0. :raises PanelopsError: it is none of these, its status is neither 1 nor 0, or it is no whole refusal.
    """
    flat = answer
    if isinstance(flat, Mapping) and "metadata" in flat and isinstance(flat.get("data"), Mapping):
        flat = flat["data"].get("uapi", flat)
    if isinstance(flat, Mapping) and "status" not in flat and isinstance(flat.get("result"), Mapping):
        flat = flat["result"]
    done = says_yes(flat.get("status")) if isinstance(flat, Mapping) else None
    if done is None or not isinstance(flat, Mapping):
        raise unknown_shape(answer, function, mutation, _UNKNOWN_SHAPE)
    if not done:
        errors = flat.get("errors") or [words_in(flat)]
        reason = " ".join(str(error) for error in errors) if isinstance(errors, list) else str(errors)
        raise refusal(function, reason, mutation)
    return flat.get("data")


def _cpanel(token: ApiToken) -> CpanelToken:
    """:raises TypeError: a token of another service, which is a fault of the caller."""
    if not isinstance(token, CpanelToken):
        raise TypeError(f"{type(token).__name__} is not an API token of a cPanel account")
    return token


def _create_params(token: CpanelToken) -> list[tuple[str, str]]:
    """What is as by default is left out, for older versions' sake."""
    params = [("name", token.name)]
    if token.expires_at is not None:
        params.append(("expires_at", str(token.expires_at)))
    if token.readonly:
        params.append(("readonly", "1"))
    return params
