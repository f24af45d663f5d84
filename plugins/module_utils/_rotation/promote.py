# Copyright (c) 2026 panelops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The step of a rotation that gives delivered successors their names, and retires what they replace."""

from __future__ import annotations

import random
import time
from collections.abc import Mapping, Sequence
from contextlib import ExitStack

from .._api.owners import read_tokens
from .._engine.apply import Engine
from .._engine.entry import Entry
from .._errors import PanelopsError
from .._model.names import is_sibling
from .._model.plan import Plan
from .._model.token import ApiToken
from .entries import (
    by_key,
    report,
    revocations,
    without_secrets,
)
from .options import FILES, Rotating
from .places import Evidence, by_host, places_of
from .state import ended_at_once, next_due, promotion

TRIES = 5
"""How often the state is looked at and what is left to do is done: for lost answers, and other runs in between."""

PAUSE = 0.4
"""The longest pause before another try, in seconds; each is drawn by lot, so that two runs do not keep step."""

_DEAD = ("missing", "expired")


def promote(server, rotating: Sequence[Rotating]) -> dict:
    """Promote each successor that every sink has got and every verifying host could use; say what to take back of the others."""
    evidence = Evidence(server.params["sinks"])
    entries = by_key(server.params["rotation"])
    delivered = []
    for each in rotating:
        entry = entries[each.key]
        if entry["state"] != "staged":
            continue
        failure = evidence.failure(places_of(each))
        if failure is None:
            delivered.append(each)
        else:
            sentence, taken_over = failure
            entry.update(state="taken_over" if taken_over else "failed", msg=sentence)
    changed = _Promoting(server, entries).promote(delivered)
    if server.params["emergency"]:
        _end_at_once(server, [each for each in delivered if entries[each.key]["state"] == "promoted"], entries)
    groups, foreign = _to_restore(rotating, entries, evidence, delivered)
    return dict(
        changed=changed,
        rotation=without_secrets(entries),
        report=report(entries),
        hosts=groups,
        foreign=foreign,
        withdrawing=any(entry["state"] in ("failed", "taken_over") and entry["staged"] for entry in entries.values()),
    )


class _Promoting:
    """Carries promotions of many tokens out, together."""

    def __init__(self, server, entries: Mapping) -> None:
        self._server = server
        self._entries = entries
        self._changed = False

    def promote(self, delivered: Sequence[Rotating]) -> bool:
        """Promote; what came of it is in the entries. Answers whether anything changed on the server."""
        left, trouble = list(delivered), "its state kept changing"
        for number in range(TRIES):
            if not left:
                break
            if number:
                time.sleep(random.uniform(0, PAUSE) * number)  # noqa: S311
            try:
                left, trouble = self._once(left)
            except PanelopsError as error:
                trouble = str(error)
        for each in left:
            self._entries[each.key].update(
                state="unpromoted",
                msg=f"The new token is delivered and works, but could not be given its name: {trouble} Run again.",
            )
        return self._changed

    def _once(self, left: Sequence[Rotating]) -> tuple[list[Rotating], str]:
        server = self._server
        states = read_tokens(server.owners, list(dict.fromkeys(each.owner for each in left)))
        undone, trouble, work = [], "another run was at work.", []
        for each in left:
            state = states[each.owner]
            if isinstance(state, PanelopsError):
                undone.append(each)
                trouble = str(state)
                continue
            entry = self._entries[each.key]
            otherwise = _otherwise(entry, state.get(entry["staged"]))
            if otherwise:
                entry.update(state="failed", msg=otherwise)
                continue
            own = each.wish.kind(name=entry["staged"], create_time=entry["new_create_time"])
            todo = promotion(state, each.wish.name, own, server.overlap, server.now())
            if todo.state == "todo":
                work.append((each, todo, state[entry["staged"]]))
            elif todo.state == "done":
                self._note(each, state[each.wish.name])
            else:
                entry.update(state="taken_over", msg="Another run has put a younger token in its place.")
        carried = [Entry(Plan(None, None, todo.steps), each.owner) for each, todo, _token in work]
        Engine(server.owners).apply(carried)
        for (each, todo, token), entry in zip(work, carried):
            self._changed = self._changed or entry.changed
            if todo.steps[todo.decisive] in entry.done:
                self._note(each, token)
            else:
                undone.append(each)
                trouble = str(entry.error)
        return undone, trouble

    def _note(self, each: Rotating, token: ApiToken) -> None:
        self._changed = True
        self._entries[each.key].update(
            state="promoted",
            new_create_time=token.create_time,
            new_expires_at=token.expires_at,
            next_due=next_due(token, each.wish),
        )


