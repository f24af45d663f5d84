# Copyright (c) 2026 panelops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a task on any number of API tokens does between reading and reporting; whm_api_token is the case of one."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace
from typing import Any, Optional

from .._api.connection import checked_username
from .._api.owners import CREATING, Owner, Owners, Tokens, read_tokens
from .._engine.apply import Engine, grouped
from .._engine.entry import Entry
from .._errors import InvalidOption, PanelopsError, Refused
from .._model.bulk_plan import Planner, names_to_prune, refuse_contradictions
from .._model.expiry import desired_expiry_from
from .._model.plan import Create, DesiredToken, Plan, Revoke
from .._model.token import ApiToken, Limits, checked_name
from .._task.token_file import TokenFile


@dataclass
class Item:
    """One API token of a task: its desired state, where its secret is stored, and its entry in the engine."""

    desired: DesiredToken
    token_file: TokenFile | None = None
    entry: Entry = field(default_factory=Entry)
    holds_secret: bool = False
    """Does its file hold something that may be a secret, this token's or another one?"""
    attributes_set: bool = False
    """Were owner, group and mode of the file changed?"""

    @property
    def owner(self) -> Owner:
        """Whose API token it is."""
        return self.entry.owner

    @property
    def label(self) -> str:
        """``name`` or ``account/name``, as messages and diffs call it."""
        return _label(self.owner, self.desired.name)

    @property
    def creates(self) -> bool:
        """Does its plan create a secret?"""
        return any(isinstance(step, Create) for step in self.entry.plan.steps)


@dataclass(frozen=True)
class Stored:
    """The secret that an item's file holds, and the live API token that it should belong to."""

    item: Item
    secret: str = field(repr=False)
    name: str


EVERY_NAME = "*"
"""The ``prune_prefix`` of a task that gives none."""

Match = Callable[[Sequence[Stored]], Sequence[Optional[bool]]]
"""Does each stored secret belong to its API token? ``None``: that cannot be known."""

Guard = Callable[[Plan, Tokens], Sequence[str]]
"""Refuses a plan that would lock us out (given the owner's API tokens as they are), and returns warnings."""


_NOT_EMPTY = {
    "token_file": "Give the path of a file, or leave it out to have the secret returned.",
    "owner": "Name a user, or leave it out.",
    "group": "Name a group, or leave it out.",
    "mode": "Give a mode such as '0600', or leave it out.",
    "rename_from": "Give the name that the token has had so far, or leave it out.",
}
"""Options whose value is often a variable. An empty one must not pass for one that is left out; with what to do about it."""


def desired_from(params: Mapping[str, Any], kind: type[ApiToken], limits: Limits) -> DesiredToken:
    """Check the options that say what one API token should be.

    :param limits: the limits that the task gives, already checked.
    :raises InvalidOption: naming the option and the rule.
    """
    name = checked_name(params["name"])
    if params.get("account") is not None:
        checked_username(params["account"], "account")
    for option, remedy in _NOT_EMPTY.items():
        if params[option] is not None and not str(params[option]).strip():
            raise InvalidOption(option, "is empty.", remedy)
    only_expired = params["only_expired"]
    if params["state"] == "absent":
        return DesiredToken(name, kind, present=False, only_expired=only_expired)
    for option in ("owner", "group", "mode"):
        if params[option] is not None and params["token_file"] is None:
            raise InvalidOption(
                option, "means something only with token_file.", f"Give token_file too, or leave {option} out."
            )
    if only_expired:
        raise InvalidOption("only_expired", "means something only with state: absent.")
    rename_from = params["rename_from"]
    if rename_from is not None and checked_name(rename_from, "rename_from") == name:
        raise InvalidOption("rename_from", "is the same as name.", "Give the name that the token has had so far.")
    expiry = desired_expiry_from(params, kind.IN_PLACE)
    recreate = params["recreate"]
    if expiry.renew_before and not kind.IN_PLACE and recreate not in ("if_changed", "always"):
        raise InvalidOption(
            "renew_before",
            "cPanel cannot prolong a token's life without a new secret.",
            "Give recreate: if_changed with it.",
        )
    return DesiredToken(name, kind, limits=limits, expiry=expiry, rename_from=rename_from, recreate=recreate)


def items_from(
    params: Mapping[str, Any],
    kind: type[ApiToken],
    limits_from: Callable[[Mapping[str, Any]], Limits],
    token_files: Callable[[Mapping[str, Any]], TokenFile],
) -> list[Item]:
    """Check all that a task says of many API tokens.

    :param limits_from: reads the limits from the options of one token.
    :param token_files: makes the ``TokenFile`` of one token's options.
    :raises InvalidOption: naming the token, the option and the rule.
    """
    _check_prefix(params)
    items = []
    for number, options in enumerate(params["tokens"]):
        try:
            desired = desired_from(options, kind, limits_from(options))
        except InvalidOption as error:
            raise InvalidOption(f"tokens[{number}] ({options['name']})", str(error)) from None
        token_file = token_files(options) if options["token_file"] and desired.present else None
        items.append(Item(desired, token_file, Entry(owner=options.get("account"))))
    for theirs in grouped(items, lambda item: item.owner).values():
        refuse_contradictions([item.desired for item in theirs])
    _refuse_shared_files(items)
    return items


