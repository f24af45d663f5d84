# Copyright (c) 2026 panelops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Some values in a text of the format ``yaml``: those of the outermost mapping, written in block style. Pure.

No reader of YAML is at hand on consumers. So what is not certainly understood line by line is refused.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import lru_cache

from .._errors import InvalidOption
from .merge_text import Line, Span, lines_of, refuse, with_line, without_line

_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_.-]*")
_OTHER_TYPES = frozenset(["y", "yes", "n", "no", "on", "off", "true", "false", "null"])
"""Plain names that YAML takes for something else than text."""
_MAY_BE_NO_TEXT = re.compile(r"[-+.\d][-+.:_ \da-fxtzinA-FXTZIN]*|~|<<|=|")
"""At least all numbers and times of YAML, and nothing that a template could be."""
_DOUBLE, _SINGLE = r'"(?:[^"\\]|\\.)*"', r"'(?:[^']|'')*'"
_KEY = re.compile(
    rf"(?P<name>{_DOUBLE}|{_SINGLE}|[^\s\-?:,\[\]{{}}#&*!|>'\"%@`](?:[^:#]|:(?=\S)|(?<=\S)#)*?)[ ]*:(?=\s|$)"
)
_PREFIX = re.compile(r"(?:[-?:][ ]+|[&!][^\s,\[\]{}]*[ ]+)")
_BLOCK = re.compile(r"(?:[&!]\S*[ ]+)*[|>][-+0-9]*[ ]*(?:[ ]#.*)?")
_VALUE = re.compile(
    rf"(?P<value>(?:[ ]+(?:!unsafe[ ]+)?(?:{_DOUBLE}|{_SINGLE}|[^\s#'\"](?:[^#]|(?<=\S)#)*?))?)[ ]*(?:[ ]#.*)?"
)
_INDICATORS = "&*!|>[]{}%@`,?-:"
_BREAKS = re.compile("[\u0085\u2028\u2029\r]")


@dataclass
class _Entry:
    """One name of the mapping: its line, what follows its colon and where, and whether lines that follow belong to it."""

    name: str
    line: Line
    rest: str
    rest_start: int
    goes_on: bool = False


@dataclass
class _Mapping:
    entries: list[_Entry] = field(default_factory=list)

    def of(self, name: str) -> _Entry | None:
        """:raises InvalidOption: a name is there twice."""
        found = [entry for entry in self.entries if entry.name == name]
        if len(found) > 1:
            refuse(f"it has {name} more than once.", "Remove all but one.")
        return found[0] if found else None


@dataclass(frozen=True)
class YamlFormat:
    """See ``Format``. ``unsafe``: a value is tagged, so that Ansible does not take it for a template; others do not know the tag."""

    unsafe: bool = False

    def check_name(self, name: str) -> None:
        """:raises InvalidOption: it needs quotes, or is no text."""
        if not _NAME.fullmatch(name) or name.lower() in _OTHER_TYPES:
            raise InvalidOption(
                "key",
                f"{name!r} is no plain name of a text in YAML.",
                "Give letters, digits, underscores, dots and dashes, and no word such as yes or null.",
            )

    def find(self, text: str, name: str, section: str | None) -> Span | None:
        """A line ``name: value`` of the outermost mapping, with a text or a plain word on that line."""
        entry = _mapping(text).of(name)
        if entry is None:
            return None
        match = _VALUE.fullmatch(entry.rest)
        if entry.goes_on or match is None:
            refuse(f"the value of {name} is no text on one line.", "Write it so, or remove it.")
        raw = match["value"]
        return Span(entry.rest_start, entry.rest_start + len(raw), _text(name, raw.strip(" ")))

    def raw(self, value: str, replaced: str) -> str:
        """A text in double quotes, which is one in JSON too."""
        gap = replaced[: len(replaced) - len(replaced.lstrip(" "))] or " "
        tag = "!unsafe " if self.unsafe and not _may_be_no_text(value) else ""
        return f"{gap}{tag}{json.dumps(value, ensure_ascii=False)}"

    def added(self, text: str, name: str, value: str, section: str | None) -> str:
        """At the end."""
        mapping = _mapping(text)
        if mapping.entries and mapping.entries[-1].goes_on and not text.endswith("\n"):
            refuse("its last line has no end, which may count there.", "End the file with a line end.")
        return with_line(text, f"{name}:{self.raw(value, '')}")

    def removed(self, text: str, name: str, span: Span) -> str:
        """Its line."""
        return without_line(text, span.start)

    def is_empty(self, text: str, section: str | None) -> bool:
        """The marker of the document does not count."""
        return all(line.is_blank or line.text.strip() == "---" for line in lines_of(text))


def _may_be_no_text(value: str) -> bool:
    """Is it perhaps a number, a time, a truth value or nothing to YAML? Under the tag Ansible takes it for that, in spite of quotes."""
    return value.lower() in _OTHER_TYPES or _MAY_BE_NO_TEXT.fullmatch(value) is not None


