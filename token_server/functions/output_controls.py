# Copyright (c) 2026 panelops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Answers with only those rows and columns that the caller wants: filtered, then sorted, then paged, then reduced to columns.

``control_parameters`` reads what is wanted, before the function runs. This works on the answer of any function whose data is a list, or an
object with nothing but one list, or (as with API tokens) one object of objects. All other answers stay as they are.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from token_server.envelopes import UapiAnswer, WhmReply, plain
from token_server.functions.rows import Filter, Row, Sort, keeps, ordered
from token_server.refusals import Refused, quoted


@dataclass(slots=True)
class Page:
    """A part of the rows: those from ``start`` (1 is the first) on, at most ``size`` of them; without a size all of them."""

    start: int = 1
    size: int | None = None

    def take(self, rows: list[Row]) -> list[Row]:
        """Return the rows of this page."""
        begin = self.start - 1
        return rows[begin:] if self.size is None else rows[begin : begin + self.size]

    def counts(self, total: int) -> tuple[int, int, int]:
        """Return the rows of a page, the number of pages, and the number of this one, for so many rows in all."""
        size = self.size or max(total, 1)
        return size, max(1, -(-total // size)), (self.start - 1) // size + 1


@dataclass(slots=True)
class Controls:
    """What a call says about the rows of its answer. ``told``: whether WHM shall tell about its ``filter`` and its ``chunk``."""

    filters: list[Filter] = field(default_factory=list)
    sorts: list[Sort] = field(default_factory=list)
    page: Page | None = None
    columns: list[str] = field(default_factory=list)
    told: frozenset[str] = frozenset()


def on_whm(controls: Controls | None, reply: WhmReply) -> WhmReply:
    """Return the reply of a WHM function as it is wanted. Raises ``Refused``."""
    found = None if controls is None else _find(plain(reply.data))
    if controls is None or found is None:
        return reply
    matching, shown = _applied(controls, found)
    told: dict[str, object] = dict(reply.metadata or {})
    if "filter" in controls.told:
        told["filter"] = {"filtered": len(found.rows) - matching}
    if "chunk" in controls.told and controls.page is not None:
        size, chunks, current = controls.page.counts(matching)
        told["chunk"] = {
            "start": controls.page.start, "size": size, "records": matching, "chunks": chunks, "current": current,
        }  # fmt: skip
    return WhmReply(shown, reply.reason, reply.beside, told or None)


def on_uapi(controls: Controls | None, data: object) -> UapiAnswer:
    """Return the answer of a UAPI function as it is wanted. Raises ``Refused``."""
    found = None if controls is None else _find(plain(data))
    if controls is None or found is None:
        return UapiAnswer(1, data, None)
    matching, shown = _applied(controls, found)
    told: dict[str, object] = {"transformed": 1}
    if controls.filters:
        told["filter"] = {"records_before_filter": len(found.rows)}
    if controls.page is not None:
        size, pages, current = controls.page.counts(matching)
        told["paginate"] = {
            "start_result": controls.page.start, "results_per_page": size, "total_results": matching, "total_pages": pages,
            "current_page": current,
        }  # fmt: skip
    return UapiAnswer(1, shown, None, metadata=told)


@dataclass(slots=True)
class _Found:
    """The rows of an answer. ``name``: the one field of the data that has them; None if the data is a list itself."""

    rows: list[Row]
    name: str | None
    keyed: bool = False

    def rebuilt(self, rows: list[Row]) -> object:
        """Return the data with these rows."""
        container: object = dict(rows) if self.keyed else [row for _key, row in rows]
        return container if self.name is None else {self.name: container}


def _find(data: object) -> _Found | None:
    if isinstance(data, list):
        return _Found([(None, row) for row in data], None)
    if isinstance(data, dict) and len(data) == 1:
        [(name, content)] = data.items()
        if isinstance(content, list):
            return _Found([(None, row) for row in content], name)
        if isinstance(content, dict) and all(isinstance(row, dict) for row in content.values()):
            return _Found(list(content.items()), name, keyed=True)
    return None


def _applied(controls: Controls, found: _Found) -> tuple[int, object]:
    """Return how many rows the filters kept, and the data that is shown."""
    rows = [row for row in found.rows if all(keeps(condition, row[1], found.name) for condition in controls.filters)]
    matching = len(rows)
    rows = ordered(rows, controls.sorts, found.name)
    if controls.page is not None:
        rows = controls.page.take(rows)
    if controls.columns:
        _check_columns(found.rows, controls.columns)
        rows = [(key, _reduced(row, controls.columns)) for key, row in rows]
    return matching, found.rebuilt(rows)


def _check_columns(rows: list[Row], columns: list[str]) -> None:
    """Refuse columns that no row has. Some rows may lack them: an API token has ``readonly`` only where it is 1."""
    objects = [row for _key, row in rows if isinstance(row, dict)]
    if len(objects) < len(rows):
        raise Refused("The rows of this answer are single values and have no columns.", cause="no columns")
    if rows and not any(column in row for row in objects for column in columns):
        raise Refused(f"A row of this answer has no column {quoted(', '.join(columns))}.", cause="unknown columns")


def _reduced(row: object, columns: list[str]) -> dict[str, object]:
    return {column: row[column] for column in columns if column in row} if isinstance(row, dict) else {}
