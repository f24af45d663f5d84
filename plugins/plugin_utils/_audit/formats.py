# Copyright (c) 2026 panelops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A report as JSON and as CSV."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Mapping

from .text import moment

COLUMNS = (
    "server",
    "service",
    "owner",
    "name",
    "severity",
    "kind",
    "finding",
    "remedy",
    "accepted",
    "fixed",
    "created",
    "expires",
)
_FORMULA = ("=", "+", "-", "@")


def as_json(report: Mapping) -> str:
    """The report itself, one entry a line in the long lists, so that versions of it can be compared line by line."""
    rows = ("servers", "tokens", "findings")
    parts = [f'  "{key}": {json.dumps(value)}' for key, value in report.items() if key not in rows]
    for key in rows:
        lines = ",\n".join(f"    {json.dumps(each)}" for each in report[key])
        parts.append(f'  "{key}": [\n{lines}\n  ]' if lines else f'  "{key}": []')
    return "{\n" + ",\n".join(parts) + "\n}\n"


def as_csv(report: Mapping) -> str:
    """One row for each finding; a token without one has no row.

    A text that a spreadsheet would run as a formula gets an apostrophe in front.
    """
    tokens = {_key(token): token for token in report["tokens"]}
    stream = io.StringIO()
    writer = csv.writer(stream, lineterminator="\r\n")
    writer.writerow(COLUMNS)
    for each in report["findings"]:
        token = tokens.get(_key(each), {})
        cells = dict(
            each,
            finding=each["sentence"],
            fixed="yes" if each["fixed"] else "no",
            created=_time(token.get("create_time")),
            expires=_time(token.get("expires_at")) or ("never" if token else ""),
        )
        writer.writerow(harmless(cells[column]) for column in COLUMNS)
    return stream.getvalue()


def harmless(cell: object) -> str:
    """The text of a cell, such that no spreadsheet runs it as a formula."""
    text = "" if cell is None else str(cell)
    return f"'{text}" if text.lstrip().startswith(_FORMULA) else text


def _key(entry: Mapping) -> tuple:
    return tuple(entry[key] for key in ("server", "service", "owner", "name"))


def _time(seconds: int | None) -> str:
    return "" if seconds is None else moment(seconds)
