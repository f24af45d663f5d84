# Copyright (c) 2026 panelops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Some values in a text of the format ``env``: lines ``KEY=value``, as a shell, systemd, Docker and dotenv read them. Pure."""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache

from .._errors import InvalidOption
from .merge_text import Span, lines_of, refuse, with_line, without_line

_KEY = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
_SAFE = re.compile(r"[A-Za-z0-9_@%+=:,./-]*")
"""What means itself with and without quotes."""
_NAMED = r"(?P<name>[A-Za-z_][A-Za-z0-9_]*)"
_BEGINS = rf"[ \t]*(?:export[ \t]+)?{_NAMED}"
_PLAIN = r"[^\s'\"\\$`;&|()<>]*"
"""What means itself at least until the next quote."""
_ASSIGNMENT = re.compile(
    rf"{_BEGINS}=(?P<value>{_PLAIN}(?:(?:'[^'\\$`\r\n]*'|\"[^\"\\$`\r\n]*\"){_PLAIN})*)[ \t]*(?:(?<=[ \t])#[^\n]*)?\r?(?:\n|\Z)"
)
"""The only line that is edited. Every reader takes the value for itself, and nothing but a comment follows it."""
_QUOTED = re.compile(r"'[^']*'|\"[^\"]*\"")
_NOTHING = re.compile(r"(?:[ \t]*(?:#[^\n]*|\r)?\n)*(?:[ \t]*(?:#[^\n]*)?\Z)?")
"""Comments and blank lines."""
_SEMICOLON = re.compile(r"[ \t]*;[^\n]*(?:\n|\Z)")
"""A comment to systemd. No other reader takes such a line, or a name from it."""
_SETS = re.compile(rf"(?<![A-Za-z0-9_]){_NAMED}[ \t]*\+?=")
_LOOKS = re.compile(rf"{_BEGINS}[ \t]*\+?=")
_ASSIGNS = re.compile(rf"{_NAMED}\+?=")
_COMPUTES = re.compile(r"^[^=]*\+|[$`\\]")
_OPERATORS = ";&|()<>"
_PIECE = re.compile(
    r"(?P<end>\r?\n)|(?P<blank>[ \t\r]+)|(?P<operator>[;&|()<>]+)|(?P<comment>#[^\n]*)"
    r"|(?P<word>(?:[^ \t\r\n'\"\\$;&|()<>]+|\$'(?:[^'\\]|\\.)*'|\$|'[^']*'|\"[^\"\\]*(?:\\.[^\"\\]*)*\"|\\(?:\r\n|.))+)",
    re.DOTALL,
)
"""What a shell reads at a time. A comment begins only where a word could."""
_HERE = re.compile(r"(?<!<)<<(?!<)")
_OPENS = frozenset(["if", "case", "for", "while", "until", "select", "{"])
_CLOSES = frozenset(["fi", "esac", "done", "}"])
_BEFORE_COMMANDS = frozenset(["if", "then", "elif", "else", "while", "until", "do", "{", "!", "time"])


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
        """The value of the one line ``KEY=value`` or ``export KEY=value``; nothing but a comment follows it.

        :raises InvalidOption: the name is given a value anywhere else, or in a way that some reader takes for something else.
        """
        found = _read(text).get(name, [])
        for each in found:
            if isinstance(each, _Unclear):
                refuse(each.problem.format(name=name), each.remedy.format(name=name))
        if len(found) > 1:
            refuse(f"it sets {name} more than once.", "Remove all lines of it but one.")
        return next((each for each in found if isinstance(each, Span)), None)

    def raw(self, value: str, replaced: str) -> str:
        """In the quotes that were there, if that means the same; else quoted where a shell would not take it literally."""
        quote = replaced[:1]
        if quote in ("'", '"') and len(replaced) > 1 and replaced.endswith(quote) and _SAFE.fullmatch(value):
            return f"{quote}{value}{quote}"
        return shlex.quote(value) if value else ""

    def added(self, text: str, name: str, value: str, section: str | None) -> str:
        """At the end."""
        if _goes_on(text, len(text)) or text.endswith("\\"):
            refuse("its last line ends with a backslash.", "Remove the backslash.")
        return with_line(text, f"{name}={self.raw(value, '')}")

    def removed(self, text: str, name: str, span: Span) -> str:
        """Its line."""
        return without_line(text, span.start)

    def is_empty(self, text: str, section: str | None) -> bool:
        """No line at all."""
        return not text.strip()


@dataclass(frozen=True)
class _Unclear:
    """A place that gives a name a value, and that cannot be edited safely: why, and the remedy. ``{name}`` stands for the name."""

    problem: str
    remedy: str = "Write {name}=VALUE on a line of its own."


