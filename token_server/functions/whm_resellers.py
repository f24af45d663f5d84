# Copyright (c) 2026 panelops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The WHM API 1 functions on resellers: who is one, and how many accounts it has."""

from __future__ import annotations

from token_server import rules
from token_server.envelopes import WhmReply
from token_server.functions.callers import Caller
from token_server.functions.contracts import WhmFunction
from token_server.functions.whm_accounts import named, reachable
from token_server.parameters import Parameters
from token_server.privileges import ALL, INITIAL
from token_server.refusals import Refused, quoted
from token_server.state.engine import Engine
from token_server.state.records import Account


def setupreseller(engine: Engine, caller: Caller, parameters: Parameters) -> WhmReply:
    """Give an account reseller status with the initial privileges; ``makeowner=1`` makes it own itself."""
    makeowner = rules.boolean(parameters.one("makeowner") or "0", "makeowner")
    with engine.store.mutation():
        account = named(engine, caller, parameters, "user", "username")
        if account.kind == "reseller":
            raise Refused(f"The account {quoted(account.username)} is already a reseller.", cause="already a reseller")
        owner_id = account.id if makeowner else account.owner_id
        engine.store.set_reseller(account, INITIAL, owner_id)
    return WhmReply(reason=f"The account {quoted(account.username)} is now a reseller.")


def unsetupreseller(engine: Engine, caller: Caller, parameters: Parameters) -> WhmReply:
    """Take reseller status and privileges away from an account: WHM refuses its password and its tokens from now on."""
    with engine.store.mutation():
        account = named(engine, caller, parameters, "user", "username")
        if account.kind != "reseller":
            raise _no_reseller(account.username)
        engine.store.unset_reseller(account)
    return WhmReply(reason=f"The account {quoted(account.username)} is no longer a reseller.")


def listresellers(engine: Engine, _caller: Caller, _parameters: Parameters) -> WhmReply:
    """List the names of the resellers."""
    names = [account.username for account in engine.store.accounts() if account.kind == "reseller"]
    return WhmReply({"reseller": sorted(names)})


def acctcounts(engine: Engine, caller: Caller, parameters: Parameters) -> WhmReply:
    """Count the accounts that a reseller, or the caller, owns."""
    reseller = _reseller(engine, caller, parameters.one("user") or caller.account.username)
    owned = [account for account in engine.store.accounts() if account.owner_id == reseller.id and account.uses_cpanel]
    suspended = sum(account.suspended for account in owned)
    counts = {"active": len(owned) - suspended, "limit": None, "suspended": suspended, "user": reseller.username}
    return WhmReply({"reseller": counts})


def _reseller(engine: Engine, caller: Caller, username: str) -> Account:
    """Return the caller itself, or (for who has every privilege) root or another reseller."""
    if username == caller.account.username:
        return caller.account
    root = engine.store.account(username) if username == "root" and caller.has(ALL) else None
    account = root or reachable(engine, caller, username)
    if not account.uses_whm:
        raise _no_reseller(username)
    return account


def _no_reseller(username: str) -> Refused:
    return Refused(f"The account {quoted(username)} is not a reseller.", cause="not a reseller")


FUNCTIONS: dict[str, WhmFunction] = {
    "acctcounts": acctcounts,
    "listresellers": listresellers,
    "setupreseller": setupreseller,
    "unsetupreseller": unsetupreseller,
}
