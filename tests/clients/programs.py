# Copyright (c) 2026 panelops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Runs a client in a process with an empty environment; what it may know comes by its standard input."""

from __future__ import annotations

import json
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from tests.support.limits import patience
from tests.support.paths import REPOSITORY
from tests.support.server import Server

_CLIENTS = REPOSITORY / ".cache" / "clients"
_DRIVERS = Path(__file__).parent / "drivers"
PYTHON = _CLIENTS / "python"
"""A virtual environment; ``apart`` in it has the packages whose modules would hide those of others."""
NPM = _CLIENTS / "npm"
NODE = shutil.which("node")


@dataclass(frozen=True)
class Program:
    """An interpreter with the packages of others, and a home of its own."""

    interpreter: str
    home: Path
    environment: dict[str, str]

    def run(self, server: Server, *arguments: str, order: object = None) -> subprocess.CompletedProcess[str]:
        """Run the interpreter.

        :param order: sent to its standard input as JSON.
        """
        trusted = server.ready["ca_file"]
        names = ("REQUESTS_CA_BUNDLE", "SSL_CERT_FILE", "NODE_EXTRA_CA_CERTS")
        return subprocess.run(
            [self.interpreter, *arguments],
            input=json.dumps(order),
            env={"HOME": str(self.home), **dict.fromkeys(names, trusted), **self.environment},
            cwd=self.home,
            capture_output=True,
            text=True,
            timeout=patience(60),
            check=False,
        )

    def calls(self, server: Server, driver: str, service: str, calls: list[list[Any]], **who: str) -> list[Any]:
        """Have a driver make these calls with a package, and return what the package made of each answer.

        :param service: ``whm`` or ``cpanel``.
        """
        at = urlsplit(server.ready[service])
        order = {"host": at.hostname, "port": at.port, "trusted": server.ready["ca_file"], "calls": calls, **who}
        ran = self.run(server, str(_DRIVERS / driver), order=order)
        assert ran.returncode == 0, ran.stderr
        answers: list[Any] = json.loads(ran.stdout)
        assert len(answers) == len(calls), ran.stdout
        return answers
