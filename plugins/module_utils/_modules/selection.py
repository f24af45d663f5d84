# Copyright (c) 2026 panelops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Which tokens an info module shows, and how they stand."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from fnmatch import fnmatchcase
from typing import Any

from .._errors import InvalidOption
from .._model.expiry import parse_duration
from .._model.token import ApiToken, checked_name


def selection_from(params: Mapping[str, Any]) -> Callable[[Mapping[str, ApiToken], int], list[dict[str, object]]]:
    """Check the options that say which tokens to show, and answer what picks them out of all tokens of an owner.

    :raises InvalidOption: naming the option and the rule.
    """
    soon = parse_duration(params["expiring_within"], "expiring_within")
    name = None if params["name"] is None else checked_name(params["name"])
    if not params["pattern"]:
        raise InvalidOption("pattern", "is empty, and no token has such a name.", "Leave it out to list all.")

    def select(tokens: Mapping[str, ApiToken], now: int) -> list[dict[str, object]]:
        chosen = [tokens[key] for key in sorted(tokens) if name in (None, key) and fnmatchcase(key, params["pattern"])]
        return [dict(token.as_result(), **standing(token, now, soon)) for token in chosen]

    return select


def standing(token: ApiToken, now: int, soon: int) -> dict[str, object]:
    """How a token stands at ``now`` (Unix seconds): ``expiring`` when ``soon`` seconds or less are left."""
    if token.expires_at is None:
        return dict(status="active", seconds_left=None)
    left = token.expires_at - now
    status = "expired" if left <= 0 else "expiring" if left <= soon else "active"
    return dict(status=status, seconds_left=max(left, 0))
