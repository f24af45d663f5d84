# Copyright (c) 2026 panelops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The vendor's privileges: which exist, which a new reseller gets, and which a call has.

The chart is that of docs/wire-contract.md, section C2.
"""

from __future__ import annotations

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
        "acct-summary",
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
