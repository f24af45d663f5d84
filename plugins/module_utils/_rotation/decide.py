# Copyright (c) 2026 panelops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The first step of a rotation: which tokens are due and why; retired ones whose overlap is over are revoked.

Where the server's clock was wrong when they were retired, their overlap is put right.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from .._api.owners import Tokens
from .._engine.entry import Entry
from .._errors import InvalidOption, PanelopsError
from .._model.expiry import to_iso
from .._model.plan import Plan
from .accounts import matching, suspended
from .entries import Key, RotationEntry, State, by_key, wave_count
from .grace import Anew, anew, over
from .healing import reading, to_read
from .looks import looks_at
from .only import is_selected, refuse_unmatched
from .options import rotating_from
from .result import StepResult
from .rotating import RotatingToken
from .server import Server, note_revoked, revocations
from .state import Family, created, due, held_back, is_ahead, next_due, replacement_of
from .urgency import Candidate, waits, waves


@dataclass(frozen=True)
class Chosen:
    """The tokens that a run is about, and those that it is not about.

    Of ``skipped`` the accounts are suspended, and ``left_out`` are those that the run is not limited to.
    """

    rotating: Sequence[RotatingToken]
    skipped: Sequence[Key] = ()
    left_out: Sequence[Key] = ()


def chosen(server: Server, params: Mapping[str, Any]) -> Chosen:
    """The tokens of a task. The accounts of the server are listed, once, if an entry gives patterns of them.

    :raises PanelopsError: they could not be listed. :raises InvalidOption: the entries do not go with these accounts, or a name that the
        run is limited to matches none of the tokens.
    """
    only = server.options.only
    rotating, skipped = _listed(server, params)
    refuse_unmatched((each.key for each in rotating), only)
    asleep = set(skipped)
    return Chosen(
        [each for each in rotating if is_selected(each.key, only) and each.key not in asleep],
        [key for key in skipped if is_selected(key, only)],
        [each.key for each in rotating if not is_selected(each.key, only)],
    )


def _listed(server: Server, params: Mapping[str, Any]) -> tuple[list[RotatingToken], list[Key]]:
    """All tokens of a task, and which of them are those of suspended accounts that patterns stand for."""
    if all(options["accounts"] is None for options in params["tokens"]):
        return rotating_from(params), []
    listed = server.accounts()
    rotating = rotating_from(params, lambda options: matching(options, listed))
    return rotating, suspended(params["tokens"], listed)


def decide(server: Server, choice: Chosen, check_mode: bool) -> StepResult:
    """Look at all tokens with one read, and revoke what is over.

    :raises PanelopsError: nothing could be read.
    """
    rotating = choice.rotating
    states = server.read(rotating)
    errors = [state for state in states.values() if isinstance(state, PanelopsError)]
    if errors and len(errors) == len(states):
        raise errors[0]
    entries = by_key(_entry(each, states[each.owner], server) for each in rotating)
    now, overlap = server.now(), server.options.overlap
    families = [
        (each, Family.of(each.name, state))
        for each in rotating
        for state in [states[each.owner]]
        if not isinstance(state, PanelopsError)
    ]
    _leave_to_later_runs(families, entries, server)
    read = to_read(server, rotating, entries)
    # What a place may still hold is ended when that was read, and filled with the live secret.
    later = {each.key for each in read if not each.desired.kind.IN_PLACE}
    longest = server.options.overlap_max
    ending = revocations(
        (each, over(family, longest if each.key in later else overlap, now)) for each, family in families
    )
    mending = [(each, one, _entry_of(each, one)) for each, family in families for one in anew(family, overlap, now)]
    if not check_mode:
        server.apply([*(entry for _each, _one, entry in mending), *(each.entry for each in ending)])
    not_revoked = note_revoked(ending, entries)
    looks = (
        reading(read) if read else looks_at(server, [each for each in rotating if entries[each.key].state is State.DUE])
    )
    # A token that is due is changed by a later step, which says so, and never if its sinks cannot be filled.
    predicted = check_mode and any(entry.state is State.DUE for entry in entries.values())
    return StepResult(
        changed=predicted or bool(mending) or any(entry.retired for entry in entries.values()),
        entries=entries,
        hosts=looks.hosts,
        stores=looks.stores,
        task_sinks=looks.task_sinks,
        reading=bool(read),
        waves=wave_count(entries.values()),
        suspended=_accounts_of(choice.skipped),
        left_out=choice.left_out,
        warnings=[
            *_skipped(choice.skipped),
            *(warning for each, family in families for warning in _age_unknown(each, family, now)),
            *(f"{each.label}: {_told(one, entry)}" for each, one, entry in mending),
            *not_revoked,
        ],
    )


