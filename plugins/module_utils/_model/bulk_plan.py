# Copyright (c) 2026 panelops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Plans for many tokens of one owner, each on the state that the plans before it leave: pure."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Mapping, Sequence

from .._errors import InvalidOption
from .names import is_interim, is_sibling, leftovers_of
from .plan import (
    Create,
    DesiredToken,
    Plan,
    Revoke,
    Update,
    plan_token,
)
from .token import ApiToken


def refuse_contradictions(desired: Sequence[DesiredToken]) -> None:
    """:raises InvalidOption: two entries for one owner contradict each other."""
    count = Counter(each.name for each in desired)
    twice = sorted(name for name, times in count.items() if times > 1)
    if twice:
        raise InvalidOption("tokens", f"{', '.join(twice)} is listed more than once.", "List each token once.")
    renamed: dict[str, str] = {}
    for each in desired:
        if each.rename_from is None:
            continue
        if each.rename_from in count:
            raise InvalidOption(
                "tokens", f"{each.rename_from} is listed, and {each.name} is to be renamed from it.", "Decide on one."
            )
        if each.rename_from in renamed:
            both = f"{renamed[each.rename_from]} and {each.name}"
            raise InvalidOption("tokens", f"{both} are both to be renamed from {each.rename_from}.", "Decide on one.")
        renamed[each.rename_from] = each.name


class Planner:
    """Plans for the tokens of one owner. ``live`` is changed as if each plan had been carried out.

    :param live: the owner's tokens by name.
    :param now: the server's time in Unix seconds.
    :param listed: the names that the task has an entry for; what is listed is no leftover, whatever it is called.
    """

    def __init__(self, live: dict[str, ApiToken], now: int, listed: Collection[str] = ()) -> None:
        self.live = live
        self.now = now
        self._interim = {name for name in live if is_interim(name)}.difference(listed)

    def plan(self, desired: DesiredToken) -> Plan:
        """The plan for one token.

        :raises InvalidOption: its desired state cannot be reached.
        """
        plan = plan_token(self.live, desired, self.now, self._interim)
        for step in plan.steps:
            if isinstance(step, Create):
                self.live[step.token.name] = step.token
            elif isinstance(step, Update):
                self.live.pop(step.name)
                self.live[step.token.name] = step.token
                self._interim.discard(step.name)
            elif isinstance(step, Revoke):
                for name in step.names:
                    self.live.pop(name, None)
                    self._interim.discard(name)
        return plan


def names_to_prune(
    live: Mapping[str, ApiToken], listed: Collection[str], prefix: str, now: int, noted: Collection[str] = ()
) -> tuple[str, ...]:
    """The names of the tokens to revoke because they are not listed, sorted.

    Only names that begin with ``prefix``, and never those of staged or retired tokens of a listed name, nor what an interrupted reissue
    of one has left: the plan for that name decides about them.

    :param live: the owner's tokens by name. :param now: the server's time in Unix seconds.
    :param noted: names of what such reissues left, by our own notes.
    """
    interim = [name for name in live if is_interim(name)]
    kept = {*listed, *noted, *(leftover for name in listed for leftover in leftovers_of(name, live, now, interim))}
    return tuple(
        sorted(name for name in live if name.startswith(prefix) and name not in kept and not is_sibling(name, listed))
    )
