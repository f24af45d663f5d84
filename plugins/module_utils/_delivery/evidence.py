# Copyright (c) 2026 panelops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What is known of a sink after a step. A rotation goes by this alone: a sink that nothing is known of did not get the secret."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any

from .._model.stored import Origin

VERIFY_ONLY = "verify"
"""The type of a sink without a file: its host only tries the secret."""

SECRET, NOTHING, OTHER = "secret", "nothing", "other"
"""What was read at a place: a secret, whosoever it is, nothing, or something that a secret must not replace."""


@dataclass(frozen=True)
class Place:
    """Names one sink of one token on one host. ``sink`` is its number, -1 where a host only verifies."""

    account: str | None
    name: str
    sink: int
    host: str

    @classmethod
    def of(cls, entry: Mapping[str, Any]) -> Place:
        """The place that plain data names."""
        return cls(entry.get("account"), entry["name"], entry["sink"], entry["host"])

    def as_dict(self) -> dict[str, object]:
        """The same as plain data."""
        return asdict(self)


@dataclass(frozen=True)
class Evidence:
    """What came of a step at one place.

    ``unchanged`` is true only where it is certain that the place holds what it held before the rotation. ``before`` and ``after`` are
    fingerprints. ``previous`` is the content that was found, which holds a secret; ``held`` is that secret, if it looks like one of the
    vendor's. ``found`` says what was read, ``None`` where nobody knows. ``identity`` is the same for all names and paths of one file,
    ``mark`` is what a file says that its secret was issued for.
    """

    place: Place
    ok: bool = True
    unchanged: bool = False
    taken_over: bool = False
    restored: bool = False
    before: str | None = None
    after: str | None = None
    msg: str | None = None
    previous: bytes | None = field(default=None, repr=False)
    held: str | None = field(default=None, repr=False)
    found: str | None = None
    identity: str | None = None
    mark: Origin | None = None

    @classmethod
    def of(cls, entry: Mapping[str, Any]) -> Evidence:
        """Read what a task returned, without the content."""
        return cls(
            Place.of(entry),
            ok=entry["ok"],
            unchanged=entry["unchanged"],
            taken_over=entry["taken_over"],
            restored=bool(entry["restored"]),
            before=entry["before"],
            after=entry["after"],
            msg=entry["msg"],
            held=entry["held"],
            found=entry["found"],
            mark=origin_of(entry["mark"]),
        )

    def as_result(self) -> dict[str, object]:
        """What a task returns, without the content."""
        result = dict(self.place.as_dict(), ok=self.ok, unchanged=self.unchanged, taken_over=self.taken_over)
        more: dict[str, object] = dict(
            restored=self.restored or None,
            before=self.before,
            after=self.after,
            msg=self.msg,
            found=self.found,
            identity=self.identity,
        )
        more["mark"] = None if self.mark is None else asdict(self.mark)
        return dict(result, **{key: value for key, value in more.items() if value is not None})


def origin_of(plain: Mapping[str, Any] | None) -> Origin | None:
    """What plain data says that a secret was issued for."""
    return None if plain is None else Origin(**plain)
