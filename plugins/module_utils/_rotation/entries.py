# Copyright (c) 2026 panelops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What one step of a rotation hands to the next: an entry for each token."""

from __future__ import annotations

import enum
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, Optional

from .._errors import InvalidOption
from .state import Replacement

Key = tuple[Optional[str], str]
"""The owner and the name of a token: what tells it from all others of a task."""

_REPORTED = (
    "account",
    "name",
    "state",
    "reason",
    "detail",
    "create_time",
    "expires_at",
    "new_create_time",
    "new_expires_at",
    "next_due",
    "waits",
    "waits_until",
    "retired",
    "places",
    "healed",
    "msg",
)


class State(enum.Enum):
    """How a token stands. A result holds the value: Ansible warns of an enumeration there."""

    FINE = "fine"
    HEALING = "healing"
    """Not due, and some of its places get a copy of the live secret."""
    WAITING = "waiting"
    """Due, but left to a later run."""
    QUEUED = "queued"
    """Due, and its wave has not begun."""
    DUE = "due"
    STAGED = "staged"
    PROMOTED = "promoted"
    UNPROMOTED = "unpromoted"
    """Delivered, but its staged token could not be given the name."""
    TAKEN_OVER = "taken_over"
    """Another run has delivered, or promoted, a younger token."""
    UNCERTAIN = "uncertain"
    """Another run has promoted its token while this one delivered it: the consumer may hold either secret."""
    FAILED = "failed"


@dataclass
class RotationEntry:
    """One token of a rotation. Times are Unix seconds of the server's clock; what is not known is ``None``.

    ``staged`` is the name of the staged token and ``secret`` its secret, the ``new_`` attributes are about it too; ``offered``: did the
    secret go to the sinks? ``withdrawn``: was it revoked again? ``retired`` are the names of the retired tokens that were revoked.
    ``waits`` is a sentence on why a token that is due is left to a later run, and ``waits_until`` until when.
    """

    account: str | None
    name: str
    state: State
    reason: str | None = None
    detail: str | None = None
    create_time: int | None = None
    expires_at: int | None = None
    new_create_time: int | None = None
    new_expires_at: int | None = None
    next_due: int | None = None
    waits: str | None = None
    waits_until: int | None = None
    retired: list[str] = field(default_factory=list)
    places: list[dict[str, Any]] = field(default_factory=list)
    """What its places were read to hold: C(sink), C(host) and C(holds), and C(heals) where one gets a copy."""
    healed: list[str] = field(default_factory=list)
    """The places that have got a copy of the live secret, as messages call them."""
    msg: str | None = None
    successor: Mapping[str, Any] | None = None
    """What the staged token is to be like (see ``Replacement``), as plain data."""
    staged: str | None = None
    offered: bool = False
    withdrawn: bool = False
    wave: int = 0
    """In which wave it goes; see ``waves`` of ``urgency``."""
    secret: str | None = field(default=None, repr=False)

    @classmethod
    def of(cls, plain: Mapping[str, Any]) -> RotationEntry:
        """Read what the step before has returned.

        :raises InvalidOption: it is nothing that a step returns.
        """
        known = {key: value for key, value in plain.items() if value is not None and key not in ("state", "token")}
        try:
            state = State(plain["state"])
        except ValueError:
            raise InvalidOption("rotation", f"{plain['state']!r} is not a state of a rotation.") from None
        return cls(**{"account": None, **known}, state=state, secret=plain.get("token"))

    @property
    def key(self) -> Key:
        """What tells it from all others of the task."""
        return (self.account, self.name)

    @property
    def is_abandoned(self) -> bool:
        """Is there a staged token that this run does not promote?"""
        return self.staged is not None and self.state in (State.FAILED, State.TAKEN_OVER)

    @property
    def unchanged(self) -> str:
        """The end of a sentence on a failure that left the live token alone; empty at the first issue, where there is none."""
        return "" if self.create_time is None else " The old token is unchanged."

    @property
    def has_failed_on_its_way(self) -> bool:
        """Has its rotation begun and failed? Neither a first issue nor a copy counts."""
        failed = self.state in (State.FAILED, State.UNPROMOTED, State.UNCERTAIN)
        return failed and self.successor is not None and self.create_time is not None

    def leave(self, sentence: str, until: int | None) -> None:
        """Leave it to a later run."""
        self.state, self.waits, self.waits_until = State.WAITING, sentence, until
        self.successor = None

    def end_healing(self) -> None:
        """Note that nothing more is copied: it is as it was before."""
        self.state = State.WAITING if self.waits else State.FINE

    def fail(self, msg: str) -> None:
        """Note that the token does not rotate; its old secret still works."""
        self.state, self.msg = State.FAILED, msg

    def replacement(self, kind: type) -> Replacement:
        """What the staged token is to be like.

        :raises InvalidOption: the step before did not say.
        """
        if self.successor is None:
            raise InvalidOption("rotation", f"successor of {self.name} is missing.", "Give what step: decide returned.")
        try:
            return Replacement.of(kind, self.successor)
        except ValueError:
            raise InvalidOption(
                "rotation",
                f"successor of {self.name} is not what a step returns.",
                "Give what step: decide returned.",
            ) from None

    def as_report(self) -> dict[str, object]:
        """What is known of the token, without secrets."""
        known = {key: getattr(self, key) for key in _REPORTED}
        left_out = ("places", "healed")
        return dict(
            {key: value for key, value in known.items() if value is not None and (value or key not in left_out)},
            state=self.state.value,
        )

    def as_plain(self, with_secret: bool) -> dict[str, object]:
        """What the next step needs to know."""
        more: dict[str, object] = dict(
            successor=self.successor, staged=self.staged, token=self.secret if with_secret else None
        )
        if self.wave:
            more["wave"] = self.wave
        known = {key: value for key, value in more.items() if value is not None}
        return dict(self.as_report(), account=self.account, **known, offered=self.offered, withdrawn=self.withdrawn)


def entries_from(rotation: Iterable[Mapping[str, Any]], keys: Iterable[Key]) -> dict[Key, RotationEntry]:
    """The entries that the step before has returned, by their tokens.

    :param keys: the tokens of this task.
    :raises InvalidOption: one of them has none.
    """
    entries = by_key(RotationEntry.of(plain) for plain in rotation)
    missing = ["/".join(filter(None, key)) for key in keys if key not in entries]
    if missing:
        raise InvalidOption(
            "rotation",
            f"{', '.join(missing)} is missing.",
            "Give what the step before returned, for the same tokens.",
        )
    return entries


def present_wave(entries: Iterable[RotationEntry]) -> int:
    """The number of the wave that has begun last."""
    return max((each.wave for each in entries if each.state not in (State.QUEUED, State.WAITING)), default=0)


def wave_count(entries: Iterable[RotationEntry]) -> int:
    """In how many waves the tokens go."""
    return 1 + max((each.wave for each in entries), default=0)


def by_key(entries: Iterable[RotationEntry]) -> dict[Key, RotationEntry]:
    """Entries by the tokens that they are about."""
    return {entry.key: entry for entry in entries}
