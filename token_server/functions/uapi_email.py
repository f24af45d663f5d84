# Copyright (c) 2026 panelops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The cPanel functions on mailboxes. No mail ever comes; they can be created and listed."""

from __future__ import annotations

from token_server import account_rules, rules
from token_server.functions.contracts import Api2Function, UapiFunction
from token_server.parameters import Parameters
from token_server.refusals import Refused, quoted
from token_server.state.engine import Engine
from token_server.state.records import Account

_MAIN = "Main Account"
_RESERVED = "cpanel"


def list_pops(engine: Engine, account: Account, parameters: Parameters) -> list[object]:
    """List the mailboxes: that of the account itself first, which has the account's name, unless ``skip_main=1``."""
    skip_main = rules.boolean(parameters.one("skip_main") or "0", "skip_main")
    main = [] if skip_main else [_row(account.username, _MAIN)]
    return [*main, *_listed(engine, account, parameters)]


def listpops(engine: Engine, account: Account, parameters: Parameters) -> list[object]:
    """List the mailboxes that were created, as API 2 does."""
    return [*_listed(engine, account, parameters)]


def _listed(engine: Engine, account: Account, parameters: Parameters) -> list[dict[str, object]]:
    """Return the rows of the mailboxes that ``regex`` matches, or of all."""
    pattern = parameters.one("regex")
    matches = account_rules.search(pattern, "regex") if pattern else None
    addresses = engine.mailboxes.of(account)
    return [_row(address, address) for address in addresses if matches is None or matches(address)]


def _row(address: str, login: str) -> dict[str, object]:
    return {"email": address, "login": login, "suspended_incoming": 0, "suspended_login": 0}


def add_pop(engine: Engine, account: Account, parameters: Parameters) -> str:
    """Create a mailbox. ``email`` is an address, or what stands before the ``@`` of one of the account's domain."""
    local, at, host = parameters.required("email").partition("@")
    account_rules.local_part(local, "email")
    if local == _RESERVED:
        raise account_rules.invalid("email", f"another name than {quoted(_RESERVED)}")
    domain = rules.domain(host) if at else rules.domain(parameters.one("domain") or account.domain)
    if parameters.one("password_hash"):
        raise Refused(
            "This server takes no \u201cpassword_hash\u201d: give a \u201cpassword\u201d.", cause="password hash"
        )
    password = account_rules.password(parameters.required("password"))
    account_rules.quota(parameters.one("quota") or "0", "quota")
    address = f"{local}@{domain}"
    password_hash = engine.passwords.hash(address, password)
    with engine.store.mutation():
        present = engine.present_account(account.id)
        if domain != present.domain:
            raise Refused(f"The account does not have the domain {quoted(domain)}.", cause="domain of another account")
        if address in engine.mailboxes.of(present):
            raise Refused(f"The account {quoted(address)} already exists!", cause="mailbox exists")
        engine.mailboxes.add(present, address, password_hash)
    return f"{local}+{domain}"


FUNCTIONS: dict[str, UapiFunction] = {"Email::add_pop": add_pop, "Email::list_pops": list_pops}
API2_FUNCTIONS: dict[str, Api2Function] = {"Email::listpops": listpops}
