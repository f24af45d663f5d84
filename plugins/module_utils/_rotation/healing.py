# Copyright (c) 2026 panelops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The steps of a rotation that read the places of tokens that are not due, and copy the live secret to those that lack it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from .._api.owners import Owner, Tokens
from .._errors import InvalidOption, PanelopsError
from .entries import Key, RotationEntry, State, wave_count
from .filling import Filling, Issued
from .grace import over
from .looks import Looks, looks_at
from .options import NEVER, REPORT
from .places import AllEvidence, in_stores, on_hosts, to_notify
from .proof import Proofs
from .repair import SINK_MISSING, SINK_STALE, Holding, Reading, Repair, repair_of
from .result import StepResult
from .rotating import RotatingToken
from .server import Server, note_revoked, revocations
from .sinks import TokenSink
from .state import EXPIRED, Family, Reason, held_back, replacement_of
from .urgency import Candidate, waits, waves

COPIED = "{the live secret}"
"""Stands in the work for a secret that only the controller knows, which puts it in; the server tells nobody."""

_UNCHANGED = "The old token is unchanged."
_WARNING = (
    "{label}: {told}, and no place holds the live secret, so the token rotates. Consumers that are not listed may need what it "
    "replaces."
)


def readable(rotating: RotatingToken) -> list[TokenSink]:
    """The sinks of a token that can be read."""
    return [sink for sink in rotating.sinks if sink.kind.compared]


def to_read(
    server: Server, rotating: Iterable[RotatingToken], entries: Mapping[Key, RotationEntry]
) -> list[RotatingToken]:
    """The tokens whose places are to be read: those that are live, and that this run does not rotate anyway."""
    if server.options.repair == NEVER:
        return []
    return [each for each in rotating if _is_read(entries[each.key]) and readable(each)]


def reading(read: Sequence[RotatingToken]) -> Looks:
    """The work to read the places of tokens."""
    sinks = [(each, sink) for each in read for sink in readable(each)]
    return Looks(on_hosts(sinks, TokenSink.as_work), in_stores(sinks, TokenSink.as_work))


def _is_read(entry: RotationEntry) -> bool:
    return entry.state in (State.FINE, State.WAITING) and entry.create_time is not None


@dataclass(frozen=True)
class _Copy:
    """A place that gets a copy of the live secret, and where from."""

    rotating: RotatingToken
    target: TokenSink
    source: TokenSink


