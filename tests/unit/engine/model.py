# Copyright (c) 2026 panelops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A server's tokens in memory, so that what the engine decides can be seen without a server: every call can be made to go wrong."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace

from ansible_collections.panelops.cpanel.plugins.module_utils._errors import (
    AnswerLost,
    NotAuthenticated,
    PanelopsError,
    Refused,
    UnusableSecret,
)
from ansible_collections.panelops.cpanel.plugins.module_utils._model.token import ApiToken, WhmToken

NOW = 1_800_000_000
SSL = frozenset({"ssl"})

Fault = Callable[[Callable[[], object]], object]
"""What becomes of a call instead; it is given the call that would be made."""


def whm(name: str = "t", **more: object) -> WhmToken:
    """A token that was created an hour ago."""
    return WhmToken(**{"name": name, "create_time": NOW - 3600, "acls": SSL, **more})


def good(make: Callable[[], object]) -> object:
    """Nothing goes wrong."""
    return make()


def lost(make: Callable[[], object]) -> object:
    """The request does not arrive."""
    raise AnswerLost("fun", "cut")


def done_and_lost(make: Callable[[], object]) -> object:
    """The request arrives, but no answer comes back."""
    make()
    raise AnswerLost("fun", "cut")


def refused(make: Callable[[], object]) -> object:
    """The server says no."""
    raise Refused("fun", "no")


def done_and_refused(make: Callable[[], object]) -> object:
    """The server does it and says no."""
    make()
    raise Refused("fun", "no")


def denied(make: Callable[[], object]) -> object:
    """Somebody says that the credential is not accepted, and nothing is done."""
    raise NotAuthenticated("Not accepted.")


def done_and_denied(make: Callable[[], object]) -> object:
    """The server does it, and somebody on the way back says that the credential is not accepted."""
    make()
    raise NotAuthenticated("Not accepted.")


def unusable(make: Callable[[], object]) -> object:
    """The server does it, and answers with a secret that cannot be one."""
    make()
    raise UnusableSecret("fun")


def interrupted(make: Callable[[], object]) -> object:
    """The user gives up before the call is made."""
    raise KeyboardInterrupt


class Account:
    """The token functions of one owner."""

    def __init__(self, server: TokenServer, owner: str | None) -> None:
        self._server = server
        self.by_name: dict[str, ApiToken] = {}
        self.owner = owner

    def tokens(self) -> dict[str, ApiToken]:
        return self._server.called("read", lambda: dict(self.by_name), self.owner)

    def create_token(self, token: ApiToken) -> tuple[ApiToken, str]:
        return self._server.called("create", lambda: self._create(token), token.name)

    def update_token(self, name: str, token: ApiToken) -> ApiToken:
        return self._server.called("update", lambda: self._update(name, token), name, token.name)

    def revoke_tokens(self, names: Sequence[str]) -> None:
        self._server.called("revoke", lambda: self._revoke(names), *names)

    def _create(self, token: ApiToken) -> tuple[ApiToken, str]:
        if token.name in self.by_name:
            raise Refused("fun", "the name is taken")
        made = replace(self._server.alter(token), create_time=self._server.clock)
        self.by_name[token.name] = made
        return made, f"secret of {token.name}"

    def _update(self, name: str, token: ApiToken) -> ApiToken:
        if name not in self.by_name or (name != token.name and token.name in self.by_name):
            raise Refused("fun", "no such token, or the name is taken")
        before = self.by_name.pop(name)
        self.by_name[token.name] = replace(self._server.alter(token), create_time=before.create_time)
        return self.by_name[token.name]

    def _revoke(self, names: Sequence[str]) -> None:
        for name in names:
            self.by_name.pop(name, None)


class TokenServer:
    """All owners. ``faults`` says what becomes of the next calls of a kind, in order; ``calls`` is what was called."""

    def __init__(self, *tokens: ApiToken, **faults: Sequence[Fault]) -> None:
        self.accounts: dict[str | None, Account] = {}
        self.faults = {kind: list(given) for kind, given in faults.items()}
        self.calls: list[tuple[object, ...]] = []
        self.runs: list[tuple[int, bool]] = []
        self.clock = NOW
        self.alter: Callable[[ApiToken], ApiToken] = lambda token: token
        for token in tokens:
            self.live[token.name] = token

    @property
    def live(self) -> dict[str, ApiToken]:
        """The tokens of whoever authenticates."""
        return self.of(None)

    def of(self, owner: str | None) -> dict[str, ApiToken]:
        """The tokens of one owner."""
        if owner not in self.accounts:
            self.accounts[owner] = Account(self, owner)
        return self.accounts[owner].by_name

    def now(self) -> int:
        return self.clock

    def revokes_many(self, owner: str | None) -> bool:
        return owner is None

    def run(self, calls: Sequence, mutation: bool) -> list[object]:
        if calls:
            self.runs.append((len(calls), mutation))
        return [self._outcome(call) for call in calls]

    def called(self, kind: str, make: Callable[[], object], *about: object) -> object:
        """Note a call and make it, or what goes wrong instead."""
        self.calls.append((kind, *about))
        faults = self.faults.get(kind)
        return faults.pop(0)(make) if faults else make()

    def _outcome(self, call: object) -> object:
        self.of(call.owner)
        try:
            return call.make(self.accounts[call.owner])
        except PanelopsError as error:
            return error
