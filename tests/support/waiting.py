# Copyright (c) 2026 panelops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Tests wait for conditions, not for times."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

from tests.support.limits import patience


def until(look: Callable[[], Any], seconds: float = 20) -> Any:
    """Look until there is something to see, and return it; a test that waits in vain fails."""
    deadline = time.monotonic() + patience(seconds)
    while not (seen := look()):
        assert time.monotonic() < deadline, f"waited {patience(seconds):.0f} s in vain"
        time.sleep(0.01)
    return seen