_NOT_ALONE = _Unclear("the line with {name} is not {name}=VALUE alone.")
_INSIDE = _Unclear(
    "{name} seems to stand inside a value of several lines.", "Give the token another key, or a file of its own."
)
_COMPUTED = _Unclear(
    "the value of {name} is computed, or has a backslash.", "Write {name}=VALUE with the value itself."
)
_AFTER_BACKSLASH = _Unclear(
    "the line before {name} ends with a backslash, after which some readers skip a line.", "Remove the backslash."
)
_IN_COMMENT = _Unclear(
    "{name} stands in a line that begins with a semicolon, which is a comment to systemd alone.",
    "Remove that line, or begin it with #.",
)
_IN_BLOCK = _Unclear(
    "{name} stands inside brackets or a block of a shell.", "Write {name}=VALUE on a line of its own, outside of them."
)


@lru_cache(maxsize=4)
def _read(text: str) -> dict[str, list[Span | _Unclear]]:
    """Every place of a text that gives a name a value, by name. Lines that are certain are read at once, others word by word.

    Kept for a while, because each of several names in one file is looked for alone. It is not to be changed.

    :raises InvalidOption: it has no certain end, or has a here-document, whose lines look like any others.
    """
    found: dict[str, list[Span | _Unclear]] = {}
    at, brackets, blocks = 0, 0, 0
    while at < len(text):
        skipped = _NOTHING.match(text, at)
        if skipped is not None and skipped.end() > at:
            at = skipped.end()
            continue
        comment = _SEMICOLON.match(text, at)
        if comment is not None:
            for name in _SETS.findall(comment.group()):
                found.setdefault(name, []).append(_IN_COMMENT)
            at = comment.end()
            continue
        line = _ASSIGNMENT.match(text, at)
        if line is not None:
            place: Span | _Unclear = Span(*line.span("value"), _QUOTED.sub(_inner, line["value"]))
            if brackets or blocks:
                place = _IN_BLOCK
            elif _goes_on(text, at):
                place = _AFTER_BACKSLASH
            found.setdefault(line["name"], []).append(place)
            at = line.end()
            continue
        command = _command(text, at)
        for name, why in _unclear(text, command):
            found.setdefault(name, []).append(why)
        brackets, blocks = _depth(brackets, blocks, command.words)
        at = command.end
    if brackets or blocks:
        refuse("brackets or a block of a shell are not closed.", "Close them, or write them in quotes.")
    return found


def _inner(quoted: re.Match[str]) -> str:
    return quoted.group()[1:-1]


def _goes_on(text: str, at: int) -> bool:
    """Does the line before the one that starts here end with a backslash? Up to systemd 253, a comment goes on after it."""
    return text.endswith(("\\\n", "\\\r\n"), 0, at)


@dataclass(frozen=True)
class _Command:
    """What a shell reads as one line, over quoted line ends and those after a backslash: its words and operators, without comments."""

    start: int
    end: int
    words: list[str]


def _command(text: str, start: int) -> _Command:
    """:raises InvalidOption: it has no certain end, or begins a here-document."""
    at, words = start, []
    while at < len(text):
        piece = _PIECE.match(text, at)
        if piece is None:
            refuse("a quote is not closed, or the last line goes on.", "Close the quote.")
        at = piece.end()
        if piece.lastgroup == "end":
            break
        if piece.lastgroup == "operator" and _HERE.search(piece.group()):
            refuse("it has <<, with which a here-document begins.", "Write it in quotes, or remove the here-document.")
        if piece.lastgroup in ("operator", "word"):
            words.append(piece.group())
            if at == len(text) and text.endswith("\n") and words[-1].endswith("\n"):
                refuse("a quote is not closed, or the last line goes on.", "Remove the backslash at the end.")
    return _Command(start, at, words)


def _unclear(text: str, command: _Command) -> Iterator[tuple[str, _Unclear]]:
    """The names that something gives a value that is no certain line, each with why it cannot be edited."""
    first, *further = lines_of(text[command.start : command.end])
    for line in further:
        inside = _LOOKS.match(line.text)
        if inside is not None:
            yield inside["name"], _INSIDE
    looks = _LOOKS.match(first.text)
    if looks is not None:
        given = command.words[1:] if command.words[0] == "export" else command.words
        alone = len(given) == 1 and not further
        computed = alone and _ASSIGNS.match(given[0]) is not None and _COMPUTES.search(given[0]) is not None
        yield looks["name"], _COMPUTED if computed else _NOT_ALONE
    for word in command.words:
        assigns = _ASSIGNS.match(word)
        if assigns is not None and (looks is None or assigns["name"] != looks["name"]):
            yield assigns["name"], _NOT_ALONE


def _depth(brackets: int, blocks: int, words: Sequence[str]) -> tuple[int, int]:
    """In how many brackets and blocks the next line stands, if the one with these words begins in so many."""
    begins = True
    for word in words[2:] if words[0] == "function" else words:
        if word[0] in _OPERATORS:
            for each in word:
                # A branch of a case ends with a bracket that nothing opens.
                brackets = max(0, brackets + (each == "(") - (each == ")"))
            begins = True
        else:
            if begins:
                blocks = max(0, blocks + (word in _OPENS) - (word in _CLOSES))
            begins = begins and word in _BEFORE_COMMANDS
    return brackets, blocks
