# Copyright (c) 2026 panelops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Which functions exist and who may call them: what each needs and whether it changes anything.

A function that is not in these tables does not exist.
"""

from __future__ import annotations

from dataclasses import dataclass

from token_server.privileges import ALL


@dataclass(frozen=True, slots=True)
class WhmRule:
    """``privilege`` is the one that the caller needs, None if everybody may call."""

    privilege: str | None = None
    mutates: bool = False


@dataclass(frozen=True, slots=True)
class UapiRule:
    """``feature`` is the one that the account needs, None if every account may call.

    ``not_readonly``: refused to read-only tokens, as is all that mutates.
    """

    feature: str | None = None
    mutates: bool = False
    not_readonly: bool = False


WHM_FUNCTIONS: dict[str, WhmRule] = {
    "accountsummary": WhmRule("acct-summary"),
    "acctcounts": WhmRule("acct-summary"),
    "api_token_create": WhmRule("manage-api-tokens", mutates=True),
    "api_token_get_details": WhmRule("manage-api-tokens"),
    "api_token_list": WhmRule("manage-api-tokens"),
    "api_token_revoke": WhmRule("manage-api-tokens", mutates=True),
    "api_token_update": WhmRule("manage-api-tokens", mutates=True),
    "applist": WhmRule(),
    "batch": WhmRule(),
    "cpanel": WhmRule("cpanel-api"),
    "create_user_session": WhmRule("create-user-session"),
    "createacct": WhmRule("create-acct", mutates=True),
    "gethostname": WhmRule(),
    "listaccts": WhmRule("list-accts"),
    "listacls": WhmRule(ALL),
    "listresellers": WhmRule(ALL),
    "loadavg": WhmRule(),
    "modifyacct": WhmRule("edit-account", mutates=True),
    "myprivs": WhmRule(),
    "passwd": WhmRule("passwd", mutates=True),
    "removeacct": WhmRule("kill-acct", mutates=True),
    "saveacllist": WhmRule(ALL, mutates=True),
    "setacls": WhmRule(ALL, mutates=True),
    "setupreseller": WhmRule(ALL, mutates=True),
    "suspendacct": WhmRule("suspend-acct", mutates=True),
    "systemloadavg": WhmRule(),
    "uapi_cpanel": WhmRule("cpanel-api"),
    "unsetupreseller": WhmRule(ALL, mutates=True),
    "unsuspendacct": WhmRule("suspend-acct", mutates=True),
    "version": WhmRule(),
}

UAPI_FUNCTIONS: dict[str, UapiRule] = {
    "Batch::strict": UapiRule(not_readonly=True),
    "DomainInfo::list_domains": UapiRule(),
    "Email::add_pop": UapiRule("popaccts", mutates=True),
    "Email::list_pops": UapiRule("popaccts"),
    "Features::has_feature": UapiRule(),
    "Features::list_features": UapiRule(),
    "Resellers::list_accounts": UapiRule(),
    "Tokens::create_full_access": UapiRule("apitokens", mutates=True),
    "Tokens::list": UapiRule("apitokens"),
    "Tokens::rename": UapiRule("apitokens", mutates=True),
    "Tokens::revoke": UapiRule("apitokens", mutates=True),
    "Variables::get_server_information": UapiRule(),
    "Variables::get_session_information": UapiRule(),
    "Variables::get_user_information": UapiRule(),
}

PAGE_FUNCTIONS: dict[str, UapiRule] = {
    "Tokens::edit": UapiRule("apitokens", mutates=True),
}
"""What only the page of cPanel does, and no client can call: UAPI has nothing of the kind."""

API2_FUNCTIONS: dict[str, UapiRule] = {
    "Email::listpops": UapiRule("popaccts"),
}
