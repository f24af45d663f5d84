# Copyright (c) 2026 panelops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The WHM API 1 functions that create, change and remove accounts (docs/wire-contract.md, section C6)."""

from __future__ import annotations

import secrets

from token_server import account_rules, rules
from token_server.envelopes import WhmReply
from token_server.functions.callers import Caller
from token_server.functions.contracts import WhmFunction
from token_server.functions.creation_report import creation_report
from token_server.parameters import Parameters
from token_server.privileges import ALL, INITIAL
from token_server.refusals import Refused, quoted
from token_server.state.engine import Engine
from token_server.state.records import Account

SERVER_IP = "127.0.0.1"
"""The address of accounts that get no other one."""

_RESERVED = frozenset({"root"})
_NAMESERVERS: dict[str, object] = {
    "nameserver": "ns1.example.com",
    "nameserver2": "ns2.example.com",
    "nameserver3": "",
    "nameserver4": "",
    **{f"{kind}{number}": None for kind in ("nameservera", "nameserverentry") for number in ("", "2", "3", "4")},
}
"""What createacct says of nameservers. This server has none, so they have neither addresses nor entries."""


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
        raise missing_privilege(ALL)


def named(engine: Engine, caller: Caller, parameters: Parameters, *names: str) -> Account:
    """Return the reachable account that the first given of these parameters names."""
    given = next((name for name in names if parameters.one(name)), names[0])
    return reachable(engine, caller, parameters.required(given))


def createacct(engine: Engine, caller: Caller, parameters: Parameters) -> WhmReply:
    """Create an account of the caller's; with ``reseller=1`` a reseller with the initial privileges."""
    username = rules.username(parameters.required("username").lower())
    domain = rules.domain(parameters.one("domain") or f"{username}.example.com")
    reseller = rules.boolean(parameters.one("reseller") or "0", "reseller")
    if reseller and not caller.has(ALL):
        raise missing_privilege(ALL)
    if parameters.one("pass") and parameters.one("password"):
        raise Refused("Give either \u201cpass\u201d or \u201cpassword\u201d, and not both.", cause="two passwords")
    # As on the real system, an account without a given password gets one that only this answer shows.
    given = parameters.one("password") or parameters.one("pass") or secrets.token_urlsafe(24)
    password = account_rules.password(given)
    shown = account_rules.one_of(parameters.one("showpass") or "y", "showpass", ("y", "n")) == "y"
    plan = account_rules.words(parameters.one("plan") or "default", "plan")
    email = account_rules.email(parameters.one("contactemail") or "", "contactemail")
    ip = account_rules.ip(parameters.one("customip") or SERVER_IP, "customip")
    quota = account_rules.quota(parameters.one("quota") or "0", "quota")
    uid = _given_uid(caller, parameters)
    password_hash = engine.passwords.hash(username, password)
    with engine.store.mutation():
        owner_id = _owner_id(engine, caller, parameters)
        if username in _RESERVED or engine.store.account(username) is not None:
            raise _exists(username)
        _check_domain(engine, domain, None)
        if uid is not None and engine.store.uid_taken(uid):
            raise account_rules.invalid("uid", "a number that no other account has")
        account_id = engine.store.add_account(
            username=username,
            kind="reseller" if reseller else "account",
            owner_id=owner_id,
            domain=domain,
            password_hash=password_hash,
            create_time=engine.clock.seconds(),
            acls=INITIAL if reseller else (),
            features=(),
            email=email,
            plan=plan,
            ip=ip,
            quota=quota,
            uid=uid,
        )
        account = engine.present_account(account_id)
    data = {"ip": account.ip, "package": account.plan, **_NAMESERVERS}
    raw = creation_report(account, _NAMESERVERS, password if shown else None)
    return WhmReply(data, reason="Account Creation Ok", metadata={"output": {"raw": raw}})


def _given_uid(caller: Caller, parameters: Parameters) -> int | None:
    text = parameters.one("uid")
    if not text:
        return None
    if not caller.has(ALL):
        raise missing_privilege(ALL)
    return account_rules.uid(text)


def _owner_id(engine: Engine, caller: Caller, parameters: Parameters) -> int:
    """Return who shall own a new account: the caller, whom ``owner`` names, or (0, with ``ownerself=1``) the account itself."""
    caller_id = engine.present_account(caller.account.id).id
    own = rules.boolean(parameters.one("ownerself") or "0", "ownerself")
    owner = parameters.one("owner")
    if not owner:
        if own and not caller.has(ALL):
            raise missing_privilege(ALL)
        return 0 if own else caller_id
    return new_owner(engine, caller, owner, "owner").id


