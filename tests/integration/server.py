# Copyright (c) 2026 panelops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The reference server as the playbook tests use it: what the modules need to connect, and what to assert on."""

from __future__ import annotations

from pathlib import Path
from urllib.parse import urlsplit

import requests
from requests.adapters import HTTPAdapter

from token_server.testing import ReferenceServer


class _FromAddress(HTTPAdapter):
    def __init__(self, address: str) -> None:
        self._address = address
        super().__init__()

    def init_poolmanager(self, *args, **kwargs):
        super().init_poolmanager(*args, source_address=(self._address, 0), **kwargs)


class Server(ReferenceServer):
    """A running reference server."""

    def __init__(self, state: Path, fixture: Path) -> None:
        super().__init__(state, fixture=fixture)
        self.fixture = fixture

    @property
    def root_password(self) -> str:
        return Path(self.ready["root_password_file"]).read_text(encoding="utf-8").strip()

    @property
    def port(self) -> int:
        return urlsplit(self.ready["whm"]).port or 0

    @property
    def environment(self) -> dict[str, str]:
        """Root's connection for the modules."""
        return {
            "WHM_HOST": "127.0.0.1",
            "WHM_PORT": str(self.port),
            "WHM_USERNAME": "root",
            "WHM_PASSWORD": self.root_password,
            "WHM_CA_PATH": self.ready["ca_file"],
        }

    def whm(
        self, function: str, params: dict | None = None, token: str = "", user: str = "root", source: str = "127.0.0.1"
    ) -> requests.Response:
        """Call WHM with a token, or as root with the password; from another loopback address if wished."""
        with requests.Session() as session:
            session.mount("https://", _FromAddress(source))
            if token:
                session.auth = lambda request: request.headers.update(Authorization=f"whm {user}:{token}") or request
            else:
                session.auth = (user, self.root_password)
            return session.post(
                f"{self.ready['whm']}/json-api/{function}?api.version=1",
                data=params or {},
                verify=self.ready["ca_file"],
                timeout=10,
            )

    def tokens(self) -> dict[str, dict]:
        """Root's tokens, as the server lists them."""
        return self.whm("api_token_list").json()["data"]["tokens"]

    def create(self, name: str, **params: object) -> str:
        """Create a token as root, and answer its secret."""
        answer = self.whm("api_token_create", {"token_name": name, "acl": "list-accts", **params}).json()
        assert answer["metadata"]["result"] == 1, answer
        return answer["data"]["token"]

    def reset(self) -> None:
        self.control("POST", "/reset")

    def counters(self) -> dict:
        """``{function: {"calls": n, "commits": n}}`` since the last ``forget_counters``."""
        return self.control("GET", "/counters")["functions"]

    def forget_counters(self) -> None:
        self.control("DELETE", "/counters")

    def commits(self) -> dict[str, int]:
        """How often each function changed something."""
        return {name: count["commits"] for name, count in self.counters().items() if count["commits"]}

    def calls(self) -> dict[str, int]:
        """How often each function was called."""
        return {name: count["calls"] for name, count in self.counters().items() if count["calls"]}

    def fault(self, function: str, kind: str, call: int = 1) -> None:
        self.control("POST", "/faults", [{"function": function, "call": call, "kind": kind}])

    def advance(self, seconds: int) -> None:
        self.control("POST", "/clock", {"advance": seconds})
