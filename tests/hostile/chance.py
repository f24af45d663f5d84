# Copyright (c) 2026 panelops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The seed and the amount of this suite. A run prints its seed; the same seed meets the same cases.

``HOSTILE_SEED`` is the seed (default: always the same), ``HOSTILE_ROUNDS`` how often everything is drawn anew (default 1).
"""

from __future__ import annotations

import os
import random

SEED = os.environ.get("HOSTILE_SEED", "2087")
ROUNDS = int(os.environ.get("HOSTILE_ROUNDS", "1"))


class Chance(random.Random):
    """Nothing secret hangs on it. ``str()`` says how to meet the same again."""

    def __init__(self, *parts: object) -> None:
        self._text = "/".join(map(str, (SEED, *parts)))
        super().__init__(self._text)

    def __str__(self) -> str:
        return f"HOSTILE_SEED={SEED} HOSTILE_ROUNDS={ROUNDS}, {self._text}"
