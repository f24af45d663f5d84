# Copyright (c) 2026 panelops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Many tokens as wished: what whm_api_tokens and cpanel_api_tokens have in common, as functions of plain data."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace

from .._engine.bulk_apply import BulkApply, Item, by_owner
from .._errors import InvalidOption, PanelopsError
from .._model.bulk_plan import Planner, check_wishes, names_to_prune
from .._model.plan import Create, Plan, Revoke, Wish
from .._model.token import ApiToken
from .single import wish_from


def items_from(
    params: Mapping, kind: type[ApiToken], limits_from: Callable, now: int, token_files: Callable
) -> list[Item]:
    """Check all that the task says of its tokens.

    :param limits_from: reads the limits from the options of one token.
    :param now: Unix seconds of the host that runs the module.
    :param token_files: makes the ``TokenFile`` of one token's options.
    :raises InvalidOption: naming the token, the option and the rule.
    """
    if params["prune_prefix"] and not params["prune"]:
        raise InvalidOption("prune_prefix", "means something only with prune: true.")
    items = []
    for number, options in enumerate(params["tokens"]):
        try:
            wish = wish_from(options, kind, limits_from(options), now)
        except InvalidOption as error:
            raise InvalidOption(f"tokens[{number}] ({options['name']})", str(error)) from None
        token_file = token_files(options) if options["token_file"] and wish.present else None
        items.append(Item(wish, options.get("account"), token_file))
    for theirs in by_owner(items, lambda item: item.owner).values():
        check_wishes([item.wish for item in theirs])
    return items


