# Copyright (c) 2026 panelops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The fenced blocks of a Markdown page, and what the first line of each says of it.

``bash`` is run; ``console`` is run where a line begins with ``$``; ``yaml file=NAME`` (any language) is saved under that name; ``yaml``
alone is a playbook, or tasks of one, and is run; variables of a role are
looked up; ``text`` is only to look at. A block after ``<!-- not run: REASON -->`` is left out.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from tests.support.paths import REPOSITORY

PAGES = sorted([*REPOSITORY.glob("*.md"), *REPOSITORY.glob("docs/*.md"), *REPOSITORY.glob("roles/*/README.md")])

_BLOCK = re.compile(r"(?:<!-- not run: (?P<reason>.+) -->\n)?^```(?P<kind>.*)\n(?P<text>(?:.*\n)*?)```$", re.MULTILINE)


@dataclass(frozen=True)
class Block:
    """A fenced block; ``kind`` is what stands behind the fence, ``line`` where it begins, ``reason`` why it is not run."""

    kind: str
    text: str
    line: int
    reason: str | None

    @property
    def language(self) -> str:
        return self.kind.partition(" ")[0]

    @property
    def file(self) -> str:
        """The name to save it under, or an empty text."""
        return self.kind.partition(" file=")[2]


def all_blocks(text: str) -> list[Block]:
    """Return every block of a page."""
    return [
        Block(match["kind"], match["text"], text.count("\n", 0, match.start("kind")) + 1, match["reason"])
        for match in _BLOCK.finditer(text)
    ]


def blocks_to_run(text: str) -> list[Block]:
    """Return the blocks that no comment excludes."""
    return [block for block in all_blocks(text) if block.reason is None]
