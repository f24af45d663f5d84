# Copyright (c) 2026 panelops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The step of a rotation that gives delivered staged tokens their names, and retires what they replace."""

from __future__ import annotations

import random
import time
from collections.abc import Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass

from .._api.owners import Tokens
from .._engine.entry import Entry
from .._errors import PanelopsError
from .._model.plan import Plan, Update
from .._model.token import ApiToken
from .entries import Key, RotationEntry, State
from .overtaken import is_replaced, leave_to_next_run
from .places import AllEvidence, in_stores, on_hosts, sinks_of, to_notify
from .result import StepResult
from .rotating import RotatingToken
from .server import Revocation, Server, revocations
from .sinks import TokenSink
from .state import PromotionState, ended_at_once, next_due, promotion

TRIES = 5
"""How often the state is looked at and what is left to do is done: for lost responses, and other runs in between."""

PAUSE = 0.4
"""The longest pause before another try, in seconds; each is drawn by lot, so that two runs do not keep step."""

_DEAD = ("missing", "expired")

_LEAKED = (
    "The leaked token may still work, because the other run gave it an overlap. Run again with rotate_emergency: true."
)


def promote(
    server: Server, rotating: Sequence[RotatingToken], entries: Mapping[Key, RotationEntry], evidence: AllEvidence
) -> StepResult:
    """Promote each staged token that every sink has got and every verifying host could use; say what to roll back of the others."""
    delivered = []
    for each in rotating:
        entry = entries[each.key]
        if entry.state is not State.STAGED:
            continue
        failure = evidence.failure(each.sinks)
        if failure is None:
            delivered.append(each)
        else:
            entry.fail(failure.msg)
            if failure.taken_over:
                entry.state = State.TAKEN_OVER
    changed = _Promoting(server, entries).promote(delivered)
    overtaken = [each for each in delivered if entries[each.key].state is State.UNCERTAIN]
    changed = leave_to_next_run(server, overtaken, entries) or changed
    if server.options.emergency:
        _end_at_once(server, [each for each in delivered if entries[each.key].state is State.PROMOTED], entries)
        for entry in entries.values():
            if entry.state in (State.TAKEN_OVER, State.UNCERTAIN):
                entry.msg = f"{entry.msg} {_LEAKED}"
    written = _to_roll_back(rotating, entries, evidence, delivered)
    rolled_back = {sink.place for _each, sink in written}

    return StepResult(
        changed=changed,
        entries=entries,
        hosts=on_hosts(written, evidence.delivered),
        stores=in_stores(written, evidence.delivered),
        confirming=in_stores(_to_confirm(delivered, entries), evidence.delivered),
        notify=to_notify(
            (each, sink)
            for each, sink in sinks_of(rotating)
            if evidence.is_written(sink) and sink.place not in rolled_back
        ),
        withdrawing=any(entries[each.key].is_abandoned for each in rotating),
    )


@dataclass(frozen=True)
class _Attempt:
    """One token on its way to be promoted: the staged token as it is on the server, and what is sent for it."""

    rotating: RotatingToken
    staged: ApiToken
    decisive: Update
    entry: Entry


