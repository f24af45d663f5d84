# Copyright (c) 2026 panelops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The log files that real servers write too: which requests API tokens authenticated, and who changed WHM tokens.

The rules: docs/wire-contract.md, section C8.
"""

from __future__ import annotations

import re
import time
from pathlib import Path

from token_server.refusals import ServerError
from token_server.state.clock import Clock
from token_server.state.log_file import LogFile

_APART = 0.0005
"""Seconds: a line that comes so soon after another one waits for more, because writing costs more than everything else here."""

_PATIENCE = 0.01
"""Seconds that it waits at most."""

_UNPRINTABLE = re.compile(r"[^ -~]")


class ApiTokensLog:
    """``logs/api_tokens_log``: a line for each request to WHM that an API token authenticated.

    ``host``: whether lines have the field ``Host:``, as those of current versions do. Raises ``ServerError`` if the file cannot be written.
    """

    def __init__(self, path: Path, clock: Clock, *, host: bool, limit: int) -> None:
        self._clock = clock
        self.host = host
        self._stamped = -1
        self._stamp = ""
        self._written = 0.0
        self._waiting: list[str] = []
        self._file = LogFile(path, limit=limit, kept_open=True)
        try:
            path.parent.mkdir(mode=0o700, exist_ok=True)
            if path.parent.is_symlink():
                raise OSError(f"{path.parent} is a link")
            self._file.open()
        except OSError as error:
            raise ServerError(f"The log file {path} cannot be written: {error.strerror or error}.") from error

    def write(self, peer: str | None, status: int, user: str, token: str, request: tuple[str, bytes, str]) -> None:
        """Append the line of an answered request; ``request`` is its method, the target as it was sent, and the version of HTTP."""
        now = self._clock.now()
        second = int(now)
        if second != self._stamped:
            self._stamped, self._stamp = second, time.strftime("%Y-%m-%d %H:%M:%S %z", time.localtime(second))
        method, target, version = request
        shown = target.decode("latin-1")
        if not (shown.isascii() and shown.isprintable()):
            shown = _UNPRINTABLE.sub(_escaped, shown)
        host = f"Host: ['{peer}'] " if self.host else ""
        self._waiting.append(
            f"[{self._stamp}] info [whostmgrd] {host}HTTP Status: ['{status}'], User: ['{user}'], Token Name: ['{token}'], "
            f"Request: ['{method} {shown} HTTP/{version}']\n"
        )
        if len(self._waiting) > 1:
            return
        if not 0 <= now - self._written < _APART:
            self.flush()
        else:
            # Imported here because the command-line tools never come here, and start faster without it.
            import asyncio

            asyncio.get_running_loop().call_later(_PATIENCE, self.flush)

    def flush(self) -> None:
        """Write the lines that wait."""
        if self._waiting:
            self._file.append("".join(self._waiting).encode("ascii"))
            self._waiting.clear()
            self._written = self._clock.now()

    def close(self) -> None:
        """Write what waits, and close the file."""
        self.flush()
        self._file.close()


class AccountingLog:
    """``accounting.log``: a line for each change of a WHM token. The command-line tools write to it too.

    ``limit`` is given by the server only, because only one process may rotate a file.
    """

    def __init__(self, path: Path, clock: Clock, *, limit: int | None) -> None:
        self._clock = clock
        self._file = LogFile(path, limit=limit, kept_open=False)

    def write(self, operation: str, user: str, token: str) -> None:
        """Append a line; ``operation`` is ``CREATE``, ``UPDATE`` or ``REVOKE``, ``user`` who called and whose token it is."""
        stamp = time.asctime(time.localtime(self._clock.seconds()))
        self._file.append(f"{stamp}:{operation}APITOKEN:{user}:{user}:not-applicable:{token}\n".encode("ascii"))

    def close(self) -> None:
        """Wait for what is still being compressed."""
        self._file.close()


def _escaped(character: re.Match[str]) -> str:
    return f"\\x{ord(character[0]):02x}"
