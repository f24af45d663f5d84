# Copyright (c) 2026 panelops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The audit log: one JSON line per call, with the true reason of every refusal and never a secret."""

from __future__ import annotations

import json
from pathlib import Path

from token_server.clock import Clock


class Audit:
    """Appends to ``audit.jsonl``. Parameters are never written, for any of them may be a secret."""

    def __init__(self, path: Path, clock: Clock) -> None:
        self._clock = clock
        # Line-buffered: a line is with the operating system, and so survives a kill, as soon as it is written.
        self._file = path.open("a", buffering=1, encoding="utf-8")
        self._encode = json.JSONEncoder(separators=(",", ":")).encode

    def write(
        self,
        *,
        service: str,
        user: str | None,
        token: str | None,
        peer: str | None,
        function: str,
        mutation: bool,
        outcome: str,
        reason: str,
    ) -> None:
        """Append one line; ``outcome`` is ``ok``, ``failed`` or ``denied``, ``token`` the name of the token used."""
        line = {
            "time": round(self._clock.now(), 3),
            "service": service,
            "user": user,
            "token": token,
            "peer": peer,
            "function": function,
            "mutation": mutation,
            "outcome": outcome,
            "reason": reason,
        }
        self._file.write(self._encode(line) + "\n")

    def close(self) -> None:
        """Close the file."""
        self._file.close()
