# Copyright (c) 2026 panelops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""One good call of every function, in an order in which each succeeds."""

from __future__ import annotations

WHM_CALLS: list[tuple[str, dict[str, str]]] = [
    ("version", {}),
    ("gethostname", {}),
    ("applist", {}),
    ("loadavg", {}),
    ("systemloadavg", {}),
    ("myprivs", {}),
    ("listaccts", {}),
    ("create_user_session", {"user": "alice", "service": "cpaneld"}),
    ("saveacllist", {"acllist": "called", "acl-list-accts": "1"}),
    ("listacls", {}),
    ("listresellers", {}),
    ("acctcounts", {}),
    ("api_token_create", {"token_name": "called"}),
    ("api_token_list", {}),
    ("api_token_update", {"token_name": "called", "new_name": "renamed"}),
    ("api_token_get_details", {"token": "A" * 32}),
    ("api_token_revoke", {"token_name": "renamed"}),
    ("createacct", {"username": "carol", "domain": "carol.example", "password": "carol-password"}),
    ("accountsummary", {"user": "carol"}),
    ("suspendacct", {"user": "carol"}),
    ("unsuspendacct", {"user": "carol"}),
    ("modifyacct", {"user": "carol", "newuser": "caroline"}),
    ("passwd", {"user": "caroline", "password": "another-password"}),
    ("setupreseller", {"user": "caroline"}),
    ("setacls", {"reseller": "caroline", "acl-list-accts": "1"}),
    ("unsetupreseller", {"user": "caroline"}),
    ("batch", {"command": "version"}),
    ("uapi_cpanel", {"cpanel.user": "caroline", "cpanel.module": "Tokens", "cpanel.function": "list"}),
    (
        "cpanel",
        {
            "cpanel_jsonapi_user": "caroline",
            "cpanel_jsonapi_module": "Tokens",
            "cpanel_jsonapi_func": "list",
            "cpanel_jsonapi_apiversion": "3",
        },
    ),
    ("removeacct", {"user": "caroline"}),
]

UAPI_CALLS: list[tuple[str, dict[str, str]]] = [
    ("Tokens::create_full_access", {"name": "called"}),
    ("Tokens::list", {}),
    ("Tokens::rename", {"name": "called", "new_name": "renamed"}),
    ("Tokens::revoke", {"name": "renamed"}),
    ("Email::add_pop", {"email": "called", "password": "another-password"}),
    ("Email::list_pops", {}),
    ("DomainInfo::list_domains", {}),
    ("Features::has_feature", {"name": "popaccts"}),
    ("Features::list_features", {}),
    ("Resellers::list_accounts", {}),
    ("Variables::get_server_information", {}),
    ("Variables::get_session_information", {}),
    ("Variables::get_user_information", {}),
    ("Batch::strict", {"command": '["Email", "list_pops"]'}),
]
