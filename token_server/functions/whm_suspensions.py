# Copyright (c) 2026 panelops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The WHM API 1 functions that suspend accounts: a suspended account's password and tokens are refused."""

from __future__ import annotations

from token_server import account_rules, rules
from token_server.envelopes import WhmReply
from token_server.functions.callers import Caller
from token_server.functions.contracts import WhmFunction
from token_server.functions.whm_accounts import named
from token_server.parameters import Parameters
from token_server.privileges import ALL
from token_server.refusals import Refused, quoted
from token_server.state.engine import Engine


def suspendacct(engine: Engine, caller: Caller, parameters: Parameters) -> WhmReply:
    """Suspend an account. With ``disallowun=1`` only who has every privilege can end that.

    A suspension that goes on keeps its reason and its time, and can be locked.
    """
    reason = account_rules.words(parameters.one("reason") or "", "reason")
    locked = rules.boolean(parameters.one("disallowun") or "0", "disallowun")
    with engine.store.mutation():
        account = named(engine, caller, parameters, "user", "username")
        if not account.suspended:
            engine.store.suspend(account, reason=reason, now=engine.clock.seconds(), locked=locked)
        elif locked and not account.locked:
            engine.store.lock_suspension(account)
    return WhmReply(reason=f"The account {quoted(account.username)} is suspended.")


def unsuspendacct(engine: Engine, caller: Caller, parameters: Parameters) -> WhmReply:
    """Unsuspend an account."""
    with engine.store.mutation():
        account = named(engine, caller, parameters, "user", "username")
        if account.locked and not caller.has(ALL):
            raise Refused(
                f"Only root can unsuspend the account {quoted(account.username)}.",
                cause="locked suspension",
                denied=True,
            )
        if account.suspended:
            engine.store.unsuspend(account)
    return WhmReply(reason=f"The account {quoted(account.username)} is unsuspended.")


FUNCTIONS: dict[str, WhmFunction] = {"suspendacct": suspendacct, "unsuspendacct": unsuspendacct}
