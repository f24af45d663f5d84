# Copyright (c) 2026 panelops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""docs/wire-contract.md and docs/conformance.md are in step with the facts, and each fact has a test or a reason."""

from __future__ import annotations

import re

import pytest

from tests.conformance.facts import BadFact, all_facts, faults, read_section, sections
from tests.conformance.page import wire_contract
from tests.conformance.statements import carried_ids
from tests.conformance.table import DOCUMENT, WIRE_CONTRACT, conformance, shown_by
from tests.support.paths import REPOSITORY

FACT = """
section: C2
title: Title
source: documentation
facts:
  - id: C2.01
    says: Says.
"""
STEP = FACT + "    steps:\n      - "


def test_the_pages_are_in_step() -> None:
    written = {page: page.read_text(encoding="utf-8") for page in (DOCUMENT, WIRE_CONTRACT)}
    assert written == {DOCUMENT: conformance(), WIRE_CONTRACT: wire_contract()}, (
        "run: python -m tests.conformance.table"
    )


def test_the_ids_have_no_gap_and_no_double() -> None:
    assert faults([fact.id for fact in all_facts()]) == []


def test_every_fact_has_a_test_or_a_reason() -> None:
    tests = carried_ids()
    assert [fact.id for fact in all_facts() if not shown_by(fact, tests)[0]] == []
    assert [fact.id for fact in all_facts() if fact.untested and (fact.steps or fact.test or fact.id in tests)] == []


def test_every_fact_that_a_test_carries_is_in_the_data() -> None:
    assert sorted(set(carried_ids()) - {fact.id for fact in all_facts()}) == []


def test_every_file_is_named_as_its_section() -> None:
    folder = REPOSITORY / "tests/conformance/facts"
    assert sorted(path.name for path in folder.iterdir()) == [f"{section.id}.yaml" for section in sections()]


@pytest.mark.parametrize(
    ("numbers", "fault"),
    [
        (["C1.01", "C1.03"], "C1.03 follows C1.01"),
        (["C1.01", "C1.01"], "twice"),
        (["C1.02"], "C1.02 follows C1.00"),
        (["C9.01"], "not the id"),
    ],
)
def test_faulty_ids_are_found(numbers: list[str], fault: str) -> None:
    (found,) = faults(numbers)
    assert fault in found


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        (FACT.replace("C2.01", "C3.01"), "not of section C2"),
        (FACT + "    steeps: []", "steeps"),
        (FACT + "    source: gossip", "gossip"),
        (FACT + "    touches: everything", "everything"),
        (STEP + "{call: version, expects: {}}", "expects"),
        (STEP + "{call: version, make: a, outcome: refused}", "a step has one of"),
        (STEP + "{call: version, outcome: fine}", "fine"),
        (STEP + "{call: version, as: emperor, outcome: refused}", "emperor"),
        (STEP + "{call: version, outcome: any}", "expect nothing"),
    ],
)
def test_a_bad_file_is_refused(text: str, fault: str) -> None:
    with pytest.raises(BadFact, match=fault):
        read_section(text)


def test_every_named_test_exists() -> None:
    tests = carried_ids()
    for fact in all_facts():
        kind, where = shown_by(fact, tests)
        if kind in ("test", "both"):
            file, _separator, name = where.partition("::")
            text = (REPOSITORY / file).read_text(encoding="utf-8")
            assert re.search(rf"^def {re.escape(name)}\(", text, re.MULTILINE), fact.id
