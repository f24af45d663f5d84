# Copyright (c) 2026 panelops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The users that a reference server knows in tests."""

from __future__ import annotations

from base64 import b64encode
from typing import NamedTuple


class User(NamedTuple):
    """A name and a password: what HTTP Basic authentication takes."""

    name: str
    password: str


def user(name: str) -> User:
    """Return a user with the password that all tests give them; no output contains it by chance."""
    return User(name, f"{name}-canary-7Yq2mW")


def basic(credentials: tuple[str, str]) -> str:
    """Return the value of the header ``Authorization`` for a name and a password."""
    return "Basic " + b64encode(":".join(credentials).encode()).decode()


def user_entry(name: str, **more: object) -> dict[str, object]:
    """Return the entry of a user in the fixture of a reference server."""
    return {"username": name, "password": user(name).password, "domain": f"{name}.example", **more}


ROOT = user("root")
RESELLER = user("reseller")
RIVAL = user("rival")
ALICE = user("alice")
BOB = user("bob")
SUSPENDED = user("suspended")
MAILONLY = user("mailonly")

RESELLERS_ACLS = (
    *("manage-api-tokens", "list-accts", "acct-summary", "create-acct", "kill-acct"),
    *("suspend-acct", "edit-account", "passwd", "cpanel-api"),
)
"""The privileges of ``RESELLER``; those of ``RIVAL`` are the first of them."""

USERS: dict[str, object] = {
    "root": {"password": ROOT.password},
    "resellers": [
        user_entry("reseller", acls=list(RESELLERS_ACLS)),
        user_entry("rival", acls=["manage-api-tokens"]),
    ],
    "accounts": [
        user_entry("alice"),
        user_entry("bob", owner="reseller"),
        user_entry("suspended", suspended=True),
        # Its package lacks the API tokens: nobody can list or create any.
        user_entry("mailonly", features=["popaccts"]),
    ],
}
"""What the fixture file of a server says. Accounts belong to root unless they name an owner."""


def users_and(*accounts: dict[str, object], resellers: tuple[dict[str, object], ...] = ()) -> dict[str, object]:
    """Return ``USERS`` with further accounts and resellers."""
    return {
        "root": USERS["root"],
        "resellers": [*USERS["resellers"], *resellers],
        "accounts": [*USERS["accounts"], *accounts],
    }
