# Copyright (c) 2026 panelops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The WHM API 1 functions on privileges (ACLs): the caller's own, a reseller's, and the saved lists of them."""

from __future__ import annotations

from token_server import account_rules, rules
from token_server.envelopes import WhmReply
from token_server.functions.callers import Caller
from token_server.functions.contracts import WhmFunction
from token_server.functions.whm_accounts import reachable
from token_server.parameters import Parameters
from token_server.privileges import CHART, is_known
from token_server.refusals import Refused, quoted
from token_server.state.engine import Engine

_PREFIX = "acl-"


def myprivs(_engine: Engine, caller: Caller, _parameters: Parameters) -> WhmReply:
    """Show the privileges that this very call has; ``all`` implies the rest of the chart."""
    granted = CHART | caller.privileges if caller.has("all") else caller.privileges
    return WhmReply({"privileges": [flags(granted)]})


def setacls(engine: Engine, caller: Caller, parameters: Parameters) -> WhmReply:
    """Replace the privileges of a reseller. Its tokens narrow at once.

    Each ``acl-NAME`` adds a privilege, whatever its value is, also 0: so the vendor says. ``acllist`` gives those of a saved list.
    """
    given = _given(parameters)
    saved = parameters.one("acllist")
    if saved and given:
        raise Refused("Give either \u201cacllist\u201d or privileges, and not both.", cause="list and privileges")
    with engine.store.mutation():
        account = reachable(engine, caller, parameters.required("reseller"))
        if account.kind != "reseller":
            raise Refused(f"The account {quoted(account.username)} is not a reseller.", cause="not a reseller")
        acls = _saved(engine, saved) if saved else frozenset(acl for acl, text in given.items() if text)
        engine.store.set_reseller(account, acls, account.owner_id)
    return WhmReply(reason=f"Privileges set for the reseller {quoted(account.username)}.")


def saveacllist(engine: Engine, _caller: Caller, parameters: Parameters) -> WhmReply:
    """Save a list of privileges under a name: those with ``acl-NAME=1``. Here 0, the default, leaves one out."""
    name = account_rules.words(parameters.required("acllist"), "acllist")
    acls = [acl for acl, text in _given(parameters).items() if rules.boolean(text or "0", f"{_PREFIX}{acl}")]
    with engine.store.mutation():
        engine.acl_lists.save(name, acls)
    return WhmReply()


def listacls(engine: Engine, _caller: Caller, _parameters: Parameters) -> WhmReply:
    """List the saved lists of privileges."""
    return WhmReply(
        {"acl": [{"name": name, "privileges": flags(acls)} for name, acls in engine.acl_lists.all().items()]}
    )


def flags(granted: frozenset[str]) -> dict[str, int]:
    """Return privileges as an object of 0 and 1 over the whole chart."""
    return {acl: int(acl in granted) for acl in sorted(CHART | granted)}


def _given(parameters: Parameters) -> dict[str, str]:
    """Return the values of the parameters ``acl-NAME`` by name."""
    given = parameters.beginning_with(_PREFIX)
    for acl in given:
        if not is_known(acl):
            raise Refused(f"The privilege (ACL) {quoted(acl)} is unknown to this server.", cause="unknown acl")
    return given


def _saved(engine: Engine, name: str) -> frozenset[str]:
    acls = engine.acl_lists.all().get(name)
    if acls is None:
        raise Refused(f"There is no saved ACL list named {quoted(name)}.", cause="unknown acl list")
    return acls


FUNCTIONS: dict[str, WhmFunction] = {
    "listacls": listacls,
    "myprivs": myprivs,
    "saveacllist": saveacllist,
    "setacls": setacls,
}
