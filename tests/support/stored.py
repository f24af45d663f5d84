# Copyright (c) 2026 panelops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""One token whose secret is kept in a file, on either service: what the tests of token_file work with."""

from __future__ import annotations

import stat
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from tests.support.cores import result_of_core
from tests.support.processes import run_module
from tests.support.server import Server


@dataclass
class Case:
    """One token with a file, on one of the services."""

    server: Server
    module: str
    options: dict
    create: str
    path: Path

    @property
    def wish(self) -> dict:
        return dict(name="t", token_file=str(self.path), **self.options)

    def run(self, **more: object) -> dict:
        """Run the module's core in this process."""
        return result_of_core(self.module, self.server.environment, **{**self.wish, **more})

    def process(self, **more: object) -> dict:
        """Run the module as a process."""
        return run_module(self.module, self.server.environment, **{**self.wish, **more})

    def make(self, name: str) -> str:
        """Create a token by other means."""
        return self.server.create(name) if self.create == "api_token_create" else self.server.create_for("alice", name)

    def tokens(self) -> list[str]:
        return list(self.server.tokens() if self.create == "api_token_create" else self.server.tokens_of("alice"))

    def works(self, secret: str) -> bool:
        if self.create == "api_token_create":
            return self.server.whm("version", token=secret).status_code == 200
        return self.server.accepts("alice", secret)

    def stored(self) -> str:
        return self.path.read_text(encoding="ascii").removesuffix("\n")

    def alone(self) -> bool:
        """Is there nothing in the folder but the file?"""
        return list(self.path.parent.iterdir()) == [self.path]


SERVICES = {
    "whm": ("whm_api_token", dict(acls=["list-accts"]), "api_token_create"),
    "cpanel": ("cpanel_api_token", dict(account="alice"), "Tokens::create_full_access"),
}


def mode_of(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


def wait_for(condition: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 20
    while not condition():
        assert time.monotonic() < deadline, "the condition never came true"
        time.sleep(0.01)
