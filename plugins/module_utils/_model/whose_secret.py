# Copyright (c) 2026 panelops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Whose secret a ``token_file`` holds, and what may therefore be done with it: pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from .._errors import InvalidOption
from .stored import Origin, StoredSecret
from .token import ApiToken


@dataclass(frozen=True)
class WhoseSecret:
    """The file of the task for the token ``name``, seen beside the owner's tokens.

    ``found`` is what the token is before the plan, ``leftovers`` are the names of what reissues of it have left, ``live`` are the owner's
    tokens by name, and ``now`` is the server's time in Unix seconds.
    """

    stored: StoredSecret
    name: str
    found: ApiToken | None
    leftovers: tuple[str, ...]
    live: Mapping[str, ApiToken]
    now: int

    def refuse_anothers(self) -> None:
        """:raises InvalidOption: the file holds the live secret of another token, which would be lost."""
        stored, found, now = self.stored, self.found, self.now
        remedy = "Give each token a file of its own."
        if stored.holder is not None:
            known = {*self.leftovers, *([found.name] if found else [])}
            other = None if stored.holder in known else self.live.get(stored.holder)
            if other is not None and not other.is_expired(now):
                raise InvalidOption(
                    "token_file",
                    f"{stored.path} holds the secret of the live token {other.name}, not of {self.name}.",
                    remedy,
                )
            return
        # What works is not the secret of a token that has expired; of leftovers it would be one that has not.
        without = found is None or found.is_expired(now)
        if stored.alive and without and all(self.live[name].is_expired(now) for name in self.leftovers):
            why = f"there is no {self.name}" if found is None else f"{self.name} has expired"
            raise InvalidOption(
                "token_file", f"{stored.path} holds the secret of another live token of the account, for {why}.", remedy
            )

    def refuse_strange(self) -> None:
        """:raises InvalidOption: the file holds something that is no secret of this token, and does not look like one of the vendor's."""
        stored, found = self.stored, self.found
        if stored.is_strange and (found is None or not stored.alive or stored.is_of(found) is False):
            raise InvalidOption(
                "token_file",
                f"{stored.path} holds something that is no secret of {self.name}, and would be lost.",
                "Give the token a file of its own, or empty that one.",
            )

    def warnings_if_replaced(self) -> tuple[str, ...]:
        """A warning if nobody knows whose secret is replaced.

        :raises InvalidOption: the mark of the file says that it may be the live secret of another token.
        """
        stored = self.stored
        other = self._needed_by() or stored.may_be_anothers(self.found, self.leftovers, self.live, self.now)
        if other is not None:
            raise self._anothers(other)
        if not stored.is_unknown(self.found, self.live, self.now):
            return ()
        return (
            f"Nobody can say whose secret {stored.path} held, and it is replaced by that of {self.name}. If it is that of another token, "
            "account or server, give each token a file of its own.",
        )

    def warnings_if_kept(self, accepted: bool) -> tuple[str, ...]:
        """A warning if the file, which stays as it is, does not hold the secret of the token by its mark.

        :param accepted: the task accepts that it may hold another one (``recreate: never``).
        :raises InvalidOption: it may be the live secret of another token, so nobody has this one's, and the task does not accept that.
        """
        stored, found = self.stored, self.found
        if found is None or stored.is_of(found) is False:
            return ()
        other = self._needed_by()
        if other is not None and not accepted:
            raise self._anothers(other)
        if other is not None:
            return (f"{stored.path} holds the secret of the token {other.name}, and recreate: never leaves it so.",)
        if not stored.is_gone(found, self.leftovers, self.live):
            return ()
        return (
            f"{stored.path} holds an earlier secret of {self.name}, by its mark: no token was created when that one was. Give recreate: "
            "always to have another secret issued, which cuts off whoever uses the present one.",
        )

    def _needed_by(self) -> Origin | None:
        return self.stored.needed_by(self.found, self.leftovers, self.live, self.now)

    def _anothers(self, other: Origin) -> InvalidOption:
        return InvalidOption(
            "token_file",
            f"{self.stored.path} holds the secret that a task stored for the token {other.name} of {other.user} on {other.server}. "
            "It may be live.",
            "Give each token a file of its own, or empty this one if nobody needs that secret.",
        )
