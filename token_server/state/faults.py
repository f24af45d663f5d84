# Copyright (c) 2026 panelops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Planned failures, for those who test clients: what goes wrong, and at which call."""

from __future__ import annotations

import os
import re
import signal
from dataclasses import dataclass

ANY = "*"

_REPLACING = frozenset({"html", "login_redirect"})
_MANGLING = frozenset({"truncated_json", "not_json"})
_BREAKING = frozenset({"drop_before_commit", "drop_after_commit", "kill_before_commit", "kill_after_commit"})
ANSWER_WITHOUT_COMMIT = "answer_without_commit"
"""The function answers as ever, and nothing that it does is kept: a token store that cannot be written, such as an immutable file."""

_STATUS = re.compile(r"status:([2-5][0-9]{2})")
_DELAY = re.compile(r"delay:([0-9]{1,4}(?:\.[0-9]{1,6})?)")


class AnswerReplaced(Exception):
    """The answer to the whole request is to be this ``kind`` of fault, and the function was not executed."""

    def __init__(self, kind: str) -> None:
        super().__init__(kind)
        self.kind = kind


class ConnectionDropped(Exception):
    """The connection is to be cut without an answer."""


@dataclass(slots=True)
class Fault:
    """One planned failure: at the ``call``-th call (1 = the next) of ``function``, of any function for ``*``."""

    function: str
    call: int
    kind: str

    async def before(self) -> None:
        """Do what is due before the function is executed."""
        if self.kind in _REPLACING or _STATUS.fullmatch(self.kind):
            raise AnswerReplaced(self.kind)
        delay = _DELAY.fullmatch(self.kind)
        if delay is not None:
            # Imported here because the command-line tools, which never come here, start faster without it.
            import asyncio

            await asyncio.sleep(float(delay[1]))
        self._cut("before")

    def after(self) -> str | None:
        """Do what is due after the function was executed; return how the answer is to be mangled, if it is."""
        self._cut("after")
        return self.kind if self.kind in _MANGLING else None

    def _cut(self, moment: str) -> None:
        if self.kind == f"kill_{moment}_commit":
            os.kill(os.getpid(), signal.SIGKILL)
        if self.kind == f"drop_{moment}_commit":
            raise ConnectionDropped


def status_of(kind: str) -> int | None:
    """Return the HTTP status that a fault of the kind ``status:NNN`` answers with, or None."""
    match = _STATUS.fullmatch(kind)
    return None if match is None else int(match[1])


def parse(description: object) -> Fault:
    """Return the fault that a JSON object describes. Raises ``ValueError`` with a sentence."""
    if not isinstance(description, dict) or set(description) - {"function", "call", "kind"}:
        raise ValueError('A fault is an object with the keys "function", "call" and "kind".')
    function, call, kind = description.get("function"), description.get("call", 1), description.get("kind")
    if not isinstance(function, str) or not function:
        raise ValueError('The "function" of a fault is a name such as "api_token_create" or "Tokens::list", or "*".')
    if not isinstance(call, int) or isinstance(call, bool) or call < 1:
        raise ValueError('The "call" of a fault is an integer from 1 (the next call).')
    simple = _REPLACING | _MANGLING | _BREAKING | {ANSWER_WITHOUT_COMMIT}
    if not isinstance(kind, str) or not (kind in simple or _STATUS.fullmatch(kind) or _DELAY.fullmatch(kind)):
        listed = ", ".join(sorted(simple))
        raise ValueError(f'The "kind" of a fault is one of {listed}, "status:NNN" or "delay:SECONDS".')
    return Fault(function, call, kind)


class Faults:
    """The faults that have not fired yet."""

    def __init__(self) -> None:
        self._pending: list[Fault] = []

    def add(self, faults: list[Fault]) -> None:
        """Plan faults; their calls are counted from now on."""
        self._pending.extend(faults)

    def clear(self) -> None:
        """Forget all planned faults."""
        self._pending.clear()

    def take(self, function: str) -> list[Fault]:
        """Count one call of a function and return the faults that are due at it. Each fires this once."""
        if not self._pending:
            return []
        due = []
        for fault in self._pending:
            if fault.function in (function, ANY):
                fault.call -= 1
                if fault.call == 0:
                    due.append(fault)
        self._pending = [fault for fault in self._pending if fault.call > 0]
        return due
