# Copyright (c) 2026 panelops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the controller has to say to one store, without a play: the steps of a rotation for some sinks of one token each."""

from __future__ import annotations

import base64
from collections.abc import Mapping
from dataclasses import dataclass, field
from types import SimpleNamespace

from ansible_collections.panelops.cpanel.plugins.module_utils._delivery.evidence import Evidence
from ansible_collections.panelops.cpanel.plugins.plugin_utils._sinks.controller import Controller
from ansible_collections.panelops.cpanel.plugins.plugin_utils._sinks.stores import Stores

OLD, NEW, OTHER = ("ABCDEFGH" * 4, "BCDEFGHI" * 4, "CDEFGHIJ" * 4)
"""Three secrets of the shape of the vendor's."""


@dataclass
class Talk:
    """One run's sinks in a store; each has a token of its own."""

    connection: Mapping[str, str]
    sinks: list[dict]
    seen: list[Evidence] = field(default_factory=list)
    delivered: list[Evidence] = field(default_factory=list)

    def check(self) -> list[Evidence]:
        """See what is there."""
        self.seen = self._take("check", [{} for _sink in self.sinks])
        return self.seen

    def deliver(self, *values: Mapping[str, str]) -> list[Evidence]:
        """Write the values of each sink."""
        work = [dict(before=seen.before, values=dict(value)) for seen, value in zip(self.seen, values, strict=True)]
        self.delivered = self._take("deliver", work)
        return self.delivered

    def confirm(self) -> list[Evidence]:
        """Look again."""
        return self._take("confirm", [dict(after=each.after) for each in self.delivered])

    def restore(self) -> list[Evidence]:
        """Put back what was there."""
        return self._take("restore", [dict(after=each.after) for each in self.delivered])

    def _take(self, step: str, more: list[dict]) -> list[Evidence]:
        names = [f"t{number}" for number in range(len(self.sinks))]
        tokens = [
            {"name": name, "sinks": [{**sink, "connection": self.connection}]}
            for name, sink in zip(names, self.sinks, strict=True)
        ]
        work = [
            {"account": None, "name": name, "sink": 0, "host": "", **sink, **extra}
            for name, sink, extra in zip(names, self.sinks, more, strict=True)
        ]
        copies = [
            {**each.place.as_dict(), "previous": base64.b64encode(each.previous).decode("ascii")}
            for each in self.seen
            if each.previous is not None
        ]
        task = SimpleNamespace(module_defaults=[])
        controller = Controller(None, None, lambda *_names: "", {}, task, {})  # type: ignore[arg-type]
        return Stores(controller, tokens).take(step, work, copies, frozenset())


def sentence(told: list[Evidence]) -> str:
    """Why the only sink failed."""
    (one,) = told
    assert not one.ok
    return str(one.msg)
