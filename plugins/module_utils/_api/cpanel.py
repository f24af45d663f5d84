# Copyright (c) 2026 panelops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The UAPI ``Tokens`` functions of one cPanel account, as Python (CONTRACT sections 3 and 4)."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace

from .._errors import AnswerLost, BadAnswer, Refused
from .._model.token import CpanelToken, cpanel_token_from_wire

_UNKNOWN_SHAPE = "The server's answer to {0} is not one that UAPI gives. Check that host and port belong to cPanel."


class CpanelApi:
    """The API tokens of one account.

    ``call(function, params, mutation)`` makes one call of the module ``Tokens`` for the account, by whichever way, and answers
    the payload (``data``). ``clock`` is the transport, which knows the server's time.
    """

    CREATE, UPDATE = "Tokens::create_full_access", "Tokens::rename"

    def __init__(self, call: Callable, clock) -> None:
        self._call = call
        self._clock = clock

    def now(self) -> int:
        """The server's time in Unix seconds."""
        return self._clock.now()

    def tokens(self) -> dict[str, CpanelToken]:
        """All tokens of the account by name, expired ones too."""
        return read_token_list(self._call("list", [], False))

    def create(self, token: CpanelToken) -> tuple[CpanelToken, str]:
        """Create a token; answers it and its secret, which no later call will tell again."""
        return read_created(self._call("create_full_access", create_params(token), True), token)

    def update(self, name: str, token: CpanelToken) -> CpanelToken:
        """Rename a token: all that the API can change of one."""
        self._call("rename", [("name", name), ("new_name", token.name)], True)
        return token

    def revoke(self, names: Iterable[str]) -> None:
        """Revoke tokens, one call each: the function takes one name."""
        for name in names:
            if str(self._call("revoke", [("name", name)], True)) == "0":
                raise Refused("Tokens::revoke", f"the token {name} was not removed")


def create_params(token: CpanelToken) -> list[tuple[str, str]]:
    """The parameters of ``Tokens::create_full_access``; what is as by default is left out, for older versions' sake."""
    params = [("name", token.name)]
    if token.expires_at is not None:
        params.append(("expires_at", str(token.expires_at)))
    if token.readonly:
        params.append(("readonly", "1"))
    return params


def read_token_list(data: object) -> dict[str, CpanelToken]:
    """:raises BadAnswer: it is no answer of ``Tokens::list``."""
    try:
        return {token.name: token for token in map(cpanel_token_from_wire, data or ())}
    except (KeyError, TypeError, ValueError, AttributeError):
        raise BadAnswer(_UNKNOWN_SHAPE.format("Tokens::list")) from None


def read_created(data: object, asked: CpanelToken) -> tuple[CpanelToken, str]:
    """The token and its secret.

    :raises AnswerLost: the secret is not in it.
    """
    secret = data.get("token") if isinstance(data, Mapping) else None
    if not isinstance(secret, str) or not secret:
        raise AnswerLost(CpanelApi.CREATE, "it holds no token")
    try:
        return replace(asked, create_time=int(data.get("create_time") or 0) or None), secret
    except (TypeError, ValueError):
        return asked, secret


def payload(answer: object, function: str, mutation: bool) -> object:
    """``data`` of a UAPI answer: flat, wrapped as the command line does, or inside WHM's (CONTRACT section 1).

    :raises Refused: status 0. :raises BadAnswer, AnswerLost: it is none of these.
    """
    flat = answer
    if (
        isinstance(flat, Mapping)
        and isinstance(flat.get("data"), Mapping)
        and "uapi" in flat["data"]
        and "metadata" in flat
    ):
        flat = flat["data"]["uapi"]
    if isinstance(flat, Mapping) and "status" not in flat and isinstance(flat.get("result"), Mapping):
        flat = flat["result"]
    if not isinstance(flat, Mapping) or "status" not in flat:
        raise AnswerLost(function, "its shape is unknown") if mutation else BadAnswer(_UNKNOWN_SHAPE.format(function))
    if str(flat["status"]) != "1":
        errors = flat.get("errors") or ["no reason given"]
        raise Refused(function, " ".join(str(error) for error in errors) if isinstance(errors, list) else str(errors))
    return flat.get("data")
