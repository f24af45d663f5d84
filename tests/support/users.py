# Copyright (c) 2026 panelops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Who the reference server knows in these tests."""

from __future__ import annotations

ROOT_PASSWORD = "root-canary-7Yq2mW"
RESELLER_PASSWORD = "reseller-canary-3Kd8xP"
ALICE_PASSWORD = "alice-canary-5Rt1zB"
BOB_PASSWORD = "bob-canary-8Wn4vC"

FIXTURE = {
    "root": {"password": ROOT_PASSWORD},
    "resellers": [
        {
            "username": "shopkeeper",
            "password": RESELLER_PASSWORD,
            "domain": "shopkeeper.example",
            "acls": ["list-accts", "manage-api-tokens", "cpanel-api"],
        }
    ],
    "accounts": [
        {"username": "alice", "password": ALICE_PASSWORD, "domain": "alice.example", "owner": "root"},
        {"username": "bob", "password": BOB_PASSWORD, "domain": "bob.example", "owner": "shopkeeper"},
        {"username": "carol", "password": "carol-1", "domain": "carol.example", "owner": "root", "suspended": True},
    ],
}
