# Copyright (c) 2026 panelops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Some values in a text of the format ``env``: lines ``KEY=value``, as a shell, systemd, Docker and dotenv read them. Pure."""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterator

from .._errors import InvalidOption
from .merge_text import Line, Span, lines_of, refuse, with_line, without_line

_KEY = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
_SAFE = re.compile(r"[A-Za-z0-9_@%+=:,./-]*")
"""What means itself with and without quotes."""
_ENDS = " \t\r\n;&|()<>"
"""What ends a word outside of quotes."""


def check_variable(key: str | None) -> None:
    """:raises InvalidOption: the key cannot be the name of a variable."""
    if not _KEY.fullmatch(key or ""):
        raise InvalidOption("key", f"{key!r} is not the name of a variable.", "Give letters, digits and underscores.")


class EnvFormat:
    """See ``Format``."""

    def check_name(self, name: str) -> None:
        """Names are those of variables."""
        check_variable(name)

    def find(self, text: str, name: str, section: str | None) -> Span | None:
        """A line ``KEY=value`` or ``export KEY=value`` that is not a part of another value."""
        looks = re.compile(rf"[ \t]*(?:export[ \t]+)?{re.escape(name)}[ \t]*\+?=")
        sets = re.compile(rf"{re.escape(name)}\+?=")
        found: Span | None = None
        for words, start, end in _commands(text):
            first, *further = lines_of(text[start:end]) or [Line(0, "")]
            if any(looks.match(line.text) for line in further):
                refuse(f"{name} seems to stand inside a value of several lines.")
            assigned = [word for word in words if sets.match(text[slice(*word)])]
            if not assigned and not looks.match(first.text):
                continue
            given = words[1:] if text[slice(*words[0])] == "export" else words
            if given != assigned or len(given) != 1 or further:
                refuse(f"the line with {name} is not {name}=VALUE alone.", f"Write {name}=VALUE on a line of its own.")
            if found is not None:
                refuse(f"it sets {name} more than once.", "Remove all lines of it but one.")
            found = _value(text, name, *given[0])
        return found

    def raw(self, value: str, replaced: str) -> str:
        """In the quotes that were there, if that means the same; else quoted where a shell would not take it literally."""
        quote = replaced[:1]
        if quote in ("'", '"') and len(replaced) > 1 and replaced.endswith(quote) and _SAFE.fullmatch(value):
            return f"{quote}{value}{quote}"
        return shlex.quote(value) if value else ""

    def added(self, text: str, name: str, value: str, section: str | None) -> str:
        """At the end."""
        return with_line(text, f"{name}={self.raw(value, '')}")

    def removed(self, text: str, name: str, section: str | None) -> str:
        """Its line."""
        span = self.find(text, name, section)
        return text if span is None else without_line(text, span.start)

    def is_empty(self, text: str, section: str | None) -> bool:
        """Comments do not count."""
        return all(line.is_blank or line.text.lstrip().startswith("#") for line in lines_of(text))


def _value(text: str, name: str, start: int, end: int) -> Span:
    """The value of a word that assigns it."""
    raw = text[start + len(name) + 1 : end]
    if text[start + len(name)] == "+" or re.search(r"[$`\\]", raw):
        refuse(f"the value of {name} is computed, or has a backslash.", f"Write {name}=VALUE with the value itself.")
    return Span(start + len(name) + 1, end, "".join(shlex.split(raw)))


def _commands(text: str) -> Iterator[tuple[list[tuple[int, int]], int, int]]:
    """What a shell reads as one line: its words, each with its start and its end in the text, and the start and the end of it all.

    A quoted line end, and one after a backslash, do not end it. Comments are left out.

    :raises InvalidOption: the last one has no end.
    """
    words: list[tuple[int, int]] = []
    begun: int | None = None
    quote, start, at = "", 0, 0
    while at < len(text):
        each = text[at]
        if quote:
            at += 2 if each == "\\" and quote == '"' else 1
            quote = "" if each == quote else quote
            continue
        if begun is None and each == "#":
            at = text.find("\n", at) if "\n" in text[at:] else len(text)
            continue
        if each in _ENDS:
            if begun is not None:
                words.append((begun, at))
                begun = None
            if each == "\n":
                if words:
                    yield words, start, at
                words, start = [], at + 1
            at += 1
            continue
        begun = at if begun is None else begun
        quote = each if each in "'\"" else ""
        if each == "\\" and text[at + 1 : at + 3] == "\r\n":
            at += 1
        at += 2 if each == "\\" else 1
    if quote or at > len(text) or (begun is not None and text.endswith("\n")):
        refuse("a quote is not closed, or the last line goes on.", "Close the quote.")
    if begun is not None:
        words.append((begun, at))
    if words:
        yield words, start, at
