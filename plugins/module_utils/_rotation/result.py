# Copyright (c) 2026 panelops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a step of a rotation answers."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from .entries import Key, RotationEntry
from .places import HostWork


@dataclass(frozen=True)
class StepResult:
    """The entries of all tokens, and the work that comes next: on hosts, in stores, and for the tasks of the play.

    ``confirming``: promoted secrets in stores that are to be looked at once more.
    ``notify``: handlers, each with the hosts of consumers that have a new copy.
    ``withdrawing``: are there staged tokens that may be withdrawn? ``None`` where the step does not say.
    """

    changed: bool
    entries: Mapping[Key, RotationEntry]
    hosts: Sequence[HostWork] = ()
    stores: Sequence[dict[str, object]] = ()
    confirming: Sequence[dict[str, object]] = ()
    task_sinks: Sequence[dict[str, object]] = ()
    notify: Mapping[str, Sequence[str]] = field(default_factory=dict)
    warnings: Sequence[str] = ()
    withdrawing: bool | None = None
    with_secrets: bool = False
    suspended: Sequence[str] | None = None
    """The accounts that were skipped because they are suspended; ``None`` where the step does not say."""
    waves: int = 1
    """In how many waves the tokens go that are due."""
    reading: bool = False
    """Is the work to read places? Then that of the tokens that are due comes later."""
    copying: bool = False
    """Is the work to copy live secrets to places that lack them?"""
    left_out: Sequence[Key] = ()
    """Tokens of the task that the run is not about."""

    def as_result(self) -> dict[str, object]:
        """The task's result."""
        more: dict[str, object] = {} if self.withdrawing is None else dict(withdrawing=self.withdrawing)
        if self.suspended is not None:
            more["suspended"] = list(self.suspended)
        if self.waves > 1:
            more["waves"] = self.waves
        if self.left_out:
            more["left_out"] = [dict(account=account, name=name) for account, name in self.left_out]
        if self.reading:
            more["reading"] = True
        if self.copying:
            more["copying"] = True
        if self.confirming:
            more["confirming"] = list(self.confirming)
        if self.warnings:
            more["warnings"] = list(self.warnings)
        return dict(
            changed=self.changed,
            rotation=[entry.as_plain(self.with_secrets) for entry in self.entries.values()],
            report=[entry.as_report() for entry in self.entries.values()],
            hosts=[host.as_dict() for host in self.hosts],
            stores=list(self.stores),
            task_sinks=list(self.task_sinks),
            notify={name: list(hosts) for name, hosts in self.notify.items()},
            **more,
        )
