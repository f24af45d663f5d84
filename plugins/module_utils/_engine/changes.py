# Copyright (c) 2026 panelops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The mutations that the engine sends: what each calls, how the state shows that it happened, what it leaves in its entries."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Sequence
from typing import Generic, TypeVar

from .._api.owners import Owner, TokenApi, Tokens
from .._errors import AnswerLost, NotAuthenticated, PanelopsError, Refused, UnusableSecret
from .._model.plan import Create, TakeName, Update
from .._model.token import ApiToken
from .entry import Entry

T = TypeVar("T")

UNCHANGED = "The old token is unchanged."
"""Of a reissue that failed; said only when that is certain."""

CLOCK_SLACK = 2
"""Seconds by which what we take for the server's time may differ from that of its tokens: both are rounded."""

MOST_LOSSES = 2
"""After so many lost answers to one mutation it is given up."""
MOST_ATTEMPTS = 3
"""How often one mutation is sent: once more for a lost answer, and once more where that was refused for the first one's sake."""


class Change(ABC, Generic[T]):
    """One mutation, which may be sent again once the state has shown that it did not happen."""

    def __init__(self, owner: Owner) -> None:
        self.owner = owner
        self.attempts = 0
        self.losses = 0
        self.denials = 0
        """How many attempts were answered with a denial. It need not be the server's: a proxy or a load balancer can give it as well."""
        self.trouble: PanelopsError | None = None
        """What the last attempt ended with, if the state must tell what came of it."""
        self.unknown = False
        """Could the state not be read, so that nobody knows whether it happened?"""

    @abstractmethod
    def make(self, api: TokenApi) -> T:
        """Make the call, exactly one."""

    @abstractmethod
    def succeed(self, value: T) -> None:
        """Note what the server answered."""

    @abstractmethod
    def settle(self, live: Tokens) -> bool:
        """Note what of it has happened according to the state. Is nothing left to do?"""

    @abstractmethod
    def fail(self, error: PanelopsError) -> None:
        """Note the error."""

    def is_doubtful(self, error: PanelopsError) -> bool:
        """Must the state tell what came of it? After one lost answer or one denial always: that attempt may have been carried out."""
        self.attempts += 1
        self.trouble = error
        if isinstance(error, AnswerLost):
            self.losses += 1
        if self.is_denied:
            self.denials += 1
        return self.doubts > 0

    @property
    def doubts(self) -> int:
        """How many attempts may have been carried out, as far as their answers say."""
        return self.losses + self.denials

    @property
    def is_denied(self) -> bool:
        """Was the last attempt answered with a denial? Another one would be denied as well."""
        return isinstance(self.trouble, NotAuthenticated)

    def may_be_sent_again(self) -> bool:
        """The state has shown that it did not happen: is another attempt right?"""
        return isinstance(self.trouble, AnswerLost) and self.losses < MOST_LOSSES

    def reason(self) -> PanelopsError:
        """Why it is given up, though the state has shown that it did not happen."""
        if isinstance(self.trouble, AnswerLost):
            function, cause = self.trouble.function, self.trouble.cause
            lost = f"The answer to {function} was lost ({cause})."
            if self.losses == MOST_LOSSES:
                lost = f"The answer to {function} was lost twice ({cause})."
            return PanelopsError(" ".join(filter(None, (lost, self.aftermath(), "Run again."))))
        return self.trouble or PanelopsError(self.aftermath())

    @abstractmethod
    def aftermath(self) -> str:
        """What is certain about the token when the change is given up."""


