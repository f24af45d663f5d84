# Copyright (c) 2026 panelops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Which tokens a run is limited to."""

from __future__ import annotations

import pytest
from ansible_collections.panelops.cpanel.plugins.module_utils._errors import InvalidOption
from ansible_collections.panelops.cpanel.plugins.module_utils._rotation.only import (
    checked_only,
    is_selected,
    refuse_unmatched,
)
from hypothesis import given
from hypothesis import strategies as st

KEYS = [(None, "monitoring"), (None, "backup-prod"), ("alice", "backup-prod"), ("shop1", "deploy"), ("shop2", "deploy")]


def selected(*only: str) -> list[str]:
    return ["/".join(filter(None, key)) for key in KEYS if is_selected(key, checked_only(only))]


def test_names_and_patterns() -> None:
    assert selected("monitoring") == ["monitoring"]
    assert selected("backup-*") == ["backup-prod", "alice/backup-prod"]
    assert selected(" alice/backup-prod ", "monitoring") == ["monitoring", "alice/backup-prod"]
    assert selected("shop?/*") == ["shop1/deploy", "shop2/deploy"]
    assert selected("/*") == ["monitoring", "backup-prod"], "an empty account is that of the user that connects"
    assert selected("*loy", "shop1/deploy") == ["shop1/deploy", "shop2/deploy"]
    assert selected("a*d") == [], "a star does not reach over the slash"
    assert selected("MONITORING", "deploy/*") == []


@given(st.lists(st.sampled_from(KEYS)))
def test_without_names_all_are_selected(keys: list) -> None:
    assert all(is_selected(key, None) for key in keys)
    refuse_unmatched(keys, None)


def test_what_matches_nothing_is_refused() -> None:
    refuse_unmatched(KEYS, ["backup-*", "alice/*"])
    with pytest.raises(InvalidOption) as refused:
        refuse_unmatched(KEYS, ["backup-*", "bob/backup-prod", "x"])
    assert str(refused.value) == (
        "only: bob/backup-prod matches none of the tokens that are listed. Correct or remove it."
    )


@pytest.mark.parametrize(("given_names", "why"), [([], "is empty, so no token"), (["a", " "], "has an empty name.")])
def test_an_empty_selection_is_not_taken_for_all(given_names: list[str], why: str) -> None:
    with pytest.raises(InvalidOption, match=f"^only: {why}"):
        checked_only(given_names)