class _Comparing:
    """Finds out what the places of tokens hold, and what is to be done about them."""

    def __init__(
        self, server: Server, read: Sequence[RotatingToken], entries: Mapping[Key, RotationEntry], evidence: AllEvidence
    ) -> None:
        self._server, self._read, self._entries = server, read, entries
        self._proofs = Proofs(server, evidence)
        self._states: Mapping[Owner, Tokens | PanelopsError] | None = None
        self.copies: list[_Copy] = []
        self.rotations: list[tuple[RotatingToken, Family]] = []
        self.settled: list[tuple[RotatingToken, Family]] = []

    def take(self) -> None:
        """Compare all of them. What was found is in their entries."""
        for each in self._read:
            try:
                self._compare(each)
            except PanelopsError as error:
                self._entries[each.key].fail(f"{error} Its places were not looked at.")

    def _compare(self, rotating: RotatingToken) -> None:
        entry, sinks = self._entries[rotating.key], readable(rotating)
        through_whm = self._server.options.service == "whm" and rotating.owner is None
        # WHM tells whose a secret is, so that the list is needed only where something is wrong.
        tokens = {} if through_whm else self._tokens(rotating)
        readings = [self._proofs.reading(rotating, sink, tokens) for sink in sinks]
        whole = all(each.holding is Holding.LIVE for each in readings)
        if whole and through_whm:
            entry.places = _told(sinks, readings, ())
            return
        family = Family.of(rotating.name, self._tokens(rotating))
        if family.live is None or family.live.create_time != entry.create_time or family.staged:
            return  # Another run is at work, and fills the places.
        repair = repair_of(readings, family, self._server.now())
        entry.places = _told(sinks, readings, () if self._server.options.repair == REPORT else repair.targets)
        self._note(rotating, family, sinks, readings, repair)
        known = (Holding.LIVE, Holding.UNPROVEN)
        if all(each.holding in known and not each.may_be_retired for each in readings) and not repair.is_needed:
            self.settled.append((rotating, family))

    def _tokens(self, rotating: RotatingToken) -> Tokens:
        if self._states is None:
            try:
                self._states = self._server.read(self._read)
            except PanelopsError as error:
                self._states = {each.owner: error for each in self._read}
        tokens = self._states[rotating.owner]
        if isinstance(tokens, PanelopsError):
            raise tokens
        return tokens

    def _note(
        self,
        rotating: RotatingToken,
        family: Family,
        sinks: Sequence[TokenSink],
        readings: Sequence[Reading],
        repair: Repair,
    ) -> None:
        entry = self._entries[rotating.key]
        needed = _reason(readings, repair)
        if needed is not None and self._server.options.repair == REPORT:
            entry.reason, entry.detail = needed.word, needed.text
            entry.fail(f"{repair.trouble} {needed.text}. Nothing was repaired, for rotate_repair is report.".strip())
        elif repair.reason is not None:
            self._rotate(rotating, family, repair.reason)
        elif needed is not None and repair.source is not None:
            source = sinks[repair.source]
            self.copies += [_Copy(rotating, sinks[number], source) for number in repair.targets]
            entry.state = State.HEALING
            if entry.reason is None:
                entry.reason, entry.detail = needed.word, f"{needed.text}; {source.label} has it"
        if repair.trouble and entry.msg is None:
            if entry.state is State.HEALING:
                entry.msg = repair.trouble
            else:
                entry.fail(f"{repair.trouble} {_UNCHANGED}")

    def _rotate(self, rotating: RotatingToken, family: Family, reason: Reason) -> None:
        entry, options = self._entries[rotating.key], self._server.options
        why_not = held_back(family, rotating.is_silent, options.overlap, self._server.now())
        if why_not is not None:
            entry.fail(why_not)
            return
        try:
            entry.successor = replacement_of(family, rotating.desired).as_dict()
        except InvalidOption as error:
            entry.fail(str(error))
            return
        entry.waits = entry.waits_until = None
        entry.state, entry.reason, entry.detail = State.DUE, reason.word, reason.text
        self.rotations.append((rotating, family))


def _reason(readings: Sequence[Reading], repair: Repair) -> Reason | None:
    """Why a token is repaired, however that is done."""
    if repair.reason is not None or not repair.targets:
        return repair.reason
    lacking = [readings[number] for number in repair.targets]
    missing = all(each.holding is Holding.MISSING for each in lacking)
    return Reason(SINK_MISSING if missing else SINK_STALE, "; ".join(each.told for each in lacking))


def _told(sinks: Sequence[TokenSink], readings: Sequence[Reading], targets: Sequence[int]) -> list[dict[str, object]]:
    return [
        dict(
            sink=sink.place.sink,
            host=sink.place.host,
            type=sink.kind.name,
            holds=found.holding.value,
            **(dict(heals=True) if number in targets else {}),
        )
        for number, (sink, found) in enumerate(zip(sinks, readings))
    ]


def compare(
    server: Server,
    rotating: Sequence[RotatingToken],
    entries: Mapping[Key, RotationEntry],
    evidence: AllEvidence,
    check_mode: bool,
) -> StepResult:
    """Find out what the places of tokens hold that are not due. The work is to copy, or else to look at the sinks of what is due."""
    comparing = _Comparing(server, to_read(server, rotating, entries), entries, evidence)
    comparing.take()
    _in_turn(server, comparing.rotations, entries)
    ending = revocations(
        (each, over(family, server.options.overlap, server.now())) for each, family in comparing.settled
    )
    if not check_mode:
        server.apply([each.entry for each in ending])
    not_revoked = note_revoked(ending, entries)
    copying = bool(comparing.copies) and not check_mode
    work = (
        _copying(server, comparing.copies, entries, evidence) if copying else looks_at(server, _due(rotating, entries))
    )
    predicted = check_mode and any(entry.state in (State.DUE, State.HEALING) for entry in entries.values())
    return StepResult(
        changed=predicted or any(each.entry.error is None for each in ending),
        entries=entries,
        hosts=work.hosts,
        stores=work.stores,
        task_sinks=work.task_sinks,
        copying=copying,
        waves=wave_count(entries.values()),
        warnings=[
            *not_revoked,
            *(
                _WARNING.format(label=each.label, told=entries[each.key].detail)
                for each, _family in comparing.rotations
                if entries[each.key].state is not State.WAITING
            ),
        ],
    )


