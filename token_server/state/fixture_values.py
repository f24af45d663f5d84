# Copyright (c) 2026 panelops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Checks of the values in a fixture. Each raises ``ValueError`` with a sentence that says where in the fixture the mistake is."""

from __future__ import annotations

from token_server.refusals import quoted


def mapping(value: object, where: str, keys: set[str]) -> dict[str, object]:
    """Return a mapping that has no other keys than these."""
    if not isinstance(value, dict):
        raise ValueError(f"{where} must be a mapping.")
    unknown = sorted(str(key) for key in value if key not in keys)
    if unknown:
        raise ValueError(f"{where} has the unknown key {quoted(unknown[0])} (known: {', '.join(sorted(keys))}).")
    return value


def text(values: dict[str, object], where: str, key: str) -> str | None:
    """Return a text that is not empty, or None if it is not given."""
    value = values.get(key)
    if value is not None and (not isinstance(value, str) or not value):
        raise ValueError(f"{where}: {quoted(key)} must be a text (put numbers in quotes).")
    return value


def flag(values: dict[str, object], where: str, key: str) -> bool:
    """Return true or false; false if it is not given."""
    value = values.get(key, False)
    if not isinstance(value, bool):
        raise ValueError(f'{where}: "{key}" must be true or false.')
    return value
