# Copyright (c) 2026 panelops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a file of one of the formats holds, and whether a file that is there may be replaced. Pure."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

from .._errors import InvalidOption
from .merge import holds_only, merged, values_in

_VENDORS = re.compile(rb"(?<![A-Za-z0-9])[A-Z0-9]{32}(?![A-Za-z0-9])")
"""The shape of the secrets that servers give."""
_WORD = re.compile(rb"\s*[\x21-\x7e]*\s*")


def content_of(form: str, values: Mapping[str, str], section: str | None = None) -> bytes:
    """The whole file: with ``raw`` the only value alone on a line, else some values by name, as ``merged`` writes them.

    In ``env`` a value is quoted if it holds what a shell would not take literally. The vendor's secrets do not, and stand there without
    quotes, because not every reader of such files takes them off.

    :raises InvalidOption: a name cannot be one in this format.
    """
    if form == "raw":
        return "".join(f"{value}\n" for value in values.values()).encode()
    return merged(form, b"", values, section)


def refuse_other_content(
    form: str, names: Sequence[str], previous: bytes, path: str, section: str | None = None
) -> None:
    """Refuse to replace a file that holds more than a secret and what belongs to it: the whole file is written at each rotation.

    More are also a comment, a value of several words, and what is not understood with certainty.

    :raises InvalidOption: it does.
    """
    if form == "raw":
        ours = _WORD.fullmatch(previous) is not None
    else:
        try:
            held = values_in(form, previous, names, section)
            ours = holds_only(form, previous, names, section) and all(_is_word(value) for value in held.values())
        except InvalidOption:
            ours = False
    if not ours:
        raise InvalidOption(
            "path",
            f"{path} holds other things than {', '.join(filter(None, names)) or 'a secret'}, which would be lost.",
            "Give the token a file of its own, use merge: true to set keys of this one, or format: template for the whole file.",
        )


def refuse_other_values(values: Mapping[str, str], path: str) -> None:
    """Refuse to replace a value that is no single word: no secret, and nothing that belongs to one.

    :raises InvalidOption: one of the values is not.
    """
    for name, value in values.items():
        if not _is_word(value):
            raise InvalidOption(
                "key",
                f"the value of {name} in {path} is no secret, and would be lost.",
                "Give another key, or remove the value.",
            )


def _is_word(value: str) -> bool:
    return _WORD.fullmatch(value.encode("utf-8", "surrogatepass")) is not None


def only_secret_in(text: bytes) -> str | None:
    """The piece of a text that has the shape of a secret, if it is the only one."""
    found = _VENDORS.findall(text)
    return found[0].decode("ascii") if len(found) == 1 else None


def vendors_secret(text: str | None) -> str | None:
    """A text, if it has the shape of the secrets that servers give. Nothing else is asked about anywhere."""
    return text if text is not None and _VENDORS.fullmatch(text.encode("utf-8", "replace")) else None


def secret_in(form: str | None, name: str, content: bytes, section: str | None = None) -> str | None:
    """The text that stands in a file where a secret does, or should; ``None`` if there is none.

    :param form: ``None`` where only the controller can recognize a secret: the first text with the shape of one.
    """
    if form == "raw":
        return content.strip().decode("ascii", "replace") or None
    if form is None:
        match = _VENDORS.search(content)
        return match.group().decode("ascii") if match else None
    try:
        return values_in(form, content, [name], section).get(name) or None
    except InvalidOption:
        return None
