# Copyright (c) 2026 panelops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Work for those who fill the sinks, and the evidence that they give of it. Pure."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field

from .._delivery.evidence import Evidence
from .rotating import RotatingToken
from .sinks import KINDS, TokenSink

_SILENT = (
    "nothing came back from the host. Can Ansible reach it, and does ansible_python_interpreter name a Python that runs there? "
    "The module ansible.builtin.ping tries both."
)


@dataclass(frozen=True)
class SinkFailure:
    """Where it did not go well: a sentence, and whether another run was the cause."""

    msg: str
    taken_over: bool


class AllEvidence:
    """What is known of all sinks. A sink of which nothing is known did not get what it should, and may have got it."""

    def __init__(self, evidence: Iterable[Evidence]) -> None:
        self._by_place = {each.place: each for each in evidence}

    def of(self, sink: TokenSink) -> Evidence | None:
        """The evidence of one sink, ``None`` if nothing came back from there."""
        return self._by_place.get(sink.place)

    def failure(self, sinks: Iterable[TokenSink]) -> SinkFailure | None:
        """The first of these sinks where it did not go well."""
        for sink in sinks:
            evidence = self.of(sink)
            if evidence is None:
                return SinkFailure(f"{sink.label}: {_SILENT}", taken_over=False)
            if not evidence.ok:
                return SinkFailure(f"{sink.label}: {evidence.msg}", evidence.taken_over)
        return None

    def is_free(self, sink: TokenSink) -> bool:
        """Is it certain that no consumer has got the new copy here?"""
        evidence = self.of(sink)
        return not sink.is_filled or (evidence is not None and evidence.unchanged)


@dataclass
class HostWork:
    """What M(panelops.cpanel.api_token_delivery) is to do on one host, and the handlers to notify of it."""

    host: str
    notify: list[str] = field(default_factory=list)
    sinks: list[dict[str, object]] = field(default_factory=list)

    def as_dict(self) -> dict[str, object]:
        """The same as plain data."""
        return dict(host=self.host, notify=self.notify, sinks=self.sinks)


Work = Callable[[TokenSink], dict[str, object]]
"""What there is to do with a sink, as plain data."""


def on_hosts(sinks: Iterable[tuple[RotatingToken, TokenSink]], work: Work) -> list[HostWork]:
    """Work for sinks on hosts, in an order of hosts that is the same in every run, so that of two runs one is first everywhere."""
    hosts: dict[str, HostWork] = {}
    for rotating, sink in sinks:
        if sink.kind.on_hosts:
            host = hosts.setdefault(sink.place.host, HostWork(sink.place.host))
            host.sinks.append(work(sink))
            host.notify += [name for name in rotating.notify if name not in host.notify]
    return [hosts[name] for name in sorted(hosts)]


def in_tasks(sinks: Iterable[tuple[RotatingToken, TokenSink]], work: Work) -> list[dict[str, object]]:
    """Work for sinks that the play fills by tasks, in the order of the table of kinds."""
    order = list(KINDS)
    chosen = [sink for _rotating, sink in sinks if not sink.kind.on_hosts]
    return [work(sink) for sink in sorted(chosen, key=lambda sink: order.index(sink.kind.name))]


def sinks_of(rotating: Iterable[RotatingToken]) -> Sequence[tuple[RotatingToken, TokenSink]]:
    """All sinks of tokens, each with its token."""
    return [(each, sink) for each in rotating for sink in each.sinks]
