# Copyright (c) 2026 panelops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Which hosts of a play the role audit has read, which are still to come, and which of them writes the report.

Every host that runs the role takes part, because no single one can be relied on: a condition, an order or a failure can leave out any.
"""

from __future__ import annotations

import contextlib
import fcntl
import os
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Turn:
    """A host's turn in a play.

    ``everyone`` are the hosts of the play in the inventory's order, ``alive`` those of them that have not failed, ``batch`` those that the
    play works on now, ``left_out`` those that the pattern of the play names and ``--limit`` does not. In ``lockstep``, as in the strategy
    linear, a host of the batch that has not been read when another one reports will not be. ``play`` and ``invocation`` name the play
    and this use of the role in it.
    """

    host: str
    play: str
    everyone: Sequence[str]
    alive: Sequence[str]
    batch: Sequence[str]
    left_out: Sequence[str]
    order: str | None
    lockstep: bool

    def reads(self, kept: Callable[[str], Mapping]) -> dict[str, Mapping | None]:
        """By host, what was read of it in this play; ``None`` if nothing was.

        :param kept: what the role has kept of a host, in whichever play; empty if it has nothing.
        """
        return {host: read if (read := kept(host)).get("play") == self.play else None for host in self.everyone}

    def writer(self, kept: Callable[[str], Mapping]) -> str:
        """The host that writes the report: in lockstep the first that runs this use of the role, otherwise each when it is ready."""
        mine = kept(self.host).get("invocation")
        if self.lockstep and mine is not None:
            return next((host for host in self.batch if kept(host).get("invocation") == mine), self.host)
        return self.host

    def to_come(self, reads: Mapping[str, object], runs: Callable[[str], bool]) -> list[str]:
        """The hosts whose turn may still come.

        :param runs: do the conditions of the role hold for a host, as far as can be known now?
        """
        later = set(self._later())
        return [host for host in self.alive if host in later and reads.get(host) is None and runs(host)]

    def _later(self) -> Sequence[str]:
        ordered = _ORDERS[self.order](self.everyone) if self.order in _ORDERS else None
        now = [] if self.lockstep else list(self.batch)
        if ordered is None:  # Shuffled: nobody knows who is next.
            return [host for host in self.everyone if host not in self.batch] + now
        last = max((ordered.index(host) for host in self.batch if host in ordered), default=-1)
        return ordered[last + 1 :] + now


def _by_inventory(hosts: Sequence[str]) -> list[str]:
    return list(hosts)


def _reversed(hosts: Sequence[str]) -> list[str]:
    return list(reversed(hosts))


def _sorted(hosts: Sequence[str]) -> list[str]:
    return sorted(hosts)


def _reverse_sorted(hosts: Sequence[str]) -> list[str]:
    return sorted(hosts, reverse=True)


_ORDERS: Mapping[str | None, Callable[[Sequence[str]], list[str]]] = {
    None: _by_inventory,
    "inventory": _by_inventory,
    "reverse_inventory": _reversed,
    "sorted": _sorted,
    "reverse_sorted": _reverse_sorted,
}
"""The keyword ``order`` of a play. What is missing here cannot be foretold."""


@contextlib.contextmanager
def in_order(note: Path, number: int) -> Iterator[bool]:
    """Hold a lock while a report is written; tell whether it is as complete as those that were written before.

    Hosts that do not wait for each other can finish their reports in another order than they began them.

    :param note: a file in the run's own temporary folder. :param number: how many servers the report has read.
    """
    descriptor = os.open(note, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    with os.fdopen(descriptor, "r+", encoding="ascii") as stream:
        fcntl.flock(stream, fcntl.LOCK_EX)
        newest = int(stream.read() or -1)
        yield number >= newest
        if number > newest:
            stream.seek(0)
            stream.write(str(number))
            stream.flush()
