# Copyright (c) 2026 panelops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Whether an account, perhaps through a token, may call now: asked at each request, and again before each command of a batch."""

from __future__ import annotations

from token_server import rules
from token_server.functions.callers import Caller, Exchange
from token_server.refusals import Refused
from token_server.state.engine import Engine
from token_server.state.records import Account, Token

COMMAND_LINE = "cli"
"""The service of the tools: they run without any credential that could lose its force."""


def objection(engine: Engine, account: Account, token: Token | None, exchange: Exchange) -> str | None:
    """Return why an account may not call, for the audit log; None if it may."""
    if token is not None and token.service != exchange.service:
        return "token of another service"
    if account.suspended:
        return "account suspended"
    if not (account.uses_whm if exchange.service == "whm" else account.uses_cpanel):
        return "account without access to this service"
    if token is not None:
        if token.expires_at is not None and engine.clock.seconds() >= token.expires_at:
            return "expired token"
        if token.networks is not None and not (exchange.peer and rules.admits(token.networks, exchange.peer)):
            return "address not allowed"
    return None


def again(engine: Engine, caller: Caller) -> Caller:
    """Return the caller with the privileges that it has now. Raises ``Refused`` if it would not be authenticated any more."""
    if caller.exchange.service == COMMAND_LINE:
        return caller
    engine.store.refresh_soon()
    account = engine.store.account_by_id(caller.account.id)
    token = None if caller.token is None else engine.store.token_by_digest(caller.token.digest)
    if caller.token is not None and token is None:
        cause: str | None = "unknown or revoked token"
    elif account is None or account.username != caller.account.username:
        cause = "account removed or renamed"
    elif token is None and account.password_hash != caller.account.password_hash:
        cause = "password changed"
    else:
        cause = objection(engine, account, token, caller.exchange)
        if cause is None:
            unchanged = account is caller.account and token is caller.token
            return caller if unchanged else Caller(account, token, caller.exchange)
    raise Refused("Access denied: this call is not authenticated any more.", cause=cause or "", denied=True)
