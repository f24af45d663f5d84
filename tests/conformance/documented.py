# Copyright (c) 2026 panelops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The parameters that the vendor documents for each function that is not about tokens: which are taken here, and which are ignored.

The section "Limits" of docs/reference-server.md lists those that are ignored.
"""

from __future__ import annotations

from typing import NamedTuple


class Parameters(NamedTuple):
    """The names of a function's documented parameters. ``acl-*`` stands for every name that begins like that."""

    taken: frozenset[str]
    ignored: frozenset[str]


def _documented(taken: str = "", ignored: str = "") -> Parameters:
    return Parameters(frozenset(taken.split()), frozenset(ignored.split()))


_NOTIFICATIONS = """
    notify_account_authn_link notify_account_authn_link_notification_disabled notify_autossl_expiry
    notify_autossl_expiry_coverage notify_autossl_renewal notify_autossl_renewal_coverage notify_contact_address_change
    notify_contact_address_change_notification_disabled notify_disk_limit notify_password_change
    notify_password_change_notification_disabled notify_ssl_expiry
"""

WHM: dict[str, Parameters] = {
    "accountsummary": _documented("user domain", "search searchmethod searchtype"),
    "acctcounts": _documented("user"),
    "create_user_session": _documented("user service preferred_domain", "app locale"),
    "createacct": _documented(
        "username domain pass password plan contactemail owner ownerself reseller quota customip uid showpass",
        """
        account_enhancements bwlimit cgi cpmod dkim dmarc featurelist forcedns frontpage gid hasshell hasuseregns homedir ip
        language mail_node_alias mailbox_format max_defer_fail_percentage max_email_per_hour max_emailacct_quota
        max_team_users maxaddon maxftp maxlst maxpark maxpop maxsql maxsub mxcheck pkgname reseller_without_domain savepkg
        spamassassin spambox spf useregns
        """,
    ),
    "listaccts": _documented("search searchtype searchmethod want"),
    "listacls": _documented(),
    "listresellers": _documented(),
    "modifyacct": _documented(
        "user newuser domain DNS contactemail owner OWNER QUOTA BACKUP",
        """
        account_enhancements BWLIMIT DBOWNER DISK_BLOCK_LIMIT HASCGI HASDKIM HASDMARC HASSHELL HASSPF LANG LOCALE
        MAILBOX_FORMAT MAX_DEFER_FAIL_PERCENTAGE MAX_EMAILACCT_QUOTA MAX_EMAIL_PER_HOUR MAXADDON MAXFTP MAXLST MAXPARK
        MAXPASSENGERAPPS MAXPOP MAXSQL MAXSUB modify_firewall MXCHECK-* OUTGOING_EMAIL_SUSPENDED PUSHBULLET_ACCESS_TOKEN
        remove_missing_extensions rename_database_objects reseller RS shell spamassassin STARTDATE STYLE
        """
        + _NOTIFICATIONS,
    ),
    "passwd": _documented("user password", "db_pass_update digestauth enabledigest"),
    "removeacct": _documented("username user", "keepdns"),
    "saveacllist": _documented("acllist acl-*"),
    "setacls": _documented("reseller acl-* acllist"),
    "setupreseller": _documented("user makeowner"),
    "suspendacct": _documented("user reason disallowun", "leave-ftp-accts-enabled"),
    "systemloadavg": _documented(),
    "unsetupreseller": _documented("user"),
    "unsuspendacct": _documented("user", "retain-service-proxies"),
}

UAPI: dict[str, Parameters] = {
    "DomainInfo::list_domains": _documented(),
    "Email::add_pop": _documented("email password domain quota password_hash", "send_welcome_email skip_update_db"),
    "Email::list_pops": _documented("skip_main regex", "no_validate"),
    "Features::has_feature": _documented("name"),
    "Features::list_features": _documented(),
    "Resellers::list_accounts": _documented(),
    "Variables::get_server_information": _documented("name"),
    "Variables::get_session_information": _documented("name"),
    "Variables::get_user_information": _documented("name"),
}