class Bulk:
    """A task on many tokens.

    :param owners: see ``BulkApply``. :param now: tells the server's time in Unix seconds, once it has answered.
    """

    def __init__(self, owners, items: list[Item], kind: type[ApiToken], now: Callable[[], int]) -> None:
        self._owners = owners
        self._items = items
        self._kind = kind
        self._now = now
        self._pruned: list[Item] = []
        self._planners: dict[str | None, Planner] = {}

    def read(self, more_owners: Iterable[str | None] = ()) -> None:
        """Read the tokens of all owners. What cannot be read is the error of its items.

        :raises PanelopsError: nothing could be read.
        """
        states = self._owners.read(list(dict.fromkeys([*(item.owner for item in self._items), *more_owners])))
        errors = {owner: state for owner, state in states.items() if isinstance(state, PanelopsError)}
        if states and len(errors) == len(states):
            raise next(iter(errors.values()))
        for item in self._items:
            item.error = errors.get(item.owner)
        # An owner that is only to be pruned has no item to carry its error.
        listed = {item.owner for item in self._items}
        self._pruned += [
            Item(Wish("", self._kind), owner, error=error) for owner, error in errors.items() if owner not in listed
        ]
        now = self._now()
        self._planners = {owner: Planner(state, now) for owner, state in states.items() if owner not in errors}

    def live(self) -> dict[str | None, dict[str, ApiToken]]:
        """The tokens of each owner that could be read, by name."""
        return {owner: planner.live for owner, planner in self._planners.items()}

    def prove(self, are_secrets_of: Callable[[Sequence[tuple[Item, str, str]]], Sequence[bool | None]]) -> None:
        """Find out which stored secrets are missing or not those of their tokens.

        :param are_secrets_of: for items, their stored secrets and the names of their live tokens: does each match?
            ``None``: that cannot be known.
        """
        stored = []
        for item in self._items:
            if item.token_file is None or item.error is not None:
                continue
            item.token_file.check_place()
            live = self._planners[item.owner].live
            name = item.wish.name if item.wish.name in live else item.wish.rename_from
            if name in live:
                secret = item.token_file.stored()
                if secret is None:
                    item.wish = replace(item.wish, proved=False)
                else:
                    stored.append((item, secret, name))
        for (item, _secret, _name), match in zip(stored, are_secrets_of(stored) if stored else ()):
            item.wish = replace(item.wish, proved=match)

    def plan(self) -> None:
        """Plan all items.

        :raises PanelopsError: some cannot be granted; nothing has been changed then.
        """
        refusals = []
        for item in self._items:
            if item.error is None:
                try:
                    item.plan = self._planners[item.owner].plan(item.wish)
                    item.token = item.plan.after
                except InvalidOption as error:
                    refusals.append(f"{_label(item)}: {error}")
        if refusals:
            raise PanelopsError(
                f"Nothing was changed, because of {len(refusals)} of the tokens. {' '.join(refusals[:5])}"
            )

    def prune(self, prefix: str, kept: Callable[[], Sequence[str]] = tuple) -> None:
        """Plan to revoke what is not listed.

        :param kept: answers names that stay in any case; asked only if there is something to prune.
        """
        items = by_owner(self._items, lambda item: item.owner)
        for owner, planner in self._planners.items():
            listed = {item.wish.name for item in items.get(owner, ())}
            names = names_to_prune(planner.live, listed, prefix)
            if names:
                stay = kept()
                names = tuple(name for name in names if name not in stay)
            if names:
                self._pruned.append(Item(Wish("", self._kind), owner, plan=Plan(None, None, (Revoke(names),))))

    def plans(self) -> list[Plan]:
        """All plans, those of pruning too."""
        return [item.plan for item in [*self._items, *self._pruned] if item.plan]

    def apply(self) -> None:
        """Carry the plans out."""
        creating = [item for item in self._items if item.token_file and item.steps(Create)]
        try:
            for item in creating:
                item.token_file.reserve()
            BulkApply(self._owners).apply([*self._items, *self._pruned])
            for item in self._items:
                if item.token_file and item not in creating and item.error is None:
                    item.changed = item.token_file.attributes_differ() or item.changed
                    item.token_file.set_attributes()
        finally:
            for item in creating:
                item.token_file.give_back()

    def result(self, check_mode: bool, return_token: bool) -> dict:
        """The task's result.

        :raises PanelopsError: something failed; the result of all that was done is with it (invariant I3).
        """
        everything = [*self._items, *self._pruned]
        if check_mode:
            for item in everything:
                files = item.token_file is not None and item.token_file.attributes_differ()
                item.changed = item.plan is not None and (item.plan.changed or files)
        result = dict(
            changed=any(item.changed for item in everything),
            diff=self._diff(),
            warnings=[warning for item in self._items if item.plan for warning in item.plan.warnings],
            pruned=[
                dict(_owner(item), name=name)
                for item in self._pruned
                for step in item.steps(Revoke)
                for name in step.names
            ],
        )
        result[f"{self._kind.RESULT}s"] = [self._entry(item, return_token) for item in self._items]
        failed = [item for item in everything if item.error is not None]
        if not failed:
            return result
        sentences = " ".join(f"{_label(item)}: {item.error}" for item in failed[:3])
        result.pop("warnings")
        raise PanelopsError(f"{len(failed)} of {len(everything)} failed. {sentences}", **result)

    def _entry(self, item: Item, return_token: bool) -> dict:
        entry = dict(_owner(item), name=item.wish.name, changed=item.changed)
        token = item.token if item.error is None or item.changed else item.plan and item.plan.before
        entry[self._kind.RESULT] = token.as_result() if token else None
        if item.secret is not None and (return_token or item.token_file is None or item.error is not None):
            entry["token"] = item.secret
        if item.error is not None:
            entry.update(failed=True, msg=str(item.error))
        return entry

    def _diff(self) -> dict:
        """Of what changes only: a thousand tokens that stay are no news."""
        diffs = [(_label(item), item.plan.diff) for item in self._items if item.plan and item.plan.changed]
        before = {label: diff["before"] for label, diff in diffs if diff["before"]}
        after = {label: diff["after"] for label, diff in diffs if diff["after"]}
        for item in self._pruned:
            for step in item.steps(Revoke):
                before.update({"/".join(filter(None, (item.owner, name))): dict(name=name) for name in step.names})
        return dict(before=before, after=after)


def _owner(item: Item) -> dict:
    return {} if item.owner is None else dict(account=item.owner)


def _label(item: Item) -> str:
    """``name`` or ``account/name``, as messages and diffs call it."""
    return "/".join(filter(None, (item.owner, item.wish.name))) or "pruning"
