# Copyright (c) 2026 panelops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a kind of sinks in a store consists of: a login, and the secrets in the store. One file for each kind implements it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Protocol, runtime_checkable

from ansible_collections.panelops.cpanel.plugins.module_utils._errors import PanelopsError

from .controller import Controller, SinkOnController
from .scrubbing import Hidden
from .settings import Settings


@dataclass(frozen=True)
class Seen:
    """What a secret of a store held when it was read. It never leaves the process.

    ``version`` is what a write names, so that it fails if somebody else has written since; ``None`` where a store has no such thing.
    """

    content: Mapping[str, object] = field(repr=False)
    version: object = None


class Changed(PanelopsError):
    """The store refused a write because somebody else has written since it was read."""


class NotAnswered(PanelopsError):
    """There is no answer. A write may have taken effect or not; a read is worth another try."""


class NotReached(NotAnswered):
    """There is no answer because nothing was sent: a write has certainly not taken effect."""


class NotBegun(PanelopsError):
    """A delivery ended before anything could have been written."""


class StoredSecret(Protocol):
    """One secret of a store, which may hold several values."""

    @property
    def label(self) -> str:
        """The secret as messages call it."""

    @property
    def identity(self) -> str:
        """The same for every spelling of this secret's address."""

    def check(self) -> Seen:
        """Find what would keep the secret from being written, without writing; what it holds.

        :raises PanelopsError: it cannot be written.
        """

    def look(self) -> Seen:
        """What it holds; nothing if it does not exist.

        :raises NotAnswered: nobody knows. :raises PanelopsError: it cannot be read.
        """

    def write(self, content: Mapping[str, object], seen: Seen) -> None:
        """Replace what it holds, if it still is what was seen.

        :raises Changed: it is not. :raises NotAnswered: nobody knows whether it was written.
        :raises PanelopsError: it certainly was not written.
        """


class Session(Protocol):
    """A store that answers to a login."""

    ticket: str | None
    """What a later step of the run goes on with instead of another login; ``None`` if there was none."""
    timeout: float
    """Seconds that one call may take."""
    hidden: Hidden
    """What no message repeats. Whoever reads or writes a secret adds to it."""

    def secret(self, options: Mapping) -> StoredSecret:
        """The secret that the options of a sink name."""

    def close(self) -> None:
        """End the login, if it was ours. What goes wrong with that does not matter."""


@runtime_checkable
class StoreOnController(SinkOnController, Protocol):
    """A kind of sinks in a store."""

    settings: Settings
    """Where the store is and how to log in: what a task, the play and the environment can set."""

    def opened(self, given: Mapping[str, str], ticket: str | None) -> Session:
        """The store, logged in.

        :param given: the settings. :param ticket: of an earlier step's session.
        :raises PanelopsError: it cannot be reached, or refuses the login.
        """


@runtime_checkable
class BlindStore(SinkOnController, Protocol):
    """A kind of sinks that can only be written: nobody can tell what it holds."""

    def deliver(self, options: Mapping, values: Mapping[str, str], controller: Controller) -> None:
        """Write values.

        :param options: the sink, as its task gives it. :param values: by the names that the sink gives them.
        :raises NotBegun: nothing was written. :raises PanelopsError: nobody knows whether it was written.
        """
