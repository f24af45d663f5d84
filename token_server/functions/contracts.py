# Copyright (c) 2026 panelops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The types that functions, and those who call them, agree on."""

from __future__ import annotations

from collections.abc import Callable, Coroutine
from typing import Protocol

from token_server.envelopes import UapiAnswer, WhmAnswer, WhmReply
from token_server.functions.callers import Caller
from token_server.parameters import Parameters
from token_server.state.engine import Engine
from token_server.state.records import Account

WhmFunction = Callable[[Engine, Caller, Parameters], WhmReply]
"""A WHM API 1 function. It raises ``Refused`` if it does not do what was asked."""

UapiFunction = Callable[[Engine, Account, Parameters], object]
"""A UAPI function: it acts for one cPanel account and returns its ``data``. It raises ``Refused`` as well."""

Api2Function = Callable[[Engine, Account, Parameters], list[object]]
"""A cPanel API 2 function; its ``data`` is always a list."""


class Calls(Protocol):
    """The dispatcher as functions see it that call other functions: batches, and WHM's ways to cPanel functions.

    Every method returns a refusal as an answer and does not raise it. ``depth`` says how many batches a call lies in.
    """

    @property
    def engine(self) -> Engine:
        """The state that the calls work on."""

    async def whm(self, caller: Caller, name: str, parameters: Parameters, depth: int = 0) -> WhmAnswer:
        """Call a WHM API 1 function."""

    async def uapi(
        self, caller: Caller, account: Account, module: str, function: str, parameters: Parameters, depth: int = 0
    ) -> UapiAnswer:
        """Call a UAPI function for an account."""

    async def api2(
        self, caller: Caller, account: Account, module: str, function: str, parameters: Parameters
    ) -> dict[str, object]:
        """Call a cPanel API 2 function for an account; return its whole answer."""


WhmComposite = Callable[[Calls, Caller, Parameters, int], Coroutine[object, None, WhmAnswer]]
"""A WHM function that calls other functions; the number is its depth."""

UapiComposite = Callable[[Calls, Caller, Account, Parameters, int], Coroutine[object, None, UapiAnswer]]
"""A UAPI function that calls other functions; the number is its depth."""
