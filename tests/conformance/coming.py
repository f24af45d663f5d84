# Copyright (c) 2026 panelops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Facts that the reference server does not meet yet. Their tests fail as soon as it does, so that the list gets shorter."""

from __future__ import annotations

import pytest

_BODIES = "bodies of other types than forms, and other spellings of a request"
_OUTPUT = "output controls"
_ACCOUNTS = "functions for accounts"
_COMMANDS = "formats of the command line"
_LIMITS = "limits of the server"

COMING: dict[str, str] = {
    **dict.fromkeys(["C1.35", "C1.36", "C1.37", "C1.38", "C1.39", "C1.40", "C1.41"], _BODIES),
    **dict.fromkeys(["C1.42", "C1.43", "C1.44", "C1.45", "C1.46", "C1.47"], _OUTPUT),
    "C4.15": "Batch::strict is not a read-only function",
    **dict.fromkeys(["C5.10", "C5.11", "C5.12", "C5.13"], _COMMANDS),
    **{f"C6.{number}": _ACCOUNTS for number in range(18, 37)},
    **dict.fromkeys(["C7.01", "C7.02", "C7.03"], _LIMITS),
    "C8.07": "names that the vendor reserves",
}
"""By id of the fact: what is missing."""


def coming(*ids: str) -> list[pytest.MarkDecorator]:
    """Return the marks of a test that shows these facts."""
    missing = [COMING[number] for number in ids if number in COMING]
    return [pytest.mark.xfail(reason=missing[0], strict=True, raises=AssertionError)] if missing else []
