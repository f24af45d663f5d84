# Copyright (c) 2026 panelops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The CI tokens of one run: each order is filled once, kept alive, and revoked at the end. Secrets are only here, in memory."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

from ansible_collections.panelops.cpanel.plugins.module_utils._api.access import opened
from ansible_collections.panelops.cpanel.plugins.module_utils._api.owners import (
    Owners,
    Tokens,
    owners_of,
    tokens_or_error,
)
from ansible_collections.panelops.cpanel.plugins.module_utils._engine.apply import apply_one
from ansible_collections.panelops.cpanel.plugins.module_utils._errors import (
    BadAnswer,
    NotAuthenticated,
    PanelopsError,
    Refused,
    Unreachable,
)
from ansible_collections.panelops.cpanel.plugins.module_utils._model.plan import Create, Plan, Revoke, Update
from ansible_collections.panelops.cpanel.plugins.module_utils._model.token import ApiToken

from .channel import CiTokenReport
from .names import free_ci_name, is_ci_name
from .order import Order, Owner

LOOK_AGAIN = 10
"""Seconds after which a token that is asked for is looked at again: does it still exist, and how much time has it left?"""
FAILURE_STAYS = 10
"""Seconds for which a failure is the answer to equal orders: hundreds of hosts must not try a wrong password hundreds of times."""
MOST_SWEPT = 50
"""Leftovers of earlier runs that one mint clears away."""
PATIENCE = 120
"""Seconds that the end waits for a creation that is under way."""


class _Held:
    """What is known of one order."""

    def __init__(self) -> None:
        self.lock = threading.Lock()
        self.token: ApiToken | None = None
        self.secret = ""
        self.looked = 0.0
        """When its token was last seen on the server, by our clock."""
        self.offset = 0.0
        """The server's clock less ours."""
        self.failure: PanelopsError | None = None
        self.failed = 0.0


class _Issued:
    """One token that was, or may have been, made. ``problem``: why it could not be revoked."""

    def __init__(self, owner: Owner, token: ApiToken) -> None:
        self.owner = owner
        self.token = token
        self.revoked = False
        self.final = False
        self.problem = ""

    def row(self) -> CiTokenReport:
        """For reports; no secret."""
        connection = self.owner.connection
        return CiTokenReport(
            name=self.token.name,
            service=self.owner.service,
            owner=self.owner.account or connection.username,
            server=connection.address,
            expires_at=self.token.expires_at,
            revoked=self.revoked,
            problem=self.problem,
        )


