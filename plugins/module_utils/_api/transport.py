# Copyright (c) 2026 panelops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What every way to a server offers, so that the functions of the API need not know which way their calls go."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Protocol

Params = Iterable[tuple[str, str]]
"""The parameters of a call in their order; a name may be repeated."""


class WhmCaller(Protocol):
    """The part of a transport that can be batched: functions of WHM alone."""

    def whm(self, function: str, params: Params = (), mutation: bool = False) -> dict[str, object]:
        """Call a function of WHM API 1 and return the whole decoded answer."""


class Transport(WhmCaller, Protocol):
    """Calls of one caller on one server.

    Every call returns the whole decoded answer and raises ``PanelopsError`` otherwise: ``AnswerLost`` only if ``mutation``,
    because only a change that may have been made needs settling. A mutation is sent once; a read may be tried again.
    """

    def uapi(
        self, module: str, function: str, params: Params = (), mutation: bool = False, account: str | None = None
    ) -> dict[str, object]:
        """Call a UAPI function.

        :param account: whose function it is, where the caller acts for others; ``None`` where the caller is the account.
        :raises ValueError: the transport needs an account and gets none, or the other way around: a fault of the caller.
        """

    def now(self) -> int:
        """The server's time in Unix seconds.

        :raises RuntimeError: no call has been answered yet, so it is not known: a fault of the caller.
        """

    def close(self) -> None:
        """Close what is open; no call may follow."""
