# Copyright (c) 2026 panelops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a benchmark hands back."""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass
class Table:
    """A title, one paragraph on what was measured and how, and the figures as texts."""

    title: str
    explanation: str
    columns: list[str]
    rows: list[list[str]] = field(default_factory=list)

    def as_text(self) -> str:
        """Return the figures in aligned columns."""
        lines = [self.columns, *self.rows]
        widths = [max(len(line[index]) for line in lines) for index in range(len(self.columns))]
        return "\n".join("  ".join(map(str.ljust, line, widths)).rstrip() for line in lines)

    def as_markdown(self) -> str:
        """Return the whole as Markdown."""
        rule = ["---"] * len(self.columns)
        lines = ["| " + " | ".join(line) + " |" for line in [self.columns, rule, *self.rows]]
        return f"## {self.title}\n\n{self.explanation}\n\n" + "\n".join(lines) + "\n"


def verdict(value: float, target: float, *, at_least: bool) -> str:
    """Return a target and whether a figure reaches it."""
    reached = value >= target if at_least else value < target
    return f"{'>=' if at_least else '<'} {target:g}: {'reached' if reached else 'MISSED'}"
