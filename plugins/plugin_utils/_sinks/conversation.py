# Copyright (c) 2026 panelops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""All that one run has to say to one secret of a store: read it, set our values in it, and write it only if nobody else has since."""

from __future__ import annotations

import base64
import hashlib
import json
import random
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace

from ansible_collections.panelops.cpanel.plugins.module_utils._delivery.content import (
    refuse_other_content,
    vendors_secret,
)
from ansible_collections.panelops.cpanel.plugins.module_utils._delivery.evidence import (
    NOTHING,
    OTHER,
    SECRET,
    Evidence,
    Place,
)
from ansible_collections.panelops.cpanel.plugins.module_utils._delivery.file import TakenOver
from ansible_collections.panelops.cpanel.plugins.module_utils._errors import PanelopsError

from .scrubbing import Hidden
from .store import Changed, NotAnswered, NotReached, Seen, StoredSecret

TRIES = 12
"""How often a secret is read again and written, because others write to it at the same time."""

PAUSE = 0.25
"""The longest pause before another try, in seconds; drawn by lot, so that two runs do not keep step."""

Values = Mapping[str, object]


@dataclass(frozen=True)
class StoreSink:
    """One sink in a store. ``values`` is what to write, by name; ``None`` stands for a name that is to be removed.

    ``before`` and ``after`` are fingerprints of the values that the names are expected to have.
    """

    place: Place
    names: tuple[str, ...]
    secrets_name: str
    values: Values = field(default_factory=dict, repr=False)
    before: str | None = None
    after: str | None = None

    def held_in(self, seen: Seen) -> Values:
        """What stands under the names of this sink."""
        return {name: seen.content.get(name) for name in self.names}


@dataclass
class Silence:
    """How long a store has not answered, over all conversations with it: one that stays silent for ``limit`` seconds is not asked again."""

    limit: float
    since: float | None = None

    @contextmanager
    def listening(self) -> Iterator[None]:
        """Around one question.

        :raises NotReached: the store has been silent for too long, so it was not asked.
        """
        began = time.monotonic()
        if self.since is not None and began - self.since > self.limit:
            raise NotReached(f"it has not answered for {began - self.since:.0f} seconds.")
        try:
            yield
        except NotAnswered:
            self.since = began if self.since is None else self.since
            raise
        except PanelopsError:
            self.since = None
            raise
        self.since = None

    @property
    def is_over(self) -> bool:
        """Has it been silent for too long?"""
        return self.since is not None and time.monotonic() - self.since > self.limit


