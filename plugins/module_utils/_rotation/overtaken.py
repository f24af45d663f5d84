# Copyright (c) 2026 panelops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a run leaves that was overtaken while it filled a sink that nothing compares: the consumer may hold its older secret.

A user's own tasks deliver whatever a faster run has delivered meanwhile. So the run that is overtaken gives its retired token the name of
a staged one: the next run finds that something is unfinished, and rotates the token again.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from .._api.owners import Tokens
from .._engine.entry import Entry
from .._errors import PanelopsError
from .._model.expiry import to_iso
from .._model.names import staged_name
from .._model.plan import Plan, Update
from .._model.token import ApiToken
from .entries import Key, RotationEntry
from .rotating import RotatingToken
from .server import Server
from .state import Family, created

OVERTAKEN = "Another run has rotated the token while this one delivered it."
_AGAIN = "Run again: the next run rotates the token once more."
_FORCE = "Run again with rotate_force: true."


@dataclass(frozen=True)
class Left:
    """A token of a run that was overtaken, whose secret still works.

    ``step`` makes it a staged token again; ``None`` if it is one. ``end`` is when its secret stops working without that.
    """

    token: ApiToken
    step: Update | None
    end: int | None


def left_by(tokens: Tokens, name: str, own: ApiToken, overlap: int, now: int) -> Left | None:
    """What is left of ``own``, the staged token as it was created; ``None`` if its secret does not work any more."""
    staged = tokens.get(own.name)
    if staged is not None:
        return Left(staged, None, staged.expires_at)
    for each in Family.of(name, tokens).retired:
        token, end = each.token, each.token.expires_at
        if created(token) != created(own) or (end is not None and end <= now):
            continue
        step = Update(token.name, replace(token, name=staged_name(name)))
        return Left(token, step, end if token.IN_PLACE else each.number + overlap)
    return None


def is_replaced(live: ApiToken | None, create_time: int | None) -> bool:
    """Has another run promoted its token since this one was about to stage?

    :param create_time: that of the token that was live then; ``None`` if there was none.
    """
    return live is not None and live.create_time != create_time


def leave_to_next_run(server: Server, overtaken: Sequence[RotatingToken], entries: Mapping[Key, RotationEntry]) -> bool:
    """Make the next run rotate these tokens again, and say in their entries until when the consumer is served.

    :returns: whether anything changed on the server.
    """
    if not overtaken:
        return False
    try:
        states = server.read(overtaken)
    except PanelopsError as error:
        states = {each.owner: error for each in overtaken}
    changes: dict[Key, Entry] = {}
    left: dict[Key, Left | None] = {}
    for each in overtaken:
        state = states[each.owner]
        if isinstance(state, PanelopsError):
            _say(entries[each.key], f"which may stop working when the overlap is over: {state} {_FORCE}")
            continue
        entry = entries[each.key]
        own = each.desired.kind(name=entry.staged or "", create_time=entry.new_create_time)
        found = left_by(state, each.name, own, server.options.overlap, server.now())
        left[each.key] = found
        if found is not None and found.step is not None:
            changes[each.key] = Entry(Plan(found.token, found.step.token, (found.step,)), each.owner)
    server.apply(list(changes.values()))
    for key, found in left.items():
        _say(entries[key], _clause(found, changes.get(key)))
        if key in changes and found is not None and found.step is not None and changes[key].error is None:
            entries[key].staged = found.step.token.name
    return any(change.changed for change in changes.values())


def _clause(left: Left | None, change: Entry | None) -> str:
    if left is None:
        return f"which does not work any more. {_FORCE}"
    is_staged = change is None or change.error is None
    end = left.token.expires_at if is_staged else left.end
    until = "which works" if end is None else f"which stops working at {to_iso(end)}"
    return f"{until}. {_AGAIN if is_staged else _FORCE}"


def _say(entry: RotationEntry, clause: str) -> None:
    entry.msg = f"{entry.msg or OVERTAKEN} The consumer may hold the secret of this run, {clause}"
