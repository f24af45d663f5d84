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
_NOT_READ = "nothing is known of what it holds."
_NOT_REACHED = "nothing shows that its tasks have run to their end."
_NO_STORE = "the task that speaks with the store ended without a word about this sink."


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
        """The first of these sinks where it did not go well, or else the first of which nothing is known."""
        found = [(sink, self.of(sink)) for sink in sinks]
        for sink, evidence in found:
            if evidence is not None and not evidence.ok:
                return SinkFailure(f"{sink.label}: {evidence.msg}", evidence.taken_over)
        silent = next((sink for sink, evidence in found if evidence is None), None)
        return None if silent is None else SinkFailure(f"{silent.label}: {_why_silent(silent)}", taken_over=False)

    def why_unknown(self, sink: TokenSink) -> str | None:
        """A sentence on why nothing is known of what a sink holds; ``None`` if it was read."""
        evidence = self.of(sink)
        if evidence is None:
            return _why_silent(sink)
        return None if evidence.ok and evidence.found is not None else f"{evidence.msg or _NOT_READ}"

    def is_written(self, sink: TokenSink) -> bool:
        """Is it known that there is a new copy?"""
        evidence = self.of(sink)
        return evidence is not None and evidence.ok and not evidence.unchanged

    def delivered(self, sink: TokenSink) -> dict[str, object]:
        """Work for a sink that has got a copy: with fingerprints of what was there, and of the copy."""
        told = self.of(sink)
        return dict(sink.as_work(), before=told and told.before, after=told and told.after)

    def is_free(self, sink: TokenSink) -> bool:
        """Is it certain that no consumer has got the new copy here?"""
        evidence = self.of(sink)
        return not sink.is_filled or (evidence is not None and evidence.unchanged)


def _why_silent(sink: TokenSink) -> str:
    return _SILENT if sink.kind.on_hosts else _NO_STORE if sink.kind.in_store else _NOT_REACHED


@dataclass
class HostWork:
    """What M(panelops.cpanel.api_token_delivery) is to do on one host. ``implied``: the task names the host nowhere."""

    host: str
    implied: bool = True
    sinks: list[dict[str, object]] = field(default_factory=list)

    def as_dict(self) -> dict[str, object]:
        """The same as plain data."""
        return dict(host=self.host, implied=self.implied, sinks=self.sinks)


Work = Callable[[TokenSink], dict[str, object]]
"""What there is to do with a sink, as plain data."""


def on_hosts(sinks: Iterable[tuple[RotatingToken, TokenSink]], work: Work) -> list[HostWork]:
    """Work for sinks on hosts, in an order of hosts that is the same in every run, so that of two runs one is first everywhere."""
    hosts: dict[str, HostWork] = {}
    for _rotating, sink in sinks:
        if sink.kind.on_hosts:
            host = hosts.setdefault(sink.place.host, HostWork(sink.place.host))
            host.sinks.append(work(sink))
            host.implied = host.implied and sink.implied
    return [hosts[name] for name in sorted(hosts)]


def in_stores(sinks: Iterable[tuple[RotatingToken, TokenSink]], work: Work) -> list[dict[str, object]]:
    """Work for sinks in stores, in the order in which they are filled."""
    return [work(sink) for sink in _in_turn(sink for _rotating, sink in sinks if sink.kind.in_store)]


def in_tasks(sinks: Iterable[tuple[RotatingToken, TokenSink]], work: Work) -> list[dict[str, object]]:
    """Work for sinks that the play fills by the user's own tasks. ``place`` names the sink in evidence of it."""
    own = (sink for _rotating, sink in sinks if not sink.kind.on_hosts and not sink.kind.in_store)
    return [dict(work(sink), place=sink.place.as_dict()) for sink in _in_turn(own)]


def _in_turn(sinks: Iterable[TokenSink]) -> list[TokenSink]:
    """Those of the sinks that are not on hosts, in the order in which they are filled: that of the table of kinds."""
    order = list(KINDS)
    return sorted((sink for sink in sinks if not sink.kind.on_hosts), key=lambda sink: order.index(sink.kind.name))


def before(sink: TokenSink, sinks: Sequence[TokenSink]) -> list[TokenSink]:
    """Which of a token's sinks are filled before one that is not on hosts: that one is not begun if one of them failed."""
    in_turn = _in_turn(sinks)
    return [*(one for one in sinks if one.kind.on_hosts), *in_turn[: in_turn.index(sink)]]


def to_notify(sinks: Iterable[tuple[RotatingToken, TokenSink]]) -> dict[str, list[str]]:
    """The handlers to notify of these sinks, and for each the hosts with a new copy: none if all are in stores or filled by tasks."""
    handlers: dict[str, list[str]] = {}
    for rotating, sink in sinks:
        for name in rotating.notify if sink.is_filled else ():
            hosts = handlers.setdefault(name, [])
            if sink.kind.on_hosts and sink.place.host not in hosts:
                hosts.append(sink.place.host)
    return handlers


def sinks_of(rotating: Iterable[RotatingToken]) -> Sequence[tuple[RotatingToken, TokenSink]]:
    """All sinks of tokens, each with its token."""
    return [(each, sink) for each in rotating for sink in each.sinks]
