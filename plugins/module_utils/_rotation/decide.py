# Copyright (c) 2026 panelops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The first step of a rotation: which tokens are due and why, and an end to retired ones whose overlap is over."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from .._api.owners import read_tokens
from .._engine.apply import Engine
from .._errors import InvalidOption, PanelopsError
from .entries import by_key, report, revocations
from .options import FILES, Rotating
from .places import by_host, foreign_of, places_of
from .state import (
    Family,
    due,
    next_due,
    over,
    successor_of,
)


def decide(server, rotating: Sequence[Rotating], check_mode: bool) -> dict:
    """Look at all tokens with one read, and end what is over.

    :raises PanelopsError: nothing could be read, or a token cannot be created for lack of privileges that are given.
    """
    states = read_tokens(server.owners, list(dict.fromkeys(each.owner for each in rotating)))
    if states and all(isinstance(state, PanelopsError) for state in states.values()):
        raise next(iter(states.values()))
    entries = by_key([_entry(server, each, states[each.owner]) for each in rotating])
    ending = {
        each.key: over(Family.of(each.wish.name, states[each.owner]), server.overlap, server.now())
        for each in rotating
        if not isinstance(states[each.owner], PanelopsError)
    }
    items = revocations((each, ending.get(each.key, ())) for each in rotating)
    if not check_mode:
        Engine(server.owners).apply(list(items.values()))
    for key, item in items.items():
        # That one could not be revoked is of no consequence for the live token, and the next run tries again.
        entries[key]["retired"] = [] if item.error else list(ending[key])
    chosen = [(each, places_of(each, FILES)) for each in rotating if entries[each.key]["state"] == "due"]
    return dict(
        changed=any(entry["state"] == "due" or entry["retired"] for entry in entries.values()),
        rotation=list(entries.values()),
        report=report(entries),
        hosts=by_host(chosen, lambda place: {}),
        foreign=foreign_of(each for each, _places in chosen),
        warnings=[
            f"The retired tokens of {name} could not be revoked: {item.error}"
            for (_owner, name), item in items.items()
            if item.error
        ],
    )


def _entry(server, rotating: Rotating, state: Mapping | PanelopsError) -> dict:
    entry = dict(account=rotating.owner, name=rotating.wish.name, retired=[])
    if isinstance(state, PanelopsError):
        return dict(entry, state="failed", msg=str(state))
    family, now = Family.of(rotating.wish.name, state), server.now()
    live = family.live
    if live is not None:
        entry.update(create_time=live.create_time, expires_at=live.expires_at, next_due=next_due(live, rotating.wish))
    reason = due(family, rotating.wish, now)
    if reason is None:
        return dict(entry, state="fine")
    try:
        limits, lifetime = successor_of(family, rotating.wish)
    except InvalidOption as error:
        return dict(entry, state="failed", msg=str(error))
    plain = {key: sorted(value) if isinstance(value, frozenset) else value for key, value in limits.items()}
    plain = {key: list(value) if isinstance(value, tuple) else value for key, value in plain.items()}
    return dict(
        entry, state="due", reason=reason.word, detail=reason.text, successor=dict(limits=plain, lifetime=lifetime)
    )
