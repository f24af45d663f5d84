# Copyright (c) 2026 panelops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""tests/cases.md names tests that exist."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator

import pytest

from tests.support.paths import REPOSITORY

TESTS = REPOSITORY / "tests"
_NAMED = re.compile(r"`([\w/]+\.py)?(?:::(\w+))?`")


def named(text: str) -> Iterator[tuple[str, str]]:
    """The files and functions of the last column; a function alone is in the file before it."""
    for row in text.splitlines():
        if not row.startswith("| ") or row.startswith(("| the fault", "|---")):
            continue
        cells, file = row.strip().strip("|").split(" | "), ""
        found = _NAMED.findall(cells[-1])
        assert len(cells) == 3, row
        assert found, f"no test: {row}"
        for path, function in found:
            file = path or file
            yield file, function


CASES = sorted(set(named((TESTS / "cases.md").read_text(encoding="utf-8"))))


@pytest.mark.parametrize(("file", "function"), CASES)
def test_a_named_test_exists(file: str, function: str) -> None:
    tree = ast.parse((TESTS / file).read_text(encoding="utf-8"))
    functions = {node.name for node in ast.walk(tree) if isinstance(node, ast.FunctionDef)}
    assert not function or function in functions


def test_a_row_without_a_test_is_found() -> None:
    with pytest.raises(AssertionError, match="no test"):
        list(named("| a fault | is mended | some day |"))
