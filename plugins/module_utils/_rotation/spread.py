# Copyright (c) 2026 panelops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""How much earlier each token is due, so that tokens of the same age do not all rotate at once (O(spread)). Pure."""

from __future__ import annotations

import hashlib


def earlier(label: str, spread: int) -> int:
    """By how many seconds a token is due earlier: at least 0 and less than ``spread``, which is more than 0.

    It depends on nothing but the name, so it is the same in every run and on every machine.

    :param label: ``account/name``, or the name alone of a token of the user that connects.
    """
    return int.from_bytes(hashlib.sha256(label.encode()).digest(), "big") % spread
