# Copyright (c) 2026 panelops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Who may call what: the vendor's privileges and, for each function, the one it needs and whether it changes anything.

The chart is that of CONTRACT section 2. A function that is not in these tables does not exist.
"""

from __future__ import annotations

from dataclasses import dataclass

ALL = "all"
"""The privilege that implies every other."""

CHART = frozenset(
    {
        "acct-summary",
        "add-pkg",
        "add-pkg-ip",
        "add-pkg-shell",
        "all",
        "allow-addoncreate",
        "allow-emaillimits-pkgs",
        "allow-parkedcreate",
        "allow-shell",
        "allow-unlimited-bw-pkgs",
        "allow-unlimited-disk-pkgs",
        "allow-unlimited-pkgs",
        "assign-root-account-enhancements",
        "basic-system-info",
        "basic-whm-functions",
        "clustering",
        "connected-applications",
        "cors-proxy-get",
        "cpanel-api",
        "cpanel-integration",
        "create-acct",
        "create-dns",
        "create-user-session",
        "demo-setup",
        "digest-auth",
        "edit-account",
        "edit-dns",
        "edit-mx",
        "edit-pkg",
        "file-restore",
        "frontpage",
        "generate-email-config",
        "kill-acct",
        "kill-dns",
        "limit-bandwidth",
        "list-accts",
        "list-pkgs",
        "locale-edit",
        "mailcheck",
        "manage-api-tokens",
        "manage-dns-records",
        "manage-oidc",
        "manage-styles",
        "mysql-info",
        "news",
        "ns-config",
        "park-dns",
        "passwd",
        "public-contact",
        "quota",
        "rearrange-accts",
        "resftp",
        "restart",
        "show-bandwidth",
        "ssl",
        "ssl-buy",
        "ssl-gencrt",
        "ssl-info",
        "stats",
        "status",
        "suspend-acct",
        "thirdparty",
        "track-email",
        "upgrade-account",
        "viewglobalpackages",
    }
)

INITIAL = frozenset(
    {
        "basic-system-info",
        "basic-whm-functions",
        "connected-applications",
        "cors-proxy-get",
        "cpanel-api",
        "cpanel-integration",
        "create-user-session",
        "digest-auth",
        "generate-email-config",
        "list-pkgs",
        "manage-api-tokens",
        "manage-dns-records",
        "manage-oidc",
        "manage-styles",
        "mysql-info",
        "ns-config",
        "public-contact",
        "ssl-info",
        "track-email",
    }
)
"""What a new reseller gets: the vendor's "Initial Privileges"."""

_OWN_PREFIX = "software-"


def is_known(acl: str) -> bool:
    """Tell whether the server knows a privilege: the chart's, or one of its own software."""
    if acl in CHART:
        return True
    rest = acl.removeprefix(_OWN_PREFIX)
    return rest != acl and 0 < len(rest) <= 50 and rest.isascii() and rest.replace("-", "").replace("_", "").isalnum()


def effective(owner: frozenset[str], token: frozenset[str] | None) -> frozenset[str]:
    """Return the privileges of a call: the owner's present ones, narrowed by the token (None: a password)."""
    if token is None or ALL in token:
        return owner
    return token if ALL in owner else owner & token


@dataclass(frozen=True, slots=True)
class WhmRule:
    """``privilege`` is the one that the caller needs, None if everybody may call."""

    privilege: str | None = None
    mutates: bool = False


@dataclass(frozen=True, slots=True)
class UapiRule:
    """``feature`` is the one that the account needs, None if every account may call."""

    feature: str | None = None
    mutates: bool = False


WHM_FUNCTIONS: dict[str, WhmRule] = {
    "accountsummary": WhmRule("acct-summary"),
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
    "loadavg": WhmRule(),
    "modifyacct": WhmRule("edit-account", mutates=True),
    "myprivs": WhmRule(),
    "passwd": WhmRule("passwd", mutates=True),
    "removeacct": WhmRule("kill-acct", mutates=True),
    "setacls": WhmRule(ALL, mutates=True),
    "setupreseller": WhmRule(ALL, mutates=True),
    "suspendacct": WhmRule("suspend-acct", mutates=True),
    "uapi_cpanel": WhmRule("cpanel-api"),
    "unsuspendacct": WhmRule("suspend-acct", mutates=True),
    "version": WhmRule(),
}

UAPI_FUNCTIONS: dict[str, UapiRule] = {
    "Batch::strict": UapiRule(),
    "Email::list_pops": UapiRule("popaccts"),
    "Tokens::create_full_access": UapiRule("apitokens", mutates=True),
    "Tokens::list": UapiRule("apitokens"),
    "Tokens::rename": UapiRule("apitokens", mutates=True),
    "Tokens::revoke": UapiRule("apitokens", mutates=True),
    "Variables::get_user_information": UapiRule(),
}

PAGE_FUNCTIONS: dict[str, UapiRule] = {
    "Tokens::edit": UapiRule("apitokens", mutates=True),
}
"""What only the page of cPanel does, and no client can call: UAPI has nothing of the kind."""

API2_FUNCTIONS: dict[str, UapiRule] = {
    "Email::listpops": UapiRule("popaccts"),
}