class _Promoting:
    """Promotes many tokens together. Looks at the state again for those whose decisive step did not certainly take effect."""

    def __init__(self, server: Server, entries: Mapping[Key, RotationEntry]) -> None:
        self._server = server
        self._entries = entries
        self._changed = False
        self._trouble: dict[Key, str] = {}
        self._sent: set[Key] = set()

    def promote(self, delivered: Sequence[RotatingToken]) -> bool:
        """Promote; what came of it is in the entries. Answers whether anything changed on the server."""
        left = list(delivered)
        for number in range(TRIES):
            if not left:
                break
            if number:
                time.sleep(random.uniform(0, PAUSE) * number)  # noqa: S311 - it keeps two runs apart, and protects nothing
            left = self._once(left)
        for each in left:
            entry = self._entries[each.key]
            entry.state = State.UNPROMOTED
            entry.msg = (
                "The new token is delivered and works, but could not be given its name: "
                f"{self._trouble[each.key]} Run again."
            )
        return self._changed

    def _once(self, left: Sequence[RotatingToken]) -> list[RotatingToken]:
        """Look, and do what is left to do; answers the tokens that need another look."""
        try:
            states = self._server.read(left)
        except PanelopsError as error:
            self._trouble.update((each.key, str(error)) for each in left)
            return list(left)
        undone, attempts = [], []
        for each in left:
            state = states[each.owner]
            if isinstance(state, PanelopsError):
                self._trouble[each.key] = str(state)
                undone.append(each)
                continue
            attempt = self._attempt(each, state)
            if attempt is not None:
                attempts.append(attempt)
        self._server.apply([attempt.entry for attempt in attempts])
        self._sent.update(attempt.rotating.key for attempt in attempts)
        for attempt in attempts:
            self._changed = self._changed or attempt.entry.changed
            if attempt.decisive in attempt.entry.done:
                self._note(attempt.rotating, attempt.staged)
            else:
                self._trouble[attempt.rotating.key] = str(attempt.entry.error or "another run was at work.")
                undone.append(attempt.rotating)
        return undone

    def _attempt(self, rotating: RotatingToken, state: Tokens) -> _Attempt | None:
        """What to send for one token, ``None`` if it is settled."""
        entry = self._entries[rotating.key]
        staged = state.get(entry.staged or "")
        if staged is not None and staged.expires_at != entry.new_expires_at:
            # It would be due at once, and at every run.
            told = f"expires_at {staged.expires_at!r} instead of {entry.new_expires_at!r}"
            entry.fail(f"The server made the new token with {told}. Configure what it can give.")
            return None
        own = rotating.desired.kind(name=entry.staged or "", create_time=entry.new_create_time)
        options = self._server.options
        overlap = options.overlap_after(entry.reason)
        todo = promotion(state, rotating.name, own, overlap, self._server.now(), options.overlap_max)
        if todo.state is PromotionState.DONE:
            self._note(rotating, state[rotating.name])
        elif todo.state is PromotionState.VANISHED:
            entry.fail(
                f"The staged token {entry.staged} is not there any more: something else has revoked or renamed it."
                f"{entry.unchanged}"
            )
        elif todo.decisive is None or staged is None:
            self._give_way(rotating)
        elif rotating.is_silent and is_replaced(state.get(rotating.name), entry.create_time):
            # Nobody knows whose tasks were the last. Both secrets work until the next run has replaced them.
            entry.state = State.UNCERTAIN
        else:
            plan = Plan(staged, todo.decisive.token, todo.steps)
            return _Attempt(rotating, staged, todo.decisive, Entry(plan, rotating.owner))
        return None

    def _give_way(self, rotating: RotatingToken) -> None:
        entry = self._entries[rotating.key]
        # What was sent may have promoted it before another run did: that one's tasks came later. Its retired name must stay then, for it
        # keeps late calls of other runs from the live token.
        if rotating.is_silent and rotating.key not in self._sent:
            entry.state = State.UNCERTAIN
        else:
            entry.state, entry.msg = State.TAKEN_OVER, "Another run has put a younger token in its place."

    def _note(self, rotating: RotatingToken, token: ApiToken) -> None:
        self._changed = True
        entry = self._entries[rotating.key]
        entry.state = State.PROMOTED
        entry.new_create_time, entry.new_expires_at = token.create_time, token.expires_at
        entry.next_due = next_due(token, rotating.desired)


def _end_at_once(server: Server, promoted: Sequence[RotatingToken], entries: Mapping[Key, RotationEntry]) -> None:
    """Revoke what does not die by itself and is older than the promoted tokens, with a secret that outlives that."""
    mortal = [each for each in promoted if not each.desired.kind.IN_PLACE]
    if not mortal:
        return
    try:
        ending = _ended(server, promoted, mortal, entries)
    except PanelopsError as error:
        for each in mortal:
            entries[each.key].msg = f"The old token still lives: {error} Run again."
        return
    for revocation in ending:
        entry = entries[revocation.rotating.key]
        if revocation.entry.error is None:
            entry.retired = [*entry.retired, *revocation.names]
        else:
            entry.msg = f"The old token still lives: {revocation.entry.error} Run again."


def _ended(
    server: Server,
    promoted: Sequence[RotatingToken],
    mortal: Sequence[RotatingToken],
    entries: Mapping[Key, RotationEntry],
) -> list[Revocation]:
    with ExitStack() as stack:
        # If the token that we authenticate with is ending, we go on with the new one; it must be able to write.
        own = [each for each in server.using(promoted) if not each.desired.limits.get("readonly")]
        secret = entries[own[0].key].secret if own else None
        if secret is not None:
            server = stack.enter_context(server.reopen(secret))
        states = server.read(mortal)
        names = []
        for each in mortal:
            state = states[each.owner]
            if isinstance(state, PanelopsError):
                raise state
            names.append((each, ended_at_once(state, each.name, server.now())))
        ending = revocations(names)
        server.apply([each.entry for each in ending])
        return ending


def _to_confirm(
    delivered: Sequence[RotatingToken], entries: Mapping[Key, RotationEntry]
) -> list[tuple[RotatingToken, TokenSink]]:
    """The sinks of promoted tokens that another run may have written to unseen."""
    promoted = [each for each in delivered if entries[each.key].state is State.PROMOTED]
    return [(each, sink) for each, sink in sinks_of(promoted) if sink.kind.in_store and not sink.kind.conditional]


def _to_roll_back(
    rotating: Sequence[RotatingToken],
    entries: Mapping[Key, RotationEntry],
    evidence: AllEvidence,
    delivered: Sequence[RotatingToken],
) -> list[tuple[RotatingToken, TokenSink]]:
    """The sinks with copies of tokens that were not promoted, but not where the old one was dead already."""
    keys = {each.key for each in delivered}
    written = []
    for each in rotating:
        entry = entries[each.key]
        # One that was delivered everywhere, and then overtaken, has been replaced there by the other run.
        hopeless = entry.state is State.FAILED or (entry.state is State.TAKEN_OVER and each.key not in keys)
        if not hopeless or entry.staged is None or entry.reason in _DEAD:
            continue
        for sink in each.sinks:
            if sink.kind.rolled_back and evidence.is_written(sink):
                written.append((each, sink))
    return written
