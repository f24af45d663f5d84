# Copyright (c) 2026 panelops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A store in memory that has bad days, and the sinks of a run in one of its secrets."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field

from ansible_collections.panelops.cpanel.plugins.module_utils._delivery.evidence import Evidence, Place
from ansible_collections.panelops.cpanel.plugins.module_utils._errors import PanelopsError
from ansible_collections.panelops.cpanel.plugins.plugin_utils._sinks.conversation import (
    Conversation,
    Silence,
    StoreSink,
    fingerprint,
)
from ansible_collections.panelops.cpanel.plugins.plugin_utils._sinks.store import (
    Changed,
    NotAnswered,
    NotReached,
    Seen,
)

EVENTS = (
    *("well", "other key changed", "our key changed", "not reached", "lost before", "lost after", "refused"),
    *("read refused", "read not answered"),
)
"""What can happen at a call."""


@dataclass
class Memory:
    """One secret. ``events`` say what happens at its calls; after the last one all goes well.

    ``history`` is every content that it has had, ``ours`` the contents that a write of a run under test has put there.
    """

    content: dict[str, object]
    events: Iterator[str] = field(default_factory=lambda: iter(()))
    version: int = 1
    history: list[dict[str, object]] = field(default_factory=list)
    ours: list[Mapping[str, object]] = field(default_factory=list)
    before_write: Callable[[], None] = lambda: None
    label: str = "the secret"
    identity: str = "the secret"

    def __post_init__(self) -> None:
        self.history.append(dict(self.content))

    def check(self) -> Seen:
        return self.look()

    def look(self) -> Seen:
        event = next(self.events, "well")
        self._meddle(event)
        if event == "read refused":
            raise PanelopsError("it cannot be read.")
        if event == "read not answered":
            raise NotAnswered("it does not answer.")
        return Seen(dict(self.content), self.version)

    def write(self, content: Mapping[str, object], seen: Seen) -> None:
        self.before_write()
        event = next(self.events, "well")
        self._meddle(event)
        if event == "not reached":
            raise NotReached("it cannot be reached.")
        if event == "refused":
            raise PanelopsError("it is refused.")
        if event == "lost before":
            raise NotAnswered("its answer was lost.")
        if seen.version != self.version:
            raise Changed("others kept writing to it.")
        self._put(dict(content))
        self.ours.append(content)
        if event == "lost after":
            raise NotAnswered("its answer was lost.")

    def _meddle(self, event: str) -> None:
        if event == "other key changed":
            self._put({**self.content, "other": f"changed in {self.version}"})
        if event == "our key changed":
            self._put({**self.content, "token": f"that of another run {self.version}"})

    def _put(self, content: dict[str, object]) -> None:
        self.content = content
        self.version += 1
        self.history.append(dict(content))


def place(name: str = "t") -> Place:
    return Place(None, name, 0, "")


def delivering(memory: Memory, new: Mapping[str, object], name: str = "t") -> StoreSink:
    """A sink that a check has seen as it is in the secret now."""
    held = {key: memory.content.get(key) for key in new}
    return StoreSink(place(name), tuple(new), next(iter(new)), dict(new), before=fingerprint(held))


def deliver(memory: Memory, *sinks: StoreSink) -> list[Evidence]:
    return Conversation(memory, sinks, Silence(60), pause=lambda _seconds: None).deliver()


def restore(memory: Memory, delivered: Evidence, old: Mapping[str, object]) -> Evidence:
    sink = StoreSink(delivered.place, tuple(old), next(iter(old)), dict(old), delivered.before, delivered.after)
    return Conversation(memory, [sink], Silence(60), pause=lambda _seconds: None).restore()[0]
