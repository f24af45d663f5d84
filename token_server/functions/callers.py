# Copyright (c) 2026 panelops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Who calls: an account, perhaps through a token, from somewhere."""

from __future__ import annotations

from dataclasses import dataclass

from token_server.privileges import ALL, effective
from token_server.state.records import Account, Token


@dataclass(slots=True)
class Exchange:
    """One HTTP request, or one run of a command-line tool.

    ``secure``: the secret of a new token may travel (TLS, or no network at all). ``mangle``: how a fault
    damages the finished answer, or None. ``commands``: how many commands its batches have run, with ``answered`` bytes of answers.
    ``uncommitted``: a fault makes its calls answer and change nothing. ``used_token``: the account and the name, at that moment, of
    the API token that authenticated it, or None.
    """

    service: str
    peer: str | None
    secure: bool
    mangle: str | None = None
    commands: int = 0
    answered: int = 0
    uncommitted: bool = False
    used_token: tuple[str, str] | None = None


class Caller:
    """An authenticated account with the privileges that this call has."""

    __slots__ = ("account", "exchange", "privileges", "token")

    def __init__(self, account: Account, token: Token | None, exchange: Exchange) -> None:
        self.account = account
        self.token = token
        self.exchange = exchange
        self.privileges = effective(account.acls, None if token is None else token.acls)

    def has(self, privilege: str) -> bool:
        """Tell whether the caller has a privilege now."""
        return privilege in self.privileges or ALL in self.privileges

    @property
    def readonly(self) -> bool:
        """Whether the caller may only call functions that change nothing."""
        return self.token is not None and self.token.readonly
