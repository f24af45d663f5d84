# Copyright (c) 2026 panelops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The sinks of a task that are in stores: one login for each store, one conversation for each secret."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from hashlib import sha256

from ansible_collections.panelops.cpanel.plugins.module_utils._delivery.evidence import Evidence, Place
from ansible_collections.panelops.cpanel.plugins.module_utils._delivery.sink import (
    CHECK,
    DELIVER,
    READ,
    RESTORE,
)
from ansible_collections.panelops.cpanel.plugins.module_utils._errors import InvalidOption, PanelopsError
from ansible_collections.panelops.cpanel.plugins.module_utils._rotation.accounts import matches, with_account
from ansible_collections.panelops.cpanel.plugins.module_utils._rotation.sinks import KINDS
from ansible_collections.panelops.cpanel.plugins.module_utils._rotation.values import names_of, secrets_name

from .controller import Controller
from .conversation import Conversation, Silence, StoreSink, previous_of
from .kinds import blind_on_controller, store_on_controller
from .store import NotBegun, Session, StoredSecret

CONFIRM = "confirm"
"""The step after the promotion, for kinds that cannot compare and write in one call."""


@dataclass
class Stores:
    """One step for all sinks of a task that are in stores. ``tickets`` are those of the sessions that are open, for the next step."""

    controller: Controller
    tokens: Sequence[Mapping]
    """The tokens of the task, for how the store of each sink is reached."""
    tickets: dict[str, str] = field(default_factory=dict)
    independent: bool = False
    """Is a sink filled also where another one of its token failed?"""

    def take(
        self, step: str, sinks: Iterable[Mapping], copies: Iterable[Mapping], stopped: frozenset
    ) -> list[Evidence]:
        """Take a step; what came of each sink.

        :param copies: what the names of the sinks held before, to put it back.
        :param stopped: the accounts and names of tokens that another sink of theirs did not get: nothing more is delivered of them.
        """
        previous = {
            Place.of(copy): previous_of(copy["previous"]) for copy in copies if copy.get("previous") is not None
        }
        told: list[Evidence] = []
        failed = set(stopped)
        sinks = list(sinks)
        censored = [sink for sink in sinks if _is_censored(sink)]
        told += [_refused(sink, _CENSORED, step) for sink in censored]
        sinks = [sink for sink in sinks if sink not in censored]
        # Those that cannot be compared come last: they get nothing once another sink of their token has failed.
        for kind in (name for name, row in KINDS.items() if row.in_store):
            chosen = [
                sink
                for sink in sinks
                if sink["type"] == kind
                and (step != CONFIRM or not KINDS[kind].conditional)
                and (step != DELIVER or (sink.get("account"), sink["name"]) not in failed)
            ]
            if not KINDS[kind].is_blind:
                told += self._of_kind(kind, step, chosen, previous)
            elif step == DELIVER:
                told += self._blind(kind, chosen)
            failed |= (
                set() if self.independent else {(each.place.account, each.place.name) for each in told if not each.ok}
            )
        return told

    def _blind(self, kind: str, sinks: Sequence[Mapping]) -> list[Evidence]:
        """Deliver, one after the other: what comes after a sink that failed is not begun, so it is certain that it got nothing."""
        store, told = blind_on_controller(kind), []
        failed: set[tuple[str | None, str]] = set()
        for sink in sinks:
            place = Place.of(sink)
            if (place.account, place.name) in failed:
                continue
            try:
                store.deliver(
                    with_account(self._listed(sink) or {}, place.account), sink.get("values") or {}, self.controller
                )
                told.append(Evidence(place))
            except PanelopsError as error:
                failed.add((place.account, place.name))
                told.append(
                    Evidence(place, ok=False, unchanged=isinstance(error, (InvalidOption, NotBegun)), msg=str(error))
                )
        return told

    def _of_kind(
        self, kind: str, step: str, sinks: Sequence[Mapping], previous: Mapping[Place, Mapping[str, object]]
    ) -> list[Evidence]:
        store, told = store_on_controller(kind), []
        sessions: dict[str, list[tuple[Mapping[str, str], Mapping]]] = {}
        for sink in sinks:
            try:
                settings = store.settings.read((self._listed(sink) or {}).get("connection"), self.controller)
            except PanelopsError as error:
                told.append(_refused(sink, str(error), step))
                continue
            sessions.setdefault(_session_named(kind, settings), []).append((settings, sink))
        for named, group in sessions.items():
            given, theirs = group[0][0], [sink for _given, sink in group]
            try:
                session = store.opened(given, self.tickets.get(_ticket_name(named)))
            except PanelopsError as error:
                told += [_refused(sink, str(error), step) for sink in theirs]
                continue
            if session.ticket is not None:
                self.tickets[_ticket_name(named)] = session.ticket
            told += _conversations(session, step, theirs, previous)
        return told

    def close(self) -> None:
        """End the logins of the earlier steps."""
        for sink in (sink for token in self.tokens for sink in token.get("sinks") or ()):
            kind = str(sink.get("type"))
            if kind not in KINDS or not KINDS[kind].in_store or KINDS[kind].is_blind:
                continue
            store = store_on_controller(kind)
            with suppress(PanelopsError):
                given = store.settings.read(sink.get("connection"), self.controller)
                ticket = self.tickets.pop(_ticket_name(_session_named(kind, given)), None)
                if ticket is not None:
                    store.opened(given, ticket).close()

    def _listed(self, sink: Mapping) -> Mapping | None:
        """A sink as its token lists it, with how its store is reached. That is not part of the work, which passes through results."""
        for token in self.tokens:
            listed = token.get("sinks") or ()
            if token.get("name") == sink["name"] and matches(token, sink.get("account")) and sink["sink"] < len(listed):
                found: Mapping = listed[sink["sink"]]
                return found
        return None


