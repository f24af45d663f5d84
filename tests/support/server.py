# Copyright (c) 2026 panelops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The reference server as the playbook tests use it: what the modules need to connect, and what to assert on."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import urlsplit

import requests
import yaml
from requests.adapters import HTTPAdapter

from tests.support.paths import COMMANDS
from tests.support.users import ALICE_PASSWORD
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
    def cpanel_port(self) -> int:
        return urlsplit(self.ready["cpanel"]).port or 0

    @property
    def environment(self) -> dict[str, str]:
        """For the modules: root's connection to WHM, and that of the account alice to cPanel."""
        return {
            "WHM_HOST": "127.0.0.1",
            "WHM_PORT": str(self.port),
            "WHM_USERNAME": "root",
            "WHM_PASSWORD": self.root_password,
            "WHM_CA_PATH": self.ready["ca_file"],
            "CPANEL_HOST": "127.0.0.1",
            "CPANEL_PORT": str(self.cpanel_port),
            "CPANEL_USERNAME": "alice",
            "CPANEL_PASSWORD": ALICE_PASSWORD,
            "CPANEL_CA_PATH": self.ready["ca_file"],
        }

    @property
    def on_the_server(self) -> dict[str, str]:
        """The environment of a task that runs on the server itself, where its commands are."""
        return {"PATH": f"{COMMANDS}{os.pathsep}{os.environ['PATH']}", "TOKEN_SERVER_STATE": str(self.state)}

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

    def tokens_of(self, account: str) -> dict[str, dict]:
        """The tokens of a cPanel account, as the server lists them to root."""
        return {row["name"]: row for row in self.uapi_as_root(account, "list")}

    def create_for(self, account: str, name: str, **params: object) -> str:
        """Create a token of a cPanel account as root, and answer its secret."""
        return self.uapi_as_root(account, "create_full_access", name=name, **params)["token"]

    def uapi_as_root(self, account: str, function: str, **params: object):
        """Call a function of the module Tokens for an account through WHM, and answer its data."""
        target = {"cpanel.user": account, "cpanel.module": "Tokens", "cpanel.function": function}
        answer = self.whm("uapi_cpanel", {**target, **params}).json()
        assert answer["metadata"]["result"] == 1, answer
        assert answer["data"]["uapi"]["status"] == 1, answer
        return answer["data"]["uapi"]["data"]

    def accepts(self, account: str, secret: str) -> bool:
        """Does the secret authenticate the account?"""
        answer = requests.post(
            f"{self.ready['cpanel']}/execute/Tokens/list",
            headers={"Authorization": f"cpanel {account}:{secret}"},
            verify=self.ready["ca_file"],
            timeout=10,
        )
        return answer.status_code == 200

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

    def answered(self, function: str) -> int:
        """How many calls of a function were ever carried out to their end, by the audit log."""
        return (self.state / "audit.jsonl").read_text(encoding="ascii").count(f'"function":"{function}"')

    def fault(self, function: str, kind: str, call: int = 1) -> None:
        self.control("POST", "/faults", [{"function": function, "call": call, "kind": kind}])

    def advance(self, seconds: int) -> None:
        self.control("POST", "/clock", {"advance": seconds})


@contextmanager
def serving(folder: Path, users: Mapping) -> Iterator[Server]:
    """Run a server that knows these users, its files in a folder that exists."""
    fixture = folder / "fixture.yml"
    fixture.write_text(yaml.safe_dump(users), encoding="utf-8")
    with Server(folder / "state", fixture) as server:
        yield server