def new_owner(engine: Engine, caller: Caller, username: str, parameter: str) -> Account:
    """Return the root or the reseller that shall own an account. Only who has every privilege may name somebody else."""
    if username == caller.account.username:
        return engine.present_account(caller.account.id)
    if not caller.has(ALL):
        raise missing_privilege(ALL)
    owner = engine.store.account(username) if username == "root" or rules.is_username(username) else None
    if owner is None or not owner.uses_whm:
        raise account_rules.invalid(parameter, "root or a reseller")
    return owner


def _check_domain(engine: Engine, domain: str, account: Account | None) -> None:
    """Raise ``Refused`` if another account has a domain."""
    holder = engine.store.account_by_domain(domain)
    if holder is not None and (account is None or holder.id != account.id):
        raise Refused(f"This system already has the domain {quoted(domain)}.", cause="domain exists")


def _exists(username: str) -> Refused:
    return Refused(f"This system already has an account named {quoted(username)}.", cause="account exists")


def removeacct(engine: Engine, caller: Caller, parameters: Parameters) -> WhmReply:
    """Remove an account: its tokens die with it (docs/conformance.md, G4), accounts that it owned go to root."""
    with engine.store.mutation():
        account = named(engine, caller, parameters, "user", "username")
        root = engine.store.account("root")
        if root is None:
            raise Refused("This system has no root.", cause="no root")
        engine.store.remove_account(account, heir_id=root.id)
    return WhmReply(reason=f"{account.username} account removed")


def modifyacct(engine: Engine, caller: Caller, parameters: Parameters) -> WhmReply:
    """Change an account, by whichever parameters are given. Renamed (``newuser``), it keeps its API tokens (docs/conformance.md, G4)."""
    given_name = parameters.one("newuser")
    new_name = rules.username(given_name) if given_name else None
    domain, email = parameters.one("domain") or parameters.one("DNS"), parameters.one("contactemail")
    owner = parameters.one("owner") or parameters.one("OWNER")
    quota, backup = parameters.one("QUOTA"), parameters.one("BACKUP")
    if backup and not caller.has(ALL):
        raise missing_privilege(ALL)
    with engine.store.mutation():
        account = named(engine, caller, parameters, "user", "username")
        if new_name is not None and new_name != account.username:
            if new_name in _RESERVED or engine.store.account(new_name) is not None:
                raise _exists(new_name)
            engine.store.rename_account(account, new_name)
        new_domain = rules.domain(domain) if domain else account.domain
        if new_domain != account.domain:
            _check_domain(engine, new_domain, account)
        if domain or email is not None or owner or quota or backup:
            engine.store.modify_account(
                account,
                owner_id=new_owner(engine, caller, owner, "owner").id if owner else account.owner_id,
                domain=new_domain,
                email=account.email if email is None else account_rules.email(email, "contactemail"),
                quota=account_rules.quota(quota, "QUOTA") if quota else account.quota,
                backup=rules.boolean(backup, "BACKUP") if backup else account.backup,
            )
    return WhmReply({"user": new_name or account.username, "domain": new_domain}, reason="Account Modified")


def passwd(engine: Engine, caller: Caller, parameters: Parameters) -> WhmReply:
    """Change the password of an account (of root too, for those who have every privilege)."""
    password = account_rules.password(parameters.required("password"))
    username = parameters.one("user") or parameters.required("username")
    with engine.store.mutation():
        root = engine.store.account(username) if username == "root" and caller.has(ALL) else None
        account = root or reachable(engine, caller, username)
        refuse_resellers(caller, account)
        engine.store.set_password(account, engine.passwords.hash(account.username, password))
        # Also where it is the same password again, or one that the account had before.
        engine.sessions.end_of(account)
    return WhmReply({"app": ["system"]}, reason=f"Password changed for user {quoted(account.username)}.")


def missing_privilege(privilege: str) -> Refused:
    return Refused(f"This call needs the privilege (ACL) {quoted(privilege)}.", cause=f"needs {privilege}", denied=True)


FUNCTIONS: dict[str, WhmFunction] = {
    "createacct": createacct,
    "modifyacct": modifyacct,
    "passwd": passwd,
    "removeacct": removeacct,
}
