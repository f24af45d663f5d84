# Copyright (c) 2026 panelops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The audit log: one JSON line per call, with the true reason of every refusal and never a secret."""

from __future__ import annotations

import os
from json.encoder import encode_basestring_ascii
from pathlib import Path

from token_server.state.clock import Clock


class Audit:
    """Appends to ``audit.jsonl``. Parameters are never written, for any of them may be a secret."""

    def __init__(self, path: Path, clock: Clock) -> None:
        self._clock = clock
        # Written without any buffer, one line at a time: it is with the operating system, and so survives a kill.
        flags = os.O_WRONLY | os.O_APPEND | os.O_CREAT | os.O_CLOEXEC | os.O_NOFOLLOW
        self._descriptor = os.open(path, flags, 0o600)

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
        """Append one line; ``outcome`` is ``ok``, ``failed`` or ``denied``, ``token`` the name of the token used.

        ``service``, ``function`` and ``outcome`` are words of this program, never of a client.
        """
        # By hand, as this is on the way of every call: the same JSON costs a third of what the encoder takes.
        line = (
            f'{{"time":{self._clock.now():.3f},"service":"{service}","user":{_quoted(user)},"token":{_quoted(token)},'
            f'"peer":{_quoted(peer)},"function":"{function}","mutation":{"true" if mutation else "false"},'
            f'"outcome":"{outcome}","reason":{_quoted(reason)}}}\n'
        )
        os.write(self._descriptor, line.encode("ascii"))

    def close(self) -> None:
        """Close the file."""
        os.close(self._descriptor)


def _quoted(text: str | None) -> str:
    return "null" if text is None else encode_basestring_ascii(text)
