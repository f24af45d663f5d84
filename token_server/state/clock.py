# Copyright (c) 2026 panelops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The server's clock, which tests may set. It keeps ticking from wherever it is put."""

from __future__ import annotations

import time
from email.utils import formatdate

from token_server.rules import LATEST_TIME
from token_server.state.database import Database

_SETTING = "clock_offset"


class Clock:
    """Real time plus an offset that is kept in the database, so that a restart and the command-line tools share it."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._offset = float(database.setting(_SETTING) or 0)
        self._date_second = -1
        self._date = b""

    def now(self) -> float:
        """Return the server's time: Unix seconds with a fraction."""
        return time.time() + self._offset

    def seconds(self) -> int:
        """Return the server's time in whole Unix seconds."""
        return int(time.time() + self._offset)

    def set(self, moment: float) -> None:
        """Make this Unix time the present. Raises ``ValueError`` outside the years 1970 to 9999."""
        self._move(moment - time.time())

    def advance(self, seconds: float) -> None:
        """Move the clock by so many seconds (negative: back). Raises ``ValueError`` outside 1970 to 9999."""
        self._move(self._offset + seconds)

    def use_real_time(self) -> None:
        """Go back to the time of the machine."""
        self._move(0.0)

    def _move(self, offset: float) -> None:
        if not 0 <= time.time() + offset <= LATEST_TIME:
            raise ValueError("The clock can only show a time between the years 1970 and 9999.")
        self._database.set_setting(_SETTING, repr(offset))
        self._offset = offset
        self._date_second = -1

    def http_date(self) -> bytes:
        """Return the server's time for the ``Date`` header."""
        second = self.seconds()
        if second != self._date_second:
            self._date = formatdate(second, usegmt=True).encode("ascii")
            self._date_second = second
        return self._date
