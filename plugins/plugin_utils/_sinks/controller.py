# Copyright (c) 2026 panelops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the controller does for a sink: the same for each kind, so that the action plugins need not know any."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Protocol, runtime_checkable

from ansible.parsing.dataloader import DataLoader
from ansible.playbook.task import Task
from ansible.template import Templar

from .._text import text_of


@dataclass(frozen=True)
class Controller:
    """What an action plugin has at hand: files and vault passwords of the controller, templates, the task, its variables and environment.

    ``find`` looks for a file by its name in a folder such as ``templates``, where Ansible looks for it, and raises an ``AnsibleError``.
    """

    loader: DataLoader
    templar: Templar
    find: Callable[[str, str], str]
    variables: Mapping
    task: Task
    environ: Mapping[str, str]

    def text_of(self, text: str, more: Mapping[str, object] | None = None) -> str:
        """A text of a playbook with its variables, and with more of them.

        :raises AnsibleError: one of them is undefined.
        """
        return text_of(self.templar, text, more)


@runtime_checkable
class SinkOnController(Protocol):
    """A kind of sinks."""

    def missing(self, options: Mapping, controller: Controller) -> str:
        """The rest of a sentence on what a sink needs and the controller does not have; empty if it has everything."""


@dataclass(frozen=True)
class RunsOn:
    """A host that a task of a sink runs on."""

    task: str
    host: str


@runtime_checkable
class SinkOnTasks(SinkOnController, Protocol):
    """A kind of sinks that is filled by tasks of the user's own."""

    def runs_on(self, options: Mapping, controller: Controller) -> list[RunsOn]:
        """The hosts that they run on, as far as that is known before."""


@runtime_checkable
class FileOnController(SinkOnController, Protocol):
    """A kind of sinks that is a file on consumers' hosts."""

    def content(self, options: Mapping, secret: str, controller: Controller) -> bytes:
        """What to write into the file. It is made of a placeholder too, before a token is created, to see whether it can be.

        :raises PanelopsError, AnsibleError: it cannot.
        """

    def held(self, options: Mapping, previous: bytes, controller: Controller) -> str | None:
        """The secret in a file that is there and was not refused; ``None`` if there is none that can be told."""

    def refuse_other_content(self, options: Mapping, previous: bytes, controller: Controller) -> None:
        """Look into a file that is there. In the formats that the table names for that, its host has done so before.

        :raises PanelopsError, AnsibleError: it holds something else than a secret, which would be lost.
        """


@runtime_checkable
class SealedOnController(FileOnController, Protocol):
    """A kind of files that several tokens share, each with values of its own, and that their hosts cannot look into.

    All methods raise a ``PanelopsError`` or an ``AnsibleError`` for what cannot be read or written.
    """

    def opened(self, options: Mapping, content: bytes | None, controller: Controller) -> bytes:
        """The text of a file. That of one that does not exist has no values."""

    def state(self, options: Mapping, text: bytes) -> str:
        """A fingerprint of the values that a text has under the names of a sink."""

    def wanted(self, options: Mapping) -> str:
        """The same of what the sink is to be filled with."""

    def with_values(self, options: Mapping, text: bytes, controller: Controller) -> bytes:
        """A text with the values of a sink, and all else as it is."""

    def put_back(self, options: Mapping, text: bytes, previous: bytes) -> bytes:
        """A text with the values of a sink as they were in another one, and all else as it is."""

    def sealed(self, options: Mapping, text: bytes, present: bytes | None, controller: Controller) -> bytes:
        """A text as a file, for the readers of the file that is present."""
