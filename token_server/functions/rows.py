# Copyright (c) 2026 panelops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Filtering, sorting and paging the rows of an answer, as the vendor's output controls say. Nothing here knows their names."""

from __future__ import annotations

import math
import re
from collections.abc import Callable
from dataclasses import dataclass

from token_server.refusals import Refused, quoted

ANY = "*"
"""The field that stands for all fields of a row."""

Row = tuple[str | None, object]
"""A row with its key, where the rows are an object; a row of its own has no key. A row may be a single value."""


@dataclass(frozen=True, slots=True)
class Filter:
    """Keeps the rows whose field matches; ``type`` is one of ``_MATCHES``, or ``matches``, for which ``found_in`` decides."""

    field: str
    type: str
    term: str
    found_in: Callable[[str], bool] | None = None


@dataclass(frozen=True, slots=True)
class Sort:
    """Orders rows by a field; ``method`` is one of ``METHODS``, and ``named`` the parameter that says it."""

    field: str
    method: str
    reverse: bool
    named: str


def values(row: object, field: str, name: str | None) -> list[object]:
    """Return what a row has in a field: several values for a list or for ``ANY``, none where it is null or not there.

    :param name: as what a row is known that is a single value.
    """
    fields = row if isinstance(row, dict) else {name: row}
    found = list(fields.values()) if field == ANY else [fields.get(field)]
    flat = [item for value in found for item in (value if isinstance(value, list) else [value])]
    return [value for value in flat if value is not None and not isinstance(value, dict)]


def keeps(condition: Filter, row: object, name: str | None) -> bool:
    """Tell whether a filter keeps a row."""
    found = values(row, condition.field, name)
    if condition.found_in is not None:
        return any(condition.found_in(text(value)) for value in found)
    if condition.type in _ABSENCE:
        return not any(_MATCHES[_ABSENCE[condition.type]](value, condition.term) for value in found)
    return any(_MATCHES[condition.type](value, condition.term) for value in found)


def ordered(rows: list[Row], sorts: list[Sort], name: str | None) -> list[Row]:
    """Return the rows in order, by the first sort and then by the others. Raises ``Refused``."""
    result = list(rows)
    for sort in reversed(sorts):
        keyed = [(values(row, sort.field, name), key, row) for key, row in result]
        if keyed and not any(found for found, _key, _row in keyed):
            _refuse_unknown(rows, sort)
        if sort.method == LEXICOGRAPHIC and any(
            _is_number(value) for found, _key, _row in keyed for value in found[:1]
        ):
            raise Refused(
                f"The values of {quoted(sort.field)} are numbers: set {quoted(sort.named)} to sort them, such as to numeric.",
                cause="numbers sorted as text",
            )
        keyed.sort(key=lambda item: METHODS[sort.method](item[0][0] if item[0] else None), reverse=sort.reverse)
        result = [(key, row) for _found, key, row in keyed]
    return result


def _refuse_unknown(rows: list[Row], sort: Sort) -> None:
    if not any(isinstance(row, dict) and sort.field in row for _key, row in rows):
        raise Refused(
            f"No row of this answer has the field {quoted(sort.field)} to sort by.", cause="unknown sort field"
        )


def text(value: object) -> str:
    """Return a value as Perl would write it."""
    return str(int(value)) if isinstance(value, bool) else str(value)


_NUMBER = re.compile(r"\s*([-+]?(?:[0-9]+(?:\.[0-9]*)?|\.[0-9]+))")
UNLIMITED = "unlimited"


def number(value: object) -> float | None:
    """Return the number that a value begins with, as Perl reads ``512M``; None if it does not begin with one."""
    match = _NUMBER.match(text(value))
    return float(match[1]) if match else None


def is_numeric(term: str) -> bool:
    """Tell whether a term is a number and nothing else."""
    return _NUMBER.fullmatch(term) is not None


def _is_number(value: object) -> bool:
    return isinstance(value, int | float)


def _equal(value: object, term: str) -> bool:
    if is_numeric(term) and is_numeric(text(value)):
        return number(value) == number(term)
    return text(value) == term


def _compared(compare: Callable[[float, float], bool], *, unlimited: bool = False) -> Callable[[object, str], bool]:
    def match(value: object, term: str) -> bool:
        left, right = number(value), number(term)
        if unlimited:
            left = math.inf if value == UNLIMITED else left
            right = math.inf if term == UNLIMITED else right
        return left is not None and right is not None and compare(left, right)

    return match


_MATCHES: dict[str, Callable[[object, str], bool]] = {
    "==": _compared(lambda left, right: left == right),
    "begins": lambda value, term: text(value).lower().startswith(term.lower()),
    "contains": lambda value, term: term.lower() in text(value).lower(),
    "defined": lambda value, _term: text(value) != "",
    "ends": lambda value, term: text(value).lower().endswith(term.lower()),
    "eq": _equal,
    "gt": _compared(lambda left, right: left > right),
    "gt_equal": _compared(lambda left, right: left >= right),
    "gt_handle_unlimited": _compared(lambda left, right: left > right, unlimited=True),
    "lt": _compared(lambda left, right: left < right),
    "lt_equal": _compared(lambda left, right: left <= right),
    "lt_handle_unlimited": _compared(lambda left, right: left < right, unlimited=True),
}
_ABSENCE = {"ne": "eq", "undefined": "defined"}
"""What a filter keeps that keeps exactly the other rows."""

LEXICOGRAPHIC = "lexicographic"

_Key = tuple[str, ...] | tuple[float, ...]


def _alphabetical(value: object) -> tuple[str, ...]:
    written = "" if value is None else text(value)
    return written.lower(), written


def _numeric(value: object) -> float:
    if value == UNLIMITED:
        return math.inf
    return 0.0 if value is None else number(value) or 0.0


def _octets(value: object) -> tuple[float, ...]:
    parts = [] if value is None else text(value).split(".")
    return tuple(int(part) for part in parts) if len(parts) == 4 and all(part.isdecimal() for part in parts) else ()


METHODS: dict[str, Callable[[object], _Key]] = {
    "ipv4": _octets,
    LEXICOGRAPHIC: _alphabetical,
    "numeric": lambda value: (_numeric(value),),
    "numeric_zero_as_max": lambda value: (_numeric(value) or math.inf,),
}
"""How rows are sorted, with the key of a value that each method compares."""
