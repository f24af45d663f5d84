# Copyright (c) 2026 panelops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The token functions of WHM API 1, as Python (docs/wire-contract.md, section C2)."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Any

from .._errors import AnswerLost, BadAnswer, NotAuthenticated, PanelopsError, Refused, UnusableSecret
from .._model.token import EVERYTHING, ApiToken, WhmToken, whm_token_from_wire
from .answers import is_denial, reason_in, says_yes, words_in
from .transport import WhmCaller

_UNKNOWN_SHAPE = "The server's answer to {0} is not one that WHM API 1 gives. Check that host and port belong to WHM."

_SECRET = re.compile(r"[A-Za-z0-9_-]{8,128}")
"""Wider than the vendor's secrets (32 of ``A-Z0-9``), but nothing that a shell, a template or a file format gives a meaning to."""

_OF_PRIVILEGES = re.compile(r"(?<![\w-])(acls?|privileges?)(?![\w-])", re.IGNORECASE)
_WORD = re.compile(r"[A-Za-z0-9_-]+")
_MANAGING = "manage-api-tokens"
_WHICH_PRIVILEGES = "A token can have only privileges that its owner has: WHM's function myprivs lists them."


class WhmApi:
    """What one caller can do with its own API tokens. ``caller`` carries the calls."""

    def __init__(self, caller: WhmCaller) -> None:
        self._caller = caller

    def tokens(self) -> dict[str, WhmToken]:
        """All API tokens of the caller by name, expired ones too."""
        data = self._call("api_token_list", [])
        try:
            entries = object_of(data)["tokens"] or {}
            tokens = {name: whm_token_from_wire(entry, name) for name, entry in entries.items()}
            if all(token.name == name for name, token in tokens.items()):
                return tokens
        except (KeyError, TypeError, ValueError, AttributeError):
            pass
        # Also where a token has two names: what is done to the one would be done to the other.
        raise BadAnswer(_UNKNOWN_SHAPE.format("api_token_list"))

    def create_token(self, token: ApiToken) -> tuple[WhmToken, str]:
        """Create an API token; returns it and its secret, which no later call shows again."""
        asked = _whm(token)
        params = [("token_name", asked.name), *_limits(asked)]
        data = self._give("api_token_create", params, asked)
        if isinstance(data, Mapping) and data.get("name") not in (None, asked.name):
            raise AnswerLost("api_token_create", "it is about another token")
        secret = new_secret(data, "api_token_create")
        return _read(data, asked), secret

    def update_token(self, name: str, token: ApiToken) -> WhmToken:
        """Give the API token ``name`` the whole state ``token``: the function resets whatever it is not given."""
        asked = _whm(token)
        params = [("token_name", name), *_limits(asked)]
        if not asked.whitelist_ips:
            params.append(("whitelist_ip", "any"))
        if asked.name != name:
            params.append(("new_name", asked.name))
        return _read(self._give("api_token_update", params, asked), asked)

    def revoke_tokens(self, names: Sequence[str]) -> None:
        """Revoke API tokens, all in one call."""
        params = [("token_name", names[0])] if len(names) == 1 else _numbered("token_name", names, first=1)
        self._call("api_token_revoke", params, mutation=True)

    def details(self, secret: str) -> WhmToken | None:
        """The API token that a secret belongs to, ``None`` if it is none of the caller's (docs/wire-contract.md, section C2)."""
        try:
            data = self._call("api_token_get_details", [("token", secret)])
        except Refused as refused:
            raise Refused(refused.function, refused.reason.replace(secret, "...")) from None
        try:
            return whm_token_from_wire(object_of(data)) if data and object_of(data).get("name") else None
        except (TypeError, ValueError, AttributeError):
            raise BadAnswer(_UNKNOWN_SHAPE.format("api_token_get_details")) from None

    def _give(self, function: str, params: list[tuple[str, str]], asked: WhmToken) -> object:
        """Make a call that gives a token privileges. If they are what it is refused for, the error says how to see which ones there are."""
        try:
            return self._call(function, params, mutation=True)
        except Refused as refused:
            remedy = _WHICH_PRIVILEGES if _is_about_privileges(refused.reason, asked) else ""
            raise Refused(refused.function, refused.reason, remedy) from None

    def _call(self, function: str, params: list[tuple[str, str]], mutation: bool = False) -> object:
        return checked(self._caller.whm(function, params, mutation), function, mutation)


