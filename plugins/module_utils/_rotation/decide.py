# Copyright (c) 2026 panelops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The first step of a rotation: which tokens are due and why; retired ones whose overlap is over are revoked."""

from __future__ import annotations

from collections.abc import Sequence

from .._api.owners import Tokens
from .._errors import InvalidOption, PanelopsError
from .entries import RotationEntry, State, by_key
from .places import in_tasks, on_hosts, sinks_of
from .result import StepResult
from .rotating import RotatingToken
from .server import Server, revocations
from .sinks import TokenSink
from .state import Family, due, held_back, next_due, over, replacement_of


def decide(server: Server, rotating: Sequence[RotatingToken], check_mode: bool) -> StepResult:
    """Look at all tokens with one read, and revoke what is over.

    :raises PanelopsError: nothing could be read.
    """
    states = server.read(rotating)
    errors = [state for state in states.values() if isinstance(state, PanelopsError)]
    if errors and len(errors) == len(states):
        raise errors[0]
    entries = by_key(_entry(each, states[each.owner], server) for each in rotating)
    ending = revocations(
        (each, over(Family.of(each.name, state), server.options.overlap, server.now()))
        for each in rotating
        for state in [states[each.owner]]
        if not isinstance(state, PanelopsError)
    )
    if not check_mode:
        server.apply([each.entry for each in ending])
    for each in ending:
        # That one could not be revoked does not matter to the live token, and the next run tries again.
        if each.entry.error is None:
            entries[each.rotating.key].retired = list(each.names)
    chosen = sinks_of(each for each in rotating if entries[each.key].state is State.DUE)
    return StepResult(
        changed=any(entry.state is State.DUE or entry.retired for entry in entries.values()),
        entries=entries,
        hosts=on_hosts((pair for pair in chosen if pair[1].is_filled), TokenSink.as_work),
        task_sinks=in_tasks((pair for pair in chosen if pair[1].kind.compared), TokenSink.as_work),
        warnings=[
            f"The retired tokens of {each.rotating.name} could not be revoked: {each.entry.error}"
            for each in ending
            if each.entry.error is not None
        ],
    )


def _entry(rotating: RotatingToken, state: Tokens | PanelopsError, server: Server) -> RotationEntry:
    entry = RotationEntry(rotating.owner, rotating.name, State.FINE)
    if isinstance(state, PanelopsError):
        entry.fail(str(state))
        return entry
    family = Family.of(rotating.name, state)
    if family.live is not None:
        entry.create_time, entry.expires_at = family.live.create_time, family.live.expires_at
        entry.next_due = next_due(family.live, rotating.desired)
    reason = due(family, rotating.desired, server.now())
    if reason is None:
        return entry
    why_not = held_back(family, rotating.is_silent, server.options.overlap, server.now())
    if why_not is not None:
        entry.fail(why_not)
        return entry
    try:
        entry.successor = replacement_of(family, rotating.desired).as_dict()
    except InvalidOption as error:
        entry.fail(str(error))
        return entry
    entry.state, entry.reason, entry.detail = State.DUE, reason.word, reason.text
    return entry
