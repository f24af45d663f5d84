# Copyright (c) 2026 panelops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The report on a new account, in the form in which WHM prints it: scripts read the user and the password out of it."""

from __future__ import annotations

from collections.abc import Mapping

from token_server.state.records import Account

_RULE = "+===================================+"


def creation_report(account: Account, nameservers: Mapping[str, object], password: str | None) -> str:
    """Return the text of ``metadata.output.raw``; without a password the line for it is left out."""
    lines = [
        "Checking input data......Done",
        _RULE,
        "| New Account Info |",
        _RULE,
        f"| Domain: {account.domain}",
        f"| Ip: {account.ip} (n)",
        f"| UserName: {account.username}",
        *([] if password is None else [f"| PassWord: {password}"]),
        f"| HomeRoot: /{account.home_partition}",
        f"| Quota: {f'{account.quota} MB' if account.quota else 'unlimited'}",
        f"| NameServer1: {nameservers['nameserver']}",
        f"| NameServer2: {nameservers['nameserver2']}",
        "| NameServer3:",
        "| NameServer4:",
        f"| Contact Email: {account.email}",
        f"| Package: {account.plan}",
        _RULE,
        "...Done",
        "Account Creation Complete!!!...Account Creation Ok...Done",
    ]
    return "\n".join(lines) + "\n"
