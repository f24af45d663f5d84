# Copyright (c) 2026 panelops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Calls through ``whmapi1`` and ``uapi`` on the server itself, as root: no credential needed (docs/wire-contract.md, section C5)."""

from __future__ import annotations

import os
import shutil
import subprocess
import time
from collections.abc import Mapping
from urllib.parse import quote

from .._errors import AnswerLost, BadAnswer, PanelopsError
from .answers import object_in, words_of_text
from .transport import Params

FOLDER = "/usr/local/cpanel/bin"
"""Where cPanel & WHM has its commands; CloudLinux needs the whole path."""

_SIGNALLED = 128
"""From this exit status on, and below 0, it was a signal that ended a command, at any point of what it did."""


class CliTransport:
    """Calls by commands of the managed host.

    :param reseller: whose tokens WHM functions are about; ``None`` for root's.
    :param environ: the environment of the commands.
    :param timeout: seconds that one command may take.
    """

    def __init__(self, reseller: str | None, environ: Mapping[str, str], timeout: int) -> None:
        self._reseller = reseller
        self._environ = dict(environ)
        self._timeout = timeout

    def now(self) -> int:
        """The host's time in Unix seconds: it is the server's own."""
        return int(time.time())

    def close(self) -> None:
        """Nothing stays open."""

    def whm(self, function: str, params: Params = (), mutation: bool = False) -> dict[str, object]:
        """Call a function of WHM API 1 and return the whole decoded answer.

        :raises PanelopsError: one of the classes of ``_errors``.
        """
        user = [f"--user={self._reseller}"] if self._reseller else []
        return self._run("whmapi1", [*user, function, *_arguments(params)], function, mutation)

    def uapi(
        self, module: str, function: str, params: Params = (), mutation: bool = False, account: str | None = None
    ) -> dict[str, object]:
        """Call a UAPI function for an account and return the whole decoded answer (the wrapped envelope).

        :raises PanelopsError: one of the classes of ``_errors``. :raises ValueError: no account is named.
        """
        if account is None:
            raise ValueError("the command uapi runs as root, so it must be told whose function it is")
        arguments = [f"--user={account}", module, function, *_arguments(params)]
        return self._run("uapi", arguments, f"{module}::{function}", mutation)

    def _run(self, command: str, arguments: list[str], function: str, mutation: bool) -> dict[str, object]:
        path = self._find(command)
        try:
            done = subprocess.run(
                [path, "--output=json", *arguments],
                stdin=subprocess.DEVNULL,
                capture_output=True,
                env=self._environ,
                timeout=self._timeout,
                check=False,
            )
        except subprocess.TimeoutExpired:
            raise _lost(function, mutation, f"{command} did not end within {self._timeout} seconds") from None
        except OSError as error:
            raise PanelopsError(
                f"{path} cannot be run: {error.strerror}. The module must run on the server, as root (become: true)."
            ) from None
        answer = object_in(done.stdout)
        if answer is not None:
            return answer
        if not mutation and 0 < done.returncode < _SIGNALLED and not done.stdout.strip():
            # Most likely it never ran, for a call that did run answers. Of a mutation only the state can say that for certain.
            words = words_of_text(done.stderr) or "it wrote nothing"
            raise PanelopsError(f"{command} {function} ended with status {done.returncode}: {words}")
        words = words_of_text(done.stdout)
        told = f", but {words!r}" if words else ""
        raise _lost(function, mutation, f"{command} ended with status {done.returncode} and wrote no JSON object{told}")

    def _find(self, command: str) -> str:
        usual = os.path.join(FOLDER, command)
        found = usual if os.access(usual, os.X_OK) else shutil.which(command, path=self._environ.get("PATH"))
        if not found:
            raise PanelopsError(
                f"There is no command {command} in {FOLDER} or in the PATH. transport: cli runs on a cPanel & WHM server itself; "
                "elsewhere use transport: https."
            )
        return found


def _arguments(params: Params) -> list[str]:
    """``key=value``, the value URI-encoded as the commands expect it."""
    return [f"{key}={quote(value, safe='')}" for key, value in params]


def _lost(function: str, mutation: bool, cause: str) -> PanelopsError:
    return AnswerLost(function, cause) if mutation else BadAnswer(f"No answer to {function}: {cause}.")
