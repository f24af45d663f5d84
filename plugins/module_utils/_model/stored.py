# Copyright (c) 2026 panelops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What is known of the secret that a file holds: what the server says of it, its mark, and the notes beside it. Pure."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field

from .names import interim_prefix
from .token import ApiToken

LATEST_ISSUE = 120
"""Seconds within which a create that was sent has created its token, if it is that one."""
COMMAND_LINE = "cli"
"""What a server is called that was reached through its own commands; with the name of its host behind a colon."""
_ROUNDED = 2
"""By so many seconds two times of a server may differ because both are rounded."""


@dataclass(frozen=True)
class Origin:
    """Which API token a secret was issued for.

    ``server`` is its address as the task gave it; on the command line ``cli:`` and the name of the host, formerly ``cli`` alone. Servers
    have several addresses, so it proves less than the time of creation.
    """

    server: str
    user: str
    kind: str
    name: str
    create_time: int | None = None

    def __str__(self) -> str:
        return f"{self.kind} {self.name} of {self.user} at {self.server}"

    def is_of_owner(self, here: Origin) -> bool:
        """Is it a token of the same owner, kind and server?

        An older mark names no host for the command line, so it can be that of any.
        """
        is_old = self.server == COMMAND_LINE and here.server.startswith(f"{COMMAND_LINE}:")
        return (is_old or self.server == here.server) and (self.user, self.kind) == (here.user, here.kind)

    def may_be(self, token: ApiToken) -> bool:
        """Can it be this token, which may have been renamed? Where no time is known, the name decides."""
        return self.name == token.name if self.create_time is None else self.is_born_with(token)

    def is_born_with(self, token: ApiToken) -> bool:
        """Was this token created when the one of this origin was?"""
        return self.create_time is not None and self.create_time == token.create_time


@dataclass(frozen=True)
class Issue:
    """What the note of an issue says: one that has begun, and never ended if its run has died.

    Times are Unix seconds, by the server's clock.
    """

    sent: tuple[int, ...] = ()
    """When its creates were sent. Before the first one is, it can have created nothing."""
    limits: Mapping[str, object] = field(default_factory=dict)
    """Those that it asked for, as plain data."""
    interim: str | None = None
    """The name that it gives the old token until the new one exists."""
    old_create_time: int | None = None
    """When that old token was created."""
    waiting: str | None = None
    """The name under which its new token waits for the old one's."""

    def has_created(self, token: ApiToken) -> bool:
        """Can it have created this token? Another run may have created the same in the same moment."""
        created = token.create_time
        in_time = created is not None and any(-_ROUNDED <= created - sent <= LATEST_ISSUE for sent in self.sent)
        return in_time and token.limits() == self.limits

    def left(self, name: str, live: Mapping[str, ApiToken]) -> frozenset[str]:
        """The names of the tokens that it left of a reissue of ``name``, whatever their times of creation say.

        The server's clock may have been set in between, so a new token can be older by its time than the one that it replaces.

        :param live: the owner's tokens by name.
        """
        found = set()
        for left in (self.interim, self.waiting):
            token = live.get(left) if left is not None and left.startswith(interim_prefix(name)) else None
            if token is None or token.create_time is None:
                continue
            if token.create_time == self.old_create_time if left == self.interim else self.has_created(token):
                found.add(token.name)
        return frozenset(found)


