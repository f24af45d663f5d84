# Copyright (c) 2026 panelops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A server, some sinks, and runs of the rotation that can be stopped between any two of their calls: a model of all that can happen.

A run is a generator that stops before each call. The pure functions that it asks are the real ones.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from dataclasses import replace

from ansible_collections.panelops.cpanel.plugins.module_utils._model.names import staged_name
from ansible_collections.panelops.cpanel.plugins.module_utils._model.token import ApiToken, CpanelToken, WhmToken
from ansible_collections.panelops.cpanel.plugins.module_utils._rotation.grace import anew, over
from ansible_collections.panelops.cpanel.plugins.module_utils._rotation.state import (
    DesiredRotation,
    Family,
    PromotionState,
    due,
    ended_at_once,
    promotion,
    replacement_of,
)

NAME = "t"
OVERLAP = 100
READING, WRITING = "reading", "writing"


class World:
    """One token's server and sinks. Secrets are numbers; ``copies`` is what each sink holds."""

    def __init__(self, kind: type[ApiToken], sinks: int) -> None:
        self.kind = kind
        self.now = 1_000_000
        self._numbers = itertools.count(1)
        self.tokens: dict[str, ApiToken] = {}
        self.secrets: dict[str, int] = {}
        limits = {"acls": frozenset({"list-accts"})} if kind is WhmToken else {}
        first = self.create(kind(name=NAME, **limits))
        self.copies = [first] * sinks
        self.now += 10

    def create(self, token: ApiToken) -> int:
        """Create a token; its secret."""
        assert token.name not in self.tokens
        self.tokens[token.name] = replace(token, create_time=self.now)
        self.secrets[token.name] = next(self._numbers)
        return self.secrets[token.name]

    def update(self, name: str, token: ApiToken) -> bool:
        """Rename, and on WHM give the whole state; tells whether the server took it."""
        taken = token.name != name and token.name in self.tokens
        past = token.IN_PLACE and token.expires_at is not None and token.expires_at <= self.now
        if name not in self.tokens or taken or past:
            return False
        before = self.tokens.pop(name)
        after = token if token.IN_PLACE else replace(before, name=token.name)
        self.tokens[token.name] = replace(after, create_time=before.create_time)
        self.secrets[token.name] = self.secrets.pop(name)
        return True

    def revoke(self, name: str) -> None:
        """Make an end of a token, if there is one."""
        self.tokens.pop(name, None)
        self.secrets.pop(name, None)

    def accepts(self, secret: int) -> bool:
        """Does a secret work now?"""
        names = [name for name, each in self.secrets.items() if each == secret]
        return any(self.tokens[name].expires_at is None or self.tokens[name].expires_at > self.now for name in names)

    def swap(self, sink: int, expected: int, secret: int) -> bool:
        """Deliver, if the sink still holds what is expected."""
        if self.copies[sink] != expected:
            return False
        self.copies[sink] = secret
        return True


class Run:
    """One run. ``step`` makes its next call; ``critical`` while its view of the server must not be a whole overlap old."""

    def __init__(
        self, world: World, desired: DesiredRotation, fails_at: int | None = None, emergency: bool = False
    ) -> None:
        self.world = world
        self.desired = desired
        self.fails_at = fails_at
        self.emergency = emergency
        self.overlap = 0 if emergency else OVERLAP
        self.critical = False
        self.outcome = ""
        self._calls = self._run()

    def step(self) -> bool:
        """Make one call; tells whether there are more."""
        return next(self._calls, None) is not None

    def _run(self) -> Iterator[str]:
        world = self.world
        yield READING
        family = Family.of(NAME, world.tokens)
        reason = due(family, self.desired, world.now)
        ending = over(family, self.overlap, world.now)
        mending = anew(family, self.overlap, world.now)
        replacement = replacement_of(family, self.desired) if reason else None
        for each in mending:
            yield WRITING
            world.update(each.step.name, each.step.token)
        for name in ending:
            yield WRITING
            world.revoke(name)
        if replacement is None:
            self.outcome = "fine"
            return
        seen = []
        for sink in range(len(world.copies)):
            yield READING
            seen.append(world.copies[sink])
        yield WRITING
        own = world.kind(name=staged_name(NAME), **replacement.limits)
        secret = world.create(own)
        own = world.tokens[own.name]
        written, failed = [], False
        for sink, expected in enumerate(seen):
            # The hosts are told one after the other, whatever came of those before.
            yield WRITING
            if self.fails_at != sink and world.swap(sink, expected, secret):
                written.append(sink)
            else:
                failed = True
        if failed:
            yield from self._roll_back(own, secret, seen, written)
            return
        yield from self._promote(own)
        if self.emergency and self.outcome == "promoted":
            yield READING
            for name in ended_at_once(world.tokens, NAME, world.now):
                yield WRITING
                world.revoke(name)

    def _roll_back(self, own: ApiToken, secret: int, seen: list, written: list) -> Iterator[str]:
        free = True
        for sink in written:
            yield WRITING
            free = self.world.swap(sink, secret, seen[sink]) and free
        if free:
            yield WRITING
            self.world.revoke(own.name)
        self.outcome = "withdrawn" if free else "left"

    def _promote(self, own: ApiToken) -> Iterator[str]:
        for _try in range(6):
            self.critical = True
            yield READING
            todo = promotion(dict(self.world.tokens), NAME, own, self.overlap, self.world.now)
            if todo.state is not PromotionState.UNFINISHED:
                self.outcome = "promoted" if todo.state is PromotionState.DONE else todo.state.value
                break
            done = []
            for step in todo.steps:
                yield WRITING
                if self.world.update(step.name, step.token):
                    done.append(step)
            if todo.decisive in done:
                self.outcome = "promoted"
                break
        self.critical = False


def kinds() -> list[type[ApiToken]]:
    """Both services."""
    return [WhmToken, CpanelToken]
