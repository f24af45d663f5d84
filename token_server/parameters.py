# Copyright (c) 2026 panelops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The parameters of a call: repeated, numbered, from a query, a form or a command line."""

from __future__ import annotations

import re
from urllib.parse import unquote_plus

from token_server.refusals import missing

MAX_FIELDS = 50_000


class Parameters:
    """Names with one or more texts each, in the order in which they came."""

    __slots__ = ("_values",)

    def __init__(self, pairs: list[tuple[str, str]]) -> None:
        values: dict[str, list[str]] = {}
        for name, text in pairs:
            values.setdefault(name, []).append(text)
        self._values = values

    def one(self, name: str) -> str | None:
        """Return the text of a parameter (the last one if it came more than once), or None."""
        texts = self._values.get(name)
        return None if texts is None else texts[-1]

    def required(self, name: str) -> str:
        """Return the text of a parameter that must be there and not empty."""
        text = self.one(name)
        if not text:
            raise missing(name)
        return text

    def many(self, name: str) -> list[str]:
        """Return all texts of a list: ``name`` repeated, then ``name-0``, ``name-1`` ... by number."""
        found = list(self._values.get(name, ()))
        numbered = re.compile(re.escape(name) + r"-([0-9]{1,9})")
        matches = [(int(match[1]), texts) for key, texts in self._values.items() if (match := numbered.fullmatch(key))]
        for _number, texts in sorted(matches, key=lambda item: item[0]):
            found.extend(texts)
        return found

    def beginning_with(self, prefix: str) -> dict[str, str]:
        """Return the parameters whose names begin with a prefix, without it."""
        return {name[len(prefix) :]: texts[-1] for name, texts in self._values.items() if name.startswith(prefix)}

    def any_begins_with(self, prefixes: tuple[str, ...]) -> bool:
        """Tell whether the name of a parameter begins with one of these prefixes. This is asked at every call."""
        for name in self._values:  # noqa: SIM110 - a generator takes three times as long
            if name.startswith(prefixes):
                return True
        return False

    def without(self, *prefixes: str) -> Parameters:
        """Return the parameters whose names begin with none of these prefixes."""
        rest = Parameters([])
        rest._values = {name: texts for name, texts in self._values.items() if not name.startswith(prefixes)}
        return rest


def from_text(encoded: str) -> Parameters:
    """Return the parameters of a URI-encoded text. Raises ``ValueError`` if there are far too many."""
    return Parameters(decoded_pairs(encoded))


def decoded_pairs(encoded: str) -> list[tuple[str, str]]:
    """Split a URI-encoded text as ``urllib.parse.parse_qsl`` does, only faster: this is done for every call.

    Raises ``ValueError`` if there are far too many.
    """
    if encoded.count("&") >= MAX_FIELDS:
        raise ValueError("too many parameters")
    pairs = []
    for field in encoded.split("&"):
        if field:
            name, _equals, text = field.partition("=")
            pairs.append((_decoded(name), _decoded(text)))
    return pairs


def _decoded(text: str) -> str:
    return unquote_plus(text, errors="replace") if "%" in text or "+" in text else text


def from_arguments(arguments: list[str]) -> Parameters:
    """Return the parameters of a command line (``key=value``, the values URI-encoded: docs/wire-contract.md, section C5).

    Raises ``ValueError`` with the argument that is not of that form.
    """
    pairs = []
    for argument in arguments:
        name, equals, text = argument.partition("=")
        if not equals or not name:
            raise ValueError(argument)
        pairs.append((name, unquote_plus(text, errors="replace")))
    return Parameters(pairs)


def from_json(value: object) -> Parameters:
    """Return the parameters of a JSON object whose values are scalars or lists of them. Raises ``ValueError``."""
    return Parameters(pairs_from_json(value))


def pairs_from_json(value: object) -> list[tuple[str, str]]:
    """Return the names and texts of a JSON object whose values are scalars or lists of them. Raises ``ValueError``."""
    if not isinstance(value, dict):
        raise ValueError("not an object")
    pairs = []
    for name, item in value.items():
        for scalar in item if isinstance(item, list) else [item]:
            pairs.append((clean(name), _scalar_text(scalar)))
    return pairs


def _scalar_text(scalar: object) -> str:
    if isinstance(scalar, dict | list):
        raise ValueError("a value is not a scalar")
    if scalar is None:
        return ""
    if isinstance(scalar, bool):
        return "1" if scalar else "0"
    return clean(str(scalar))


def clean(text: str) -> str:
    """Return the text without lone surrogates, which JSON and command lines can carry and UTF-8 cannot."""
    return text.encode("utf-8", "replace").decode("utf-8")
