# Copyright (c) 2026 panelops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The WHM API 1 functions that show accounts: all, those that are searched for, or one (docs/wire-contract.md, section C6)."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import TypedDict

from token_server import account_rules, rules
from token_server.envelopes import WhmReply
from token_server.functions.callers import Caller
from token_server.functions.contracts import WhmFunction
from token_server.functions.whm_accounts import named, reachable
from token_server.parameters import Parameters
from token_server.privileges import ALL
from token_server.refusals import Refused, quoted
from token_server.state.engine import Engine
from token_server.state.records import Account

_MONTHS = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"]
_UNKNOWN_EMAIL = "*unknown*"


class AccountRow(TypedDict):
    """An account as both functions show it. What the account has not got is said in the vendor's words."""

    backup: int
    disklimit: str
    diskused: str
    domain: str
    email: str
    ip: str
    is_locked: int
    owner: str
    partition: str
    plan: str
    startdate: str
    suspended: int
    suspendreason: str
    suspendtime: int | None
    uid: int
    unix_startdate: int
    user: str


_FIELDS = frozenset(AccountRow.__annotations__)
_SEARCHED = {"user": "user", "domain": "domain", "owner": "owner", "ip": "ip", "package": "plan"}
"""By ``searchtype``: the field in which is searched."""


@dataclass(frozen=True, slots=True)
class _Search:
    """What is searched for, and in which field."""

    field: str
    matches: Callable[[str], bool]


def listaccts(engine: Engine, caller: Caller, parameters: Parameters) -> WhmReply:
    """List the accounts that the caller may act on, or those of them that are searched for."""
    search, wanted = _search(parameters), _wanted(parameters)
    accounts = engine.store.accounts()
    names = {account.id: account.username for account in accounts}
    rows: list[object] = []
    for account in accounts:
        if account.uses_cpanel and (caller.has(ALL) or caller.account.id in (account.owner_id, account.id)):
            row: dict[str, object] = {**_row(account, names)}
            if search is None or search.matches(str(row[search.field])):
                rows.append({field: row[field] for field in row if field in wanted})
    return WhmReply({"acct": rows})


def _search(parameters: Parameters) -> _Search | None:
    """Return what ``search``, ``searchtype`` and ``searchmethod`` ask for, or None where there is no ``search``."""
    kind = account_rules.one_of(parameters.one("searchtype") or "user", "searchtype", tuple(_SEARCHED))
    method = account_rules.one_of(parameters.one("searchmethod") or "regex", "searchmethod", ("regex", "exact"))
    text = parameters.one("search")
    if not text:
        return None
    if method == "exact":
        return _Search(_SEARCHED[kind], lambda value: value == text)
    return _Search(_SEARCHED[kind], account_rules.search(text, "search"))


def _wanted(parameters: Parameters) -> frozenset[str]:
    """Return the fields that ``want`` names, or all."""
    text = parameters.one("want")
    if not text:
        return _FIELDS
    wanted = frozenset(name.strip() for name in text.split(","))
    if wanted - _FIELDS:
        raise account_rules.invalid(
            "want", f"a list of these fields, with commas between them: {', '.join(sorted(_FIELDS))}"
        )
    return wanted


def accountsummary(engine: Engine, caller: Caller, parameters: Parameters) -> WhmReply:
    """Show one account, found by ``user`` or by its ``domain``."""
    domain = parameters.one("domain")
    if domain and not (parameters.one("user") or parameters.one("username")):
        account = _of_domain(engine, caller, rules.domain(domain))
    else:
        account = named(engine, caller, parameters, "user", "username")
    owner = None if account.owner_id is None else engine.store.account_by_id(account.owner_id)
    names = {} if owner is None else {owner.id: owner.username}
    return WhmReply({"acct": [_row(account, names)]})


def _of_domain(engine: Engine, caller: Caller, domain: str) -> Account:
    """Return the reachable account with a main domain; who does not reach it does not learn whether it exists."""
    account = engine.store.account_by_domain(domain)
    try:
        if account is not None:
            return reachable(engine, caller, account.username)
    except Refused:
        pass
    raise Refused(
        f"You do not have access to an account with the domain {quoted(domain)}.",
        cause="account unknown or of another owner",
    )


def _row(account: Account, names: dict[int, str]) -> AccountRow:
    return {
        "backup": int(account.backup),
        "disklimit": f"{account.quota}M" if account.quota else "unlimited",
        "diskused": "0M",
        "domain": account.domain,
        "email": account.email or _UNKNOWN_EMAIL,
        "ip": account.ip,
        "is_locked": int(account.locked),
        "owner": "root" if account.owner_id is None else names.get(account.owner_id, "root"),
        "partition": account.home_partition,
        "plan": account.plan,
        "startdate": _date(account.create_time),
        "suspended": int(account.suspended),
        "suspendreason": (account.suspend_reason or "Unknown") if account.suspended else "not suspended",
        "suspendtime": account.suspend_time,
        "uid": account.uid,
        "unix_startdate": account.create_time,
        "user": account.username,
    }


def _date(seconds: int) -> str:
    """Return a time as the vendor writes it, such as ``13 May 22 16:03`` for a day of 2013, in UTC and in English."""
    moment = time.gmtime(seconds)
    return (
        f"{moment.tm_year % 100:02} {_MONTHS[moment.tm_mon - 1]} {moment.tm_mday:02}"
        f" {moment.tm_hour:02}:{moment.tm_min:02}"
    )


FUNCTIONS: dict[str, WhmFunction] = {"accountsummary": accountsummary, "listaccts": listaccts}
