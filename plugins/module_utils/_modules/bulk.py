# Copyright (c) 2026 panelops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a task on any number of API tokens does between reading and reporting; whm_api_token is the case of one."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace

from .._api.batch import Outcome
from .._api.owners import CREATING, Owner, Owners, Tokens, read_tokens
from .._engine.apply import Engine, grouped
from .._engine.entry import Entry
from .._errors import InvalidOption, PanelopsError, Refused
from .._model.bulk_plan import Planner, names_to_prune
from .._model.plan import Plan, Revoke
from .._model.token import ApiToken
from .._task.lock import held_together
from .._task.token_file import TokenFile
from .items import EVERY_NAME, Home, Item, Proof, Stored, label_of
from .report import Report, owner_in, report_of, revoked_by

Match = Callable[[Sequence[Stored]], Sequence[Proof]]
"""What does the server say of each stored secret?"""

Guard = Callable[[Plan, Tokens], Sequence[str]]
"""Refuses a plan that would lock us out (given the owner's API tokens as they are), and returns warnings."""


class Bulk:
    """A task on API tokens: read, prove, plan, prune, apply, report, in this order.

    :param kind: the class of the tokens.
    :param home: returns where an owner is.
    """

    def __init__(
        self, owners: Owners, items: Sequence[Item], kind: type[ApiToken], home: Callable[[Owner], Home]
    ) -> None:
        self._owners = owners
        self._home = home
        self._items = items
        self._kind = kind
        self._pruned: list[Entry] = []
        self._planners: dict[Owner, Planner] = {}
        self._match: Match = _not_proved

    def look(self) -> list[tuple[Item, InvalidOption]]:
        """Look at the files of all items; returns those whose files cannot hold their secrets, with the reasons. Makes no call."""
        refused = []
        for item in self._items:
            try:
                _look(item)
            except InvalidOption as error:
                refused.append((item, error))
        return refused

    def read(self, more_owners: Iterable[Owner] = ()) -> None:
        """Read the API tokens of all owners. What cannot be read is the error of its items.

        :raises PanelopsError: nothing could be read.
        """
        chosen = list(dict.fromkeys([*(item.owner for item in self._items), *more_owners]))
        states = read_tokens(self._owners, chosen)
        errors = {owner: state for owner, state in states.items() if isinstance(state, PanelopsError)}
        if states and len(errors) == len(states):
            raise next(iter(errors.values()))
        for item in self._items:
            item.entry.error = errors.get(item.owner)
        # An owner that is only to be pruned has no item to carry its error.
        listed = {item.owner for item in self._items}
        self._pruned += [Entry(owner=owner, error=error) for owner, error in errors.items() if owner not in listed]
        now = self._owners.now()
        self._planners = {
            owner: Planner(dict(state), now, self._listed(owner))
            for owner, state in states.items()
            if not isinstance(state, PanelopsError)
        }

    def _listed(self, owner: Owner) -> set[str]:
        """The names that the task has entries for."""
        return {item.desired.name for item in self._items if item.owner == owner}

    def live(self, owner: Owner) -> Tokens:
        """The API tokens of an owner that could be read, by name; after ``plan`` as they will be."""
        return self._planners[owner].live

    def prove(self, match: Match) -> None:
        """Find out what the server says of the stored secrets."""
        self._match = match
        self._prove(self._items)

    def _prove(self, items: Iterable[Item]) -> None:
        found = []
        for item in items:
            if item.token_file is None or item.entry.error is not None:
                continue
            item.home = self._home(item.owner)
            item.desired = replace(item.desired, stored=item.look_back())
            if item.content is not None:
                found.append(Stored(item, item.content))
        for stored, proof in zip(found, self._match(found) if found else ()):
            desired = stored.item.desired
            stored.item.entry.warnings += [proof.warning] if proof.warning else []
            if desired.stored is not None:
                known = replace(desired.stored, alive=proof.alive, holder=proof.holder)
                stored.item.desired = replace(desired, stored=known)

    def plan(self) -> list[tuple[Item, InvalidOption]]:
        """Plan all items; returns those whose desired state cannot be reached, with the reasons."""
        refused = []
        for item in self._items:
            if item.entry.error is None:
                try:
                    self._plan(item)
                except InvalidOption as error:
                    refused.append((item, error))
        return refused

    def _plan(self, item: Item) -> None:
        """:raises InvalidOption: the desired state cannot be reached."""
        item.entry.plan = self._planners[item.owner].plan(item.desired)
        item.entry.token = item.entry.plan.after
        item.entry.warnings += item.entry.plan.warnings

    def prune(self, prefix: str, kept: Callable[[], Sequence[str]] = tuple) -> None:
        """Plan to revoke what is not listed.

        :param prefix: limits that to names that begin so, unless it is ``EVERY_NAME``.
        :param kept: returns names that stay in any case; asked only if there is something to prune.
        """
        for owner, planner in self._planners.items():
            begins = "" if prefix == EVERY_NAME else prefix
            names = names_to_prune(planner.live, self._listed(owner), begins, planner.now, self._noted(owner))
            if names:
                stay = kept()
                names = tuple(name for name in names if name not in stay)
            if names:
                self._pruned.append(Entry(Plan(None, None, (Revoke(names),)), owner))

    def _noted(self, owner: Owner) -> set[str]:
        """The names of what reissues have left that were interrupted, as their notes say."""
        live = self._planners[owner].live
        theirs = [item.desired for item in self._items if item.owner == owner and item.desired.stored is not None]
        return {name for each in theirs if each.stored is not None for name in each.stored.left(each.name, live)}

    def plans(self) -> list[Plan]:
        """All plans, those of pruning too."""
        return [entry.plan for entry in self._entries()]

    def apply(self, guard: Guard) -> None:
        """Carry the plans out.

        :param guard: judges a plan that is made only now, because another run has created the same token in between.
        """
        creating = [item for item in self._items if item.token_file and item.creates]
        with held_together([item.token_file.path for item in creating if item.token_file], "token_file") as waited:
            # Another run may have stored another secret, or have made other tokens, since this one planned.
            self._plan_again([item for item in creating if item.has_changed(waited)], guard)
            self._apply([item for item in creating if item.creates and item.entry.error is None], guard)
        for item in self._items:
            item.forget_interruptions()

    def _apply(self, creating: Sequence[Item], guard: Guard) -> None:
        try:
            for item in creating:
                if item.token_file is not None:
                    item.token_file.reserve()
            for item in creating:
                item.begin_issue(self._owners.now)
            engine = Engine(self._owners)
            engine.apply(self._entries())
            late = [item for item in self._items if _was_refused(item.entry)]
            engine.apply([item.entry for item in self._late_planned_again(late, guard)])
            for item in self._items:
                if item.token_file and not item.creates and item.entry.error is None:
                    item.note_new_name()
                    _set_attributes(item, item.token_file)
        finally:
            for item in self._items:
                item.end_issue()

    def rehearse(self) -> None:
        """For check mode: make sure of the places for new secrets as a run would, and leave nothing there.

        :raises InvalidOption: one cannot be used.
        """
        files = [item.token_file for item in self._items if item.token_file and item.creates]
        try:
            for file in files:
                file.rehearse()
        finally:
            for file in files:
                file.give_back()

    def _late_planned_again(self, late: Sequence[Item], guard: Guard) -> list[Item]:
        """Plan once more for those items whose API token another run has created after we read: the state that it left decides.

        Several hosts may want the same token at once. What goes wrong is the error of its item: others may hold new secrets.
        """
        states = self._states_of(late)
        found = []
        for item in late:
            state = states[item.owner]
            if not isinstance(state, PanelopsError) and item.desired.name in state:
                told = f"Something else created {item.label} at the same time. {item.entry.error}"
                before = item.entry
                item.entry = Entry(owner=item.owner, keep=before.keep, sending=before.sending, warnings=[told])
                found.append(item)
        self._plan_from(states, found, guard)
        return found

    def _plan_again(self, items: Sequence[Item], guard: Guard) -> None:
        """Plan once more for items whose files another run has had in hand since they were looked at."""
        states = self._states_of(items)
        for item in items:
            item.entry = Entry(owner=item.owner)
        self._plan_from(states, items, guard)

    def _states_of(self, items: Sequence[Item]) -> dict[Owner, Outcome[Tokens]]:
        owners = list(dict.fromkeys(item.owner for item in items))
        try:
            return read_tokens(self._owners, owners) if owners else {}
        except PanelopsError as error:
            return dict.fromkeys(owners, error)

    def _plan_from(self, states: Mapping[Owner, Outcome[Tokens]], items: Sequence[Item], guard: Guard) -> None:
        """Look at the files of items once more and plan from these states; what goes wrong is the error of its item."""
        for owner, theirs in grouped(items, lambda item: item.owner).items():
            state = states[owner]
            if isinstance(state, PanelopsError):
                for item in theirs:
                    item.entry.fail(state)
            else:
                self._planners[owner] = Planner(dict(state), self._owners.now(), self._listed(owner))
        planned = [item for item in items if item.entry.error is None]
        for item in planned:
            try:
                _look(item)
            except PanelopsError as error:
                item.entry.fail(error)
        try:
            self._prove(planned)
        except PanelopsError as error:
            for item in planned:
                item.entry.fail(error)
        for item in planned:
            state = states[item.owner]
            try:
                if item.entry.error is None and not isinstance(state, PanelopsError):
                    self._plan(item)
                    item.entry.warnings += guard(item.entry.plan, state)
            except PanelopsError as error:
                item.entry.fail(error)

    def result(self, check_mode: bool, return_token: bool, warnings: Sequence[str] = ()) -> dict[str, object]:
        """The task's result.

        :param warnings: of the task as a whole.
        :raises PanelopsError: something failed; the result of all that was done is with it (invariant I3).
        """
        reports = [report_of(item, check_mode, return_token) for item in self._items]
        result: dict[str, object] = dict(
            changed=any(report.changed for report in reports)
            or any(entry.plan.changed if check_mode else entry.changed for entry in self._pruned),
            diff=self._diff(reports),
            pruned=[dict(owner_in(entry.owner), name=name) for entry in self._pruned for name in revoked_by(entry)],
        )
        result[f"{self._kind.RESULT}s"] = [report.as_entry() for report in reports]
        failed = [(report.item.label, report.error) for report in reports if report.error is not None]
        failed += [("/".join(filter(None, (e.owner, "pruning"))), e.error) for e in self._pruned if e.error is not None]
        if not failed:
            return dict(result, warnings=[*(each for report in reports for each in report.warnings), *warnings])
        sentences = " ".join(f"{label}: {error}" for label, error in failed[:3])
        raise PanelopsError(f"{len(failed)} of {len(self._entries())} failed. {sentences}", **result)

    def _entries(self) -> list[Entry]:
        return [*(item.entry for item in self._items), *self._pruned]

    def _diff(self, reports: Sequence[Report]) -> dict[str, dict[str, object]]:
        """Of what changes only: a thousand tokens that stay are no news."""
        diffs = {report.item.label: report.diff for report in reports if report.planned}
        before: dict[str, object] = {label: diff["before"] for label, diff in diffs.items() if diff["before"]}
        after: dict[str, object] = {label: diff["after"] for label, diff in diffs.items() if diff["after"]}
        for entry in self._pruned:
            before.update({label_of(entry.owner, name): dict(name=name) for name in revoked_by(entry)})
        return dict(before=before, after=after)


def _look(item: Item) -> None:
    """:raises InvalidOption: the file of the item cannot hold its secret."""
    if item.token_file is not None:
        item.token_file.check_place()
        item.content = item.token_file.examine()


def _was_refused(entry: Entry) -> bool:
    """Has the server refused to create an API token that did not exist when we read?

    Only a refusal of that function itself counts: one of a whole batch says nothing about the name.
    """
    refused = isinstance(entry.error, Refused) and entry.error.function in CREATING
    return refused and entry.plan.before is None and not entry.lost


def _not_proved(stored: Sequence[Stored]) -> Sequence[Proof]:
    """A ``Match`` for a task that has no files."""
    return [Proof(None)] * len(stored)


def _set_attributes(item: Item, file: TokenFile) -> None:
    try:
        if file.attributes_differ():
            file.set_attributes()
            item.attributes_set = True
    except PanelopsError as error:
        item.entry.fail(error)