def _refuse_shared_files(items: Sequence[Item]) -> None:
    """:raises InvalidOption: two API tokens would be stored in one file, and only the second secret would be left."""
    files = grouped([item for item in items if item.token_file], _real_path)
    for path, sharing in files.items():
        if len(sharing) > 1:
            labels = " and ".join(item.label for item in sharing)
            raise InvalidOption("token_file", f"{path} is that of {labels}.", "Give each token a file of its own.")


def _real_path(item: Item) -> str:
    return os.path.realpath(item.token_file.path) if item.token_file else ""


def _check_prefix(params: Mapping[str, Any]) -> None:
    """:raises InvalidOption: the prefix is not one, so that too much would be pruned, or nothing."""
    prefix = params["prune_prefix"]
    if prefix == EVERY_NAME:
        return
    if not prefix.strip():
        raise InvalidOption("prune_prefix", "is empty.", "Leave it out if all tokens that are not listed should go.")
    checked_name(prefix, "prune_prefix")
    if not params["prune"]:
        raise InvalidOption("prune_prefix", "means something only with prune: true.")


def refuse(refused: Sequence[tuple[Item, InvalidOption]]) -> None:
    """:raises PanelopsError: some desired states cannot be reached, so none is tried."""
    if refused:
        sentences = " ".join(f"{item.label}: {error}" for item, error in refused[:5])
        raise PanelopsError(f"Nothing was changed, because of {len(refused)} of the tokens. {sentences}")


class Bulk:
    """A task on API tokens: read, prove, plan, prune, apply, report, in this order.

    :param kind: the class of the tokens.
    """

    def __init__(self, owners: Owners, items: Sequence[Item], kind: type[ApiToken]) -> None:
        self._owners = owners
        self._items = items
        self._kind = kind
        self._pruned: list[Entry] = []
        self._planners: dict[Owner, Planner] = {}
        self._match: Match = _not_proved

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
            owner: Planner(dict(state), now) for owner, state in states.items() if not isinstance(state, PanelopsError)
        }

    def live(self, owner: Owner) -> Tokens:
        """The API tokens of an owner that could be read, by name; after ``plan`` as they will be."""
        return self._planners[owner].live

    def prove(self, match: Match) -> None:
        """Find out which stored secrets are missing or not those of their API tokens."""
        self._match = match
        self._prove(self._items)

    def _prove(self, items: Iterable[Item]) -> None:
        found = []
        for item in items:
            if item.token_file is None or item.entry.error is not None:
                continue
            item.token_file.check_place()
            live = self._planners[item.owner].live
            name = item.desired.name if item.desired.name in live else item.desired.rename_from
            if name in live:
                secret = item.token_file.stored()
                item.holds_secret = secret is not None
                if secret is None:
                    item.desired = replace(item.desired, proved=False)
                else:
                    found.append(Stored(item, secret, str(name)))
        for stored, matches in zip(found, self._match(found) if found else ()):
            stored.item.desired = replace(stored.item.desired, proved=matches)

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
        items = grouped(self._items, lambda item: item.owner)
        for owner, planner in self._planners.items():
            listed = {item.desired.name for item in items.get(owner, ())}
            names = names_to_prune(planner.live, listed, "" if prefix == EVERY_NAME else prefix)
            if names:
                stay = kept()
                names = tuple(name for name in names if name not in stay)
            if names:
                self._pruned.append(Entry(Plan(None, None, (Revoke(names),)), owner))

    def plans(self) -> list[Plan]:
        """All plans, those of pruning too."""
        return [entry.plan for entry in self._entries()]

    def apply(self, guard: Guard) -> None:
        """Carry the plans out.

        :param guard: judges a plan that is made only now, because another run has created the same token in between.
        """
        creating = [item for item in self._items if item.token_file and item.creates]
        try:
            for item in creating:
                if item.token_file is not None:
                    item.token_file.reserve()
                    item.entry.keep = item.token_file.write
            engine = Engine(self._owners)
            engine.apply(self._entries())
            late = [item for item in self._items if _was_refused(item.entry)]
            engine.apply([item.entry for item in self._planned_again(late, guard)])
            for item in self._items:
                if item.token_file and not item.creates and item.entry.error is None:
                    _set_attributes(item, item.token_file)
        finally:
            for item in creating:
                if item.token_file is not None:
                    item.token_file.give_back()

    def _planned_again(self, late: Sequence[Item], guard: Guard) -> list[Item]:
        """Plan once more for those items whose API token another run has created after we read: the state that it left decides.

        Several hosts may want the same token at once. What goes wrong is the error of its item: others may hold new secrets.
        """
        states = {}
        if late:
            with suppress(PanelopsError):
                states = read_tokens(self._owners, list(dict.fromkeys(item.owner for item in late)))
        found = []
        for owner, items in grouped(late, lambda item: item.owner).items():
            state = states.get(owner)
            if state is None or isinstance(state, PanelopsError):
                continue
            self._planners[owner] = Planner(dict(state), self._owners.now())
            for item in items:
                if item.desired.name in state:
                    told = f"Something else created {item.label} at the same time. {item.entry.error}"
                    item.entry = Entry(owner=owner, keep=item.entry.keep, warnings=[told])
                    found.append((item, state))
        try:
            self._prove([item for item, _state in found])
        except PanelopsError as error:
            for item, _state in found:
                item.entry.fail(error)
        for item, state in found:
            try:
                if item.entry.error is None:
                    self._plan(item)
                    item.entry.warnings += guard(item.entry.plan, state)
            except PanelopsError as error:
                item.entry.fail(error)
        return [item for item, _state in found]

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
            pruned=[dict(_owner(entry.owner), name=name) for entry in self._pruned for name in _revoked(entry)],
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
            before.update({_label(entry.owner, name): dict(name=name) for name in _revoked(entry)})
        return dict(before=before, after=after)