class CiTokens:
    """Thread-safe.

    :param label: what stands in the names for the run.
    :param clock: our time in Unix seconds.
    """

    def __init__(self, label: str, clock: Callable[[], float] = time.time) -> None:
        self._label = label
        self._clock = clock
        self._lock = threading.Lock()
        self._held: dict[Order, _Held] = {}
        self._issued: dict[tuple[Owner, str], _Issued] = {}
        self._ending = False

    def secret(self, order: Order) -> str:
        """The secret of the order's token, which has at least half of its time left.

        :raises PanelopsError: there is none.
        """
        asked = self._clock()
        with self._lock:
            held = self._held.setdefault(order, _Held())
        with held.lock:
            if self._ending:
                raise PanelopsError("This run has ended, so it gets no CI token any more.")
            if held.failure and (held.failed >= asked or self._clock() - held.failed < FAILURE_STAYS):
                raise held.failure
            if not self._is_good(order, held):
                try:
                    self._make_good(order, held)
                    held.failure = None
                except PanelopsError as error:
                    held.failure, held.failed = error, self._clock()
                    raise
            return held.secret

    def _is_good(self, order: Order, held: _Held) -> bool:
        now = self._clock()
        return 0 <= now - held.looked < LOOK_AGAIN and _left(held, now) > order.ttl / 2

    def _make_good(self, order: Order, held: _Held) -> None:
        with opened(order.owner.access()) as access:
            owners = owners_of(access)
            try:
                live = tokens_or_error(owners, None)
            except (Unreachable, BadAnswer):
                if _left(held, self._clock()) > 0:
                    return  # It works as far as is known, and the job can find that out itself.
                raise
            current = live.get(held.token.name) if held.token else None
            if current is None:
                self._mint(order, held, owners, live)
            elif (current.expires_at or 0) - owners.now() <= order.ttl / 2:
                if current.IN_PLACE:
                    # The whole state, or the server would reset what it is not told.
                    after = replace(current, expires_at=owners.now() + order.ttl)
                    renewed = apply_one(owners, Plan(current, after, (Update(current.name, after),))).token or after
                    held.token = self._issued[(order.owner, current.name)].token = renewed
                else:
                    # The one before works on until its time is over, for tasks that were given it.
                    self._mint(order, held, owners, live)
            held.looked = self._clock()
            held.offset = owners.now() - held.looked

    def _mint(self, order: Order, held: _Held, owners: Owners, live: Tokens) -> None:
        token = order.token(free_ci_name(order.purpose, self._label, live), owners.now() + order.ttl)
        # Noted before: what a lost answer made must be revoked as well.
        note = self._issued[(order.owner, token.name)] = _Issued(order.owner, token)
        try:
            applied = apply_one(owners, Plan(None, token, (Create(token),)))
        except (Refused, NotAuthenticated, Unreachable, BadAnswer):
            del self._issued[(order.owner, token.name)]
            raise
        if applied.secret is None:
            raise RuntimeError("a plan that creates a token has a secret")
        note.token = held.token = applied.token or token
        held.secret = applied.secret
        _sweep(owners, live)

    def end(self) -> None:
        """Hand out nothing any more and try to revoke everything, on all servers at once."""
        self._ending = True
        with self._lock:
            locks: dict[Owner, list[threading.Lock]] = {}
            for order, held in self._held.items():
                locks.setdefault(order.owner, []).append(held.lock)
        if locks:
            with ThreadPoolExecutor(len(locks)) as pool:
                list(pool.map(self._revoke, locks, locks.values()))

    def is_done(self) -> bool:
        """Is there nothing left that another try of ``end`` could revoke?"""
        return all(note.revoked or note.final for note in self._issued.values())

    def report(self) -> list[CiTokenReport]:
        """What was made, and what became of it."""
        return [note.row() for note in self._issued.values()]

    def _revoke(self, owner: Owner, locks: list[threading.Lock]) -> None:
        deadline = time.monotonic() + PATIENCE
        for lock in locks:
            if lock.acquire(timeout=max(0.0, deadline - time.monotonic())):
                lock.release()
        notes = [note for note in list(self._issued.values()) if note.owner == owner]
        notes = [note for note in notes if not note.revoked and not note.final]
        if not notes:
            return
        try:
            with opened(owner.access()) as access:
                owners = owners_of(access)
                live = tokens_or_error(owners, None)
                names = tuple(note.token.name for note in notes if note.token.name in live)
                if names:
                    apply_one(owners, Plan(None, None, (Revoke(names),)))
        except PanelopsError as error:
            for note in notes:
                note.problem = str(error)
                # Trying a credential again that is not accepted would only get this host blocked.
                note.final = isinstance(error, (NotAuthenticated, Refused))
        else:
            for note in notes:
                note.revoked, note.problem = True, ""


def _left(held: _Held, now: float) -> float:
    """Seconds that the token has left, as far as we know the server's clock."""
    if held.token is None or held.token.expires_at is None:
        return 0.0
    return held.token.expires_at - (now + held.offset)


def _sweep(owners: Owners, live: Tokens) -> None:
    """Clear away what earlier runs left behind: expired tokens whose names were made here. A failure is no failure of the job."""
    expired = [name for name, token in live.items() if is_ci_name(name) and token.is_expired(owners.now())]
    if expired:
        try:
            apply_one(owners, Plan(None, None, (Revoke(tuple(sorted(expired)[:MOST_SWEPT])),)))
        except PanelopsError:
            return
