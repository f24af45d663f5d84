# Copyright (c) 2026 panelops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The WHM API 1 function that opens a session without a password: why docs/conformance.md (G4) warns of its privilege."""

from __future__ import annotations

from token_server import account_rules
from token_server.envelopes import WhmReply
from token_server.functions.callers import Caller
from token_server.functions.contracts import WhmFunction
from token_server.functions.whm_accounts import reachable, refuse_resellers
from token_server.parameters import Parameters
from token_server.refusals import Refused, quoted
from token_server.state.engine import Engine
from token_server.state.records import Account

_SERVICES = {"cpaneld": "cpanel", "whostmgrd": "whm", "webmaild": "webmail"}
"""How the vendor names the services in this function."""

_WEBMAIL_PORT = 2096


def create_user_session(engine: Engine, caller: Caller, parameters: Parameters) -> WhmReply:
    """Open a session of an account that the caller may act on, or of the caller itself; ``url`` leads into it.

    The session has all privileges of the account, whatever the limits of the token that opened it. For webmail, ``user`` may be
    a mailbox of the account.
    """
    requested = account_rules.one_of(parameters.required("service"), "service", tuple(_SERVICES))
    service = _SERVICES[requested]
    account = _account(engine, caller, parameters.required("user"), service)
    base_url = _base_url(engine, requested, parameters.one("preferred_domain"))
    session = engine.sessions.begin(account, service)
    path = f"/cpsess{session.path_token}"
    return WhmReply(
        {
            "service": requested,
            "session": session.cookie,
            "cp_security_token": path,
            "expires": int(session.ends),
            "url": f"{base_url}{path}/login/?session={session.cookie}",
        },
        reason="Created session",
    )


def _base_url(engine: Engine, requested: str, preferred: str | None) -> str:
    """Return where a service listens; ``preferred`` is another host for the URL. Webmail has the host of cPanel, and a port of its own."""
    service = _SERVICES[requested]
    known = engine.base_url("cpanel" if service == "webmail" else service)
    if known is None:
        raise Refused(f"The service {quoted(requested)} is not running.", cause="service not running")
    scheme, _slashes, authority = known.partition("://")
    host, _colon, port = authority.rpartition(":")
    if preferred:
        host = account_rules.host(preferred, "preferred_domain")
    return f"{scheme}://{host}:{_WEBMAIL_PORT if service == 'webmail' else port}"


def _account(engine: Engine, caller: Caller, username: str, service: str) -> Account:
    if service == "webmail" and "@" in username:
        return _of_mailbox(engine, caller, username)
    account = caller.account if username == caller.account.username else reachable(engine, caller, username)
    if not (account.uses_whm if service == "whm" else account.uses_cpanel):
        raise Refused(f"{quoted(username)} does not have access to this service.", cause="account without this service")
    if service == "whm":
        refuse_resellers(caller, account)
    return _not_suspended(account)


def _of_mailbox(engine: Engine, caller: Caller, address: str) -> Account:
    """Return the account of a mailbox; who does not reach it does not learn whether the mailbox exists."""
    owner_id = engine.mailboxes.owner_id(address)
    owner = None if owner_id is None else engine.store.account_by_id(owner_id)
    try:
        if owner is not None:
            return _not_suspended(reachable(engine, caller, owner.username))
    except Refused as refusal:
        if refusal.cause == "account suspended":
            raise
    raise Refused(
        f"You do not have access to a mailbox {quoted(address)}.", cause="mailbox unknown or of another owner"
    )


def _not_suspended(account: Account) -> Account:
    if account.suspended:
        raise Refused(f"The account {quoted(account.username)} is suspended.", cause="account suspended")
    return account


FUNCTIONS: dict[str, WhmFunction] = {"create_user_session": create_user_session}
