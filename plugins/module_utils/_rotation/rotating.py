# Copyright (c) 2026 panelops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A token that rotates, as a task describes it. Pure."""

from __future__ import annotations

from dataclasses import dataclass

from .entries import Key
from .sinks import TokenSink
from .state import DesiredRotation


@dataclass(frozen=True)
class RotatingToken:
    """One token of a task: its owner, its desired state, its sinks, and the handlers to notify."""

    owner: str | None
    desired: DesiredRotation
    sinks: tuple[TokenSink, ...] = ()
    notify: tuple[str, ...] = ()

    @property
    def name(self) -> str:
        """The name of the live token."""
        return self.desired.name

    @property
    def label(self) -> str:
        """``name`` or ``account/name``, as messages call it."""
        return "/".join(filter(None, (self.owner, self.name)))

    @property
    def key(self) -> Key:
        """What tells it from all others of the task."""
        return (self.owner, self.name)

    @property
    def is_silent(self) -> bool:
        """Is there a sink of which a failure says nothing about its place?"""
        return any(sink.is_filled and not sink.kind.compared for sink in self.sinks)
