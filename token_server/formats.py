# Copyright (c) 2026 panelops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the commands print: compact JSON, Perl's pretty JSON, and YAML in the layout of Perl's YAML::Syck.

People cut these texts up with grep, awk and sed, so the layout counts as much as the data.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator, Mapping


def compact_json(answer: Mapping[str, object]) -> str:
    """Return one line of JSON without blanks between the values."""
    return json.dumps(answer, ensure_ascii=False, separators=(",", ":")) + "\n"


def pretty_json(answer: Mapping[str, object]) -> str:
    """Return JSON as Perl's JSON::XS prints it when it is pretty and canonical: ``"user" : "alice"``, three spaces, sorted."""
    return json.dumps(answer, ensure_ascii=False, indent=3, sort_keys=True, separators=(",", " : ")) + "\n"


def yaml(answer: Mapping[str, object]) -> str:
    """Return YAML that looks as YAML::Syck's does, and loads back equal."""
    lines = ["---", *_mapping(answer, "")] if answer else ["--- {}", ""]
    return "".join(f"{line}\n" for line in lines)


FORMATS: dict[str, Callable[[Mapping[str, object]], str]] = {
    "json": compact_json,
    "jsonpretty": pretty_json,
    "yaml": yaml,
}
"""The values of the option ``--output``."""


def _mapping(values: Mapping[str, object], indentation: str) -> Iterator[str]:
    for key in sorted(values):
        yield from _entry(f"{indentation}{_key(key)}:", values[key], indentation)


def _entry(head: str, value: object, indentation: str) -> Iterator[str]:
    """Yield the lines of a value after its key or its dash; what it contains is indented by two more."""
    deeper = indentation + "  "
    if isinstance(value, dict) and value:
        yield head
        yield from _mapping(value, deeper)
    elif isinstance(value, list | tuple) and value:
        yield head
        for item in value:
            yield from _entry(f"{deeper}-", item, deeper)
    else:
        yield f"{head} {_scalar(value)}"
        if isinstance(value, dict | list | tuple):
            # YAML::Syck leaves a line empty below an empty collection.
            yield ""


def _scalar(value: object) -> str:
    if value is None:
        return "~"
    if isinstance(value, str):
        return _text(value)
    if isinstance(value, dict):
        return "{}"
    if isinstance(value, list | tuple):
        return "[]"
    number = json.dumps(value)
    # A power of ten without a point is text to some readers.
    return number.replace("e", ".0e") if "e" in number and isinstance(value, float) and "." not in number else number


_OTHER_TYPE = re.compile(
    r"""
      ~ | null | true | false | yes | no | y | n | on | off | = | <<
    | [-+]? \.? (?: inf | infinity | nan )
    | [-+]? [0-9][0-9_,]*                                            # whole numbers
    | [-+]? 0 (?: b [01_]+ | o [0-7_]+ | x [0-9a-f_]+ )
    | [-+]? (?: [0-9][0-9_]* \.? [0-9_]* | \. [0-9_]+ ) (?: e [-+]? [0-9]+ )?
    | [-+]? [0-9][0-9_]* (?: : [0-5]? [0-9] )+ (?: \. [0-9_]* )?      # 10:20:30 is a number of seconds
    | [0-9]{4} - [0-9]{1,2} - [0-9]{1,2} (?: [t\ ] .* )?              # dates and times
    """,
    re.VERBOSE | re.IGNORECASE,
)
"""Text that some reader of YAML takes for something else. YAML::Syck puts such text between single quotes."""


def _text(text: str) -> str:
    if text == "" or _means_another_type(text):
        return f"'{text}'"
    return _double_quoted(text) if _needs_quotes(text) else text


def _key(text: str) -> str:
    """Return a key: YAML::Syck knows only double quotes there. At the beginning of a line three signs end the document."""
    quotes = text == "" or text.startswith(("---", "...")) or _means_another_type(text) or _needs_quotes(text)
    return _double_quoted(text) if quotes else text


def _means_another_type(text: str) -> bool:
    return _OTHER_TYPE.fullmatch(text) is not None


_NOT_PLAIN = re.compile(
    r"""
      \A [\s\[\]{}!&*@`%|>'"\#^,:]      # what means something at the beginning
    | \A [-?] (?: \s | \Z )
    | \s \Z | : (?: \s | \Z ) | \s \#
    | [^\x20-\x7e\xa0-\ud7ff\ue000-\ufefe\uff00-\ufffd\U00010000-\U0010ffff]
    | [\u2028\u2029]
    """,
    re.VERBOSE,
)


def _needs_quotes(text: str) -> bool:
    return _NOT_PLAIN.search(text) is not None


_NAMED = {
    "\\": "\\\\", '"': '\\"', "\0": "\\0", "\a": "\\a", "\b": "\\b", "\t": "\\t", "\n": "\\n", "\v": "\\v", "\f": "\\f",
    "\r": "\\r", "\x1b": "\\e",
}  # fmt: skip
_ESCAPED = re.compile(r'["\\\u2028\u2029]|[^\x20-\x7e\xa0-\ud7ff\ue000-\ufefe\uff00-\ufffd\U00010000-\U0010ffff]')


def _double_quoted(text: str) -> str:
    return f'"{_ESCAPED.sub(_escape, text)}"'


def _escape(match: re.Match[str]) -> str:
    character = match[0]
    code = ord(character)
    return _NAMED.get(character) or (f"\\x{code:02X}" if code < 0x100 else f"\\u{code:04X}")
