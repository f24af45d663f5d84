# Copyright (c) 2026 panelops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The table of docs/conformance.md tells the truth."""

from __future__ import annotations

import re

import pytest

from tests.conformance.statements import Statement, faults
from tests.conformance.table import DOCUMENT, SECTIONS, document, statements
from tests.support.paths import REPOSITORY


def test_the_table_is_in_step() -> None:
    assert DOCUMENT.read_text(encoding="utf-8") == document(), "run: python -m tests.conformance.table"


def test_the_numbers_have_no_gap_and_no_double() -> None:
    assert faults(statements()) == []
    assert {statement.section for statement in statements()} == set(SECTIONS)


@pytest.mark.parametrize(
    ("numbers", "fault"),
    [
        (["C1.01", "C1.03"], "C1.03 follows C1.01"),
        (["C1.01", "C1.01"], "twice"),
        (["C1.02"], "C1.02 follows C1.00"),
        (["C7.01"], "not a number"),
    ],
)
def test_faulty_numbers_are_found(numbers: list[str], fault: str) -> None:
    (found,) = faults([Statement(number, "", "") for number in numbers])
    assert fault in found


def test_every_named_test_exists() -> None:
    for statement in statements():
        file, separator, name = statement.covered.partition("::")
        if separator:
            text = (REPOSITORY / file).read_text(encoding="utf-8")
            assert re.search(rf"^def {re.escape(name)}\(", text, re.MULTILINE), statement
