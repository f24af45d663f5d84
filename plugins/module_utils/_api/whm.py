# Copyright (c) 2026 panelops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The token functions of WHM API 1, as Python (CONTRACT section 2)."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from .._errors import (
    AnswerLost,
    BadAnswer,
    Refused,
)
from .._model.token import WhmToken, whm_token_from_wire


class WhmApi:
    """What one caller can do with its own API tokens. ``transport`` carries the calls."""

    CREATE, UPDATE = "api_token_create", "api_token_update"

    def __init__(self, transport) -> None:
        self._transport = transport

    def now(self) -> int:
        """The server's time in Unix seconds."""
        return self._transport.now()

    def tokens(self) -> dict:
        """All tokens of the caller by name, expired ones too."""
        data = self._call("api_token_list", [])
        try:
            entries = data["tokens"] or {}
            return {name: whm_token_from_wire(entry, name) for name, entry in entries.items()}
        except (KeyError, TypeError, ValueError, AttributeError):
            raise BadAnswer(_UNKNOWN_SHAPE.format("api_token_list")) from None

    def create(self, token: WhmToken) -> tuple:
        """Create a token; answers it and its secret, which no later call will tell again."""
        params = [("token_name", token.name), *_limits(token)]
        data = self._call("api_token_create", params, mutation=True)
        secret = data.get("token") if isinstance(data, dict) else None
        if not isinstance(secret, str) or not secret:
            raise AnswerLost("api_token_create", "it holds no token")
        return _read(data, token), secret

    def update(self, name: str, token: WhmToken) -> WhmToken:
        """Give the token ``name`` the whole state ``token``: the function resets whatever it is not told."""
        params = [("token_name", name), *_limits(token)]
        if not token.whitelist_ips:
            params.append(("whitelist_ip", "any"))
        if token.name != name:
            params.append(("new_name", token.name))
        return _read(self._call("api_token_update", params, mutation=True), token)

    def revoke(self, names: Iterable[str]) -> None:
        """Revoke tokens, all in one call."""
        names = list(names)
        params = [("token_name", names[0])] if len(names) == 1 else _numbered("token_name", names, first=1)
        self._call("api_token_revoke", params, mutation=True)

    def details(self, secret: str) -> WhmToken | None:
        """The token that a secret belongs to, ``None`` if it is none of the caller's (CONTRACT section 2)."""
        data = self._call("api_token_get_details", [("token", secret)])
        try:
            return whm_token_from_wire(data) if data and data.get("name") else None
        except (TypeError, ValueError, AttributeError):
            raise BadAnswer(_UNKNOWN_SHAPE.format("api_token_get_details")) from None

    def _call(self, function: str, params: list, mutation: bool = False) -> dict | None:
        return checked(self._transport.whm(function, params, mutation), function, mutation)


def checked(answer: dict, function: str, mutation: bool) -> dict | None:
    """``data`` of a WHM answer.

    :raises Refused: result 0. :raises BadAnswer, AnswerLost: it has no result.
    """
    metadata = answer.get("metadata")
    if not isinstance(metadata, dict) or "result" not in metadata:
        raise AnswerLost(function, "its shape is unknown") if mutation else BadAnswer(_UNKNOWN_SHAPE.format(function))
    if str(metadata["result"]) != "1":
        raise Refused(function, str(metadata.get("reason") or "no reason given"))
    return answer.get("data")


_UNKNOWN_SHAPE = "The server's answer to {0} is not one that WHM API 1 gives. Check that host and port belong to WHM."


def _limits(token: WhmToken) -> list:
    """Privileges, expiry and addresses; always said in full."""
    return [
        *_numbered("acl", sorted(token.acls)),
        ("expires_at", str(token.expires_at or 0)),
        *_numbered("whitelist_ip", token.whitelist_ips),
    ]


def _numbered(name: str, values: Iterable[str], first: int = 0) -> list:
    return [(f"{name}-{number}", value) for number, value in enumerate(values, first)]


def _read(data: dict | None, asked: WhmToken) -> WhmToken:
    """The token of an answer to a mutation; it did succeed, so what it does not tell is taken to be as asked."""
    told = data or {}
    try:
        token = whm_token_from_wire(dict(told, name=asked.name))
    except (TypeError, ValueError, AttributeError):
        return asked
    silent = {key: getattr(asked, key) for key in asked.LIMITS if key not in told}
    return replace(token, create_time=token.create_time or asked.create_time, **silent)
