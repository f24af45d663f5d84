# Copyright (c) 2026 panelops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The steps of a rotation that create staged tokens, and revoke those that no consumer can have got."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

from .._engine.entry import Entry
from .._errors import PanelopsError
from .._model.names import doubtful_name, staged_name
from .._model.plan import Create, Plan, Update
from .entries import Key, RotationEntry, State
from .filling import Filling, Issued
from .held import others_live_secret
from .overtaken import leave_to_next_run
from .places import AllEvidence, before, in_stores, in_tasks, on_hosts, sinks_of, to_notify
from .result import StepResult
from .rotating import RotatingToken
from .server import Server, revocations
from .sinks import TokenSink


def stage(
    server: Server, rotating: Sequence[RotatingToken], entries: Mapping[Key, RotationEntry], evidence: AllEvidence
) -> StepResult:
    """Create a staged token for each token that is due and whose sinks can be written. Its secret goes to the sinks only."""
    creations = _created(server, _ready(server, rotating, entries, evidence), entries)
    for key, creation in creations.items():
        _note(entries[key], creation)
    owners = {each.key: each for each in rotating}
    # One that failed only after its creation has been created all the same, and is revoked with the step withdraw.
    staged = sinks_of(each for each in rotating if entries[each.key].state is State.STAGED)

    filling = Filling(server, evidence)

    def on_host(sink: TokenSink) -> dict[str, object]:
        entry = entries[sink.place.account, sink.place.name]
        return filling.on_host(owners[entry.key], sink, _issued(entry))

    def in_store(sink: TokenSink) -> dict[str, object]:
        return filling.in_store(sink, _issued(entries[sink.place.account, sink.place.name]))

    numbers = {key: number for number, key in enumerate(entries)}

    def by_tasks(sink: TokenSink) -> dict[str, object]:
        # Without the secret: callbacks write down what includes loop over.
        return dict(sink.as_work(), entry=numbers[sink.place.account, sink.place.name])

    return StepResult(
        changed=bool(staged),
        entries=entries,
        hosts=on_hosts(staged, on_host),
        stores=in_stores(staged, in_store),
        task_sinks=in_tasks(staged, by_tasks),
        with_secrets=True,
    )


def _issued(entry: RotationEntry) -> Issued:
    return Issued(entry.secret, entry.new_create_time, entry.new_expires_at)


def would_stage(
    server: Server, rotating: Sequence[RotatingToken], entries: Mapping[Key, RotationEntry], evidence: AllEvidence
) -> StepResult:
    """What ``stage`` would refuse: the same looks, and nothing is created."""
    _ready(server, rotating, entries, evidence)
    return StepResult(changed=False, entries=entries)


def _ready(
    server: Server, rotating: Sequence[RotatingToken], entries: Mapping[Key, RotationEntry], evidence: AllEvidence
) -> list[RotatingToken]:
    """The tokens that are due and whose sinks can be written; what is wrong with the others is in their entries."""
    ready = []
    for each in rotating:
        entry = entries[each.key]
        if entry.state is not State.DUE:
            continue
        # Of a sink that nobody looks into before, it may be known all the same that it cannot be filled.
        failure = evidence.failure(sink for sink in each.sinks if sink.is_checked or evidence.of(sink) is not None)
        if failure:
            entry.fail(f"{failure.msg} Nothing was changed.")
            continue
        others = others_live_secret(server, each, evidence)
        if others is not None:
            entry.fail(f"{others} Nothing was changed.")
        else:
            ready.append(each)
    return ready


def _created(server: Server, ready: Sequence[RotatingToken], entries: Mapping[Key, RotationEntry]) -> dict[Key, Entry]:
    """What came of creating a staged token for each of these.

    An expiry counts from the server's time, which is known only once the server has answered; an owner that cannot be read now
    would not take a token either.
    """
    if not ready:
        return {}
    try:
        states = server.read(ready)
    except PanelopsError as error:
        states = {each.owner: error for each in ready}
    creations: dict[Key, Entry] = {}
    for each in ready:
        entry, state, kind = entries[each.key], states[each.owner], each.desired.kind
        if isinstance(state, PanelopsError):
            entry.fail(f"{state} Nothing was changed.")
        else:
            # What another run has promoted since this one decided was delivered before this one delivers.
            live = state.get(each.name)
            entry.create_time, entry.expires_at = (live.create_time, live.expires_at) if live else (None, None)
            token = entry.replacement(kind).token(kind, staged_name(each.name), server.now())
            creations[each.key] = Entry(Plan(None, token, (Create(token),)), each.owner)
    server.apply(list(creations.values()))
    return creations


