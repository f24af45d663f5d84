# Copyright (c) 2026 panelops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The WHM API 1 functions on accounts and resellers (CONTRACT section 6)."""

from __future__ import annotations

import secrets

from token_server import rules
from token_server.envelopes import WhmReply
from token_server.functions.callers import Caller
from token_server.functions.contracts import WhmFunction
from token_server.parameters import Parameters
from token_server.privileges import ALL, CHART, INITIAL, is_known
from token_server.refusals import Refused, quoted
from token_server.state.engine import Engine
from token_server.state.records import Account

MAX_PASSWORD = 1024
_RESERVED = frozenset({"root"})


def reachable(engine: Engine, caller: Caller, username: str) -> Account:
    """Return a cPanel account that the caller may act on: any for ``all``, its own ones for a reseller.

    Raises ``Refused`` with the same words for an account of somebody else and one that does not exist.
    """
    account = engine.store.account(username) if rules.is_username(username) else None
    if account is not None and account.uses_cpanel:
        own = caller.account.id in (account.owner_id, account.id)
        if own or caller.has(ALL):
            return account
    raise Refused(
        f"You do not have access to an account named {quoted(username)}.", cause="account unknown or of another owner"
    )


def refuse_resellers(caller: Caller, account: Account) -> None:
    """Raise ``Refused`` if this is another reseller, before anything is handed out that opens WHM as that reseller.

    A reseller may own resellers, and reaches these, but not through them the accounts that they own.
    """
    if account.uses_whm and account.id != caller.account.id and not caller.has(ALL):
        raise _missing(ALL)


def _named(engine: Engine, caller: Caller, parameters: Parameters, *names: str) -> Account:
    """Return the reachable account that the first given of these parameters names."""
    given = next((name for name in names if parameters.one(name)), names[0])
    return reachable(engine, caller, parameters.required(given))


def listaccts(engine: Engine, caller: Caller, _parameters: Parameters) -> WhmReply:
    """List the accounts that the caller may act on."""
    accounts = engine.store.accounts()
    names = {account.id: account.username for account in accounts}
    rows = [
        _summary(account, names)
        for account in accounts
        if account.uses_cpanel and (caller.has(ALL) or caller.account.id in (account.owner_id, account.id))
    ]
    return WhmReply({"acct": rows})


def accountsummary(engine: Engine, caller: Caller, parameters: Parameters) -> WhmReply:
    """Show one account, found by ``user``."""
    account = _named(engine, caller, parameters, "user", "username")
    owner = None if account.owner_id is None else engine.store.account_by_id(account.owner_id)
    names = {} if owner is None else {owner.id: owner.username}
    return WhmReply({"acct": [_summary(account, names)]})


def _summary(account: Account, names: dict[int, str]) -> dict[str, object]:
    owner = "root" if account.owner_id is None else names.get(account.owner_id, "root")
    return {
        "user": account.username,
        "domain": account.domain,
        "owner": owner,
        "suspended": int(account.suspended),
        "unix_startdate": account.create_time,
    }


def createacct(engine: Engine, caller: Caller, parameters: Parameters) -> WhmReply:
    """Create an account of the caller's; with ``reseller=1`` a reseller with the initial privileges."""
    username = rules.username(parameters.required("username"))
    domain = rules.domain(parameters.required("domain"))
    reseller = rules.boolean(parameters.one("reseller") or "0", "reseller")
    if reseller and not caller.has(ALL):
        raise _missing(ALL)
    # As on the real system, an account without a given password gets one that nobody knows.
    password = _password(parameters.one("password") or secrets.token_urlsafe(24))
    password_hash = engine.passwords.hash(username, password)
    with engine.store.mutation():
        owner = engine.present_account(caller.account.id)
        if username in _RESERVED or engine.store.account(username) is not None:
            raise Refused(f"This system already has an account named {quoted(username)}.", cause="account exists")
        engine.store.add_account(
            username=username,
            kind="reseller" if reseller else "account",
            owner_id=owner.id,
            domain=domain,
            password_hash=password_hash,
            create_time=engine.clock.seconds(),
            acls=sorted(INITIAL) if reseller else [],
            features=[],
        )
    return WhmReply({"domain": domain, "user": username}, reason="Account Creation Ok")


def removeacct(engine: Engine, caller: Caller, parameters: Parameters) -> WhmReply:
    """Remove an account: its tokens die with it (seed 004), accounts that it owned go to root."""
    with engine.store.mutation():
        account = _named(engine, caller, parameters, "user", "username")
        root = engine.store.account("root")
        if root is None:
            raise Refused("This system has no root.", cause="no root")
        engine.store.remove_account(account, heir_id=root.id)
    return WhmReply(reason=f"{account.username} account removed")


def suspendacct(engine: Engine, caller: Caller, parameters: Parameters) -> WhmReply:
    """Suspend an account: its password and tokens are refused from now on."""
    return _suspend(engine, caller, parameters, suspended=True)


def unsuspendacct(engine: Engine, caller: Caller, parameters: Parameters) -> WhmReply:
    """Unsuspend an account."""
    return _suspend(engine, caller, parameters, suspended=False)