class Creation(Change["tuple[ApiToken, str]"]):
    """Creates an API token.

    It is revoked again if nobody can have its secret, because the answer was lost or a denial, or if the secret that came cannot be one.
    Only after a lost answer there is another attempt: else the same server would answer the same.

    :param begun: the server's time in Unix seconds when the name was known to be free.
    """

    def __init__(self, entry: Entry, step: Create, begun: int) -> None:
        super().__init__(entry.owner)
        self.entry = entry
        self.step = step
        self._begun = begun
        self.orphaned = False
        """Has an attempt whose answer was lost or a denial turned out to have created the token?"""
        self.taken = False
        """Does an API token have the name that none of our calls can have created?"""
        self._found = 0
        """How many of the doubtful calls turned out to have created the token."""
        self.stuck: PanelopsError | None = None
        """Why what such an attempt created could not be revoked."""
        self.waits = any(isinstance(other, TakeName) for other in entry.plan.steps)
        """Does the token wait under another name, until it is certain that it may replace the old one? Its secret is not stored before."""
        self.is_useless = False
        """Was it created with a secret that cannot be stored, or to replace a token that another run has replaced?"""
        self.is_replaced = False
        """Does another token have its name by now?"""

    @property
    def is_unusable(self) -> bool:
        """Was the token created, with a secret that cannot be one?"""
        return isinstance(self.trouble, UnusableSecret)

    @property
    def is_unsettled(self) -> bool:
        """Was it sent, and is it not known what came of it?"""
        return self.trouble is not None and self.entry.secret is None and self.entry.error is None

    @property
    def name(self) -> str:
        """Of the API token."""
        return self.step.token.name

    def announce(self) -> None:
        """Let whoever keeps a note of it know that it is sent now."""
        if self.entry.sending is not None:
            self.entry.sending()

    def make(self, api: TokenApi) -> tuple[ApiToken, str]:
        """See ``Change``."""
        return api.create_token(self.step.token)

    def succeed(self, value: tuple[ApiToken, str]) -> None:
        """See ``Change``."""
        entry = self.entry
        token, entry.secret = value
        entry.token = token.completed_from(self.step.token)
        entry.changed = True
        entry.done.append(self.step)
        if not self.waits:
            self.store()

    def store(self) -> None:
        """Store the secret; what goes wrong is the error of the entry."""
        entry = self.entry
        if entry.keep is None or entry.secret is None:
            return
        try:
            entry.keep(entry.secret)
            entry.is_kept = True
        except PanelopsError as error:
            self._not_stored(error)
        except Exception as error:
            # Whatever it is, it must not cost the secrets of this entry and of the others.
            self._not_stored(PanelopsError(f"The secret could not be stored ({type(error).__name__})."))

    def _not_stored(self, error: PanelopsError) -> None:
        self.is_useless = True
        self.entry.fail(error)

    def give_way(self, live: Tokens) -> bool:
        """Has another run replaced the expired token meanwhile that this one is to replace? Then it must not be revoked."""
        old = self.entry.plan.before
        there = None if old is None else live.get(old.name)
        self.is_useless = old is not None and there is not None and there.create_time != old.create_time
        if self.is_useless and old is not None:
            self.entry.fail(PanelopsError(f"Something else has changed the token {old.name} meanwhile."))
        return self.is_useless

    def look_for(self, state: Tokens | PanelopsError) -> None:
        """Note whether the token of its name is still the one that was created, before that is revoked for its name."""
        if isinstance(state, PanelopsError):
            self.stuck = state
            return
        created, there = self.entry.token, state.get(self.name)
        if created is not None and there is not None and created.create_time is not None:
            self.is_replaced = there.create_time != created.create_time

    def is_doubtful(self, error: PanelopsError) -> bool:
        """See ``Change``."""
        return super().is_doubtful(error) and not self.is_unusable

    def settle(self, live: Tokens) -> bool:
        """See ``Change``. Without the secret it never counts as done."""
        token = live.get(self.name)
        # The name was free, so what has it now is what a doubtful call made, unless all of those are accounted for; whether the server
        # gave it the limits that were asked for is another matter.
        old = token is not None and token.create_time is not None and token.create_time < self._begun - CLOCK_SLACK
        self.orphaned = token is not None and not old and self._found < self.doubts
        self.taken = token is not None and not self.orphaned
        self._found += self.orphaned
        return False

    def fail(self, error: PanelopsError) -> None:
        """See ``Change``."""
        self.entry.lost = self.losses > 0 or self.unknown or self.stuck is not None
        self.entry.fail(error)

    def may_be_sent_again(self) -> bool:
        """See ``Change``; also if it was refused only because an attempt that was given up had arrived late."""
        late = isinstance(self.trouble, Refused) and self.orphaned and self.attempts < MOST_ATTEMPTS
        return self.stuck is None and not self.taken and (late or super().may_be_sent_again())

    def reason(self) -> PanelopsError:
        """See ``Change``."""
        if self.stuck is not None:
            return PanelopsError(
                f"{self.trouble} The token {self.name} was created all the same and nobody has its secret, but it could not be "
                f"revoked: {self.stuck}"
            )
        if self.is_unusable:
            return PanelopsError(f"{self.trouble} The token {self.name} was revoked.")
        if self.is_denied and self.orphaned:
            return PanelopsError(
                f"{self.trouble} The token {self.name} was created all the same. Nobody has its secret, so it was revoked."
            )
        return super().reason()

    def aftermath(self) -> str:
        """See ``Change``."""
        if self.taken:
            return f"Another token {self.name} is there, so it is left alone."
        return f"The token {self.name} was not there when last looked at, but a late call may still create it."


