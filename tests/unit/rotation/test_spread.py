# Copyright (c) 2026 panelops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""How much earlier tokens are due."""

from __future__ import annotations

import hashlib

from ansible_collections.panelops.cpanel.plugins.module_utils._rotation.spread import earlier
from hypothesis import given
from hypothesis import strategies as st


@given(st.text(max_size=50), st.integers(1, 10**10))
def test_it_is_less_than_the_spread_and_the_same_everywhere(label: str, spread: int) -> None:
    found = earlier(label, spread)
    assert 0 <= found < spread
    # As anybody can compute it, in any language.
    assert found == int(hashlib.sha256(label.encode("utf-8")).hexdigest(), 16) % spread


def test_tokens_of_many_accounts_are_spread_over_the_whole_time() -> None:
    days = [earlier(f"account{number}/backup", 7 * 86400) // 86400 for number in range(700)]
    assert all(60 < days.count(day) < 140 for day in range(7))
    assert earlier("alice/backup", 7 * 86400) == 511392
