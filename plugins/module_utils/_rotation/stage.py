# Copyright (c) 2026 panelops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The steps of a rotation that create successors, and take back those that were not delivered."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from .._engine.apply import Engine
from .._engine.entry import Entry
from .._model.names import staged_name
from .._model.plan import Create, Plan
from .._model.token import ApiToken, WhmToken
from .entries import (
    by_key,
    report,
    revocations,
    without_secrets,
)
from .options import CHECKED, FILES, Rotating
from .places import (
    Evidence,
    by_host,
    foreign_of,
    places_of,
)


def stage(server, rotating: Sequence[Rotating]) -> dict:
    """Create a successor for each token that is due and whose sinks can be written. Its secret goes to the sinks only."""
    evidence = Evidence(server.params["sinks"])
    entries = by_key(server.params["rotation"])
    items = {}
    for each in rotating:
        entry = entries[each.key]
        if entry["state"] != "due":
            continue
        failure = evidence.failure(places_of(each, CHECKED))
        if failure:
            entry.update(state="failed", msg=f"{failure[0]} Nothing was changed.")
        else:
            token = _successor(each, entry["successor"], server.now())
            items[each.key] = Entry(Plan(None, token, (Create(token),)), each.owner)
    Engine(server.owners).apply(list(items.values()))
    for key, item in items.items():
        _note(entries[key], item)
    # One that failed only after its creation has been created all the same, and is revoked with the step withdraw.
    staged = [each for each in rotating if entries[each.key]["state"] == "staged"]
    groups = by_host(
        ((each, places_of(each, (*FILES, "verify"))) for each in staged),
        lambda place: _work(server, entries[place["account"], place["name"]], place, evidence),
    )
    foreign = [dict(place, token=entries[place["account"], place["name"]]["token"]) for place in foreign_of(staged)]
    return dict(
        changed=bool(staged),
        rotation=list(entries.values()),
        report=report(entries),
        hosts=groups,
        foreign=foreign,
    )


def withdraw(server, rotating: Sequence[Rotating]) -> dict:
    """Revoke successors that no consumer can hold: delivered nowhere, or taken back from everywhere.

    What may have been delivered stays: the next run replaces it, and only then ends it.
    """
    evidence = Evidence(server.params["sinks"])
    entries = by_key(server.params["rotation"])
    names = []
    for each in rotating:
        entry = entries[each.key]
        unpromoted = entry["state"] in ("failed", "taken_over") and entry["staged"]
        offered = places_of(each) if entry["offered"] else []
        if unpromoted and all(_is_free(place, evidence) for place in offered):
            names.append((each, [entry["staged"]]))
    items = revocations(names)
    Engine(server.owners).apply(list(items.values()))
    for key, item in items.items():
        if item.error is None:
            entries[key]["withdrawn"] = True
    changed = any(item.changed for item in items.values())
    return dict(changed=changed, rotation=without_secrets(entries), report=report(entries), hosts=[], foreign=[])


def _successor(rotating: Rotating, successor: Mapping, now: int) -> ApiToken:
    limits, lifetime = dict(successor["limits"]), successor["lifetime"]
    if rotating.wish.kind is WhmToken:
        limits = dict(acls=frozenset(limits["acls"]), whitelist_ips=tuple(limits.get("whitelist_ips") or ()))
    expires_at = now + lifetime if lifetime else None
    return rotating.wish.kind(name=staged_name(rotating.wish.name), expires_at=expires_at, **limits)


def _note(entry: dict, item: Entry) -> None:
    if item.error is not None:
        entry.update(state="failed", msg=f"{item.error} The old token is unchanged.")
        return
    token = item.token
    wished, made = item.plan.after.limits(), token.limits()
    entry.update(
        state="staged",
        offered=True,
        staged=token.name,
        new_create_time=token.create_time,
        new_expires_at=token.expires_at,
        token=item.secret,
    )
    differing = [key for key in wished if wished[key] != made[key]]
    if differing:
        # It would be found to differ at every run, and rotated for ever.
        told = ", ".join(f"{key} {made[key]!r} instead of {wished[key]!r}" for key in differing)
        entry.update(
            state="failed", offered=False, msg=f"The server made the new token with {told}. Wish for what it can give."
        )


def _work(server, entry: Mapping, place: Mapping, evidence: Evidence) -> dict:
    told = evidence.of(place) or {}
    verify = dict(verify=server.verification(place["account"])) if place["verify"] else {}
    return dict(verify, token=entry["token"], before=told.get("before") or "")


def _is_free(place: Mapping, evidence: Evidence) -> bool:
    """Can no consumer have got the new copy here?"""
    told = evidence.of(place)
    return place["type"] == "verify" or (told is not None and told["unchanged"])