@dataclass(frozen=True)
class Conversation:
    """One secret, and the sinks of this run that are in it. ``silence`` and ``hidden`` are those of its store."""

    secret: StoredSecret
    sinks: Sequence[StoreSink]
    silence: Silence
    hidden: Hidden = field(default_factory=Hidden)
    pause: Callable[[float], None] = time.sleep

    def check(self) -> list[Evidence]:
        """Make sure that the secret can be written, and see what it holds. ``previous`` of the evidence is for ``previous_of``."""
        try:
            seen = self._seen(self.secret.check)
        except PanelopsError as error:
            return [_failed(sink, str(error)) for sink in self.sinks]
        return [self._looked(sink, seen) for sink in self.sinks]

    def read(self) -> list[Evidence]:
        """See what the secret holds. Where something is missing, whatever keeps it from being written is found too."""
        try:
            seen = self._seen(self.secret.look)
            if any(sink.held_in(seen)[sink.secrets_name] is None for sink in self.sinks):
                # What is not mounted, or may not be read, can look like what does not exist.
                seen = self._seen(self.secret.check)
        except PanelopsError as error:
            return [_failed(sink, str(error)) for sink in self.sinks]
        return [self._found(sink, seen) for sink in self.sinks]

    def _seen(self, look: Callable[[], Seen]) -> Seen:
        with self.silence.listening():
            seen = look()
        self.hidden.add(*seen.content.values())
        return seen

    def _found(self, sink: StoreSink, seen: Seen) -> Evidence:
        told = self._looked(sink, seen)
        if not told.ok:
            return replace(told, ok=True, found=OTHER)
        return replace(told, found=SECRET if seen.content.get(sink.secrets_name) else NOTHING)

    def _looked(self, sink: StoreSink, seen: Seen) -> Evidence:
        held = sink.held_in(seen)
        value = held[sink.secrets_name]
        try:
            text = "" if value is None else value if isinstance(value, str) else json.dumps(value)
            refuse_other_content("raw", [sink.secrets_name], text.encode(), self.secret.label)
        except PanelopsError as error:
            return _failed(sink, str(error))
        return Evidence(
            sink.place,
            unchanged=True,
            before=fingerprint(held),
            previous=json.dumps(held).encode(),
            held=vendors_secret(value if isinstance(value, str) else None),
            identity=" ".join(_identity(self.secret.identity, name) for name in sink.names),
        )

    def deliver(self) -> list[Evidence]:
        """Write the values of all sinks whose names still hold what the check saw. What is there already counts as delivered."""
        return self._written(self.sinks, restoring=False)

    def restore(self) -> list[Evidence]:
        """Put back what the names held, where they still hold what this run has delivered."""
        return self._written(self.sinks, restoring=True)

    def confirm(self) -> list[Evidence]:
        """Look whether what was delivered is still there, in a store that cannot compare and write in one call."""
        try:
            with self.silence.listening():
                seen = self.secret.look()
        except PanelopsError as error:
            return [
                _failed(
                    sink, f"nobody knows whether another run has replaced what was delivered: {error}", unchanged=False
                )
                for sink in self.sinks
            ]
        replaced = (
            f"something else has written to {self.secret.label} since this run delivered, so consumers may have an older secret. "
            "Let one run at a time deliver there, and run again with rotate_force."
        )
        return [
            Evidence(sink.place, after=sink.after)
            if fingerprint(sink.held_in(seen)) == sink.after
            else Evidence(sink.place, ok=False, taken_over=True, msg=replaced)
            for sink in self.sinks
        ]

    def _written(self, sinks: Sequence[StoreSink], restoring: bool) -> list[Evidence]:
        told: dict[Place, Evidence] = {}
        self.hidden.add(*(dict(sink.values) for sink in sinks))
        # Is it certain that no write of ours has taken effect, not even for a moment?
        untouched = True
        trouble, refusal = "others kept writing to it.", ""
        for number in range(TRIES + 1):
            try:
                with self.silence.listening():
                    seen = self.secret.look()
                    self.hidden.add(*seen.content.values())
            except NotAnswered as error:
                # Whether a write that was refused has taken effect all the same is not known then.
                untouched, trouble = untouched and not refusal, refusal or str(error)
                if self.silence.is_over:
                    break
                self._wait(number)
                continue
            except PanelopsError as error:
                untouched, trouble = untouched and not refusal, refusal or str(error)
                break
            pending = []
            for sink in (sink for sink in sinks if sink.place not in told):
                evidence = _settled(sink, seen, restoring, untouched)
                if evidence is None:
                    pending.append(sink)
                else:
                    told[sink.place] = evidence
            # The last look only settles what came of the last write, and so does the one after a refusal.
            if not pending or number == TRIES or refusal:
                break
            try:
                with self.silence.listening():
                    self.secret.write(_merged(seen, pending), seen)
                untouched = False
            except (Changed, NotReached) as error:
                trouble = str(error)
                self._wait(number)
            except NotAnswered as error:
                untouched, trouble = False, str(error)
                self._wait(number)
            except PanelopsError as error:
                # A gateway may refuse what the store behind it has done: what the secret holds decides.
                trouble = refusal = str(error)
        for sink in sinks:
            if sink.place not in told:
                told[sink.place] = _failed(sink, trouble, unchanged=untouched and not restoring)
        return [told[sink.place] for sink in sinks]

    def _wait(self, number: int) -> None:
        """Let others go first. After a write that was acknowledged nobody waits."""
        if number < TRIES:
            self.pause(random.uniform(0, PAUSE))  # noqa: S311 - it keeps two runs apart, and protects nothing


def _settled(sink: StoreSink, seen: Seen, restoring: bool, untouched: bool) -> Evidence | None:
    """What came of a sink, by what stands there; ``None`` if its values are still to be written.

    :param untouched: is it certain that no write of ours has taken effect? Otherwise a consumer may have got our values before another
        run replaced them.
    """
    held = sink.held_in(seen)
    if held == sink.values:
        if restoring:
            return Evidence(sink.place, unchanged=True, restored=True)
        return Evidence(sink.place, before=sink.before, after=fingerprint(held))
    if fingerprint(held) != (sink.after if restoring else sink.before):
        overtaken = TakenOver()
        unchanged = untouched and not restoring
        return Evidence(sink.place, ok=False, unchanged=unchanged, taken_over=True, msg=str(overtaken))
    return None


def _merged(seen: Seen, sinks: Sequence[StoreSink]) -> dict[str, object]:
    merged = dict(seen.content)
    for sink in sinks:
        for name, value in sink.values.items():
            if value is None:
                merged.pop(name, None)
            else:
                merged[name] = value
    return merged


def _failed(sink: StoreSink, why: str, unchanged: bool = True) -> Evidence:
    return Evidence(sink.place, ok=False, unchanged=unchanged, msg=why)


def fingerprint(values: Values) -> str:
    """Tells two states of the same names apart, and says no more about them."""
    return hashlib.sha256(json.dumps(values, sort_keys=True).encode()).hexdigest()


def _identity(secret: str, name: str) -> str:
    return hashlib.sha256(json.dumps([secret, name]).encode()).hexdigest()


def previous_of(encoded: str) -> dict[str, object]:
    """What the names of a sink held, from what the check has told."""
    held: dict[str, object] = json.loads(base64.b64decode(encoded))
    return held
