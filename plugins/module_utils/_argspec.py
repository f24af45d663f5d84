# Copyright (c) 2026 panelops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The argument specifications that several modules share."""

from __future__ import annotations

CONNECTION = dict(
    host=dict(type="str"),
    port=dict(type="int"),
    username=dict(type="str"),
    api_token=dict(type="str", no_log=True),
    password=dict(type="str", no_log=True),
    validate_certs=dict(type="bool"),
    ca_path=dict(type="path"),
    timeout=dict(type="int", default=30),
    transport=dict(type="str", choices=["https", "cli"], default="https"),
)
"""The connection options of DESIGN section 3. What is not given comes from the environment: see ``_connection``."""

ACCOUNT = dict(
    account=dict(type="str"),
    cpanel_port=dict(type="int"),
)
"""Whose tokens, for the modules of cPanel."""

EXPIRY = dict(
    expires_at=dict(type="str"),
    expires_in=dict(type="str"),
    renew_before=dict(type="str"),
    timezone=dict(type="str", default="UTC"),
)

TOKEN = dict(
    **EXPIRY,
    name=dict(type="str", required=True),
    state=dict(type="str", choices=["present", "absent"], default="present"),
    only_expired=dict(type="bool", default=False),
    rename_from=dict(type="str"),
    recreate=dict(type="str", choices=["never", "if_unusable", "if_changed", "always"], default="if_unusable"),
    token_file=dict(type="path", no_log=False),
    owner=dict(type="str"),
    group=dict(type="str"),
    mode=dict(type="raw"),
)
"""What can be said of one token, whichever the service."""

WHM_LIMITS = dict(
    acls=dict(type="list", elements="str"),
    whitelist_ips=dict(type="list", elements="str"),
)

CPANEL_LIMITS = dict(readonly=dict(type="bool"))

POLICY = dict(
    return_token=dict(type="bool", default=False, no_log=False),
    allow_self=dict(type="bool", default=False),
)
"""How a task treats secrets, and the token that it authenticates with."""

PRUNE = dict(
    prune=dict(type="bool", default=False),
    prune_prefix=dict(type="str", default=""),
)

SELECTION = dict(
    name=dict(type="str"),
    pattern=dict(type="str", default="*"),
    expiring_within=dict(type="str", default="14d"),
)
"""Which tokens an info module lists."""

WHM_API_TOKEN = dict(**CONNECTION, **TOKEN, **WHM_LIMITS, **POLICY)
WHM_API_TOKENS = dict(
    **CONNECTION,
    **POLICY,
    **PRUNE,
    tokens=dict(type="list", elements="dict", required=True, no_log=False, options=dict(**TOKEN, **WHM_LIMITS)),
)
WHM_API_TOKEN_INFO = dict(**CONNECTION, **SELECTION)
CPANEL_API_TOKEN = dict(**CONNECTION, **ACCOUNT, **TOKEN, **CPANEL_LIMITS, **POLICY)
CPANEL_API_TOKENS = dict(
    **CONNECTION,
    **POLICY,
    **PRUNE,
    cpanel_port=dict(type="int"),
    tokens=dict(
        type="list",
        elements="dict",
        required=True,
        no_log=False,
        options=dict(account=dict(type="str"), **TOKEN, **CPANEL_LIMITS),
    ),
    accounts=dict(type="list", elements="str"),
)
CPANEL_API_TOKEN_INFO = dict(**CONNECTION, **ACCOUNT, **SELECTION, accounts=dict(type="list", elements="str"))