@dataclass(frozen=True)
class StoredSecret:
    """What the file holds in which a task stores the secret of its token.

    ``alive`` says whether the server takes it: ``False`` also if there is none, ``None`` if that cannot be known. ``holder`` is the name
    of its API token, which only WHM says.
    """

    path: str
    alive: bool | None = False
    holder: str | None = None
    is_there: bool = False
    """Does the file hold something that may be a secret?"""
    is_strange: bool = False
    """Is it something that does not look like the vendor's secrets?"""
    unfinished: tuple[Issue, ...] = ()
    """The issues of this token to this file that never ended."""
    mark: Origin | None = None
    """What it was issued for, as we marked the file when we wrote it."""
    here: Origin | None = None
    """What a secret is issued for that the task stores there; without a time of creation."""

    def is_of(self, token: ApiToken) -> bool | None:
        """Is it the secret of this token? ``None``: that cannot be known."""
        if self.holder is not None:
            return self.holder == token.name
        return False if self.alive is False else None

    def has_begun(self, token: ApiToken) -> bool:
        """Can an issue of our own have created this token, and never stored its secret?"""
        return any(issue.has_created(token) for issue in self.unfinished)

    def left(self, name: str, live: Mapping[str, ApiToken]) -> frozenset[str]:
        """The names of the tokens that issues which never ended provably left of a reissue of ``name``."""
        return frozenset().union(*(issue.left(name, live) for issue in self.unfinished))

    def needed_by(
        self, found: ApiToken | None, leftovers: Collection[str], live: Mapping[str, ApiToken], now: int
    ) -> Origin | None:
        """Which other token's live secret it may be, by its mark.

        :param found: what the token of the task is now. :param leftovers: what reissues of it have left.
        :param live: the owner's tokens by name. :param now: the server's time in Unix seconds.
        """
        mark, here = self.mark, self.here
        if not self.is_there or self.holder is not None or mark is None or here is None:
            return None
        ours = self._ours(here, found, leftovers)
        born = self._born(mark, live, now)
        if not mark.is_of_owner(here) and not self.alive:
            # The server may have got another address. It would take the secret of a token that lives.
            refused = self.alive is False and found is not None and not found.is_expired(now)
            is_found = found is not None and not refused and mark.is_born_with(found) and mark.name in ours
            if not is_found or (mark.user, mark.kind) != (here.user, here.kind):
                return mark
        if mark.name in born:
            return None if mark.name in ours else mark
        # It may have been renamed since.
        return mark if self.alive is not False and born and not born & ours else None

    def may_be_anothers(
        self, found: ApiToken | None, leftovers: Collection[str], live: Mapping[str, ApiToken], now: int
    ) -> Origin | None:
        """The mark, if the token that it names was renamed and several live tokens can be the renamed one, not only that of the task.

        Servers count in seconds, so tokens of one task often have one time of creation. For the parameters see ``needed_by``.
        """
        mark, here = self.mark, self.here
        if not self.is_there or self.holder is not None or mark is None or here is None or self.alive is False:
            return None
        born = self._born(mark, live, now)
        return mark if mark.name not in born and born - self._ours(here, found, leftovers) else None

    def is_gone(self, found: ApiToken, leftovers: Collection[str], live: Mapping[str, ApiToken]) -> bool:
        """Does the mark say that it is an earlier secret of the task's token, whose time of creation no token has?

        Only where the server does not say whose it is. For the parameters see ``needed_by``.
        """
        mark, here = self.mark, self.here
        if not self.is_there or self.holder is not None or self.alive is False or mark is None or here is None:
            return False
        ours = mark.is_of_owner(here) and mark.name in self._ours(here, found, leftovers)
        known = mark.create_time is not None and found.create_time is not None
        return ours and known and not any(mark.is_born_with(token) for token in live.values())

    @staticmethod
    def _ours(here: Origin, found: ApiToken | None, leftovers: Collection[str]) -> set[str]:
        return {here.name, *leftovers, *([found.name] if found is not None else [])}

    @staticmethod
    def _born(mark: Origin, live: Mapping[str, ApiToken], now: int) -> set[str]:
        return {token.name for token in live.values() if mark.may_be(token) and not token.is_expired(now)}

    def is_unknown(self, found: ApiToken | None, live: Mapping[str, ApiToken], now: int) -> bool:
        """Is there a secret of which nobody knows whose it is?"""
        if not self.is_there or self.holder is not None or self.mark is not None:
            return False
        if not self.alive or found is None:
            return True
        return any(not token.is_expired(now) for token in live.values() if token.name != found.name)