def _due(rotating: Iterable[RotatingToken], entries: Mapping[Key, RotationEntry]) -> list[RotatingToken]:
    return [each for each in rotating if entries[each.key].state is State.DUE]


def _in_turn(
    server: Server, rotations: Sequence[tuple[RotatingToken, Family]], entries: Mapping[Key, RotationEntry]
) -> None:
    """Let those rotations that were not known to be due go after the others, as far as a run is limited. No window delays them."""
    ours = {each.key for each, _family in rotations}
    others = [
        entry
        for key, entry in entries.items()
        if key not in ours
        and entry.state in (State.DUE, State.QUEUED)
        and entry.create_time is not None
        and entry.reason != EXPIRED
    ]
    radius = server.options.radius
    if radius.limit is not None:
        radius = replace(radius, limit=max(radius.limit - len(others), 0))
    candidates = [
        Candidate.of(each, family.live, entries[each.key]) for each, family in rotations if family.live is not None
    ]
    waiting = waits(candidates, radius, server.now())
    for key, wait in waiting.items():
        entries[key].leave(wait.sentence, wait.until)
    first = wave_count(others) if others and radius.stop_after is not None else 0
    for key, wave in waves((each for each in candidates if each.key not in waiting), radius).items():
        entries[key].wave = first + wave
        if entries[key].wave:
            entries[key].state = State.QUEUED


def _copying(
    server: Server, copies: Sequence[_Copy], entries: Mapping[Key, RotationEntry], evidence: AllEvidence
) -> Looks:
    filling = Filling(server, evidence)
    by_place = {each.target.place: each for each in copies}

    def work(sink: TokenSink) -> dict[str, object]:
        copy = by_place[sink.place]
        entry = entries[copy.rotating.key]
        issued = Issued(COPIED, entry.create_time, entry.expires_at)
        told = filling.on_host(copy.rotating, sink, issued) if sink.kind.on_hosts else filling.in_store(sink, issued)
        return dict(told, source=copy.source.place.as_dict())

    sinks = [(each.rotating, each.target) for each in copies]
    return Looks(on_hosts(sinks, work), in_stores(sinks, work))


def settle(
    server: Server, rotating: Sequence[RotatingToken], entries: Mapping[Key, RotationEntry], evidence: AllEvidence
) -> StepResult:
    """Note which places have got their copy. The work is to look at the sinks of what is due."""
    healing = [each for each in rotating if entries[each.key].state is State.HEALING]
    try:
        states = server.read(healing) if healing else {}
    except PanelopsError as error:
        states = {each.owner: error for each in healing}
    written: list[tuple[RotatingToken, TokenSink]] = []
    for each in healing:
        entry, tokens = entries[each.key], states[each.owner]
        targets = [sink for sink in readable(each) if _is_target(sink, entry)]
        failures = [failure for sink in targets for failure in [evidence.failure([sink])] if failure is not None]
        new = [sink for sink in targets if evidence.is_written(sink)]
        written += [(each, sink) for sink in new]
        live = None if isinstance(tokens, PanelopsError) else tokens.get(each.name)
        if isinstance(tokens, PanelopsError) or (live is not None and live.create_time == entry.create_time):
            # Otherwise another run has put a younger token in its place, and has filled its places.
            entry.healed = [sink.label for sink in new]
        told = " ".join(failure.msg for failure in failures if not failure.taken_over)
        trouble = " ".join(filter(None, (entry.msg, told)))
        entry.end_healing()
        if trouble:
            entry.fail(f"{trouble} {_UNCHANGED}")
    looks = looks_at(server, _due(rotating, entries))
    confirming = in_stores(
        [(each, sink) for each, sink in written if not sink.kind.conditional],
        evidence.delivered,
    )
    return StepResult(
        changed=bool(written),
        entries=entries,
        hosts=looks.hosts,
        stores=looks.stores,
        task_sinks=looks.task_sinks,
        confirming=confirming,
        notify=to_notify(written),
        waves=wave_count(entries.values()),
    )


def _is_target(sink: TokenSink, entry: RotationEntry) -> bool:
    return any(
        each.get("heals") and (each["sink"], each["host"]) == (sink.place.sink, sink.place.host)
        for each in entry.places
    )
