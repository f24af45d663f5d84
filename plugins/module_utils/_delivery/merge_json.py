# Copyright (c) 2026 panelops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Some values in a text of the format ``json``: those of the outermost object. Pure."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass

from .merge_text import Span, refuse

_BLANK = re.compile(r"[ \t\r\n]*")
_DECODER = json.JSONDecoder()


@dataclass(frozen=True)
class _Member:
    """One name with its value: where the name starts and ends, and the value does."""

    name: str
    start: int
    name_end: int
    value_start: int
    end: int
    value: object


@dataclass(frozen=True)
class _Object:
    """The outermost object: where it opens, where its last member ends (or where it opens), and its members."""

    opened: int
    members: list[_Member]

    def of(self, name: str) -> _Member | None:
        """The member of a name.

        :raises InvalidOption: there are several, of which readers take any.
        """
        found = [member for member in self.members if member.name == name]
        if len(found) > 1:
            refuse(f"it has {name} more than once.", "Remove all but one.")
        return found[0] if found else None


class JsonFormat:
    """See ``Format``."""

    def check_name(self, name: str) -> None:
        """Every text can be a name."""

    def find(self, text: str, name: str, section: str | None) -> Span | None:
        """A text, or a plain value such as a number, which becomes a text."""
        member = _object(text).of(name)
        if member is None:
            return None
        raw = text[member.value_start : member.end]
        if isinstance(member.value, (dict, list)):
            refuse(f"the value of {name} is no text.", "Remove it, or give another key.")
        value = member.value if isinstance(member.value, str) else "" if member.value is None else raw
        return Span(member.value_start, member.end, value)

    def raw(self, value: str, replaced: str) -> str:
        """A quoted text."""
        return json.dumps(value)

    def added(self, text: str, name: str, value: str, section: str | None) -> str:
        """As the last member, with the indentation of the others."""
        if not text.strip():
            return json.dumps({name: value}) + (text or "\n")
        whole = _object(text)
        if not whole.members:
            blank = _blank(text, whole.opened)
            gap = f"{blank}  " if "\n" in blank else blank
            return f"{text[: whole.opened]}{gap}{json.dumps(name)}: {json.dumps(value)}{text[whole.opened :]}"
        last = whole.members[-1]
        gap = _before(text, last.start)
        colon = text[last.name_end : last.value_start]
        if len(whole.members) == 1 and not gap:
            gap = " " if colon.endswith(" ") else ""
        return f"{text[: last.end]},{gap}{json.dumps(name)}{colon}{json.dumps(value)}{text[last.end :]}"

    def removed(self, text: str, name: str, span: Span) -> str:
        """The member, and the comma that it needed."""
        whole = _object(text)
        member = whole.of(name)
        if member is None:
            return text
        number = whole.members.index(member)
        if number:
            return text[: text.rindex(",", whole.members[number - 1].end, member.start)] + text[member.end :]
        if len(whole.members) > 1:
            return text[: member.start] + text[whole.members[1].start :]
        return text[: whole.opened] + text[member.end :]

    def is_empty(self, text: str, section: str | None) -> bool:
        """An object without members, or no text at all."""
        return not text.strip() or not _object(text).members


def _object(text: str) -> _Object:
    """:raises InvalidOption: it is no JSON object."""
    if not text.strip(" \t\r\n"):
        return _Object(0, [])
    try:
        json.loads(text)
        return _members(text)
    except (ValueError, RecursionError):
        refuse("it is no JSON.", "Repair it, or remove it. Comments are not allowed in JSON.")


def _members(text: str) -> _Object:
    """The members of a text that is known to be JSON."""
    at = _skip(text, 0)
    if text[at] != "{":
        refuse("its outermost value is no object.", "Give a file that holds an object.")
    opened = at + 1
    members: list[_Member] = []
    at = _skip(text, opened)
    while text[at] != "}":
        name, name_end = _DECODER.raw_decode(text, at)
        value_start = _skip(text, _skip(text, name_end) + 1)
        value, end = _DECODER.raw_decode(text, value_start)
        members.append(_Member(name, at, name_end, value_start, end, value))
        at = _skip(text, end)
        if text[at] == ",":
            at = _skip(text, at + 1)
    return _Object(opened, members)


def _skip(text: str, at: int) -> int:
    found = _BLANK.match(text, at)
    return found.end() if found else at


def _blank(text: str, at: int) -> str:
    return text[at : _skip(text, at)]


def _before(text: str, at: int) -> str:
    """The white space before a place."""
    return text[len(text[:at].rstrip(" \t\r\n")) : at]
