# Copyright (c) 2026 panelops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Write docs/conformance.md: ``python -m tests.conformance.table``."""

from __future__ import annotations

from tests.conformance.statements import Statement, tested
from tests.conformance.untested import UNTESTED
from tests.support.paths import REPOSITORY

DOCUMENT = REPOSITORY / "docs" / "conformance.md"

SECTIONS = {
    "C1": "CONTRACT section 1: two services, two envelopes",
    "C2": "CONTRACT section 2: WHM token functions",
    "C3": "CONTRACT section 3: UAPI Tokens",
    "C4": "CONTRACT section 4: calling UAPI as an administrator",
    "C5": "CONTRACT section 5: the command line on the server",
    "C6": "CONTRACT section 6: other functions",
    "S0": "Seed 000: using cPanel tokens",
    "S1": "Seed 001: creating and managing them",
    "S2": "Seed 002: creating them on the command line",
    "S3": "Seed 003: calling functions with them",
    "S4": "Seed 004: tokens in WHM",
}

_PLAIN = str.maketrans({"\u201c": '"', "\u201d": '"'})

_HEAD = """# Conformance of the reference server

What the wire contract and the five seed documents state, in our own words, and the test that holds the server to it. Written by
`python -m tests.conformance.table`; a test checks that it is in step with the tests. File names without a folder are those of
`tests/conformance`.

"""


def statements() -> list[Statement]:
    """Return all statements in the order of their numbers."""
    return sorted([*tested(), *UNTESTED], key=lambda statement: statement.number)


def document() -> str:
    """Return the text of the document."""
    everything = statements()
    with_test = sum("::" in statement.covered for statement in everything)
    parts = [_HEAD, f"{len(everything)} statements, {with_test} of them with a test.\n"]
    for section, title in SECTIONS.items():
        parts.append(f"\n## {title}\n\n| | statement | test |\n|---|---|---|\n")
        parts.extend(_row(statement) for statement in everything if statement.section == section)
    return "".join(parts)


def _row(statement: Statement) -> str:
    covered = statement.covered.removeprefix("tests/conformance/")
    shown = f"`{covered}`" if "::" in covered else f"*{covered}*"
    sentence = statement.sentence.translate(_PLAIN)
    return f"| {statement.number} | {sentence} | {shown} |\n"


def main() -> None:
    """Write the document."""
    DOCUMENT.write_text(document(), encoding="utf-8")


if __name__ == "__main__":
    main()
