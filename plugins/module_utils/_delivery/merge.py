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
from .merge_text import Format, refuse
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
            span = kind.find(text, name, section)
            if value is None:
                text = kind.removed(text, name, section)
            elif span is None:
                text = kind.added(text, name, value, section)
            else:
                text = text[: span.start] + kind.raw(value, text[span.start : span.end]) + text[span.end :]
        return text

    return _through(form, content, edited)


def values_in(form: str, content: bytes, names: Iterable[str], section: str | None = None) -> dict[str, str]:
    """The values of those of the names that the content has.

    :raises InvalidOption: the content cannot be edited safely.
    """
    kind = _FORMATS[form]
    text = _decoded(form, content)
    spans = ((name, kind.find(text, name, section)) for name in names)
    return {name: span.value for name, span in spans if span is not None}


def restored(form: str, content: bytes, previous: bytes, names: Iterable[str], section: str | None = None) -> bytes:
    """The content with the names as they were in another one: byte for byte, and removed if they were not there.

    :raises InvalidOption: one of the two cannot be edited safely.
    """
    kind = _FORMATS[form]
    names = list(names)
    old = _decoded(form, previous)

    def edited(text: str) -> str:
        for name in names:
            now, before = kind.find(text, name, section), kind.find(old, name, section)
            if before is None:
                text = kind.removed(text, name, section)
            elif now is None:
                text = kind.added(text, name, before.value, section)
            else:
                text = text[: now.start] + old[before.start : before.end] + text[now.end :]
        if form == "ini" and section is not None:
            text = without_new_section(text, old, section)
        return old if not old.strip() and kind.is_empty(text, section) else text

    return _through(form, content, edited)


def holds_only(form: str, content: bytes, names: Iterable[str], section: str | None = None) -> bool:
    """Is there nothing else than these names, and comments?

    :raises InvalidOption: the content cannot be edited safely.
    """
    rest = merged(form, content, dict.fromkeys(names), section)
    return _FORMATS[form].is_empty(_decoded(form, rest), section)


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