def _was_refused(entry: Entry) -> bool:
    """Has the server refused to create an API token that did not exist when we read?

    Only a refusal of that function itself counts: one of a whole batch says nothing about the name.
    """
    refused = isinstance(entry.error, Refused) and entry.error.function in CREATING
    return refused and entry.plan.before is None and not entry.lost


def _not_proved(stored: Sequence[Stored]) -> Sequence[bool | None]:
    """A ``Match`` for a task that has no files."""
    return [None] * len(stored)


@dataclass(frozen=True)
class Report:
    """What a task says of one API token, whether it is the only one or one of many.

    ``planned``: something was to change; ``changed``: something did, or would have outside check mode.
    """

    item: Item
    planned: bool
    changed: bool
    diff: dict[str, dict[str, object]]
    warnings: list[str]
    token: dict[str, object] | None
    secret: str | None = field(repr=False)
    error: PanelopsError | None

    def as_entry(self) -> dict[str, object]:
        """The entry in the list of a module for many tokens."""
        kind = self.item.desired.kind
        entry: dict[str, object] = dict(_owner(self.item.owner), name=self.item.desired.name, changed=self.changed)
        entry[kind.RESULT] = self.token
        if self.secret is not None:
            entry["token"] = self.secret
        if self.error is not None:
            entry.update(failed=True, msg=str(self.error))
        return entry


def report_of(item: Item, check_mode: bool, return_token: bool) -> Report:
    """What came of an item; in check mode, what would."""
    entry, file = item.entry, item.token_file
    differ = check_mode and entry.error is None and file is not None and not item.creates and file.attributes_differ()
    file_changes = differ or item.attributes_set
    error, shown = entry.error, entry.token
    if error is not None and not entry.changed:
        shown = entry.plan.before
    if error is not None and entry.secret is not None:
        error = PanelopsError(f"{error} The token was created before that: it works, and its secret is in token.")
    returned = return_token or file is None or error is not None
    return Report(
        item,
        planned=entry.plan.changed or file_changes,
        changed=(entry.plan.changed if check_mode else entry.changed) or file_changes,
        diff=_diff_of(item, file_changes),
        warnings=entry.warnings,
        token=shown.as_result() if shown else None,
        secret=entry.secret if returned else None,
        error=error,
    )


def _set_attributes(item: Item, file: TokenFile) -> None:
    try:
        if file.attributes_differ():
            file.set_attributes()
            item.attributes_set = True
    except PanelopsError as error:
        item.entry.fail(error)


def _diff_of(item: Item, file_changes: bool) -> dict[str, dict[str, object]]:
    diff = item.entry.plan.diff
    if item.token_file is not None and (item.creates or file_changes):
        what, states = "attributes", ("different", "as given")
        if item.creates:
            what, states = "secret", ("another one" if item.holds_secret else "absent", "present")
        for side, state in zip(("before", "after"), states):
            diff[side]["token_file"] = {"path": item.token_file.path, what: state}
    return diff


def _revoked(entry: Entry) -> list[str]:
    """What pruning revokes, or has revoked as far as nothing went wrong."""
    return [name for step in entry.steps(Revoke) for name in step.names] if entry.error is None else entry.revoked


def _owner(owner: Owner) -> dict[str, object]:
    return {} if owner is None else dict(account=owner)


def _label(owner: Owner, name: str) -> str:
    return "/".join(filter(None, (owner, name)))
