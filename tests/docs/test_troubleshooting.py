# Copyright (c) 2026 panelops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""docs/troubleshooting.md quotes messages that the plugins really have."""

from __future__ import annotations

import ast
import re
from functools import cache

import pytest

from tests.support.paths import REPOSITORY

PAGE = (REPOSITORY / "docs" / "troubleshooting.md").read_text(encoding="utf-8")
QUOTED = [part.strip() for line in re.findall(r"^### `(.+)`$", PAGE, re.MULTILINE) for part in line.split("…")]


@cache
def texts() -> list[str]:
    """Every string in the code of the plugins; of an f-string, the parts that are fixed."""
    trees = [ast.parse(path.read_text(encoding="utf-8")) for path in REPOSITORY.glob("plugins/**/*.py")]
    nodes = [node for tree in trees for node in ast.walk(tree)]
    return [node.value for node in nodes if isinstance(node, ast.Constant) and isinstance(node.value, str)]


def test_there_is_something_quoted() -> None:
    assert len(QUOTED) > 20


@pytest.mark.parametrize("message", [part for part in QUOTED if part])
def test_a_quoted_message_exists(message: str) -> None:
    assert any(message in text for text in texts())
