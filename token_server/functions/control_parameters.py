# Copyright (c) 2026 panelops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The output controls among the parameters of a call: ``api.filter...``, ``api.sort...``, paging and ``api.columns...``.

The vendor documents them for every function, those of WHM and of UAPI under different names (WHM: "Filter Output", "Sort Output", "Paginate
Output", "Output Columns"; cPanel: "Filters", "Sorting", "Paginate"). They are read before the function runs, so that a mistake in them is
refused before anything changes.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Mapping

from token_server import account_rules, rules
from token_server.functions.output_controls import Controls, Page
from token_server.functions.rows import LEXICOGRAPHIC, METHODS, UNLIMITED, Filter, Sort, is_numeric
from token_server.parameters import Parameters
from token_server.refusals import Refused, missing, quoted

WHM_TYPES = (
    *("==", "lt", "lt_equal", "lt_handle_unlimited", "gt", "gt_equal", "gt_handle_unlimited"),
    *("begins", "contains", "eq"),
)
UAPI_TYPES = (
    *("eq", "ne", "lt", "lt_handle_unlimited", "gt", "gt_handle_unlimited"),
    *("contains", "begins", "ends", "matches", "defined", "undefined"),
)
_NO_TERM = ("defined", "undefined")
_TEXT_OR_NUMBER = ("eq", "ne")
_TEXT = ("begins", "contains", "ends", "matches")

_ALL_ROWS = "-1"
"""What the vendor's own client sends as the first row when it wants all of them."""

_MOST = 20
"""Filters, or sorts, of one call: each of them looks at every row."""
_MOST_COLUMNS = 100

_WHM_CONTROLS = ("api.filter.", "api.sort.", "api.chunk.", "api.columns.")
_UAPI_CONTROLS = ("api.filter", "api.sort", "api.paginate", "api.columns")

_LETTERS = re.compile(r"[a-z]{1,4}")
_UAPI_NAME = re.compile(r"(filter|sort|columns)(?:_(column|term|type|method|reverse))?(?:_([0-9]{1,4}))?")
_PAGINATE = ("paginate", "paginate_start", "paginate_size", "paginate_page")

Given = Mapping[str, str]
"""The parameters whose names begin with ``api.``, without that."""


def of_whm(parameters: Parameters) -> Controls | None:
    """Return the output controls of a call of WHM API 1, None if there are none. Raises ``Refused``."""
    if not parameters.any_begins_with(_WHM_CONTROLS):
        return None
    given = parameters.beginning_with("api.")
    kinds = [kind for kind in ("filter", "sort", "chunk", "columns") if _switch(given, f"{kind}.enable", default=False)]
    if not kinds:
        return None
    controls = Controls()
    controls.told = frozenset(kind for kind in kinds if _switch(given, f"{kind}.verbose", default=False))
    if "filter" in kinds:
        for parts in _lettered(given, "filter", ("field", "arg0", "type")):
            controls.filters.append(_filter(given, *parts, WHM_TYPES))
    if "sort" in kinds:
        for parts in _lettered(given, "sort", ("field", "method", "reverse")):
            controls.sorts.append(_sort(given, *parts))
    if "chunk" in kinds:
        _refuse_others(given, "chunk.", {"chunk.enable", "chunk.verbose", "chunk.start", "chunk.size"})
        controls.page = Page(_first(given, "chunk.start", least=1), _size(given, "chunk.size"))
    if "columns" in kinds:
        names = [
            name for name in given if _LETTERS.fullmatch(name.removeprefix("columns.")) and name != "columns.enable"
        ]
        _refuse_others(given, "columns.", {"columns.enable", *names})
        _need(names, "columns.a", _MOST_COLUMNS)
        controls.columns = [given[name] for name in sorted(names)]
    return _checked(controls)


def of_uapi(parameters: Parameters) -> Controls | None:
    """Return the output controls of a call of UAPI, None if there are none. Raises ``Refused``.

    Their switches may be left out, as the vendor's own client does.
    """
    if not parameters.any_begins_with(_UAPI_CONTROLS):
        return None
    given = parameters.beginning_with("api.")
    controls = Controls()
    for number in _numbers(given, "filter", ("column", "term", "type")):
        names = (f"filter_column{number}", f"filter_term{number}", f"filter_type{number}")
        controls.filters.append(_filter(given, *names, UAPI_TYPES))
    for number in _numbers(given, "sort", ("column", "method", "reverse")):
        controls.sorts.append(_sort(given, f"sort_column{number}", f"sort_method{number}", f"sort_reverse{number}"))
    if _switch(given, "paginate", default=any(name in given for name in _PAGINATE)):
        _refuse_others(given, "paginate_", set(_PAGINATE))
        controls.page = _uapi_page(given)
    controls.columns = [given[f"columns{number}"] for number in _numbers(given, "columns", ())]
    return _checked(controls) if controls != Controls() else None


def _lettered(given: Given, kind: str, parts: tuple[str, str, str]) -> list[tuple[str, str, str]]:
    """Return the three names of each filter or sort of WHM, in the order of their letters."""
    letters: set[str] = set()
    for name in given:
        prefix, letter, part = (*name.split(".", 2), "", "")[:3]
        if prefix == kind and part in parts and _LETTERS.fullmatch(letter):
            letters.add(letter)
        elif name.startswith(f"{kind}.") and name not in (f"{kind}.enable", f"{kind}.verbose"):
            raise _unknown(name)
    _need(letters, f"{kind}.a.{parts[0]}", _MOST)
    first, second, third = parts
    return [
        (f"{kind}.{letter}.{first}", f"{kind}.{letter}.{second}", f"{kind}.{letter}.{third}")
        for letter in sorted(letters)
    ]


def _numbers(given: Given, kind: str, parts: tuple[str, ...]) -> list[str]:
    """Return what ends the names of each filter, sort or column of UAPI: nothing, or ``_0``, ``_1`` and so on."""
    found: set[str] = set()
    for name in given:
        part, number = _split(name, kind)
        if part in parts or (not parts and part == "" and number):
            found.add(number)
        elif part != "" and name.startswith(f"{kind}_"):
            raise _unknown(name)
    if not _switch(given, kind, default=bool(found)):
        return []
    _need(found, f"{kind}_{parts[0]}" if parts else f"{kind}_0", _MOST if parts else _MOST_COLUMNS)
    ends = [f"_{number}" if number else "" for number in sorted(found, key=lambda number: int(number or -1))]
    # A numbered switch (api.filter_1=0) turns off the filter or sort of its number.
    return [end for end in ends if not parts or not end or _switch(given, f"{kind}{end}", default=True)]


def _split(name: str, kind: str) -> tuple[str, str]:
    """Return the part and the number in a name such as ``filter_column_0``; the part is "?" if it is no such name."""
    match = _UAPI_NAME.fullmatch(name)
    return (match[2] or "", match[3] or "") if match is not None and match[1] == kind else ("?", "")


def _filter(given: Given, field: str, term: str, kind: str, types: tuple[str, ...]) -> Filter:
    chosen = given.get(kind) or "contains"
    if chosen not in types:
        raise _invalid(kind, f"it must be one of {', '.join(types)}")
    if field not in given or (term not in given and chosen not in _NO_TERM):
        raise missing(f"api.{term if field in given else field}")
    sought = given.get(term, "")
    # Every text contains an empty one: a script whose variable is empty must not get every row.
    if sought == "" and chosen in _TEXT:
        raise _invalid(term, "it must not be empty")
    if chosen not in (*_TEXT, *_TEXT_OR_NUMBER, *_NO_TERM):
        unlimited = chosen.endswith("unlimited") and sought == UNLIMITED
        if not is_numeric(sought) and not unlimited:
            raise _invalid(term, f"{quoted(chosen)} compares numbers")
    return Filter(given[field], chosen, sought, _found_in(sought, term) if chosen == "matches" else None)


def _found_in(pattern: str, name: str) -> Callable[[str], bool]:
    """Return a function that tells whether a regular expression is found in a text, and that nobody can hang the server with."""
    return account_rules.search(pattern, f"api.{name}")


def _sort(given: Given, field: str, method: str, reverse: str) -> Sort:
    chosen = given.get(method) or LEXICOGRAPHIC
    if chosen not in METHODS:
        raise _invalid(method, f"it must be one of {', '.join(METHODS)}")
    if not given.get(field):
        raise missing(f"api.{field}")
    return Sort(given[field], chosen, _switch(given, reverse, default=False), f"api.{method}")


def _uapi_page(given: Given) -> Page:
    """Return the page that UAPI's three numbers name.

    The documentation counts pages from the first row that is given. The vendor's own pages send the first row of the page that they
    want, and also its number.
    """
    start, size = _first(given, "paginate_start", least=0), _size(given, "paginate_size")
    page = _whole(given, "paginate_page", 0) or 1
    if page == 1 or size is None or start == (page - 1) * size + 1:
        return Page(start, size)
    return Page(start + (page - 1) * size, size)


def _first(given: Given, name: str, *, least: int) -> int:
    return 1 if given.get(name) == _ALL_ROWS else max(_whole(given, name, least) or 1, 1)


def _size(given: Given, name: str) -> int | None:
    return _whole(given, name, 1)


def _whole(given: Given, name: str, least: int) -> int | None:
    text = given.get(name)
    if text is None:
        return None
    if not re.fullmatch("[0-9]{1,9}", text) or int(text) < least:
        raise _invalid(name, f"it must be a whole number from {least} on")
    return int(text)


def _checked(controls: Controls) -> Controls:
    """Refuse what the documentation excludes: "you must use a displayed column as a sort key"."""
    for sort in controls.sorts:
        if controls.columns and sort.field not in controls.columns:
            raise Refused(
                f"You can sort by a displayed column only, and {quoted(sort.field)} is none of the columns that you ask for.",
                cause="sort by a column that is not displayed",
            )
    return controls


def _switch(given: Given, name: str, *, default: bool) -> bool:
    return rules.boolean(given[name], f"api.{name}") if name in given else default


def _refuse_others(given: Given, prefix: str, known: set[str]) -> None:
    for name in given:
        if name.startswith(prefix) and name not in known:
            raise _unknown(name)


def _need(found: Collection[str], name: str, most: int) -> None:
    if not found:
        raise missing(f"api.{name}")
    if len(found) > most:
        raise Refused(
            f"A call may have at most {most} output controls such as {quoted(f'api.{name}')}.",
            cause="too many output controls",
        )


def _unknown(name: str) -> Refused:
    return Refused(f"There is no output control named {quoted(f'api.{name}')}.", cause="unknown output control")


def _invalid(name: str, rule: str) -> Refused:
    return Refused(f"Invalid {quoted(f'api.{name}')}: {rule}.", cause="invalid output control")
