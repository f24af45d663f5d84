# Copyright (c) 2026 panelops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""One token whose secret is in a file, on either service."""

from __future__ import annotations

import stat
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
        """Create a token without the module, and return its secret."""
        if self.create == "api_token_create":
            return self.server.whm_token(name, acl="list-accts")
        return self.server.uapi_token(name)

    def tokens(self) -> list[str]:
        return list(self.server.whm_tokens() if self.create == "api_token_create" else self.server.uapi_tokens())

    def works(self, secret: str) -> bool:
        if self.create == "api_token_create":
            return self.server.whm_accepts(secret)
        return self.server.uapi_accepts(secret)

    def stored(self) -> str:
        return self.path.read_text(encoding="ascii").removesuffix("\n")

    def alone(self) -> bool:
        """Return whether the folder holds nothing but the file."""
        return list(self.path.parent.iterdir()) == [self.path]


SERVICES = {
    "whm": ("whm_api_token", dict(acls=["list-accts"]), "api_token_create"),
    "cpanel": ("cpanel_api_token", dict(account="alice"), "Tokens::create_full_access"),
}


def mode_of(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)
