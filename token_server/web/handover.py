# Copyright (c) 2026 panelops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What one page of a session leaves for the next one: a message, or the secret of a token that was just created.

It is kept in memory only and handed over once, so that a page with a secret can be neither loaded again nor sent again.
"""

from __future__ import annotations

import secrets
from dataclasses import dataclass, field

KEPT = 120
"""Seconds of the server's clock for which a secret waits for the browser that was sent to look at it."""

_WAITING = 20


@dataclass(slots=True, frozen=True)
class Created:
    """A token that was just created; ``until`` is when its secret is forgotten, seen or not."""

    name: str
    secret: str = field(repr=False)
    expires_at: int | None
    until: float


@dataclass(slots=True)
class Handover:
    """The state of one session. ``form_token`` stands in each of its forms, and nobody else knows it."""

    form_token: str = field(default_factory=lambda: secrets.token_urlsafe(32), repr=False)
    _message: str = ""
    _created: dict[str, Created] = field(default_factory=dict, repr=False)

    def say(self, message: str) -> None:
        """Leave a message for the next page."""
        self._message = message

    def take_message(self) -> str:
        """Return the message, this once."""
        message, self._message = self._message, ""
        return message

    def leave(self, created: Created) -> str:
        """Leave a created token for the next page; return under which number."""
        self._created = {key: kept for key, kept in self._created.items() if kept.until > created.until - KEPT}
        if len(self._created) >= _WAITING:
            del self._created[next(iter(self._created))]
        number = secrets.token_hex(8)
        self._created[number] = created
        return number

    def take(self, number: str, now: float) -> Created | None:
        """Return the created token of this number, this once, or None."""
        created = self._created.pop(number, None)
        return created if created is not None and now < created.until else None
