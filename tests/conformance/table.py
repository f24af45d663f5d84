# Copyright (c) 2026 panelops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Write docs/wire-contract.md and docs/conformance.md: ``python -m tests.conformance.table``."""

from __future__ import annotations

from tests.conformance.facts import Fact, all_facts, sections
from tests.conformance.page import wire_contract, with_ascii_quotes
from tests.conformance.statements import carried_ids
from tests.support.paths import REPOSITORY

DOCUMENT = REPOSITORY / "docs" / "conformance.md"
WIRE_CONTRACT = REPOSITORY / "docs" / "wire-contract.md"

_HEAD = """# Conformance of the reference server

Every fact of the [wire contract](wire-contract.md) and of the five guides that the reference server implements, with the test that shows
it. Written by `python -m tests.conformance.table` from `tests/conformance/facts`; a test checks that both are in step. File names without a
folder are those of `tests/conformance`.

| shown by | what that means |
|---|---|
| steps | `test_facts.py` executes the steps of the fact, which can be executed against any server |
| test | a test that needs the reference server, its command line, its pages or the collection |
| both | the steps, and a test that looks further |
| nothing | why there is no test |

"""


def shown_by(fact: Fact, tests: dict[str, str]) -> tuple[str, str]:
    """Return what shows a fact (``steps``, ``test``, ``both``, ``nothing`` or, if that is missing too, ``""``), and where or why."""
    test = fact.test or tests.get(fact.id, "")
    if fact.steps:
        own = f"tests/conformance/test_facts.py::test_fact[{fact.id}]"
        return ("both", test) if test else ("steps", own)
    if test:
        return "test", test
    return ("nothing", fact.untested) if fact.untested else ("", "")


def conformance() -> str:
    """Return the text of docs/conformance.md."""
    tests = carried_ids()
    kinds = [shown_by(fact, tests)[0] for fact in all_facts()]
    with_steps = kinds.count("steps") + kinds.count("both")
    with_test, with_neither = kinds.count("test"), kinds.count("nothing")
    counted = (
        f"{len(kinds)} facts: {with_steps} with steps, {with_test} with a test alone, {with_neither} with neither."
    )
    parts = [_HEAD, f"{counted}\n"]
    for section in sections():
        parts.append(
            f"\n## {section.id}: {section.title.replace('`', '')}\n\n| | fact | shown by | test |\n|---|---|---|---|\n"
        )
        parts.extend(_row(fact, *shown_by(fact, tests)) for fact in section.facts)
    return with_ascii_quotes("".join(parts))


def _row(fact: Fact, kind: str, where: str) -> str:
    shown = f"*{where}*" if kind == "nothing" else f"`{where.removeprefix('tests/conformance/')}`"
    return f"| {fact.id} | {fact.says} | {kind} | {shown} |\n"


def main() -> None:
    """Write both pages."""
    DOCUMENT.write_text(conformance(), encoding="utf-8")
    WIRE_CONTRACT.write_text(wire_contract(), encoding="utf-8")


if __name__ == "__main__":
    main()
