# Copyright (c) 2026 panelops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The functions of the API, as the pages call them: for the session's own account, by the same dispatcher as a client's calls."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import cast

from token_server.envelopes import UapiAnswer
from token_server.functions import uapi_tokens, whm_tokens
from token_server.functions.callers import Caller
from token_server.functions.dispatcher import Dispatcher
from token_server.parameters import Parameters
from token_server.refusals import Refused


@dataclass(slots=True, frozen=True)
class Listed:
    """An API token as the list shows it. Times are Unix seconds; ``addresses`` is empty for any address."""

    name: str
    create_time: int
    expires_at: int | None
    last_used: int | None
    addresses: tuple[str, ...] = ()
    acls: frozenset[str] = frozenset()


@dataclass(slots=True, frozen=True)
class Desired:
    """The desired state of an API token."""

    name: str
    expires_at: int | None
    addresses: list[str] = field(default_factory=list)
    acls: list[str] = field(default_factory=list)


class Tokens(ABC):
    """The tokens of the caller on one service. Every method raises ``Refused`` as the function that it calls does."""

    def __init__(self, dispatcher: Dispatcher, caller: Caller) -> None:
        self._dispatcher = dispatcher
        self._caller = caller

    @abstractmethod
    async def listed(self) -> list[Listed]:
        """Return all tokens, by name."""

    @abstractmethod
    async def create(self, desired: Desired) -> str:
        """Create a token and return its secret."""

    @abstractmethod
    async def change(self, token: Listed, desired: Desired) -> None:
        """Give a token its desired state."""

    @abstractmethod
    async def revoke(self, names: list[str]) -> None:
        """Revoke tokens."""


class WhmTokens(Tokens):
    """WHM API 1."""

    async def listed(self) -> list[Listed]:
        """Return all tokens, by name."""
        data = cast(whm_tokens.TokenList, await self._call("api_token_list", []))
        return _by_name(
            Listed(
                name=row["name"],
                create_time=row["create_time"],
                expires_at=row["expires_at"],
                last_used=row.get("last_used"),
                addresses=tuple(row.get("whitelist_ips") or ()),
                acls=frozenset(acl for acl, given in row["acls"].items() if given),
            )
            for row in data["tokens"].values()
        )

    async def create(self, desired: Desired) -> str:
        """Create a token and return its secret."""
        data = await self._call("api_token_create", [("token_name", desired.name), *_fields(desired)])
        return cast(whm_tokens.CreatedToken, data)["token"]

    async def change(self, token: Listed, desired: Desired) -> None:
        """Replace all that a token has."""
        await self._call(
            "api_token_update", [("token_name", token.name), ("new_name", desired.name), *_fields(desired)]
        )

    async def revoke(self, names: list[str]) -> None:
        """Revoke tokens, all in one call."""
        await self._call("api_token_revoke", [("token_name", name) for name in names])

    async def _call(self, function: str, fields: list[tuple[str, str]]) -> object:
        answer = await self._dispatcher.whm(self._caller, function, Parameters([("api.version", "1"), *fields]))
        if answer.refusal is not None:
            raise answer.refusal
        return answer.as_object().get("data")


class CpanelTokens(Tokens):
    """UAPI's module ``Tokens``."""

    async def listed(self) -> list[Listed]:
        """Return all tokens, by name."""
        rows = cast(list[uapi_tokens.ListedToken], await self._call("list", []))
        return _by_name(
            Listed(row["name"], row["create_time"], int(row["expires_at"] or 0) or None, row.get("last_used"))
            for row in rows
        )

    async def create(self, desired: Desired) -> str:
        """Create a token and return its secret."""
        fields = [("name", desired.name), ("expires_at", str(desired.expires_at or 0))]
        return cast(uapi_tokens.CreatedToken, await self._call("create_full_access", fields))["token"]

    async def change(self, token: Listed, desired: Desired) -> None:
        """Rename a token; or change its expiry too, which UAPI cannot (docs/conformance.md, G0)."""
        fields = [("name", token.name), ("new_name", desired.name)]
        if desired.expires_at == token.expires_at:
            await self._call("rename", fields)
        else:
            fields.append(("expires_at", str(desired.expires_at or 0)))
            _checked(await self._dispatcher.page(self._caller, "Tokens::edit", Parameters(fields)))

    async def revoke(self, names: list[str]) -> None:
        """Revoke tokens, one after the other."""
        for name in names:
            await self._call("revoke", [("name", name)])

    async def _call(self, function: str, fields: list[tuple[str, str]]) -> object:
        account = self._caller.account
        return _checked(await self._dispatcher.uapi(self._caller, account, "Tokens", function, Parameters(fields)))


def _checked(answer: UapiAnswer) -> object:
    if answer.refusal is not None:
        raise answer.refusal
    return answer.as_object()["data"]


def _fields(desired: Desired) -> list[tuple[str, str]]:
    if not desired.acls:
        # To the API that would mean all of them.
        raise Refused("Select at least one privilege.", cause="no privileges")
    fields = [("expires_at", str(desired.expires_at or 0))]
    fields += [("whitelist_ip", address) for address in desired.addresses or ["any"]]
    return fields + [("acl", acl) for acl in desired.acls]


def _by_name(tokens: Iterable[Listed]) -> list[Listed]:
    return sorted(tokens, key=lambda token: (token.name.lower(), token.name))


def named(tokens: list[Listed], name: str) -> Listed:
    """Return the token of this name. Raises ``Refused`` if there is none."""
    for token in tokens:
        if token.name == name:
            return token
    raise Refused("There is no API token of this name.", cause="unknown token name")
