# Copyright (c) 2026 panelops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The command-line tools ``whmapi1`` and ``uapi``. They work on the state folder, whether a server runs on it or not.

docs/wire-contract.md, section C5: they run as root with no credential, so they can create the first API token of a server. They
import nothing heavy, because a playbook calls them again and again.
"""

from __future__ import annotations

import os
import pwd
import sqlite3
import sys
from collections.abc import Coroutine
from pathlib import Path
from typing import TypeVar

from token_server.envelopes import UapiAnswer
from token_server.formats import FORMATS
from token_server.functions.callers import Caller, Exchange
from token_server.functions.dispatcher import Dispatcher
from token_server.parameters import Parameters, clean, from_arguments
from token_server.refusals import ServerError, quoted
from token_server.state.engine import Engine
from token_server.state.folder import StateFolder
from token_server.state.records import Account
from token_server.tool_options import UsageError, help_text, parse, usage

STATE_VARIABLE = "TOKEN_SERVER_STATE"
CALLER_VARIABLE = "TOKEN_SERVER_CALLER"

_NEEDS_ROOT = "Tokens::create_full_access"
"""docs/conformance.md, G2: this function is refused to the account itself on the command line."""

Result = TypeVar("Result")


def main(tool: str, arguments: list[str]) -> int:
    """Run one of the two tools and return its exit status: 0 if the call was made, even if it was refused."""
    os.umask(0o077)
    try:
        # Bytes that are no UTF-8 arrive as surrogates, which nothing downstream could write.
        line = parse(tool, [clean(argument) for argument in arguments])
        if line.help:
            printed = help_text(tool)
        else:
            engine = _open()
            try:
                printed = FORMATS[line.output](_TOOLS[tool](engine, line.user, line.words))
            finally:
                engine.close()
        sys.stdout.buffer.write(printed.encode("utf-8"))
        sys.stdout.flush()
    except (UsageError, ServerError) as error:
        print(f"[{tool}] {error}", file=sys.stderr)
        return 1
    except sqlite3.Error as error:
        print(f"[{tool}] The database cannot be used: {error}.", file=sys.stderr)
        return 1
    except BrokenPipeError:
        # The reader has closed the pipe; the interpreter must not complain about that again when it exits.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    return 0


def _open() -> Engine:
    """Open the state folder that the environment names."""
    folder = os.environ.get(STATE_VARIABLE)
    if not folder:
        raise UsageError(f"Set {STATE_VARIABLE} to the state folder of the server.")
    state = StateFolder(Path(folder))
    try:
        started = state.database.is_file()
    except OSError as error:
        raise UsageError(f"The state folder {state.path} cannot be read: {error.strerror}.") from error
    if not started:
        raise UsageError(f"There is no state of a token server in {state.path}: start the server once.")
    state.check_files()
    return Engine(state)


def _whmapi1(engine: Engine, user: str | None, words: list[str]) -> dict[str, object]:
    function, *rest = words
    if _caller_name(engine) != "root":
        raise UsageError("You must be root to run this program.")
    account = _account(engine, user or "root")
    if not account.uses_whm:
        raise UsageError(f"The account {quoted(account.username)} is not a reseller.")
    # The version is that of the program's name, and is not given on its command line.
    parameters = _parameters(["api.version=1", *rest])
    return _finish(Dispatcher(engine).whm(_as(account), function, parameters)).as_object()


def _uapi(engine: Engine, user: str | None, words: list[str]) -> dict[str, object]:
    if len(words) < 2:
        raise UsageError(f"Name a module and a function. Usage: {usage('uapi')}")
    module, function, *rest = words
    parameters = _parameters(rest)
    name = _caller_name(engine)
    if name == "root" and user is None:
        raise UsageError("This program must be passed the --user flag when run by root!")
    if name != "root" and user not in (None, name):
        raise UsageError(f"Only root may act for another account, and you are {quoted(name)}.")
    account = _account(engine, user or name)
    if not account.uses_cpanel:
        raise UsageError(f"{quoted(account.username)} has no cPanel account.")
    if name != "root" and f"{module}::{function}" == _NEEDS_ROOT:
        return UapiAnswer(0, None, [f"{_NEEDS_ROOT} requires root access."]).wrapped(module, function)
    caller = _as(account if name != "root" else _account(engine, "root"))
    return _finish(Dispatcher(engine).uapi(caller, account, module, function, parameters)).wrapped(module, function)


def _as(account: Account) -> Caller:
    return Caller(account, None, Exchange(service="cli", peer=None, secure=True))


def _caller_name(engine: Engine) -> str:
    """Return who runs this: root, the owner of the state folder (who might as well be), or an ordinary user."""
    named = os.environ.get(CALLER_VARIABLE)
    if named:
        return named
    if os.geteuid() in (0, engine.state.database.stat().st_uid):
        return "root"
    try:
        return pwd.getpwuid(os.geteuid()).pw_name
    except KeyError as error:
        raise UsageError(f"The user with the number {os.geteuid()} has no name on this machine.") from error


def _account(engine: Engine, username: str) -> Account:
    account = engine.store.account(username)
    if account is None:
        raise UsageError(f"There is no account named {quoted(username)}.")
    return account


def _parameters(arguments: list[str]) -> Parameters:
    try:
        return from_arguments(arguments)
    except ValueError as error:
        raise UsageError(f"{quoted(str(error))} is not of the form key=value.") from error


def _finish(call: Coroutine[object, None, Result]) -> Result:
    """Run a coroutine that never waits for anything, which spares these tools the event loop."""
    while True:
        try:
            call.send(None)
        except StopIteration as end:
            result: Result = end.value
            return result


_TOOLS = {"whmapi1": _whmapi1, "uapi": _uapi}
