# Copyright (c) 2026 panelops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the contract and the seeds state, and which test holds the server to it.

A statement has a number: ``C2.07`` is the seventh of CONTRACT section 2, ``S0.03`` the third of seed 000. A test of this
folder carries it with ``@states``; statements without a test here stand in ``untested.py``, each with the reason.
"""

from __future__ import annotations

import importlib
import re
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

from tests.support.paths import REPOSITORY

FOLDER = Path(__file__).parent

_NUMBER = re.compile(r"(?P<section>C[1-6]|S[0-4])\.(?P<place>[0-9]{2})")
_ATTRIBUTE = "conformance_statements"

Test = TypeVar("Test", bound=Callable[..., object])


@dataclass(frozen=True)
class Statement:
    """One statement. ``covered`` is its test as ``FILE::TEST``, or says why there is none."""

    number: str
    sentence: str
    covered: str

    @property
    def section(self) -> str:
        """``C1`` ... ``C6`` or ``S0`` ... ``S4``."""
        return self.number.partition(".")[0]


def states(number: str, sentence: str) -> Callable[[Test], Test]:
    """Mark a test as the one that checks a statement. A test may carry several of these."""

    def mark(test: Test) -> Test:
        carried = getattr(test, _ATTRIBUTE, [])
        setattr(test, _ATTRIBUTE, [(number, sentence), *carried])
        return test

    return mark


def tested() -> list[Statement]:
    """Return the statements that the tests of this folder carry."""
    found = []
    for path in sorted(FOLDER.glob("test_*.py")):
        module = importlib.import_module(f"tests.conformance.{path.stem}")
        for name, test in vars(module).items():
            for number, sentence in getattr(test, _ATTRIBUTE, []):
                found.append(Statement(number, sentence, f"{path.relative_to(REPOSITORY)}::{name}"))
    return found


def faults(statements: list[Statement]) -> list[str]:
    """Return what is wrong with the numbers: malformed, given twice, or with a gap before them."""
    wrong = []
    last: dict[str, int] = {}
    for statement in sorted(statements, key=lambda one: one.number):
        match = _NUMBER.fullmatch(statement.number)
        if match is None:
            wrong.append(f"{statement.number} is not a number of a statement")
            continue
        place, before = int(match["place"]), last.get(match["section"], 0)
        if place == before:
            wrong.append(f"{statement.number} is given twice")
        elif place != before + 1:
            wrong.append(f"{statement.number} follows {match['section']}.{before:02}: something is missing")
        last[match["section"]] = place
    return wrong
