# Copyright (c) 2026 panelops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Whose tokens a bulk task manages, and how they are read and changed together."""

from __future__ import annotations

from collections.abc import Sequence

from .._errors import PanelopsError
from .access import CpanelAccess, WhmAccess, cpanel_through_whm
from .account_list import tokens_of_accounts
from .batch import run_all
from .cpanel import CpanelApi
from .whm import WhmApi


class WhmOwner:
    """The caller's own tokens of WHM; the owner has no name (``None``)."""

    revokes_many = True

    def __init__(self, access: WhmAccess) -> None:
        self.transport = access.transport
        self.batches = access.connection is not None

    def api(self, way, owner: None = None) -> WhmApi:
        """The API, its calls made by ``way``."""
        return WhmApi(way)

    def read(self, owners: Sequence[None]) -> dict:
        """The tokens by owner and name."""
        return {owner: _or_error(self.api(self.transport)) for owner in owners}


class WhmAccounts:
    """The tokens of many cPanel accounts, through WHM."""

    revokes_many = False
    batches = True

    def __init__(self, access: WhmAccess) -> None:
        self.transport = access.transport

    def api(self, way, owner: str) -> CpanelApi:
        """The API of one account, its calls made by ``way``."""
        return cpanel_through_whm(way, owner)

    def read(self, owners: Sequence[str]) -> dict:
        """The tokens by account and name, or an error for an account that could not be asked."""
        return tokens_of_accounts(self.transport, owners)


class WhmAndAccounts:
    """The caller's own tokens of WHM (owner ``None``) and those of many accounts, through one connection."""

    revokes_many = False
    batches = True

    def __init__(self, access: WhmAccess) -> None:
        self.transport = access.transport

    def api(self, way, owner: str | None) -> WhmApi | CpanelApi:
        """The API of one owner, its calls made by ``way``."""
        return WhmApi(way) if owner is None else cpanel_through_whm(way, owner)

    def read(self, owners: Sequence[str | None]) -> dict:
        """The tokens by owner and name, or an error for an owner that could not be asked; in one call.

        :raises PanelopsError: nothing could be read.
        """
        jobs = [lambda way, owner=owner: self.api(way, owner).tokens() for owner in owners]
        return dict(zip(owners, run_all(self.transport, jobs, mutation=False)))


class SeparateAccounts:
    """The tokens of accounts that are asked one at a time: an account itself, or the command line."""

    revokes_many = False
    batches = False

    def __init__(self, accesses: dict[str | None, CpanelAccess]) -> None:
        self._accesses = accesses
        self.transport = None

    def api(self, way, owner: str | None) -> CpanelApi:
        """The API of one account."""
        return self._accesses[owner].api

    def read(self, owners: Sequence[str | None]) -> dict:
        """The tokens by account and name, or an error for an account that could not be asked."""
        return {owner: _or_error(self._accesses[owner].api) for owner in owners}


def _or_error(api: WhmApi | CpanelApi) -> object:
    try:
        return api.tokens()
    except PanelopsError as error:
        return error
