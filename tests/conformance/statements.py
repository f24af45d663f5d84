# Copyright (c) 2026 panelops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Which tests of this folder show which facts of the wire contract: they carry their ids with ``@states``."""

from __future__ import annotations

import importlib
from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

from tests.support.paths import REPOSITORY

_FOLDER = Path(__file__).parent
_ATTRIBUTE = "conformance_facts"

Test = TypeVar("Test", bound=Callable[..., object])


def states(*ids: str) -> Callable[[Test], Test]:
    """Mark a test as one that shows these facts of ``facts/SECTION.yaml``."""

    def mark(test: Test) -> Test:
        setattr(test, _ATTRIBUTE, ids)
        return test

    return mark


def carried_ids() -> dict[str, str]:
    """Return the test of each id that a test of this folder carries, as ``FILE::TEST``."""
    found: dict[str, str] = {}
    for path in sorted(_FOLDER.glob("test_*.py")):
        module = importlib.import_module(f"tests.conformance.{path.stem}")
        for name, test in vars(module).items():
            for number in getattr(test, _ATTRIBUTE, ()):
                found[number] = f"{path.relative_to(REPOSITORY)}::{name}"
    return found
