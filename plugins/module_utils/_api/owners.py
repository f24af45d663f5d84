# Copyright (c) 2026 panelops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Whose API tokens a task is about, and how calls for one or many owners are made together."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Generic, Optional, Protocol, TypeVar

from .._errors import PanelopsError
from .._model.token import ApiToken
from .access import CpanelAccess, WhmAccess
from .batch import Job, Outcome, outcome_of, run_all
from .cpanel import cpanel_through_whm
from .transport import Transport, WhmCaller
from .whm import WhmApi

Owner = Optional[str]
"""A cPanel account, or ``None`` for whoever authenticates."""

Tokens = Mapping[str, ApiToken]
"""An owner's API tokens by name."""

CREATING = frozenset(("api_token_create", "Tokens::create_full_access"))
"""The functions that create an API token, as errors name them."""

T = TypeVar("T")


class TokenApi(Protocol):
    """The token functions of one owner. Only the engine calls those that change something."""

    def tokens(self) -> Tokens:
        """All API tokens of the owner by name, expired ones too."""

    def create_token(self, token: ApiToken) -> tuple[ApiToken, str]:
        """Create an API token; returns it and its secret, which no later call shows again.

        :raises UnusableSecret: it was created, but its secret cannot be one. :raises PanelopsError: it was not created, or is lost.
        """

    def update_token(self, name: str, token: ApiToken) -> ApiToken:
        """Give the API token ``name`` the whole state ``token``, as far as the service can."""

    def revoke_tokens(self, names: Sequence[str]) -> None:
        """Revoke API tokens."""


@dataclass(frozen=True)
class Call(Generic[T]):
    """One call for an owner. ``make`` makes exactly one, and may be run twice (see ``batch``)."""

    owner: Owner
    make: Callable[[TokenApi], T]


class Owners(Protocol):
    """The owners that a task is about."""

    def now(self) -> int:
        """The server's time in Unix seconds."""

    def revokes_many(self, owner: Owner) -> bool:
        """Can one call revoke many of this owner's API tokens?"""

    def run(self, calls: Sequence[Call[T]], mutation: bool) -> list[Outcome[T]]:
        """Make the calls, together where the API can; a value or an error for each, in their order.

        :raises PanelopsError: calls that change nothing could not be made at all.
        """


def read_tokens(owners: Owners, chosen: Sequence[Owner]) -> dict[Owner, Outcome[Tokens]]:
    """The API tokens of each owner, or the error of one whose tokens could not be read.

    :raises PanelopsError: nothing could be read.
    """
    calls: list[Call[Tokens]] = [Call(owner, lambda api: api.tokens()) for owner in chosen]
    outcomes = owners.run(calls, mutation=False)
    return dict(zip(chosen, outcomes))


class ThroughWhm:
    """The caller's own API tokens of WHM, and those of any accounts that it reaches, over one connection."""

    def __init__(self, access: WhmAccess) -> None:
        self._transport = access.transport
        # The command line has no way to batch that keeps what fails apart.
        self._batches = access.connection is not None

    def now(self) -> int:
        """See ``Owners``."""
        return self._transport.now()

    def revokes_many(self, owner: Owner) -> bool:
        """See ``Owners``: the function of WHM takes many names, that of UAPI one."""
        return owner is None

    def run(self, calls: Sequence[Call[T]], mutation: bool) -> list[Outcome[T]]:
        """See ``Owners``."""
        jobs = [_job(call) for call in calls]
        if self._batches:
            return run_all(self._transport, jobs, mutation)
        return [_alone(job, self._transport) for job in jobs]


class SeparateAccounts:
    """Accounts that are asked one at a time: an account itself, or several on the command line."""

    def __init__(self, accesses: Mapping[Owner, CpanelAccess]) -> None:
        self._accesses = dict(accesses)

    def now(self) -> int:
        """See ``Owners``."""
        return next(iter(self._accesses.values())).now()

    def revokes_many(self, owner: Owner) -> bool:
        """See ``Owners``."""
        return False

    def run(self, calls: Sequence[Call[T]], mutation: bool) -> list[Outcome[T]]:
        """See ``Owners``."""
        outcomes: list[Outcome[T]] = []
        for call in calls:
            outcome: Outcome[T] = _separately(call, self._accesses[call.owner])
            outcomes.append(outcome)
        return outcomes


def owners_of(access: WhmAccess | CpanelAccess) -> ThroughWhm | SeparateAccounts:
    """The owner ``None``: whose API tokens the access is about."""
    return ThroughWhm(access) if isinstance(access, WhmAccess) else SeparateAccounts({None: access})


def tokens_or_error(owners: Owners, owner: Owner) -> Tokens:
    """The API tokens of one owner by name.

    :raises PanelopsError: they could not be read.
    """
    outcome = read_tokens(owners, [owner])[owner]
    if isinstance(outcome, PanelopsError):
        raise outcome
    return outcome


def _job(call: Call[T]) -> Job[T]:
    def job(caller: WhmCaller) -> T:
        return call.make(WhmApi(caller) if call.owner is None else cpanel_through_whm(caller, call.owner))

    return job


def _alone(job: Job[T], transport: Transport) -> Outcome[T]:
    def make() -> T:
        return job(transport)

    return outcome_of(make)


def _separately(call: Call[T], access: CpanelAccess) -> Outcome[T]:
    def make() -> T:
        return call.make(access.api)

    return outcome_of(make)
