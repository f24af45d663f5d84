# Copyright (c) 2026 panelops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The engine: carries plans out, and is the only place that sends mutations and settles lost and denied ones.

Updates go first, then creations, revocations, and last what takes a name that was revoked; calls of a kind go together. No mutation
is sent again before the state has shown that it did not happen. An entry that fails neither stops the others nor loses a secret.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Sequence
from typing import TypeVar

from .._api.batch import MOST, Outcome
from .._api.owners import Call, Owner, Owners, Tokens, read_tokens
from .._errors import PanelopsError, UnusableSecret
from .._model.plan import Create, Plan, Revoke, TakeName, Update
from .._model.token import ApiToken
from .changes import UNCHANGED, Change, Creation, Revocation, Updating
from .entry import Entry
from .interruptions import held_back

LATE = 1.0
"""Seconds after which what a lost creation may have made is looked for once more."""

MOST_REVOKED = 50
"""Names in one call of a function that revokes many."""

STILL_THERE = "It still works: look whether the server can write its API tokens (a full disk, an immutable file)."
"""The remedy where a server answers that it changed a token, and did not."""

T = TypeVar("T")
K = TypeVar("K")


class Engine:
    """Takes the steps of entries and leaves in them what came of it."""

    def __init__(self, owners: Owners) -> None:
        self._owners = owners

    def apply(self, entries: Sequence[Entry]) -> None:
        """Take all steps. What fails is in ``error`` of its entry.

        If the process is interrupted, tokens whose secrets will reach nobody are revoked before the interruption goes on.
        """
        creating = [(entry, step) for entry in entries for step in entry.plan.steps if isinstance(step, Create)]
        begun = self._owners.now() if creating else 0
        creations = [Creation(entry, step, begun) for entry, step in creating]
        try:
            self._apply(entries, creations)
        except BaseException:  # Ansible's time limit of a task is no Exception.
            self._give_up(creations)
            raise

    def _apply(self, entries: Sequence[Entry], creations: Sequence[Creation]) -> None:
        for entry in entries:
            entry.token = entry.plan.after
        steps = [(entry, step) for entry in entries for step in entry.steps(Update) if not isinstance(step, TakeName)]
        self._send([Updating(entry, step) for entry, step in steps])
        self._send([creation for creation in creations if creation.entry.error is None])
        self._store_late([creation for creation in creations if creation.waits and creation.entry.secret is not None])
        self._withdraw([creation for creation in creations if creation.is_useless])
        self._restore_names(creations)
        names = [(entry, name) for entry in entries for step in entry.steps(Revoke) for name in step.names]
        self._revoke_for_good(names)
        steps = [(entry, step) for entry in entries for step in entry.steps(Update) if isinstance(step, TakeName)]
        self._send([Updating(entry, step) for entry, step in steps])
        for entry in entries:
            entry.warnings += _deviations(entry)

    def _send(self, changes: Sequence[Change[T]]) -> None:
        """Send mutations; those whose outcome is doubtful again, if the state shows that they did not happen."""
        while changes:
            doubtful: list[Change[T]] = []
            for start in range(0, len(changes), MOST):
                with held_back():
                    doubtful += self._sent(changes[start : start + MOST])
            unusable = [change for change in changes if isinstance(change, Creation) and change.is_unusable]
            self._revoke_orphans(unusable)
            for creation in unusable:
                creation.fail(creation.reason())
            changes = self._settled(doubtful)

    def _sent(self, changes: Sequence[Change[T]]) -> list[Change[T]]:
        """Send mutations once and note their outcomes; returns those of which the state must tell what came of them."""
        for change in changes:
            if isinstance(change, Creation):
                change.announce()
        calls = [Call(change.owner, change.make) for change in changes]
        outcomes = self._owners.run(calls, mutation=True)
        doubtful = []
        for change, outcome in zip(changes, outcomes):
            if not isinstance(outcome, PanelopsError):
                change.succeed(outcome)
            elif change.is_doubtful(outcome):
                doubtful.append(change)
            elif not isinstance(outcome, UnusableSecret):
                change.fail(outcome)
        return doubtful

    def _settled(self, doubtful: Sequence[Change[T]]) -> list[Change[T]]:
        """Let the state decide; returns the changes that are to be sent again."""
        states = self._read([change.owner for change in doubtful])
        undone = []
        for change in doubtful:
            state = states[change.owner]
            if isinstance(state, PanelopsError):
                change.unknown = True
                change.fail(_unknown(change, state))
            elif not change.settle(state):
                undone.append(change)
        creations = [change for change in undone if isinstance(change, Creation)]
        self._look_late([creation for creation in creations if creation.losses and not creation.may_be_sent_again()])
        self._revoke_orphans([creation for creation in creations if creation.orphaned])
        again = []
        for change in undone:
            if change.may_be_sent_again():
                again.append(change)
            else:
                change.fail(change.reason())
        return again

    def _look_late(self, creations: Sequence[Creation]) -> None:
        """Look once more for what creations that are given up have made: their calls may still be on their way."""
        missing = [creation for creation in creations if not creation.orphaned]
        if missing:
            time.sleep(LATE)
            states = self._read([creation.owner for creation in missing])
            for creation in missing:
                state = states[creation.owner]
                if not isinstance(state, PanelopsError):
                    creation.settle(state)

    def _revoke_orphans(self, creations: Sequence[Creation]) -> None:
        """Revoke what creations made whose secrets nobody can have, or that nobody can use."""
        ends = [(creation, Entry(owner=creation.owner)) for creation in creations]
        self._revoke([(end, creation.name) for creation, end in ends])
        for creation, end in ends:
            creation.stuck = end.error
            creation.entry.changed = creation.entry.changed or end.error is not None

    def _store_late(self, waiting: Sequence[Creation]) -> None:
        """Store the secrets of tokens that are to replace expired ones, unless other runs have replaced those.

        The name under which such a token waits keeps other runs from creating theirs, so nothing changes between this and the revocation.
        """
        states = self._read([creation.owner for creation in waiting])
        for creation in waiting:
            state = states[creation.owner]
            if isinstance(state, PanelopsError):
                creation.is_useless = True
                creation.entry.fail(state)
            elif not creation.give_way(state):
                creation.store()

    def _withdraw(self, useless: Sequence[Creation]) -> None:
        """Revoke what was created in vain; where that fails, the secret stays in the entry, for one that exists is not lost.

        Another run may have replaced it since: what has its name then is not touched.
        """
        states = self._read([creation.owner for creation in useless])
        for creation in useless:
            creation.look_for(states[creation.owner])
        self._revoke_orphans([creation for creation in useless if creation.stuck is None and not creation.is_replaced])
        for creation in useless:
            entry = creation.entry
            if creation.stuck is not None:
                entry.error = PanelopsError(f"{entry.error} It could not be revoked: {creation.stuck}")
                continue
            entry.secret = None
            entry.changed = any(isinstance(step, Update) for step in entry.done)
            told = f"The token {creation.name} was revoked."
            if creation.is_replaced:
                told = f"Something else has replaced the token {creation.name} meanwhile, so it is left alone."
            entry.error = PanelopsError(f"{entry.error} {told}")

    def _give_up(self, creations: Sequence[Creation]) -> None:
        """Revoke what was created and not stored, for the task has no result to hold the secrets; give old tokens their names back."""
        doubtful = [creation for creation in creations if creation.is_unsettled]
        states = self._read([creation.owner for creation in doubtful])
        for creation in doubtful:
            state = states[creation.owner]
            creation.entry.lost = True
            if not isinstance(state, PanelopsError):
                creation.settle(state)
        lost = [creation for creation in creations if creation.entry.secret is not None and not creation.entry.is_kept]
        self._revoke_orphans([*lost, *(creation for creation in doubtful if creation.orphaned)])
        for creation in lost:
            creation.entry.secret = None
        for creation in creations:
            if creation.entry.secret is None:
                creation.entry.fail(PanelopsError("The task was interrupted."))
        self._restore_names(creations)

    def _revoke(self, names: Sequence[tuple[Entry, str]]) -> list[tuple[Entry, str]]:
        """Revoke names of entries: many of one owner in a call where the API takes that, else each in a call of its own.

        Returns those of which only an answer says that they are gone.
        """
        revocations: list[Revocation] = []
        for owner, theirs in grouped(names, lambda pair: pair[0].owner).items():
            size = MOST_REVOKED if self._owners.revokes_many(owner) else 1
            revocations += [Revocation(owner, theirs[start : start + size]) for start in range(0, len(theirs), size)]
        self._send(revocations)
        return [pair for revocation in revocations for pair in revocation.answered]

    def _revoke_for_good(self, names: Sequence[tuple[Entry, str]]) -> None:
        """Revoke, and fail for tokens that are still there though the server answered that it revoked them: its store may not be writable.

        If the list cannot be read, the answers count: whoever has revoked the token that it authenticates with cannot read any more.
        """
        begun = time.monotonic()
        revoked = self._revoke(names)
        if not revoked:
            return
        # By the server's clock, which is not known before it has answered.
        begun_there = self._owners.now() - int(time.monotonic() - begun)
        states = self._read([entry.owner for entry, _name in revoked])
        for entry, name in revoked:
            state = states[entry.owner]
            token = None if isinstance(state, PanelopsError) else state.get(name)
            # A younger token of this name is somebody else's.
            if token is not None and (token.create_time is None or token.create_time <= begun_there):
                entry.revoked.remove(name)
                entry.changed = bool(entry.done or entry.revoked)
                told = f"The server answered that it revoked the token {name}, but the token is still there."
                entry.fail(PanelopsError(f"{told} {STILL_THERE}"))

    def _restore_names(self, creations: Sequence[Creation]) -> None:
        """Give the old tokens of reissues whose creation failed their names back."""
        for creation in creations:
            entry = creation.entry
            if entry.error is None or entry.secret is not None:
                continue
            for step in entry.done:
                if isinstance(step, Update) and entry.plan.before is not None:
                    self._restore_name(creation, step, entry.plan.before)

    def _restore_name(self, creation: Creation, renaming: Update, before: ApiToken) -> None:
        entry, name = creation.entry, renaming.token.name
        back = self._renamed(entry.owner, name, before)
        if creation.losses or creation.unknown:
            # A creation that was given up can have arrived since, or been carried out; if it holds the name, that must be free first.
            state = self._read([entry.owner])[entry.owner]
            if not isinstance(state, PanelopsError) and (back.error is not None or creation.name != before.name):
                creation.settle(state)
                if creation.orphaned:
                    self._revoke_orphans([creation])
                    back = back if back.error is None else self._renamed(entry.owner, name, before)
        said = UNCHANGED if back.error is None else self._whereabouts(entry.owner, name, before)
        if said == UNCHANGED:
            entry.changed, entry.token = creation.stuck is not None, before
            entry.error = PanelopsError(f"{entry.error} {UNCHANGED}")
        else:
            entry.error = PanelopsError(f"{entry.error} {said} {back.error}")

    def _renamed(self, owner: Owner, name: str, token: ApiToken) -> Entry:
        entry = Entry(owner=owner)
        self._send([Updating(entry, Update(name, token))])
        return entry

    def _whereabouts(self, owner: Owner, name: str, before: ApiToken) -> str:
        """What has become of an old token whose renaming back failed, as far as anybody knows."""
        state = self._read([owner])[owner]
        if isinstance(state, PanelopsError):
            return f"Whether the old token is named {before.name} or {name} now is not known."
        if name in state:
            return f"The old token still works, but is now named {name}."
        holder = state.get(before.name)
        if holder is not None and holder.create_time == before.create_time:
            return UNCHANGED
        return "The old token is gone: something else has revoked or renamed it."

    def _read(self, owners: Iterable[Owner]) -> dict[Owner, Outcome[Tokens]]:
        chosen = list(dict.fromkeys(owners))
        try:
            return read_tokens(self._owners, chosen)
        except PanelopsError as error:
            return dict.fromkeys(chosen, error)


