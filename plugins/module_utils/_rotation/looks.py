# Copyright (c) 2026 panelops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The sinks to look at before anything is created."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass

from .places import HostWork, in_stores, in_tasks, on_hosts, sinks_of
from .rotating import RotatingToken
from .server import Server
from .sinks import TokenSink


@dataclass(frozen=True)
class Looks:
    """Work on hosts, in stores, and for the tasks of the play."""

    hosts: Sequence[HostWork]
    stores: Sequence[dict[str, object]]
    task_sinks: Sequence[dict[str, object]] = ()


def work_on_host(server: Server, sink: TokenSink) -> dict[str, object]:
    """A sink on a host, with how that tries secrets."""
    verify = dict(verify=asdict(server.endpoint(sink.place.account))) if sink.verifies else {}
    return dict(sink.as_work(), **verify)


def looks_at(server: Server, rotating: Iterable[RotatingToken]) -> Looks:
    """The work to look at all sinks of these tokens."""
    sinks = sinks_of(rotating)
    return Looks(
        on_hosts(sinks, lambda sink: work_on_host(server, sink)),
        in_stores(sinks, TokenSink.as_work),
        in_tasks((pair for pair in sinks if pair[1].kind.compared), TokenSink.as_work),
    )
