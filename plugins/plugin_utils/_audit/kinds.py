# Copyright (c) 2026 panelops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The kinds of findings of an audit: the default severity of each, and its remedy."""

from __future__ import annotations

from dataclasses import dataclass

SEVERITIES = ("low", "medium", "high")
"""From the least to the worst."""


@dataclass(frozen=True)
class Kind:
    """One kind of finding. ``title`` and ``remedy`` are sentences for people."""

    severity: str
    title: str
    remedy: str


KINDS = {
    "unreadable_server": Kind(
        "high",
        "Server not read",
        "See what the message says, and run the audit again: nothing is known of this server's tokens.",
    ),
    "unreadable_account": Kind(
        "medium",
        "Account not read",
        "See what the message says, and run the audit again: nothing is known of this account's tokens.",
    ),
    "all_privileges": Kind(
        "high",
        "All privileges",
        "Give the token only the privileges that it needs (acls of whm_api_token); all is everything that its owner can do.",
    ),
    "dangerous_privileges": Kind(
        "high",
        "Dangerous privileges",
        "Take these privileges away (acls of whm_api_token), or accept the finding with a reason: with them a token escapes its limits.",
    ),
    "expired": Kind(
        "medium",
        "Expired, still listed",
        "Revoke it (the role does it with audit_fix: [expired]), or renew it if something still needs it.",
    ),
    "expiring": Kind(
        "medium",
        "Expires soon",
        "Renew or rotate it before that day, or let it expire if nothing needs it any more.",
    ),
    "no_expiry": Kind(
        "medium",
        "Never expires",
        "Give it an expiry (expires_in with renew_before), so that a forgotten copy does not work for ever.",
    ),
    "any_address": Kind(
        "medium",
        "Usable from anywhere",
        "Limit it to the addresses of its users (whitelist_ips), so that a leaked copy is useless elsewhere.",
    ),
    "unused": Kind(
        "medium",
        "Long unused",
        "Find out whether anything needs it, and revoke it if not.",
    ),
    "never_used": Kind(
        "low",
        "Never used",
        "Find out whether its secret ever reached its user, and revoke it if not.",
    ),
    "abandoned_sibling": Kind(
        "medium",
        "Left by a rotation",
        "Run the rotation of this token again, which ends what it has left; or revoke it if it is rotated no more.",
    ),
    "reissue_leftover": Kind(
        "medium",
        "Left by a re-issue",
        "Run the task that manages the token again, which revokes it; or revoke it yourself.",
    ),
    "ci_leftover": Kind(
        "low",
        "Left by a CI run",
        "Revoke it (the role does it with audit_fix: [expired]); the run that it was made for has ended.",
    ),
    "wrong_clock": Kind(
        "low",
        "Time in the future",
        "Check that the server's clock is right and stays so. A rotation or a re-issue gives the token a time that is right.",
    ),
    "naming": Kind(
        "low",
        "Name outside the convention",
        "Rename it (rename_from); its secret stays the same. A name that says tool, environment and purpose tells whom to ask.",
    ),
}
"""By name, in the order in which the findings of a token are listed."""


def reaches(severity: str, threshold: str) -> bool:
    """Is a severity as bad as a threshold or worse? Nothing reaches ``none``."""
    return threshold in SEVERITIES and SEVERITIES.index(severity) >= SEVERITIES.index(threshold)