def withdraw(
    server: Server, rotating: Sequence[RotatingToken], entries: Mapping[Key, RotationEntry], evidence: AllEvidence
) -> StepResult:
    """Revoke staged tokens that no consumer can hold: delivered nowhere, or rolled back everywhere.

    What may have been delivered stays, and gets a name that says so: the next run replaces it, and only then ends it.
    """
    names, doubtful = [], []
    for each in rotating:
        entry = entries[each.key]
        if entry.staged is None or not entry.is_abandoned:
            continue
        if not entry.offered or all(_is_free(sink, each, evidence) for sink in each.sinks):
            names.append((each, (entry.staged,)))
        elif entry.state is State.FAILED:
            doubtful.append(each)
    withdrawals = revocations(names)
    server.apply([withdrawal.entry for withdrawal in withdrawals])
    for withdrawal in withdrawals:
        if withdrawal.entry.error is None:
            entries[withdrawal.rotating.key].withdrawn = True
    # What could not be put back: its consumers may go on with the new copy.
    left = [
        (each, sink)
        for each, sink in sinks_of(each for each in rotating if entries[each.key].is_abandoned)
        if evidence.of(sink) is not None and not evidence.is_free(sink)
    ]
    changed = any(withdrawal.entry.changed for withdrawal in withdrawals)
    changed = _marked(server, doubtful, entries) or changed
    return StepResult(changed=changed, entries=entries, notify=to_notify(left))


def _is_free(sink: TokenSink, rotating: RotatingToken, evidence: AllEvidence) -> bool:
    """Is it certain that no consumer has got the new copy here?

    The play fills no sink by tasks once another one of the token has failed, so one without any evidence was never begun then.
    """
    if evidence.is_free(sink):
        return True
    if sink.kind.on_hosts or evidence.of(sink) is not None:
        return False
    told = [evidence.of(one) for one in before(sink, rotating.sinks)]
    return any(each is not None and not each.ok for each in told)


def _marked(server: Server, doubtful: Sequence[RotatingToken], entries: Mapping[Key, RotationEntry]) -> bool:
    """Rename staged tokens that may have been delivered, so that the next runs know it. Answers whether anything changed.

    If one cannot be renamed, it counts as what a killed run has left. One that another run has
    retired meanwhile becomes a staged one again.
    """
    if not doubtful:
        return False
    try:
        states = server.read(doubtful)
    except PanelopsError:
        return False
    marks, overtaken = [], []
    for each in doubtful:
        state = states[each.owner]
        if isinstance(state, PanelopsError):
            continue
        token = state.get(entries[each.key].staged or "")
        if token is None:
            overtaken.append(each)
        else:
            after = replace(token, name=doubtful_name(token.name))
            marks.append((each, after.name, Entry(Plan(token, after, (Update(token.name, after),)), each.owner)))
    server.apply([entry for _rotating, _name, entry in marks])
    for each, name, entry in marks:
        if entry.error is None:
            entries[each.key].staged = name
    changed = leave_to_next_run(server, overtaken, entries)
    return changed or any(entry.changed for _rotating, _name, entry in marks)


def _note(entry: RotationEntry, creation: Entry) -> None:
    asked, token = creation.plan.after, creation.token
    if creation.error is not None or asked is None or token is None:
        entry.fail(f"{creation.error}{entry.unchanged}")
        return
    entry.state, entry.offered, entry.staged = State.STAGED, True, token.name
    entry.new_create_time, entry.new_expires_at = token.create_time, token.expires_at
    entry.secret = creation.secret
    desired, made = asked.limits(), token.limits()
    differing = [key for key in desired if desired[key] != made[key]]
    if differing:
        # It would be found to differ at every run, and rotated for ever.
        told = ", ".join(f"{key} {made[key]!r} instead of {desired[key]!r}" for key in differing)
        entry.offered = False
        entry.fail(f"The server made the new token with {told}. Configure what it can give.")
