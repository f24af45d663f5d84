# Copyright (c) 2026 panelops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Sets some values in a text that holds other things, and leaves every other byte alone. Pure."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping

from .._errors import InvalidOption
from .merge_env import EnvFormat
from .merge_ini import IniFormat, without_new_section
from .merge_json import JsonFormat
from .merge_text import Format, Span, refuse
from .merge_yaml import YamlFormat

VAULT = "vault"
"""The text of an Ansible Vault: YAML whose values are tagged as text."""

_FORMATS: Mapping[str, Format] = {
    "env": EnvFormat(),
    "json": JsonFormat(),
    "yaml": YamlFormat(),
    "ini": IniFormat(),
    VAULT: YamlFormat(unsafe=True),
}
_ANY_BYTES = ("env", "ini")
_MARK = "\ufeff"
"""Of the order of bytes, which some editors put first."""


def merged(form: str, content: bytes, values: Mapping[str, str | None], section: str | None = None) -> bytes:
    """The content with some values set. A name that is not there is added; one whose value is ``None`` is removed.

    :param section: of ``ini``: that of the names; without it they stand before the first one.
    :raises InvalidOption: the content cannot be edited safely, or a name or a value cannot be written in this format.
    """
    kind = _FORMATS[form]

    def edited(text: str) -> str:
        for name, value in values.items():
            kind.check_name(name)
            if value is not None:
                _check_value(name, value)
        spans = _spans(kind, text, values, section)
        for name, span in _from_the_end(spans):
            value = values[name]
            if value is None:
                text = kind.removed(text, name, span)
            else:
                text = text[: span.start] + kind.raw(value, text[span.start : span.end]) + text[span.end :]
        for name, value in values.items():
            if value is not None and name not in spans:
                text = kind.added(text, name, value, section)
        return text

    return _through(form, content, edited)


def values_in(form: str, content: bytes, names: Iterable[str], section: str | None = None) -> dict[str, str]:
    """The values of those of the names that the content has.

    :raises InvalidOption: the content cannot be edited safely.
    """
    spans = _spans(_FORMATS[form], _decoded(form, content), names, section)
    return {name: span.value for name, span in spans.items()}


def restored(form: str, content: bytes, previous: bytes, names: Iterable[str], section: str | None = None) -> bytes:
    """The content with the names as they were in another one: byte for byte, and removed if they were not there.

    :raises InvalidOption: one of the two cannot be edited safely.
    """
    kind = _FORMATS[form]
    names = list(names)
    old = _decoded(form, previous)

    def edited(text: str) -> str:
        now, before = _spans(kind, text, names, section), _spans(kind, old, names, section)
        for name, span in _from_the_end(now):
            if name in before:
                text = text[: span.start] + old[before[name].start : before[name].end] + text[span.end :]
            else:
                text = kind.removed(text, name, span)
        for name, span in before.items():
            if name not in now:
                text = kind.added(text, name, span.value, section)
        if form == "ini" and section is not None:
            text = without_new_section(text, old, section)
        return old if not old.strip() and kind.is_empty(text, section) else text

    return _through(form, content, edited)


def holds_only(form: str, content: bytes, names: Iterable[str], section: str | None = None) -> bool:
    """Is there nothing else than these names with their values? A comment is something else, on a line of its own and behind a value.

    :raises InvalidOption: the content cannot be edited safely.
    """
    kind = _FORMATS[form]
    text = _decoded(form, content)
    spans = _spans(kind, text, names, section)
    # JSON has no lines, and no comments.
    if form != "json" and any(text[span.end :].partition("\n")[0].strip() for span in spans.values()):
        return False
    for name, span in _from_the_end(spans):
        text = kind.removed(text, name, span)
    return kind.is_empty(text, section)


def _spans(kind: Format, text: str, names: Iterable[str], section: str | None) -> dict[str, Span]:
    """Where the values of those of the names stand that a text has.

    :raises InvalidOption: it cannot be edited safely.
    """
    spans = ((name, kind.find(text, name, section)) for name in names)
    return {name: span for name, span in spans if span is not None}


def _from_the_end(spans: Mapping[str, Span]) -> list[tuple[str, Span]]:
    """The last one first: an edit moves what stands behind it, and nothing else."""
    return sorted(spans.items(), key=lambda item: item[1].start, reverse=True)


def _through(form: str, content: bytes, edited: Callable[[str], str]) -> bytes:
    text = edited(_decoded(form, content))
    return (_MARK if _has_mark(content) else "").encode() + text.encode("utf-8", "surrogateescape")


def _has_mark(content: bytes) -> bool:
    return content.startswith(_MARK.encode())


def _decoded(form: str, content: bytes) -> str:
    """The content as text, without the mark. In ``env`` and ``ini`` what is no UTF-8, such as a comment in Latin-1, is kept as it is.

    :raises InvalidOption: it is no text, or its lines do not end as everybody's do.
    """
    try:
        text = content.decode("utf-8", "surrogateescape" if form in _ANY_BYTES else "strict")[_has_mark(content) :]
    except UnicodeDecodeError:
        text = "\0"
    if "\0" in text:
        refuse("it is no text in UTF-8.", "Convert it.")
    if "\r" in text.replace("\r\n", ""):
        refuse("it has carriage returns that end no line.", "Use LF or CRLF alone.")
    return text


def _check_value(name: str, value: str) -> None:
    if not value.isprintable():
        raise InvalidOption("keys", f"the value of {name} has characters that cannot be printed.")