def _suspend(engine: Engine, caller: Caller, parameters: Parameters, *, suspended: bool) -> WhmReply:
    with engine.store.mutation():
        account = _named(engine, caller, parameters, "user", "username")
        if account.suspended != suspended:
            engine.store.set_suspended(account, suspended)
    verb = "suspended" if suspended else "unsuspended"
    return WhmReply(reason=f"The account {quoted(account.username)} is {verb}.")


def modifyacct(engine: Engine, caller: Caller, parameters: Parameters) -> WhmReply:
    """Rename an account (``newuser``). Its tokens go on working, under the new name (seed 004)."""
    new_name = rules.username(parameters.required("newuser"))
    with engine.store.mutation():
        account = _named(engine, caller, parameters, "user", "username")
        if new_name != account.username:
            if new_name in _RESERVED or engine.store.account(new_name) is not None:
                raise Refused(f"This system already has an account named {quoted(new_name)}.", cause="account exists")
            engine.store.rename_account(account, new_name)
    return WhmReply({"user": new_name, "domain": account.domain}, reason="Account modified")


def passwd(engine: Engine, caller: Caller, parameters: Parameters) -> WhmReply:
    """Change the password of an account (of root too, for those who have every privilege)."""
    password = _password(parameters.required("password"))
    username = parameters.one("user") or parameters.required("username")
    with engine.store.mutation():
        root = engine.store.account(username) if username == "root" and caller.has(ALL) else None
        account = root or reachable(engine, caller, username)
        refuse_resellers(caller, account)
        engine.store.set_password(account, engine.passwords.hash(account.username, password))
    return WhmReply(reason=f"Password changed for the account {quoted(account.username)}.")


def setupreseller(engine: Engine, caller: Caller, parameters: Parameters) -> WhmReply:
    """Give an account reseller status with the initial privileges; ``makeowner=1`` makes it own itself."""
    makeowner = rules.boolean(parameters.one("makeowner") or "0", "makeowner")
    with engine.store.mutation():
        account = _named(engine, caller, parameters, "user", "username")
        if account.kind == "reseller":
            raise Refused(f"The account {quoted(account.username)} is already a reseller.", cause="already a reseller")
        owner_id = account.id if makeowner else account.owner_id
        engine.store.set_reseller(account, sorted(INITIAL), owner_id)
    return WhmReply(reason=f"The account {quoted(account.username)} is now a reseller.")


def setacls(engine: Engine, caller: Caller, parameters: Parameters) -> WhmReply:
    """Replace the privileges of a reseller with those given as ``acl-NAME=1``. Its tokens narrow at once."""
    acls = []
    for acl, text in parameters.beginning_with("acl-").items():
        if not is_known(acl):
            raise Refused(f"The privilege (ACL) {quoted(acl)} is unknown to this server.", cause="unknown acl")
        if rules.boolean(text, f"acl-{acl}"):
            acls.append(acl)
    with engine.store.mutation():
        account = reachable(engine, caller, parameters.required("reseller"))
        if account.kind != "reseller":
            raise Refused(f"The account {quoted(account.username)} is not a reseller.", cause="not a reseller")
        engine.store.set_reseller(account, acls, account.owner_id)
    return WhmReply(reason=f"Privileges set for the reseller {quoted(account.username)}.")


def listacls(engine: Engine, _caller: Caller, _parameters: Parameters) -> WhmReply:
    """List the privileges of every reseller, each as the list of its own name."""
    rows = [
        {"name": account.username, "privileges": flags(account.acls)}
        for account in engine.store.accounts()
        if account.kind == "reseller"
    ]
    return WhmReply({"acl": rows})


def myprivs(_engine: Engine, caller: Caller, _parameters: Parameters) -> WhmReply:
    """Show the privileges that this very call has; ``all`` implies the rest of the chart."""
    granted = CHART | caller.privileges if caller.has(ALL) else caller.privileges
    return WhmReply({"privileges": [flags(granted)]})


def flags(granted: frozenset[str]) -> dict[str, int]:
    """Return privileges as an object of 0 and 1 over the whole chart."""
    return {acl: int(acl in granted) for acl in sorted(CHART | granted)}


def _password(text: str) -> str:
    """Return an acceptable password."""
    if len(text) > MAX_PASSWORD or "\0" in text:
        raise Refused(
            f"Invalid password: it may have at most {MAX_PASSWORD} characters and no NUL.", cause="invalid password"
        )
    return text


def _missing(privilege: str) -> Refused:
    return Refused(f"This call needs the privilege (ACL) {quoted(privilege)}.", cause=f"needs {privilege}", denied=True)


FUNCTIONS: dict[str, WhmFunction] = {
    "accountsummary": accountsummary,
    "createacct": createacct,
    "listaccts": listaccts,
    "listacls": listacls,
    "modifyacct": modifyacct,
    "myprivs": myprivs,
    "passwd": passwd,
    "removeacct": removeacct,
    "setacls": setacls,
    "setupreseller": setupreseller,
    "suspendacct": suspendacct,
    "unsuspendacct": unsuspendacct,
}
