# Copyright (c) 2026 panelops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""One API token on its way through the engine."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TypeVar

from .._api.owners import Owner
from .._errors import PanelopsError
from .._model.plan import NOTHING, Create, Plan, Revoke, Update
from .._model.token import ApiToken

Step = TypeVar("Step", Create, Update, Revoke)


@dataclass
class Entry:
    """What is planned for one API token (or for what one owner has too many), and what came of it.

    A single token is a bulk of one entry, so what a task reports of a token cannot depend on how many there are.
    """

    plan: Plan = NOTHING
    owner: Owner = None
    keep: Callable[[str], None] | None = None
    """Stores a secret; called as soon as there is one. :raises PanelopsError: it could not be stored."""
    sending: Callable[[], None] | None = None
    """Called just before its create is sent, each time."""

    token: ApiToken | None = None
    """The API token as the server has it now, as far as that was answered; else as planned."""
    secret: str | None = field(default=None, repr=False)
    """Of the API token that was created, also if something failed later."""
    is_kept: bool = False
    """Is its secret stored, so that it is not lost with the task's result?"""
    error: PanelopsError | None = None
    """Why it failed, the first reason."""
    lost: bool = False
    """Is it not certain what came of its creation, so that the token of its name may be its own?"""
    warnings: list[str] = field(default_factory=list)
    changed: bool = False
    """Has the server changed something for it?"""
    done: list[Create | Update] = field(default_factory=list)
    """The steps that create and update which certainly took effect."""
    revoked: list[str] = field(default_factory=list)
    """The names that certainly are gone."""

    def steps(self, kind: type[Step]) -> list[Step]:
        """Its steps of one kind, if nothing has gone wrong so far."""
        return [step for step in self.plan.steps if isinstance(step, kind)] if self.error is None else []

    def fail(self, error: PanelopsError) -> None:
        """Note why it failed, unless there is a reason already."""
        self.error = self.error or error
