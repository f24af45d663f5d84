# Copyright (c) 2026 panelops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The values that a consumer reads: the secret, and what belongs to it. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from .._errors import InvalidOption

SECRET = "secret"  # noqa: S105 - it is the name of a value
VALUES = (SECRET, "username", "host", "port", "name", "expires_at")
"""What a sink can write under names of its own (O(keys)). Host and port are those at which consumers reach the API."""


def check_keys(keys: Mapping[Any, Any]) -> None:
    """:raises InvalidOption: a name is empty, a value is not known, or the secret is not among them exactly once."""
    for name, value in keys.items():
        if not str(name).strip():
            raise InvalidOption("keys", "has an empty name.", "Name each value.")
        if value not in VALUES:
            raise InvalidOption(
                "keys", f"{value!r} is not a value that can be written.", f"There are {', '.join(VALUES)}."
            )
    if list(keys.values()).count(SECRET) != 1:
        raise InvalidOption(
            "keys", "needs the value secret exactly once.", f"Give a name for it, as in TOKEN: {SECRET}."
        )


def names_of(options: Mapping[str, Any]) -> list[str]:
    """The names under which a sink writes values. One that has no names writes the secret under an empty one."""
    keys = options.get("keys")
    return [str(name) for name in keys] if keys else [options.get("key") or ""]


def secrets_name(options: Mapping[str, Any]) -> str:
    """The name under which a sink writes the secret."""
    keys = options.get("keys")
    return next(str(name) for name, value in keys.items() if value == SECRET) if keys else options.get("key") or ""


def values_of(options: Mapping[str, Any], known: Mapping[str, object]) -> dict[str, str]:
    """What a sink writes, by name.

    :param known: the values, by the words of ``VALUES``. What is ``None``, such as the expiry of a token that never expires, is empty.
    """
    keys = options.get("keys") or {options.get("key") or "": SECRET}
    return {str(name): "" if known[value] is None else str(known[value]) for name, value in keys.items()}
