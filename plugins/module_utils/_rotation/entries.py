# Copyright (c) 2026 panelops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What one step of a rotation hands to the next: an entry for each token."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from .._engine.entry import Entry
from .._model.plan import Plan, Revoke

_REPORTED = (
    "account",
    "name",
    "state",
    "reason",
    "detail",
    "create_time",
    "expires_at",
    "new_create_time",
    "new_expires_at",
    "next_due",
    "retired",
    "msg",
)


def by_key(rotation: Iterable[Mapping]) -> dict:
    """The entries by the token that they are about, to be changed."""
    return {(entry["account"], entry["name"]): dict(entry) for entry in rotation}


def without_secrets(entries: Mapping) -> list[dict]:
    """The entries as the steps after the promotion need them."""
    return [{key: value for key, value in entry.items() if key != "token"} for entry in entries.values()]


def report(entries: Mapping) -> list[dict]:
    """The entries as they are told: what is known of each token, and no secret."""
    return [{key: entry[key] for key in _REPORTED if entry.get(key) is not None} for entry in entries.values()]


def revocations(named: Iterable[tuple]) -> dict[tuple, Entry]:
    """Engine entries that revoke names, by the token of the task whose siblings they are: of pairs of that token and names."""
    return {each.key: Entry(Plan(None, None, (Revoke(tuple(names)),)), each.owner) for each, names in named if names}
