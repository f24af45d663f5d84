# Copyright (c) 2026 panelops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""How long a test waits for a process before it takes it for one that hangs: longer on a machine that is slow or busy."""

from __future__ import annotations

import subprocess
import sys
import time
from functools import cache

STARTS = 3
"""Starts of an interpreter that are timed."""

USUAL = 0.03
"""Seconds that one takes where the limits were chosen."""

RESERVE = 3
"""The machine may become busier than it was when it was measured."""


def patience(seconds: float) -> float:
    """Return a limit in seconds for what takes less than ``seconds`` on an idle machine of two cores."""
    return seconds * _slowness() * RESERVE


@cache
def _slowness() -> float:
    begin = time.monotonic()
    for _number in range(STARTS):
        subprocess.run([sys.executable, "-I", "-S", "-c", ""], stdin=subprocess.DEVNULL, check=True)
    return max(1.0, (time.monotonic() - begin) / STARTS / USUAL)
