# Copyright (c) 2026 panelops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the formats have in common in which some values are set in a text that holds other things: lines, and where a value stands. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from typing import NoReturn, Protocol

from .._errors import InvalidOption

_REMEDY = "Simplify that place of the file, or give the token a file of its own."


@dataclass(frozen=True)
class Span:
    """Where a value stands in a text: ``text[start:end]`` is what is replaced. ``value`` is what readers make of it."""

    start: int
    end: int
    value: str


class Format(Protocol):
    """One format. A section is of ``ini`` only. All methods raise ``InvalidOption`` for what cannot be edited safely."""

    def check_name(self, name: str) -> None:
        """Refuse a name that readers would take for something else."""

    def find(self, text: str, name: str, section: str | None) -> Span | None:
        """Where the value of a name stands; ``None`` if the text does not have it."""

    def raw(self, value: str, replaced: str) -> str:
        """How a value is written in the place of what stands there."""

    def added(self, text: str, name: str, value: str, section: str | None) -> str:
        """The text with one more name, which it does not have."""

    def removed(self, text: str, name: str, span: Span) -> str:
        """The text without a name that it has, whose value stands there: exactly what it was before ``added``."""

    def is_empty(self, text: str, section: str | None) -> bool:
        """Is there nothing but what holds names together? A comment is something."""


def refuse(problem: str, remedy: str = _REMEDY) -> NoReturn:
    """:raises InvalidOption: always. ``problem`` says what of the file cannot be edited safely."""
    raise InvalidOption("merge", f"the file cannot be edited safely: {problem}", remedy)


@dataclass(frozen=True)
class Line:
    """One line of a text, without its end, and where it starts."""

    start: int
    text: str

    @property
    def indentation(self) -> int:
        """The number of characters before what is in it."""
        return len(self.text) - len(self.text.lstrip(" \t"))

    @property
    def is_blank(self) -> bool:
        """Is there nothing but white space?"""
        return not self.text.strip()


def lines_of(text: str) -> list[Line]:
    """The lines of a text. After a final line end there is none."""
    lines, start = [], 0
    parts = text.split("\n")
    for number, part in enumerate(parts):
        if number < len(parts) - 1 or part:
            lines.append(Line(start, part[:-1] if part.endswith("\r") else part))
        start += len(part) + 1
    return lines


def line_end_of(text: str) -> str:
    """How the lines of a text end: like the last one that does."""
    last = text.rfind("\n")
    return "\r\n" if last > 0 and text[last - 1] == "\r" else "\n"


def with_line(text: str, line: str, position: int | None = None) -> str:
    """A text with one more line.

    :param position: where a line starts, or the end of the text, which is the default. A last line without an end has none afterwards.
    """
    at = len(text) if position is None else position
    end = line_end_of(text)
    if text[:at] and not text[:at].endswith("\n"):
        return f"{text[:at]}{end}{line}{text[at:]}"
    return f"{text[:at]}{line}{end}{text[at:]}"


def without_line(text: str, position: int) -> str:
    """A text without the line in which a position is: what it was before ``with_line``."""
    start = text.rfind("\n", 0, position) + 1
    end = text.find("\n", position)
    if end >= 0:
        return text[:start] + text[end + 1 :]
    kept = text[:start]
    return kept[: -2 if kept.endswith("\r\n") else -1] if kept else kept
