# Copyright (c) 2026 panelops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The first step of a rotation: which tokens are due and why; retired ones whose overlap is over are revoked.

Where the server's clock was wrong when they were retired, their overlap is put right.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from .._api.owners import Tokens
from .._engine.entry import Entry
from .._errors import InvalidOption, PanelopsError
from .._model.expiry import to_iso
from .._model.plan import Plan
from .accounts import matching, suspended
from .entries import Key, RotationEntry, State, by_key
from .grace import Anew, anew, over
from .options import rotating_from
from .places import in_stores, in_tasks, on_hosts, sinks_of
from .result import StepResult
from .rotating import RotatingToken
from .server import Server, revocations
from .sinks import TokenSink
from .state import Family, created, due, held_back, is_ahead, next_due, replacement_of


@dataclass(frozen=True)
class Chosen:
    """The tokens that a task is about, and those that it leaves out because their accounts are suspended."""

    rotating: Sequence[RotatingToken]
    skipped: Sequence[Key] = ()


def chosen(server: Server, params: Mapping[str, Any]) -> Chosen:
    """The tokens of a task. The accounts of the server are listed, once, if an entry gives patterns of them.

    :raises PanelopsError: they could not be listed. :raises InvalidOption: the entries do not go with these accounts.
    """
    if all(options["accounts"] is None for options in params["tokens"]):
        return Chosen(rotating_from(params))
    listed = server.accounts()
    rotating = rotating_from(params, lambda options: matching(options, listed))
    skipped = suspended(params["tokens"], listed)
    left_out = set(skipped)
    return Chosen([each for each in rotating if each.key not in left_out], skipped)


def decide(
    server: Server, rotating: Sequence[RotatingToken], check_mode: bool, skipped: Sequence[Key] = ()
) -> StepResult:
    """Look at all tokens with one read, and revoke what is over.

    :param skipped: see ``Chosen``.
    :raises PanelopsError: nothing could be read.
    """
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
    ending = revocations((each, over(family, overlap, now)) for each, family in families)
    mending = [(each, one, _entry_of(each, one)) for each, family in families for one in anew(family, overlap, now)]
    if not check_mode:
        server.apply([*(entry for _each, _one, entry in mending), *(each.entry for each in ending)])
    for each in ending:
        # That one could not be revoked does not matter to the live token, and the next run tries again.
        if each.entry.error is None:
            entries[each.rotating.key].retired = list(each.names)
    due_sinks = sinks_of(each for each in rotating if entries[each.key].state is State.DUE)

    def on_host(sink: TokenSink) -> dict[str, object]:
        verify = dict(verify=asdict(server.endpoint(sink.place.account))) if sink.verifies else {}
        return dict(sink.as_work(), **verify)

    # A token that is due is changed by a later step, which says so, and never if its sinks cannot be filled.
    predicted = check_mode and any(entry.state is State.DUE for entry in entries.values())
    return StepResult(
        changed=predicted or bool(mending) or any(entry.retired for entry in entries.values()),
        entries=entries,
        hosts=on_hosts(due_sinks, on_host),
        stores=in_stores(due_sinks, TokenSink.as_work),
        task_sinks=in_tasks((pair for pair in due_sinks if pair[1].kind.compared), TokenSink.as_work),
        suspended=_accounts_of(skipped),
        warnings=[
            *_skipped(skipped),
            *(warning for each, family in families for warning in _age_unknown(each, family, now)),
            *(f"{each.label}: {_told(one, entry)}" for each, one, entry in mending),
            *(
                f"The retired tokens of {each.rotating.name} could not be revoked: {each.entry.error}"
                for each in ending
                if each.entry.error is not None
            ),
        ],
    )


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