def apply_one(owners: Owners, plan: Plan) -> Entry:
    """Carry one plan out, for the owner ``None``.

    :raises PanelopsError: a step failed.
    """
    entry = Entry(plan)
    Engine(owners).apply([entry])
    if entry.error is not None:
        raise entry.error
    return entry


def grouped(things: Iterable[T], key: Callable[[T], K]) -> dict[K, list[T]]:
    """Things by what ``key(thing)`` returns, in their order."""
    groups: dict[K, list[T]] = {}
    for thing in things:
        groups.setdefault(key(thing), []).append(thing)
    return groups


def _unknown(change: Change[T], state: PanelopsError) -> PanelopsError:
    told = f"{change.trouble} The state could not be read either: {state}"
    if change.is_denied:
        # A credential that is not accepted is told of once: the state cannot be read for the same reason.
        told = f"{change.trouble} The state could not be read either, so it is not known whether the change was made."
        told += "" if str(state) == str(change.trouble) else f" {state}"
    advice = " Look at the tokens before the next run: if one was created just now, nobody has its secret."
    return PanelopsError(f"{told}{advice if isinstance(change, Creation) else ''}")


def _deviations(entry: Entry) -> list[str]:
    """A warning if the server made the token otherwise than asked."""
    asked, answered = entry.plan.after, entry.token
    if entry.error is not None or asked is None or answered is None or answered.settings() == asked.settings():
        return []
    want, have = asked.settings(), answered.settings()
    fields = ", ".join(f"{key} {have[key]!r} instead of {want[key]!r}" for key in want if want[key] != have[key])
    return [f"The server made the token {asked.name} with {fields}."]
