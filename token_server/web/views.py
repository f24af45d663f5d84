# Copyright (c) 2026 panelops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the templates show of a token."""

from __future__ import annotations

from dataclasses import dataclass

from token_server.web import moments
from token_server.web.tokens import Listed

SOON = 30 * 24 * 3600
"""Seconds before its expiry from which on a token "will soon expire"."""


@dataclass(slots=True, frozen=True)
class Moment:
    """A time for people and for machines."""

    text: str
    iso: str


@dataclass(slots=True, frozen=True)
class Row:
    """A row of the list. ``status`` is "", ``soon`` or ``expired``; ``shown`` tells whether the search has found it."""

    name: str
    created: Moment
    expires: Moment | None
    last_used: Moment | None
    addresses: tuple[str, ...]
    status: str
    shown: bool


def moment(second: int | None) -> Moment | None:
    """Return a time, or None for never."""
    return None if second is None else Moment(moments.shown(second), moments.iso(second))


def row(token: Listed, now: int, search: str) -> Row:
    """Return the row of a token at the server's time ``now``; ``search`` looks at names only, in any case of letters."""
    status = ""
    if token.expires_at is not None and token.expires_at <= now + SOON:
        status = "expired" if token.expires_at <= now else "soon"
    return Row(
        name=token.name,
        created=Moment(moments.shown(token.create_time), moments.iso(token.create_time)),
        expires=moment(token.expires_at),
        last_used=moment(token.last_used),
        addresses=token.addresses,
        status=status,
        shown=search.lower() in token.name.lower(),
    )
