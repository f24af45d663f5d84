# Copyright (c) 2026 panelops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A part that is not there skips its tests on a machine, and fails them in CI."""

from __future__ import annotations

import pytest

from tests.support.missing import VARIABLE, missing


@pytest.mark.parametrize("value", [None, "", "0", "false"])
def test_on_a_machine_the_tests_of_a_missing_part_are_skipped(
    monkeypatch: pytest.MonkeyPatch, value: str | None
) -> None:
    monkeypatch.delenv(VARIABLE, raising=False)
    if value is not None:
        monkeypatch.setenv(VARIABLE, value)
    with pytest.raises(pytest.skip.Exception, match="no browser"):
        missing("no browser")


def test_in_ci_they_fail(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(VARIABLE, "true")
    with pytest.raises(pytest.fail.Exception, match="In CI nothing may be missing: no browser"):
        missing("no browser")
