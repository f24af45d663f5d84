# Copyright (c) 2026 panelops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the lookup ci_token is asked for, as the part of it that runs without Ansible gets it."""

from __future__ import annotations

_LEFT_OUT = (
    "account",
    "acls",
    "api_token",
    "ca_path",
    "host",
    "password",
    "port",
    "readonly",
    "username",
    "validate_certs",
    "whitelist_ips",
)


def lookup_params(**given: object) -> dict[str, object]:
    """Return all options of the lookup: these, and what a play that leaves the others out gets."""
    return {**dict.fromkeys(_LEFT_OUT), "service": "whm", "purpose": "job", "ttl": "1h", "timeout": 30, **given}