def _text(name: str, raw: str) -> str:
    """What a value on one line is as text.

    :raises InvalidOption: it is no text or plain word.
    """
    if raw.startswith("!unsafe"):
        raw = raw[len("!unsafe") :].strip(" ")
    if raw.startswith("'"):
        return raw[1:-1].replace("''", "'")
    if raw.startswith('"'):
        try:
            return str(json.loads(raw))
        except ValueError:
            refuse(f"the value of {name} has an escape that is not JSON's.", "Write it without one.")
    if raw[:1] and (raw[0] in _INDICATORS or ": " in raw or raw.endswith(":")):
        refuse(f"the value of {name} is no plain text.", "Write it in double quotes, or remove it.")
    return "" if raw in ("~", "null", "Null", "NULL") else raw


@lru_cache(maxsize=4)
def _mapping(text: str) -> _Mapping:
    """The outermost mapping of a text.

    Kept for a while, because each of many names in one file is looked for alone. It is not to be changed.

    :raises InvalidOption: it is none, or not in the style that is understood here.
    """
    if _BREAKS.search(text.replace("\r\n", "\n")):
        refuse("it has line ends that are not everybody's.", "Use LF or CRLF alone.")
    found = _Mapping()
    begun = False
    for line in _outside_blocks(text):
        content = line.text.strip(" ")
        if not content or content.startswith("#"):
            continue
        if content.startswith("\t") or "\t" in line.text[: line.indentation]:
            refuse("it has a tab before a text.", "Indent with blanks.")
        if line.text.startswith("---") and not begun and line.text[3:].strip(" ")[:1] in ("", "#"):
            begun = True
            continue
        begun = True
        if line.indentation or line.text.startswith("- ") or line.text == "-":
            _go_on(found, line)
        else:
            found.entries.append(_entry(line))
        _refuse_open(line)
    return found


def _go_on(found: _Mapping, line: Line) -> None:
    if not found.entries:
        refuse("its outermost value is no mapping with names at the start of lines.")
    last = found.entries[-1]
    if not line.indentation and last.rest.strip(" ") and not last.rest.strip(" ").startswith("#"):
        refuse("its outermost value is no mapping with names at the start of lines.")
    last.goes_on = True


def _entry(line: Line) -> _Entry:
    match = _KEY.match(line.text)
    if match is None or match["name"] == "<<":
        refuse(f"a line is not NAME: VALUE, or merges: {line.text[:30]!r}.")
    name = match["name"]
    if name.startswith('"'):
        try:
            name = str(json.loads(name))
        except ValueError:
            refuse("a name has an escape that is not JSON's.")
    elif name.startswith("'"):
        name = name[1:-1].replace("''", "'")
    return _Entry(name, line, line.text[match.end() :], line.start + match.end())


def _outside_blocks(text: str) -> Iterator[Line]:
    """The lines that are not the text of a block scalar (C(|) or C(>)). What a block holds counts for its head."""
    block: int | None = None
    for line in lines_of(text):
        if block is not None and (line.is_blank or len(line.text) - len(line.text.lstrip(" ")) > block):
            if not line.is_blank:
                yield Line(line.start, " " * (block + 1) + "x")
            continue
        block = None
        yield line
        content, at = _content(line)
        if _BLOCK.fullmatch(content):
            block = at


def _content(line: Line) -> tuple[str, int]:
    """What stands on a line behind names, dashes, anchors and tags, and the indentation that its lines have to exceed."""
    at = indentation = line.indentation
    while True:
        rest = line.text[at:].lstrip(" ")
        at = len(line.text) - len(rest)
        if _BLOCK.fullmatch(rest):
            return rest, indentation
        prefix = _PREFIX.match(rest)
        key = None if prefix else _KEY.match(rest)
        if prefix is not None:
            indentation = at if rest[0] in "-?:" else indentation
            at += prefix.end()
        elif key is not None:
            indentation = at
            at += key.end()
        else:
            return rest, indentation


def _refuse_open(line: Line) -> None:
    """:raises InvalidOption: a quoted text, or a list or mapping in brackets, does not end on its line."""
    content, _indentation = _content(line)
    if content[:1] in ("'", '"'):
        pattern = _DOUBLE if content[0] == '"' else _SINGLE
        if not re.match(pattern, content):
            refuse("a text in quotes goes on on the next line.", "Write it on one line, or as a block with |.")
    if content[:1] in ("[", "{"):
        plain = re.sub(rf"{_DOUBLE}|{_SINGLE}", "", content)
        if sum((each in "[{") - (each in "]}") for each in plain) or "'" in plain or '"' in plain:
            refuse("a list or mapping in brackets goes on on the next line.", "Write it on one line.")
