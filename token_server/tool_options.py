# Copyright (c) 2026 panelops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The command lines of ``whmapi1`` and ``uapi``: options may stand anywhere, all other words are the call."""

from __future__ import annotations

from dataclasses import dataclass

from token_server.formats import FORMATS

_CALL = {"whmapi1": "FUNCTION", "uapi": "MODULE FUNCTION"}
_USER = {
    "whmapi1": "the reseller to call the function as; root without it",
    "uapi": "the account to call the function as; required when root runs it",
}


class UsageError(Exception):
    """A command line that cannot be run as it was written; the text is one sentence."""


@dataclass(slots=True)
class CommandLine:
    """What a command line asks for. ``words``: the function and its parameters, in their order."""

    words: list[str]
    output: str = "yaml"
    user: str | None = None
    help: bool = False


def parse(tool: str, arguments: list[str]) -> CommandLine:
    """Return what a command line asks for. Raises ``UsageError``.

    A word that begins with ``--`` is never a parameter, so a mistyped option cannot become one.
    """
    line = CommandLine([word for word in arguments if not word.startswith("--")])
    for option in arguments:
        if option.startswith("--"):
            _take(line, tool, option)
    if not line.words and not line.help:
        raise UsageError(f"Name a function. Usage: {usage(tool)}")
    return line


def _take(line: CommandLine, tool: str, option: str) -> None:
    name, equals, value = option.partition("=")
    if option == "--help":
        line.help = True
    elif name not in ("--output", "--user"):
        raise UsageError(f'Unknown option "{name}". Usage: {usage(tool)}')
    elif not equals:
        raise UsageError(f"The option {name} needs its value in the same word: {name}=VALUE.")
    elif name == "--output":
        if value not in FORMATS:
            raise UsageError(f"The output is one of {', '.join(FORMATS)}.")
        line.output = value
    elif not value:
        # An empty variable of a script must not make a call root's.
        raise UsageError("The option --user names nobody.")
    else:
        line.user = value


def usage(tool: str) -> str:
    """Return the form of the command line."""
    return f"{tool} [options] {_CALL[tool]} [key=value ...]"


def help_text(tool: str) -> str:
    """Return what ``--help`` prints."""
    return f"""{tool}

Calls a function of the reference server, on its state folder.

{usage(tool)}

The values are URI-encoded. Options may stand before, between and after the other words.

OPTIONS:
--output=[{"|".join(FORMATS)}]
    The format of the answer; yaml without it.

--user=USER
    {_USER[tool][0].upper()}{_USER[tool][1:]}.

--help
    Prints this text.
"""
