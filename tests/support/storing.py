# Copyright (c) 2026 panelops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The steps of sinks in stores as the role takes them, without a playbook."""

from __future__ import annotations

import base64
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from ansible_collections.panelops.cpanel.plugins.module_utils._delivery.evidence import Evidence
from ansible_collections.panelops.cpanel.plugins.plugin_utils._sinks.stores import Stores

from tests.support.controllers import controller

NEW = "N" * 32
"""The secret that a delivery brings."""


@dataclass
class Storing:
    """A run with sinks in stores. ``sinks`` are as tokens list them, each of a token of its own: ``t0``, ``t1``, ..."""

    sinks: Sequence[Mapping]
    environ: Mapping[str, str] = field(default_factory=dict)
    new: str = NEW
    tickets: dict[str, str] = field(default_factory=dict)
    checked: list[Evidence] = field(default_factory=list)
    delivered: list[Evidence] = field(default_factory=list)

    def check(self) -> list[Evidence]:
        """Look at the sinks."""
        self.checked = self._take("check", [self._work(number) for number in range(len(self.sinks))])
        return self.checked

    def deliver(self) -> list[Evidence]:
        """Deliver to each of them a secret of its own: ``new`` and the number of the token."""
        work = []
        for number, sink in enumerate(self.sinks):
            names = list(sink.get("keys") or [sink["key"]])
            values = dict.fromkeys(names, self.secret(number))
            work.append(dict(self._work(number), values=values, before=self._seen(number).before))
        self.delivered = self._take("deliver", work)
        return self.delivered

    def restore(self) -> list[Evidence]:
        """Roll back."""
        copies = [
            dict(each.place.as_dict(), previous=base64.b64encode(each.previous).decode())
            for each in self.checked
            if each.previous is not None
        ]
        work = [
            dict(self._work(number), before=each.before, after=each.after)
            for number in range(len(self.sinks))
            for each in self.delivered
            if each.place.name == f"t{number}"
        ]
        return self._take("restore", work, copies)

    def close(self) -> None:
        """Log out."""
        self._stores().close()

    def whole(self) -> tuple[Evidence, Evidence, Evidence]:
        """Check, deliver, restore and close; what came of the first sink."""
        told = self.check()[0], self.deliver()[0], self.restore()[0]
        self.close()
        return told

    def sentence(self) -> str:
        """Why the check fails."""
        told = self.check()[0]
        assert not told.ok
        assert told.unchanged
        return str(told.msg)

    def secret(self, number: int) -> str:
        """The secret for one of the sinks."""
        return f"{self.new}{number}"[-32:]

    def _seen(self, number: int) -> Evidence:
        return next(each for each in self.checked if each.place.name == f"t{number}")

    def _work(self, number: int) -> dict:
        options = {key: value for key, value in self.sinks[number].items() if key != "connection"}
        return dict(account=None, name=f"t{number}", sink=0, host="", **options)

    def _stores(self) -> Stores:
        tokens = [{"name": f"t{number}", "sinks": [sink]} for number, sink in enumerate(self.sinks)]
        return Stores(controller(self.environ), tokens, self.tickets)

    def _take(self, step: str, work: list[dict], copies: Sequence[Mapping] = ()) -> list[Evidence]:
        stores = self._stores()
        told = stores.take(step, work, copies, frozenset())
        self.tickets = stores.tickets
        return told
