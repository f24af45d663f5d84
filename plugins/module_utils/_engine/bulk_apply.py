# Copyright (c) 2026 panelops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Carry many plans out in few calls: all updates, all creations, all revocations, what then takes a name; each batched.

As for a single token, nothing is sent twice blindly (invariant I4), and an item that fails stops neither the others nor loses
a secret (invariant I3).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

from .._api.batch import run_all
from .._errors import AnswerLost, PanelopsError, Refused
from .._model.plan import (
    Create,
    Plan,
    Revoke,
    TakeName,
    Update,
    Wish,
)
from .._model.token import ApiToken

MOST_REVOKED = 50
"""Names in one call of a function that revokes many."""


@dataclass
class Item:
    """One token of the task, or what is pruned of one owner: what is wished, planned, and what came of it."""

    wish: Wish
    owner: str | None = None
    token_file: object = None
    plan: Plan | None = None
    token: ApiToken | None = None
    secret: str | None = None
    error: PanelopsError | None = None
    changed: bool = False
    """Has the server changed something for it?"""

    def steps(self, kind: type) -> list:
        """Its steps of one kind, if nothing has gone wrong so far."""
        return [step for step in self.plan.steps if isinstance(step, kind)] if self.plan and self.error is None else []


class BulkApply:
    """Takes the steps of items, and keeps what comes of them in the items.

    :param owners: the tokens of one or many owners: ``transport``, ``batches`` (can calls be joined?), ``api(way, owner)``,
        ``read(owners)`` (by owner: the tokens by name, or an error).
    """

    def __init__(self, owners) -> None:
        self._owners = owners

    def apply(self, items: Sequence[Item]) -> None:
        """Take all steps. What fails is in ``error`` of its item."""
        updates = [(item, step) for item in items for step in item.steps(Update) if not isinstance(step, TakeName)]
        self._updates(updates)
        self._creations([(item, step) for item in items for step in item.steps(Create)])
        self._bring_back(items)
        self._revocations([(item, step.names) for item in items for step in item.steps(Revoke)])
        self._updates([(item, step) for item in items for step in item.steps(TakeName)])

    def _updates(self, entries: list) -> None:
        def job(entry: tuple) -> Callable:
            item, step = entry
            return lambda way: self._owners.api(way, item.owner).update(step.name, step.token)

        def happened(entry: tuple, live: dict) -> bool:
            _item, step = entry
            token = live.get(step.token.name)
            renamed = step.token.name == step.name or step.name not in live
            return token is not None and token.wishes() == step.token.wishes() and renamed

        for (item, step), token in self._settled(entries, job, happened):
            item.changed = True
            item.token = token or step.token

    def _creations(self, entries: list) -> None:
        def job(entry: tuple) -> Callable:
            item, step = entry
            return lambda way: self._owners.api(way, item.owner).create(step.token)

        def unheard(entry: tuple, live: dict) -> bool:
            """What an unheard create made is revoked: nobody can have its secret. So it never has happened."""
            item, step = entry
            if step.token.name in live:
                self._revocations([(item, (step.token.name,))])
            return False

        for (item, _step), (token, secret) in self._settled(entries, job, unheard):
            item.changed, item.token, item.secret = True, token, secret
            if item.token_file:
                try:
                    item.token_file.write(secret)
                except PanelopsError as error:
                    item.error = error

    def _bring_back(self, items: Sequence[Item]) -> None:
        """Undo the renaming of re-issues whose create failed, so that their old tokens are as they were."""
        for item in items:
            kinds = {type(step) for step in item.plan.steps} if item.plan else set()
            if item.error is None or item.secret is not None or not kinds >= {Update, Create} or not item.changed:
                continue
            error, aside, item.error = item.error, item.token, None
            self._updates([(item, Update(aside.name, item.plan.before))])
            state = (
                "The old token is as it was."
                if item.error is None
                else f"The old token is now named {aside.name}. {item.error}"
            )
            item.error = PanelopsError(f"{error} {state}")
            item.changed = False

    def _revocations(self, entries: list) -> None:
        """Revoke names of items: of one owner many in a call where the API takes that, else each in a call of its own."""
        groups: list = []
        size = MOST_REVOKED if self._owners.revokes_many else 1
        for owner, theirs in by_owner(entries, lambda entry: entry[0].owner).items():
            named = [(item, name) for item, names in theirs for name in names]
            groups += [(owner, named[start : start + size]) for start in range(0, len(named), size)]

        def job(group: tuple) -> Callable:
            owner, named = group
            return lambda way: self._owners.api(way, owner).revoke([name for _item, name in named])

        def gone(group: tuple, live: dict) -> bool:
            return not {name for _item, name in group[1]} & set(live)

        for (_owner, named), _nothing in self._settled(groups, job, gone):
            for item, _name in named:
                item.changed = True

    def _settled(self, entries: list, job: Callable, happened: Callable) -> list:
        """Run a job for each entry; what is lost is settled by reading the state, and sent once more if it did not happen.

        :returns: the entries that succeeded and their values (``None`` where the state had to tell). Others have their error.
        """
        succeeded = []
        for _try in range(2):
            outcomes = run_all(self._owners.transport, [job(entry) for entry in entries], True, self._owners.batches)
            lost = []
            for entry, outcome in zip(entries, outcomes):
                if isinstance(outcome, AnswerLost):
                    lost.append((entry, outcome))
                elif isinstance(outcome, Refused) and self._is_revocation(entry):
                    # Versions differ on whether revoking what is not there is an error (CONTRACT section 2).
                    self._judge(entry, outcome, happened, succeeded)
                elif isinstance(outcome, PanelopsError):
                    _fail(entry, outcome)
                else:
                    succeeded.append((entry, outcome))
            if not lost:
                return succeeded
            entries = self._did_not_happen(lost, happened, succeeded)
        for entry in entries:
            _fail(
                entry, PanelopsError("The answers to the same call were lost twice. Run again when the server is well.")
            )
        return succeeded

    def _did_not_happen(self, lost: list, happened: Callable, succeeded: list) -> list:
        states = self._owners.read(list(dict.fromkeys(_owner(entry) for entry, _lost in lost)))
        again = []
        for entry, error in lost:
            state = states[_owner(entry)]
            if isinstance(state, PanelopsError):
                _fail(entry, PanelopsError(f"{error} The state could not be read either: {state}"))
            elif happened(entry, state):
                succeeded.append((entry, None))
            else:
                again.append(entry)
        return again

    def _judge(self, entry: tuple, refusal: Refused, happened: Callable, succeeded: list) -> None:
        state = self._owners.read([_owner(entry)])[_owner(entry)]
        if not isinstance(state, PanelopsError) and happened(entry, state):
            succeeded.append((entry, None))
        else:
            _fail(entry, refusal)

    @staticmethod
    def _is_revocation(entry: tuple) -> bool:
        return not isinstance(entry[0], Item)


def by_owner(things: Iterable, owner: Callable) -> dict[str | None, list]:
    """Group things by their owner, whom ``owner(thing)`` tells, in their order."""
    groups: dict[str | None, list] = {}
    for thing in things:
        groups.setdefault(owner(thing), []).append(thing)
    return groups


def _owner(entry: tuple) -> str | None:
    """An entry is an item and its step, or, for revocations, an owner and the items and names concerned."""
    return entry[0].owner if isinstance(entry[0], Item) else entry[0]


def _fail(entry: tuple, error: PanelopsError) -> None:
    items = [entry[0]] if isinstance(entry[0], Item) else [item for item, _name in entry[1]]
    for item in items:
        item.error = item.error or error
