# Copyright (c) 2026 panelops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Times and text of servers as a report shows them, whatever a server answers."""

from __future__ import annotations

import re

from ansible_collections.panelops.cpanel.plugins.module_utils._model.expiry import to_iso

_LATEST = 253402300799  # the last second of the year 9999
_UNPRINTABLE = re.compile("[\\x00-\\x1f\\x7f-\\x9f\\u200b-\\u200f\\u2028-\\u202e\\u2060-\\u2069\\ufeff\\ud800-\\udfff]")


def moment(seconds: int) -> str:
    """Unix seconds as ``2030-01-31T18:00:00Z``; a time that no calendar has becomes the nearest one that it has."""
    return to_iso(min(max(seconds, 0), _LATEST))


def day(seconds: int) -> str:
    """Unix seconds as ``2030-01-31``."""
    return moment(seconds)[:10]


def minute(seconds: int) -> str:
    """Unix seconds as ``2030-01-31 18:00``."""
    return moment(seconds)[:16].replace("T", " ")


def clean(text: object) -> str:
    """Text of a server without the characters that control, hide or reverse the text beside them."""
    return _UNPRINTABLE.sub("\ufffd", str(text))
