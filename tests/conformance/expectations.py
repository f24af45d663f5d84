# Copyright (c) 2026 panelops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a fact expects of an answer, compared with the answer; uses no test library.

A path leads to a value: ``data.tokens.NAME.expires_at``, ``data.0``, ``data[name=NAME]`` (the row of a list), ``header:NAME`` or ``text``.
What is expected there is a plain value, or an object with one or more of the keys of ``MATCHERS``.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Any

MISSING = object()
"""What a path finds where there is nothing."""

_SEGMENT = re.compile(r"(?P<key>[^.\[\]]*)(?:\[(?P<field>\w+)=(?P<text>[^\]]*)\])?(?:\.|$)")


def at(path: str, document: Any) -> Any:
    """Return the value at a path, or ``MISSING``."""
    found = document
    for match in _SEGMENT.finditer(path):
        if match["key"]:
            found = _inside(found, match["key"])
        if match["field"]:
            rows = found if isinstance(found, list) else []
            having = [row for row in rows if isinstance(row, Mapping) and str(row.get(match["field"])) == match["text"]]
            found = having[0] if having else MISSING
    return found


def _inside(value: Any, key: str) -> Any:
    if isinstance(value, Mapping):
        return value.get(key, MISSING)
    if isinstance(value, list) and key.isdigit() and int(key) < len(value):
        return value[int(key)]
    return MISSING


def same(value: Any, wanted: Any) -> bool:
    """Return whether two values are equal; a number and its text are, because servers answer both."""
    if isinstance(wanted, Mapping):
        return (
            isinstance(value, Mapping)
            and value.keys() == wanted.keys()
            and all(same(value[k], wanted[k]) for k in wanted)
        )
    if isinstance(wanted, list):
        return isinstance(value, list) and len(value) == len(wanted) and all(map(same, value, wanted))
    if wanted is None or value is None or value is MISSING:
        return value is wanted
    return not isinstance(value, (list, Mapping)) and str(value) == str(wanted)


def _is_a(value: Any, name: str) -> bool:
    if name == "integer":
        return not isinstance(value, bool) and re.fullmatch("-?[0-9]+", str(value)) is not None
    if name == "number":
        return not isinstance(value, bool) and re.fullmatch(r"[0-9]+(\.[0-9]+)?", str(value)) is not None
    if name == "never":
        # Versions say in four ways that a token does not expire.
        return value is None or value in ("", 0, "0")
    return isinstance(value, {"text": str, "list": list, "object": dict}[name])


def _members(value: Any) -> set[str]:
    return set(map(str, value)) if isinstance(value, (list, Mapping)) else set()


MATCHERS: dict[str, Callable[[Any, Any], bool]] = {
    "is": same,
    "not": lambda value, wanted: not same(value, wanted),
    "type": _is_a,
    "regex": lambda value, pattern: re.search(pattern, str(value)) is not None,
    "one_of": lambda value, choices: any(same(value, choice) for choice in choices),
    "absent": lambda value, absent: (value is MISSING) is absent,
    "has": lambda value, names: isinstance(value, (list, Mapping)) and set(map(str, names)) <= _members(value),
    "empty": lambda value, empty: (value is MISSING or value in (None, "", 0, "0", [], {})) is empty,
    "lacks": lambda value, names: not set(map(str, names)) & _members(value),
    "keys": lambda value, names: _members(value) == set(map(str, names)),
    "length": lambda value, length: isinstance(value, (list, Mapping)) and len(value) == length,
    "min": lambda value, least: _is_a(value, "integer") and int(value) >= least,
    "max": lambda value, most: _is_a(value, "integer") and int(value) <= most,
}
"""By key: whether a value is as expected. All but ``absent``, ``empty`` and ``lacks`` also mean that there is a value."""

_WITHOUT_A_VALUE = {"absent", "empty", "lacks"}


def differs(value: Any, wanted: Any) -> bool:
    """Return whether a value is not what is expected."""
    if not is_matcher(wanted):
        return not same(value, wanted)
    return any(
        (value is MISSING and key not in _WITHOUT_A_VALUE) or not MATCHERS[key](value, want)
        for key, want in wanted.items()
    )


def is_matcher(wanted: Any) -> bool:
    """Return whether an expectation is an object of ``MATCHERS``, and not a plain value."""
    return isinstance(wanted, Mapping) and bool(wanted) and wanted.keys() <= MATCHERS.keys()
