# Copyright (c) 2026 panelops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""tests/mutants.md is about code that is there, and dev/mutate.cfg about tests that are there."""

from __future__ import annotations

import ast
import configparser
import re
from collections.abc import Iterator

import pytest

from tests.support.paths import REPOSITORY

ROWS = [
    line
    for line in (REPOSITORY / "tests/mutants.md").read_text(encoding="utf-8").splitlines()
    if line.startswith("| ") and not line.startswith("| file and function")
]
_ROW = re.compile(r"\| `([\w./]+)::([\w.]+)` \| `(.+?)` \| `(.+?)` \| (.+\.) \|")


def functions_of(tree: ast.AST, prefix: str = "") -> Iterator[tuple[str, ast.AST]]:
    """The functions of a file and the methods of its classes, by the names that the table gives them."""
    for node in ast.iter_child_nodes(tree):
        if isinstance(node, ast.ClassDef):
            yield from functions_of(node, f"{node.name}.")
        elif isinstance(node, ast.FunctionDef):
            yield prefix + node.name, node


@pytest.mark.parametrize("row", ROWS)
def test_a_row_is_about_a_line_of_its_function(row: str) -> None:
    match = _ROW.fullmatch(row)
    assert match, "a row has a place, two lines in backticks, and a proof that is a sentence"
    file, function, before, after, _proof = match.groups()
    source = (REPOSITORY / "plugins/module_utils" / file).read_text(encoding="utf-8")
    code = ast.get_source_segment(source, dict(functions_of(ast.parse(source)))[function])
    assert " ".join(before.split()) in " ".join(code.split())
    assert before != after


def test_no_row_is_listed_twice() -> None:
    assert len(ROWS) == len(set(ROWS)) > 0


def test_the_tests_and_the_code_that_are_measured_exist() -> None:
    config = configparser.ConfigParser()
    config.read(REPOSITORY / "dev/mutate.cfg")
    collection = "ansible_collections/panelops/cpanel/"
    for path in config["mutmut"]["pytest_add_cli_args_test_selection"].split():
        assert path.startswith(collection)
        assert (REPOSITORY / path.removeprefix(collection)).exists()
    for pattern in config["mutmut"]["only_mutate"].split():
        assert list((REPOSITORY / "plugins/module_utils").glob(pattern.removeprefix("*/"))), pattern