def checked(answer: Mapping[str, object], function: str, mutation: bool) -> object:
    """``data`` of a WHM answer.

    :raises Refused: result 0. :raises PanelopsError: it has no result, or one that is neither 1 nor 0, or is no whole refusal.
    """
    metadata = answer.get("metadata")
    done = says_yes(metadata.get("result")) if isinstance(metadata, Mapping) else None
    if done is None or not isinstance(metadata, Mapping):
        raise unknown_shape(answer, function, mutation, _UNKNOWN_SHAPE)
    if not done:
        raise refusal(function, str(metadata.get("reason") or words_in(answer)), mutation)
    return answer.get("data")


def refusal(function: str, reason: str, mutation: bool) -> PanelopsError:
    """The error for an outcome that is no. The API always gives a reason, so of a change only one with a reason is certain."""
    if mutation and not reason.strip():
        return AnswerLost(function, "the server said no, and gave no reason")
    return Refused(function, reason_in(reason.strip() or "no reason given"))


def unknown_shape(answer: object, function: str, mutation: bool, sentence: str) -> PanelopsError:
    """The error for an answer that is not the API's, with the server's own words if it has some: an expired license says so there.

    :param sentence: for a read whose answer has none, with a place for the function.
    """
    if is_denial(answer):
        # Over HTTPS that is told before anybody looks for more; of a command, or inside of a batch, it comes as any other answer.
        return NotAuthenticated(f"The server did not allow {function}: 'Access denied'.")
    words = words_in(answer)
    if mutation:
        # It does not say that nothing was done, so the state has to.
        return AnswerLost(function, f"the server said {words!r}" if words else "its shape is unknown")
    return BadAnswer(f"The server answered {function} with {words!r}." if words else sentence.format(function))


def new_secret(data: object, function: str) -> str:
    """The secret in the ``data`` of a function that has created an API token. It will be stored and run past shells, so it is not trusted.

    :raises AnswerLost: there is none. :raises UnusableSecret: it cannot be one.
    """
    secret = data.get("token") if isinstance(data, Mapping) else None
    if secret is None or secret == "":
        raise AnswerLost(function, "it holds no token")
    if not isinstance(secret, str) or not _SECRET.fullmatch(secret):
        raise UnusableSecret(function)
    return secret


def object_of(data: object) -> Mapping[str, Any]:
    """``data`` as the object that it should be.

    :raises TypeError: it is not a JSON object.
    """
    if not isinstance(data, Mapping):
        raise TypeError(type(data).__name__)
    return data


def _whm(token: ApiToken) -> WhmToken:
    """:raises TypeError: a token of another service, which is a fault of the caller."""
    if not isinstance(token, WhmToken):
        raise TypeError(f"{type(token).__name__} is not an API token of WHM")
    return token


def _is_about_privileges(reason: str, asked: WhmToken) -> bool:
    """Is a refusal about the privileges that were asked for? Every version says it in other words."""
    if _MANAGING in reason and _MANAGING not in asked.acls:
        # It is about what the caller needs.
        return False
    named = set(_WORD.findall(reason)) & asked.acls - {EVERYTHING, asked.name}
    return bool(named) or _OF_PRIVILEGES.search(reason) is not None


def _limits(token: WhmToken) -> list[tuple[str, str]]:
    """Privileges, expiry and addresses; always said in full."""
    return [
        *_numbered("acl", sorted(token.acls)),
        ("expires_at", str(token.expires_at or 0)),
        *_numbered("whitelist_ip", token.whitelist_ips),
    ]


def _numbered(name: str, values: Iterable[str], first: int = 0) -> list[tuple[str, str]]:
    return [(f"{name}-{number}", value) for number, value in enumerate(values, first)]


def _read(data: object, asked: WhmToken) -> WhmToken:
    """The API token of an answer to a mutation; it did succeed, so what it leaves out is taken to be as asked."""
    if not isinstance(data, Mapping):
        return asked
    try:
        token = whm_token_from_wire(dict(data, name=asked.name))
    except (TypeError, ValueError, AttributeError):
        return asked
    left_out = {key: getattr(asked, key) for key in asked.LIMITS if key not in data}
    return replace(token, create_time=token.create_time or asked.create_time, **left_out)
