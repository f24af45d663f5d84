# Copyright (c) 2026 panelops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a set-up could not install: its tests are skipped with the reason, but in CI, where nobody reads that, they fail."""

from __future__ import annotations

import os
from typing import NoReturn

import pytest

VARIABLE = "CI"
"""Set by ``.ci/run``, and by the CI services themselves."""


def missing(reason: str) -> NoReturn:
    """Skip the test, or fail in CI, because something that the set-up installs is not there."""
    if os.environ.get(VARIABLE, "") in ("", "0", "false"):
        pytest.skip(reason)
    pytest.fail(f"In CI nothing may be missing: {reason}", pytrace=False)