class Updating(Change[ApiToken]):
    """Gives an API token another state."""

    def __init__(self, entry: Entry, step: Update) -> None:
        super().__init__(entry.owner)
        self.entry = entry
        self.step = step
        creates = any(isinstance(other, Create) for other in entry.plan.steps)
        self._reissues = creates and not isinstance(step, TakeName)
        """Does it rename the old token of a reissue, before anything else has changed?"""
        self.moved = False
        """Is the name another API token's now, or nobody's? Another attempt would hit the wrong one."""

    def make(self, api: TokenApi) -> ApiToken:
        """See ``Change``."""
        return api.update_token(self.step.name, self.step.token)

    def succeed(self, value: ApiToken) -> None:
        """See ``Change``."""
        self.entry.token = value.completed_from(self.step.token)
        self.entry.changed = True
        self.entry.done.append(self.step)

    def settle(self, live: Tokens) -> bool:
        """See ``Change``."""
        step, token = self.step, live.get(self.step.token.name)
        renamed = step.token.name == step.name or step.name not in live
        if token is not None and renamed and self._is_meant(token):
            # A server may give other limits than asked; that the new name has the planned token says enough.
            known = step.token.name != step.name and step.token.create_time is not None
            if known or token.settings() == step.token.settings():
                self.succeed(token)
                return True
        current = live.get(step.name)
        self.moved = current is None or not self._is_meant(current)
        return False

    def may_be_sent_again(self) -> bool:
        """See ``Change``."""
        return not self.moved and super().may_be_sent_again()

    def _is_meant(self, token: ApiToken) -> bool:
        """Is it the API token that was planned for, and not another run's of the same name?"""
        return self.step.token.create_time in (None, token.create_time)

    def fail(self, error: PanelopsError) -> None:
        """See ``Change``."""
        if self._reissues and not (self.losses or self.unknown or self.moved):
            error = PanelopsError(f"{error} {UNCHANGED}")
        self.entry.fail(error)

    def aftermath(self) -> str:
        """See ``Change``."""
        if self.moved:
            return f"Something else has changed the token {self.step.name} meanwhile."
        if self._reissues:
            return "The old token was unchanged when last looked at."
        return f"The token {self.step.name} was not as asked when last looked at."


class Revocation(Change[None]):
    """Revokes API tokens of one owner, for one or several entries."""

    def __init__(self, owner: Owner, names: Sequence[tuple[Entry, str]]) -> None:
        super().__init__(owner)
        self._left = list(names)
        self.answered: Sequence[tuple[Entry, str]] = ()
        """What the server answered that it revoked. The state has not shown it yet."""

    def make(self, api: TokenApi) -> None:
        """See ``Change``."""
        api.revoke_tokens([name for _entry, name in self._left])

    def succeed(self, value: None) -> None:
        """See ``Change``."""
        self._note(self._left)
        self.answered = self._left
        self._left = []

    def settle(self, live: Tokens) -> bool:
        """See ``Change``."""
        self._note([(entry, name) for entry, name in self._left if name not in live])
        self._left = [(entry, name) for entry, name in self._left if name in live]
        return not self._left

    def fail(self, error: PanelopsError) -> None:
        """See ``Change``."""
        for entry, _name in self._left:
            entry.fail(error)

    def is_doubtful(self, error: PanelopsError) -> bool:
        """See ``Change``. Versions differ on whether revoking what is not there is an error, so a refusal says nothing."""
        return super().is_doubtful(error) or isinstance(error, Refused)

    def aftermath(self) -> str:
        """See ``Change``."""
        return f"Still there: {', '.join(name for _entry, name in self._left)}."

    @staticmethod
    def _note(names: Sequence[tuple[Entry, str]]) -> None:
        for entry, name in names:
            entry.changed = True
            entry.revoked.append(name)