_MASKS = ("********", "VALUE_SPECIFIED_IN_NO_LOG_PARAMETER")
"""What Ansible puts in the place of a credential in the result of a module, by which the work comes to us."""

_CENSORED = (
    "a credential of WHM stands in its path, its keys, or one of the values to write, so Ansible has masked it there. Name the path "
    "or the key otherwise, or change the credential."
)


def _is_censored(value: object) -> bool:
    if isinstance(value, Mapping):
        return any(_is_censored(each) for pair in value.items() for each in pair)
    if isinstance(value, list):
        return any(map(_is_censored, value))
    return isinstance(value, str) and any(mask in value for mask in _MASKS)


def _conversations(
    session: Session,
    step: str,
    sinks: Sequence[Mapping],
    previous: Mapping[Place, Mapping[str, object]],
) -> list[Evidence]:
    secrets: dict[str, tuple[StoredSecret, list[StoreSink]]] = {}
    silence, told = Silence(2 * session.timeout), []
    for sink in sinks:
        try:
            secret = session.secret(sink)
        except PanelopsError as error:
            told.append(_refused(sink, str(error), step))
            continue
        place = Place.of(sink)
        if step == RESTORE and place not in previous:
            told.append(_refused(sink, "nothing is known of what it held before.", step))
            continue
        secrets.setdefault(secret.identity, (secret, []))[1].append(_sink_from(sink, step, previous))
    for secret, theirs in secrets.values():
        talk = Conversation(secret, theirs, silence, session.hidden)
        take = {READ: talk.read, CHECK: talk.check, DELIVER: talk.deliver, RESTORE: talk.restore, CONFIRM: talk.confirm}
        try:
            told += take[step]()
        except Exception as error:  # An answer can surprise any library; the sinks of other stores go on.
            odd = f"the answer about {secret.label} is not one of such a store ({type(error).__name__})."
            told += [Evidence(sink.place, ok=False, unchanged=step in (READ, CHECK), msg=odd) for sink in theirs]
    return told


def _sink_from(sink: Mapping, step: str, previous: Mapping[Place, Mapping[str, object]]) -> StoreSink:
    place, names = Place.of(sink), tuple(names_of(sink))
    values = previous[place] if step == RESTORE else sink.get("values") or {}
    return StoreSink(place, names, secrets_name(sink), dict(values), sink.get("before"), sink.get("after"))


def _refused(sink: Mapping, why: str, step: str) -> Evidence:
    return Evidence(Place.of(sink), ok=False, unchanged=step != RESTORE, msg=why)


def _session_named(kind: str, given: Mapping[str, str]) -> str:
    return json.dumps([kind, given], sort_keys=True)


def _ticket_name(session: str) -> str:
    """Names a session without the credentials that are in its settings."""
    return sha256(session.encode()).hexdigest()