def _otherwise(entry: Mapping, token: ApiToken | None) -> str:
    """What the server has made of the successor's life, if that is not what was asked: it would be due at once, and at every run."""
    if token is None or token.expires_at == entry["new_expires_at"]:
        return ""
    told = f"expires_at {token.expires_at!r} instead of {entry['new_expires_at']!r}"
    return f"The server made the new token with {told}. Wish for what it can give."


def _end_at_once(server, promoted: Sequence[Rotating], entries: Mapping) -> None:
    """Revoke what does not die by itself and is older than the successors, with a secret that outlives that."""
    mortal = [each for each in promoted if not each.wish.kind.IN_PLACE]
    if not mortal:
        return
    ending: dict = {}
    try:
        with ExitStack() as stack:
            secret = _next_own_secret(server, promoted, entries)
            if secret is not None:
                server = stack.enter_context(server.authenticated_by(secret))
            states = read_tokens(server.owners, list(dict.fromkeys(each.owner for each in mortal)))
            for each in mortal:
                if isinstance(states[each.owner], PanelopsError):
                    raise states[each.owner]
                ending[each.key] = ended_at_once(states[each.owner], each.wish.name, server.now())
            items = revocations((each, ending[each.key]) for each in mortal)
            Engine(server.owners).apply(list(items.values()))
    except PanelopsError as error:
        for each in mortal:
            entries[each.key].update(msg=f"The old token still lives: {error} Run again.")
        return
    for key, item in items.items():
        entry = entries[key]
        if item.error is None:
            entry["retired"] = [*(entry["retired"] or []), *ending[key]]
        else:
            entry.update(msg=f"The old token still lives: {item.error} Run again.")


def _next_own_secret(server, promoted: Sequence[Rotating], entries: Mapping) -> str | None:
    """The secret to go on with, if the one that we authenticate with is ending."""
    own = server.access.own_secret
    mine = [each for each in promoted if each.owner is None] if own else []
    if mine and server.params["service"] == "whm":
        details = server.access.api.details(own)
        mine = [each for each in mine if details is not None and is_sibling(details.name, (each.wish.name,))]
    # Of an account nobody can ask which token is in use; any new one that may write does as well.
    mine = [each for each in mine if not each.wish.limits.get("readonly")]
    return entries[mine[0].key]["token"] if mine else None


def _to_restore(
    rotating: Sequence[Rotating], entries: Mapping, evidence: Evidence, delivered: Sequence[Rotating]
) -> tuple[list[dict], list[dict]]:
    """Where the copies of tokens that were not promoted are to be taken back: not where the old one was dead already."""
    keys = {each.key for each in delivered}
    failed = []
    for each in rotating:
        entry = entries[each.key]
        # One that was delivered everywhere, and then overtaken, has been replaced there by the other run.
        hopeless = entry["state"] == "failed" or (entry["state"] == "taken_over" and each.key not in keys)
        if hopeless and entry["staged"] and entry["reason"] not in _DEAD:
            failed.append(each)

    def written(each: Rotating, kinds: Sequence[str]) -> list[dict]:
        return [place for place in places_of(each, kinds) if evidence.ok(place) and not evidence.of(place)["unchanged"]]

    def back(place: Mapping) -> dict:
        told = evidence.of(place)
        return {key: told[key] for key in ("before", "after")}

    groups = by_host(((each, written(each, FILES)) for each in failed), back)
    foreign = [dict(place, **back(place)) for each in failed for place in written(each, ("hashi_vault",))]
    return groups, foreign
