# Copyright (c) 2026 panelops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Some values in a text of the format ``ini``, as Python's ``configparser`` and its like read it. Pure."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache

from .._errors import InvalidOption
from .merge_text import Line, Span, lines_of, refuse, with_line, without_line

_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_.-]*")
_SECTION = re.compile(r"[^\[\]\r\n]+")
_HEADER = re.compile(r"\s*\[([^\]]*)\](.*)")
_OPTION = re.compile(r"(?P<name>[^=:]*?)(?P<gap>\s*[=:])(?P<value>.*)")
_SPECIAL = re.compile(r"[%$;#\"'\\]")
"""What some reader puts another value in the place of, or ends the value at."""


@dataclass(frozen=True)
class _Option:
    line: Line
    name: str
    gap: str
    value: str
    goes_on: bool = False


@dataclass(frozen=True)
class _Part:
    """What belongs to one header. ``end``: where a further line of it goes. The first part has no header."""

    section: str | None
    start: int
    end: int
    options: list[_Option]


class IniFormat:
    """See ``Format``. Without a section a name stands before the first header."""

    def check_name(self, name: str) -> None:
        """:raises InvalidOption: it has other characters than all readers take."""
        if not _NAME.fullmatch(name):
            raise InvalidOption(
                "key", f"{name!r} is no name of an option.", "Give letters, digits, underscores, dots and dashes."
            )

    def find(self, text: str, name: str, section: str | None) -> Span | None:
        """A line ``name = value`` of the section."""
        part = _part(text, section)
        found: _Option | None = None
        for option in part.options if part else ():
            if option.name.lower() != name.lower():
                continue
            if option.name != name:
                refuse(f"it has {option.name}, which some readers take for {name}.", "Give the key as it stands there.")
            if found is not None:
                refuse(f"it has {name} more than once.", "Remove all lines of it but one.")
            found = option
        return None if found is None else _value(found)

    def raw(self, value: str, replaced: str) -> str:
        """In the quotes that were there."""
        if _SPECIAL.search(value) or value != value.strip():
            refuse("a value has a character that ini files give another meaning.", "Use another format.")
        stripped = replaced.strip()
        quote = stripped[:1] if stripped[:1] in ("'", '"') else ""
        gap = replaced[: len(replaced) - len(replaced.lstrip())]
        return f"{gap or ('' if stripped else ' ')}{quote}{value}{quote}" if value or quote else gap

    def added(self, text: str, name: str, value: str, section: str | None) -> str:
        """After the last option of the section, written like it; a section that is not there is added at the end."""
        # One that was added a moment ago may differ by its case alone.
        self.find(text, name, section)
        part = _part(text, section)
        if part is None:
            text = with_line(text, f"[{section}]")
            part = _part(text, section)
        if part is None:
            refuse(f"it would not have the section {section}.")
        like = next((one for one in part.options if one.value.strip() and not one.goes_on), None)
        # One that is indented more than the last option would be a further line of its value.
        least = min((one.line for one in part.options), key=lambda line: line.indentation, default=Line(0, ""))
        indentation = least.text[: least.indentation]
        gap = " =" if like is None else like.gap
        blank = " " if like is None else like.value[: len(like.value) - len(like.value.lstrip())]
        return with_line(text, f"{indentation}{name}{gap}{self.raw(value, blank + 'x')}", part.end)

    def removed(self, text: str, name: str, span: Span) -> str:
        """Its line. A header stays."""
        return without_line(text, span.start)

    def is_empty(self, text: str, section: str | None) -> bool:
        """The header of the section does not count."""
        return all(line.is_blank or line.text.strip() == f"[{section}]" for line in lines_of(text))


def without_new_section(text: str, old: str, section: str) -> str:
    """A text without the header of a section, if an older one did not have it and nothing is left in it."""
    part = _part(text, section)
    if part is None or part.options or _part(old, section) is not None:
        return text
    return without_line(text, part.start)


def _value(option: _Option) -> Span:
    """:raises InvalidOption: it has several lines, or is computed by some readers."""
    if option.goes_on:
        refuse(f"the value of {option.name} has several lines.", "Write it on one line.")
    if not option.gap:
        refuse(f"{option.name} has no value.", f"Write {option.name} = VALUE.")
    value = option.value.strip()
    quote = value[:1] if value[:1] in ("'", '"') else ""
    inner = value[1:-1] if quote and len(value) > 1 and value.endswith(quote) else value
    if _SPECIAL.search(inner):
        refuse(f"the value of {option.name} has a character that some readers compute with.", "Remove the value.")
    start = option.line.start + option.line.indentation + len(option.name) + len(option.gap)
    return Span(start, start + len(option.value.rstrip()), inner)


def _part(text: str, section: str | None) -> _Part | None:
    """:raises InvalidOption: there are several of that name."""
    if section is not None and not _SECTION.fullmatch(section):
        raise InvalidOption(
            "section", f"{section!r} is no name of a section.", "Give it without brackets, on one line."
        )
    found = [part for part in _parts(text) if part.section == section]
    if len(found) > 1:
        refuse(f"it has the section {section} more than once.", "Make one of them.")
    return found[0] if found else None


@lru_cache(maxsize=4)
def _parts(text: str) -> list[_Part]:
    """Kept for a while, because each of several names in one file is looked for alone. It is not to be changed."""
    parts = [_Part(None, 0, 0, [])]
    indentation: int | None = None
    for line in lines_of(text):
        end = min(len(text), text.find("\n", line.start) + 1 or len(text))
        stripped = line.text.strip()
        if not stripped or stripped.startswith(("#", ";")):
            continue
        current = parts[-1]
        if indentation is not None and line.indentation > indentation:
            _go_on(current, line)
        elif stripped.startswith("["):
            header = _HEADER.fullmatch(line.text)
            if header is None or (header[2].strip() and not header[2].strip().startswith(("#", ";"))):
                refuse(f"{stripped[:40]!r} is no header of a section.")
            indentation = None
            parts.append(_Part(header[1], line.start, end, []))
            continue
        else:
            indentation = line.indentation
            option = _OPTION.fullmatch(stripped)
            made = (stripped, "", "") if option is None else (option["name"], option["gap"], option["value"])
            current.options.append(_Option(line, *made))
        parts[-1] = _Part(current.section, current.start, end, current.options)
    return parts


def _go_on(part: _Part, line: Line) -> None:
    """Note a further line of the last value. One that looks like an option is one to readers that know no such lines."""
    last = part.options[-1]
    part.options[-1] = _Option(last.line, last.name, last.gap, last.value, goes_on=True)
    option = _OPTION.fullmatch(line.text.strip())
    if option is not None and _NAME.fullmatch(option["name"]):
        part.options.append(_Option(line, option["name"], option["gap"], option["value"], goes_on=True))
