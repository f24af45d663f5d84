# Copyright (c) 2026 panelops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The privileges in words and in groups, as the form shows them."""

from __future__ import annotations

from dataclasses import dataclass

from token_server.privileges import ALL, CHART, INITIAL
from token_server.state.records import Account

WARNINGS = {
    ALL: "This allows an API token user access to the entire system, with all functions of root.",
    "passwd": "This allows an API token user to change account passwords and log in with a new password.",
    "create-user-session": "This allows an API token user to bypass any restrictions of the API token.",
    "manage-api-tokens": "This allows an API token user to bypass any restrictions of the API token.",
}
"""docs/conformance.md, G4: "Use caution when you assign the following ACL privileges"."""

_GROUPS = {
    "Everything": {
        "all": "Everything",
    },
    "Initial Privileges": {
        "acct-summary": "Account Summary",
        "basic-system-info": "Basic System Information",
        "basic-whm-functions": "Basic WHM Functions",
        "connected-applications": "Connected Applications",
        "cors-proxy-get": "CORS Proxy",
        "cpanel-api": "cPanel API",
        "cpanel-integration": "cPanel Integration",
        "create-user-session": "Create User Session",
        "digest-auth": "Digest Authentication",
        "generate-email-config": "Generate Email Configuration",
        "list-pkgs": "List Packages",
        "manage-api-tokens": "Manage API Tokens",
        "manage-dns-records": "Manage DNS Records",
        "manage-oidc": "Manage OpenID Connect",
        "manage-styles": "Manage Styles",
        "mysql-info": "MySQL Information",
        "ns-config": "Nameserver Configuration",
        "public-contact": "Public Contact Information",
        "ssl-info": "SSL Information",
        "track-email": "Track Email",
    },
    "Accounts": {
        "allow-shell": "Accounts with Shell Access",
        "assign-root-account-enhancements": "Assign Root's Account Enhancements",
        "create-acct": "Create Accounts",
        "demo-setup": "Demo Mode",
        "edit-account": "Modify Accounts",
        "kill-acct": "Terminate Accounts",
        "limit-bandwidth": "Limit Bandwidth",
        "list-accts": "List Accounts",
        "passwd": "Change Password",
        "quota": "Change Quotas",
        "rearrange-accts": "Rearrange Accounts",
        "resftp": "Resynchronize FTP Passwords",
        "show-bandwidth": "View Bandwidth Usage",
        "suspend-acct": "Suspend and Unsuspend Accounts",
        "upgrade-account": "Upgrade and Downgrade Accounts",
    },
    "Packages": {
        "add-pkg": "Add Packages",
        "add-pkg-ip": "Add Packages with Dedicated IP Addresses",
        "add-pkg-shell": "Add Packages with Shell Access",
        "allow-addoncreate": "Packages with Addon Domains",
        "allow-emaillimits-pkgs": "Packages with Custom Email Limits",
        "allow-parkedcreate": "Packages with Parked Domains",
        "allow-unlimited-bw-pkgs": "Packages with Unlimited Bandwidth",
        "allow-unlimited-disk-pkgs": "Packages with Unlimited Disk Space",
        "allow-unlimited-pkgs": "Packages with Unlimited Features",
        "edit-pkg": "Edit Packages",
        "viewglobalpackages": "Use Global Packages",
    },
    "DNS": {
        "create-dns": "Add DNS Zones",
        "edit-dns": "Edit DNS Zones",
        "edit-mx": "Edit MX Entries",
        "kill-dns": "Remove DNS Zones",
        "park-dns": "Park Domains",
    },
    "SSL": {
        "ssl": "SSL Site Management",
        "ssl-buy": "Purchase SSL Certificates",
        "ssl-gencrt": "Generate SSL Certificates",
    },
    "Server": {
        "clustering": "Clustering",
        "file-restore": "Restore Files",
        "frontpage": "FrontPage Extensions",
        "locale-edit": "Edit Locales",
        "mailcheck": "Troubleshoot Mail Delivery",
        "news": "Modify News",
        "restart": "Restart Services",
        "stats": "View Statistics",
        "status": "View Server Status",
        "thirdparty": "Third-Party Services",
    },
}
"""The vendor's chart in words. Privileges of the server's own software go with the last group."""

_LABELS = {acl: words for group in _GROUPS.values() for acl, words in group.items()}
_PLACES = {acl: title for title, group in _GROUPS.items() for acl in group}
_LAST = list(_GROUPS)[-1]


@dataclass(slots=True, frozen=True)
class Choice:
    """A checkbox."""

    acl: str
    label: str
    warning: str
    ticked: bool


@dataclass(slots=True, frozen=True)
class Group:
    """Checkboxes under one heading."""

    title: str
    choices: list[Choice]


def initial(account: Account) -> bool:
    """Tell whether an account has all of the initial privileges."""
    return all(account.has(acl) for acl in INITIAL)


def own(account: Account) -> frozenset[str]:
    """Return what an account can give (docs/conformance.md, G4: "Only ACL privileges that the user possesses")."""
    return account.acls | CHART if ALL in account.acls else account.acls


def label(acl: str) -> str:
    """Return the words for a privilege; one of the server's own software is its own word."""
    return _LABELS.get(acl, acl)


def groups(offered: frozenset[str], ticked: frozenset[str]) -> list[Group]:
    """Return the checkboxes of the privileges that are offered."""
    found: dict[str, list[Choice]] = {title: [] for title in _GROUPS}
    for acl in sorted(offered, key=lambda acl: label(acl).lower()):
        choice = Choice(acl, label(acl), WARNINGS.get(acl, ""), acl in ticked)
        found[_PLACES.get(acl, _LAST)].append(choice)
    return [Group(title, choices) for title, choices in found.items() if choices]
