# Copyright (c) 2026 panelops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Times as the pages show them and take them. Server time is UTC, by the server's own clock."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, time

from token_server.refusals import Refused, quoted

_DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_LAST_SECOND = time(23, 59, 59, tzinfo=UTC)


def shown(second: int) -> str:
    """Return a Unix time as ``MM DD YYYY hh:mm:ss`` (docs/conformance.md, G4)."""
    return _moment(second).strftime("%m %d %Y %H:%M:%S")


def iso(second: int) -> str:
    """Return a Unix time for machines."""
    return _moment(second).strftime("%Y-%m-%dT%H:%M:%SZ")


def day(second: int) -> str:
    """Return the day of a Unix time as ``YYYY-MM-DD``."""
    return _moment(second).date().isoformat()


def a_year_after(second: int) -> str:
    """Return the same day of the next year; of 29 February the day before (docs/conformance.md, G4: "one year from the current date")."""
    today = _moment(second).date()
    year = min(today.year + 1, date.max.year)
    try:
        return today.replace(year=year).isoformat()
    except ValueError:
        return today.replace(year=year, day=28).isoformat()


def end_of_day(text: str, field: str) -> int:
    """Return the last second of a day ``YYYY-MM-DD`` in Unix time (docs/conformance.md, G4: "11:59:59 PM, server time").

    Raises ``Refused``; ``field`` says where the text came from.
    """
    try:
        if _DAY.fullmatch(text) is None:
            raise ValueError("not of this form")
        given_day = date.fromisoformat(text)
    except ValueError as error:
        raise Refused(
            f"Invalid {quoted(field)}: it must be a date in the format YYYY-MM-DD.", cause="invalid date"
        ) from error
    return int(datetime.combine(given_day, _LAST_SECOND).timestamp())


def _moment(second: int) -> datetime:
    return datetime.fromtimestamp(second, UTC)
