# Copyright (c) 2026 panelops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Many calls in one: WHM's ``batch`` and UAPI's ``Batch::strict`` (docs/wire-contract.md, section C4)."""

from __future__ import annotations

import json
from collections.abc import Generator
from types import coroutine

from token_server import rules
from token_server.envelopes import Rendered, UapiAnswer, WhmAnswer, WhmReply
from token_server.functions.callers import Caller
from token_server.functions.contracts import Calls, UapiComposite, WhmComposite
from token_server.parameters import Parameters, clean, from_json, from_text
from token_server.refusals import Refused, missing
from token_server.state.records import Account

MAX_DEPTH = 2
"""A batch may contain batches, and those no further ones."""

MAX_COMMANDS = 10_000
"""Inner calls of one request, at all depths together."""

MAX_ANSWERS = 64 * 1024 * 1024
"""Bytes of the answers in a batch, after which no further command is run: each of them can list many thousand rows."""


_TOO_LONG = "This command was not run: the answers of the batch are too long already."


@coroutine
def _let_others_run() -> Generator[None, None, None]:
    """Let other requests run once. (A bare ``yield`` works without any event loop, in the tools too.)"""
    yield


async def batch(calls: Calls, caller: Caller, parameters: Parameters, depth: int) -> WhmAnswer:
    """Run WHM functions in order. With ``abort_on_error=1`` the first failure ends it.

    The answers of the commands are there whatever the result of the batch itself.
    """
    abort = rules.boolean(parameters.one("abort_on_error") or "0", "abort_on_error")
    commands = _commands(parameters, depth)
    answers: list[bytes] = []
    failed = False
    for command in commands:
        _count(caller)
        function, _mark, query = command.partition("?")
        try:
            inner = from_text(query)
        except ValueError as error:
            raise Refused("A command of the batch has too many parameters.", cause="too many parameters") from error
        if _full(caller):
            # Those that were given stay: they may hold secrets.
            answer = WhmAnswer(function[:100], 0, WhmReply(reason=_TOO_LONG))
        else:
            answer = await calls.whm(caller, function, inner, depth + 1)
        _keep(caller, answers, answer.as_json())
        failed = failed or answer.result != 1
        if abort and failed:
            break
        await _let_others_run()
    if failed and calls.engine.dialect.batch == "zero":
        return WhmAnswer("batch", 0, WhmReply(_joined(answers, "result"), reason="One or more commands failed."))
    return WhmAnswer("batch", 1, WhmReply(_joined(answers, "result")))


async def strict(calls: Calls, caller: Caller, account: Account, parameters: Parameters, depth: int) -> UapiAnswer:
    """Run UAPI functions in order, each given as a JSON array; the first failure ends it and fails the batch."""
    commands = [_parsed(number, text) for number, text in enumerate(_commands(parameters, depth), start=1)]
    answers: list[bytes] = []
    for number, (module, function, inner) in enumerate(commands, start=1):
        _count(caller)
        if _full(caller):
            answer = UapiAnswer(0, None, [_TOO_LONG])
        else:
            answer = await calls.uapi(caller, account, module, function, inner, depth + 1)
        _keep(caller, answers, answer.as_json())
        if answer.status != 1:
            errors = [f"Command {number} of the batch ({module[:100]}::{function[:100]}) failed.", *answer.errors]
            return UapiAnswer(0, _joined(answers), errors)
        await _let_others_run()
    return UapiAnswer(1, _joined(answers), None)


def _full(caller: Caller) -> bool:
    return caller.exchange.answered > MAX_ANSWERS


def _keep(caller: Caller, answers: list[bytes], answer: bytes) -> None:
    caller.exchange.answered += len(answer)
    answers.append(answer)


def _joined(answers: list[bytes], name: str | None = None) -> Rendered:
    """Return the answers as a list, or as an object with this one list."""
    listed = b"[" + b",".join(answers) + b"]"
    return Rendered(listed if name is None else b'{"%b":%b}' % (name.encode("ascii"), listed))


def _commands(parameters: Parameters, depth: int) -> list[str]:
    """Return the inner commands, in their order."""
    if depth >= MAX_DEPTH:
        raise Refused(f"A batch may not be nested more than {MAX_DEPTH} deep.", cause="batch nested too deep")
    commands = parameters.many("command")
    if not commands:
        raise missing("command")
    return commands


def _count(caller: Caller) -> None:
    caller.exchange.commands += 1
    if caller.exchange.commands > MAX_COMMANDS:
        raise Refused(f"A batch may run at most {MAX_COMMANDS} commands.", cause="too many commands")


def _parsed(number: int, text: str) -> tuple[str, str, Parameters]:
    """Return module, function and parameters of one command of ``Batch::strict``."""
    try:
        command = json.loads(text)
        if not isinstance(command, list) or not 2 <= len(command) <= 3:
            raise ValueError("not an array of two or three")
        module, function = command[:2]
        if not isinstance(module, str) or not isinstance(function, str):
            raise ValueError("not a name")
        inner = from_json(command[2] if len(command) == 3 else {})
    except (ValueError, RecursionError) as error:
        raise Refused(
            f"Command {number} of the batch is not a JSON array of the form "
            '["MODULE", "FUNCTION", {"parameter": "value"}].',
            cause="malformed batch command",
        ) from error
    return clean(module), clean(function), inner


WHM_FUNCTIONS: dict[str, WhmComposite] = {"batch": batch}
UAPI_FUNCTIONS: dict[str, UapiComposite] = {"Batch::strict": strict}