def begin(server: Server, rotating: Sequence[RotatingToken], entries: Mapping[Key, RotationEntry]) -> StepResult:
    """Begin the next wave, or leave all that has not begun to a later run, because too many have failed."""
    queued = [entry for entry in entries.values() if entry.state is State.QUEUED]
    failed, most = sum(entry.has_failed_on_its_way for entry in entries.values()), server.options.radius.stop_after
    if most is not None and failed >= most:
        for entry in queued:
            entry.leave(f"It waits for a later run, because {failed} failed, and a run begins none after {most}.", None)
    wave = min((entry.wave for entry in queued), default=0)
    begun = [each for each in rotating if entries[each.key].state is State.QUEUED and entries[each.key].wave == wave]
    for each in begun:
        entries[each.key].state = State.DUE
    looks = looks_at(server, begun)
    return StepResult(
        changed=False, entries=entries, hosts=looks.hosts, stores=looks.stores, task_sinks=looks.task_sinks
    )


def _leave_to_later_runs(
    families: Iterable[tuple[RotatingToken, Family]], entries: Mapping[Key, RotationEntry], server: Server
) -> None:
    """Let those that are due wait, or go in waves, as far as a run is limited.

    What does not exist, or is dead, goes at once, and does not count.
    """
    now = server.now()
    candidates = [
        Candidate.of(each, family.live, entry)
        for each, family in families
        for entry in [entries[each.key]]
        if entry.state is State.DUE and family.live is not None and not family.live.is_expired(now)
    ]
    radius = server.options.radius
    waiting = waits(candidates, radius, now)
    for key, wait in waiting.items():
        entries[key].leave(wait.sentence, wait.until)
    for key, wave in waves((each for each in candidates if each.key not in waiting), radius).items():
        entries[key].wave = wave
        if wave:
            entries[key].state = State.QUEUED


def _accounts_of(skipped: Sequence[Key]) -> list[str]:
    return sorted({account for account, _name in skipped if account is not None})


def _skipped(skipped: Sequence[Key]) -> Iterator[str]:
    """A warning for each name of tokens whose accounts are suspended: their secrets would not work."""
    for name in dict.fromkeys(name for _account, name in skipped):
        accounts = ", ".join(_accounts_of([key for key in skipped if key[1] == name]))
        yield f"{name}: the token is skipped for accounts that are suspended: {accounts}. Run again when they are not."


def _entry_of(rotating: RotatingToken, one: Anew) -> Entry:
    return Entry(Plan(one.before, one.step.token, (one.step,)), rotating.owner)


def _told(one: Anew, entry: Entry) -> str:
    if entry.error is None:
        return one.sentence
    # It goes on as it was, which locks nobody out, and the next run tries again.
    return f"The overlap of {one.before.name} could not be counted from now: {entry.error}"


def _age_unknown(rotating: RotatingToken, family: Family, now: int) -> Iterator[str]:
    """A warning if the age of the token counts and is not known."""
    if family.live is None or rotating.desired.max_age is None or not is_ahead(family.live, now):
        return
    what = "it is rotated once the overlap of what it has replaced is over" if family.retired else "it is rotated"
    yield (
        f"{rotating.label}: its create time {to_iso(created(family.live))} is ahead of the server's clock ({to_iso(now)}), which was set "
        f"back since. Its age is not known, so {what}."
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
