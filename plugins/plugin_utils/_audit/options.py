# Copyright (c) 2026 panelops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The options of an audit's report."""

from __future__ import annotations

ACCEPT = dict(
    type="list",
    elements="dict",
    default=[],
    options=dict(
        kinds=dict(type="list", elements="str", required=True),
        server=dict(type="str", default="*"),
        owner=dict(type="str", default="*"),
        name=dict(type="str", default="*"),
        reason=dict(type="str", required=True),
        until=dict(type="str"),
    ),
)

ARGUMENT_SPEC = dict(
    servers=dict(type="dict"),
    pending=dict(type="list", elements="str", default=[]),
    dest=dict(type="path", required=True),
    formats=dict(type="list", elements="str", choices=["html", "json", "csv"], default=["html", "json", "csv"]),
    mode=dict(type="str", default="0640"),
    title=dict(type="str", default="API token audit"),
    expiring_within=dict(type="str", default="14d"),
    unused_for=dict(type="str", default="90d"),
    abandoned_after=dict(type="str", default="7d"),
    name_pattern=dict(type="str", default="^[A-Za-z0-9]+(-[A-Za-z0-9_]+){2,}$"),
    dangerous_acls=dict(type="list", elements="str", default=["passwd", "create-user-session", "manage-api-tokens"]),
    severities=dict(type="dict", default={}),
    accept=ACCEPT,
    fail_on=dict(type="str", choices=["none", "low", "medium", "high"], default="none"),
)
