# Copyright (c) 2026 panelops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A running reference server with the calls that the tests make of it, over real sockets."""

from __future__ import annotations

import json
import os
from http.cookiejar import DefaultCookiePolicy
from pathlib import Path
from typing import Any

import requests
from requests.adapters import HTTPAdapter

from token_server.testing import ReferenceServer

FIXTURE = """
root: {password: root-password}
resellers:
  - {username: reseller, password: reseller-password, domain: reseller.example,
     acls: [manage-api-tokens, list-accts, acct-summary, create-acct, kill-acct, suspend-acct, edit-account, passwd,
            cpanel-api]}
  - {username: rival, password: rival-password, domain: rival.example, acls: [manage-api-tokens]}
accounts:
  - {username: alice, password: alice-password, domain: alice.example}
  - {username: bob, password: bob-password, domain: bob.example, owner: reseller}
  - {username: mailonly, password: mailonly-password, domain: mailonly.example, features: [popaccts]}
"""

ROOT = ("root", "root-password")
RESELLER = ("reseller", "reseller-password")
ALICE = ("alice", "alice-password")
BOB = ("bob", "bob-password")

Credentials = tuple[str, str] | str | None


class FromAddress(HTTPAdapter):
    """Connects from a given loopback address."""

    def __init__(self, address: str) -> None:
        self._address = address
        super().__init__()

    def init_poolmanager(self, *args: Any, **options: Any) -> None:
        super().init_poolmanager(*args, source_address=(self._address, 0), **options)


class Reference:
    """Credentials are a pair for Basic, a text for the ``Authorization`` header, or None."""

    def __init__(self, server: ReferenceServer) -> None:
        self.server = server
        self._sessions: dict[str, requests.Session] = {}

    def _session(self, source: str) -> requests.Session:
        if source not in self._sessions:
            session = requests.Session()
            session.trust_env = False
            # Each request sends the cookies that the test gives it, and no others.
            session.cookies.set_policy(DefaultCookiePolicy(allowed_domains=[]))
            session.verify = self.server.ready["ca_file"]
            for scheme in ("https://", "http://"):
                session.mount(scheme, FromAddress(source))
            self._sessions[source] = session
        return self._sessions[source]

    def request(
        self,
        listener: str,
        path: str,
        credentials: Credentials = None,
        *,
        method: str = "POST",
        source: str = "127.0.0.1",
        **options: Any,
    ) -> requests.Response:
        """Send one request to a listener of the ready file."""
        headers = dict(options.pop("headers", {}))
        if isinstance(credentials, str):
            headers["Authorization"] = credentials
        return self._session(source).request(
            method,
            self.server.ready[listener] + path,
            auth=credentials if isinstance(credentials, tuple) else None,
            headers=headers,
            timeout=20,
            allow_redirects=False,
            **options,
        )

    def whm(self, function: str, credentials: Credentials = ROOT, /, **parameters: Any) -> dict[str, Any]:
        """Call a WHM function and return the whole answer."""
        response = self.request("whm", f"/json-api/{function}?api.version=1", credentials, data=parameters)
        assert response.status_code == 200, response.text
        return response.json()

    def whm_ok(self, function: str, credentials: Credentials = ROOT, /, **parameters: Any) -> Any:
        """Call a WHM function that must succeed and return its data."""
        answer = self.whm(function, credentials, **parameters)
        assert answer["metadata"]["result"] == 1, answer
        return answer.get("data")

    def whm_refused(self, function: str, credentials: Credentials = ROOT, /, **parameters: Any) -> str:
        """Call a WHM function that must be refused and return the reason."""
        answer = self.whm(function, credentials, **parameters)
        assert answer["metadata"]["result"] == 0, answer
        assert "data" not in answer
        return answer["metadata"]["reason"]

    def uapi(self, function: str, credentials: Credentials = ALICE, /, **parameters: Any) -> dict[str, Any]:
        """Call a UAPI function (``Module::function``) and return the flat answer."""
        response = self.request("cpanel", f"/execute/{function.replace('::', '/')}", credentials, data=parameters)
        assert response.status_code == 200, response.text
        return response.json()

    def uapi_ok(self, function: str, credentials: Credentials = ALICE, /, **parameters: Any) -> Any:
        """Call a UAPI function that must succeed and return its data."""
        answer = self.uapi(function, credentials, **parameters)
        assert (answer["status"], answer["errors"]) == (1, None), answer
        return answer["data"]

    def uapi_refused(self, function: str, credentials: Credentials = ALICE, /, **parameters: Any) -> str:
        """Call a UAPI function that must be refused and return the first error."""
        answer = self.uapi(function, credentials, **parameters)
        assert (answer["status"], answer["data"]) == (0, None), answer
        return answer["errors"][0]

    def whm_token(self, name: str = "token", credentials: Credentials = ROOT, /, **parameters: Any) -> str:
        """Create a WHM token and return its secret."""
        return self.whm_ok("api_token_create", credentials, token_name=name, **parameters)["token"]

    def uapi_token(self, name: str = "token", credentials: Credentials = ALICE, /, **parameters: Any) -> str:
        """Create a cPanel token and return its secret."""
        return self.uapi_ok("Tokens::create_full_access", credentials, name=name, **parameters)["token"]

    def whm_tokens(self, credentials: Credentials = ROOT) -> dict[str, Any]:
        """Return the WHM tokens of the caller by name."""
        return self.whm_ok("api_token_list", credentials)["tokens"]

    def uapi_tokens(self, credentials: Credentials = ALICE) -> dict[str, Any]:
        """Return the cPanel tokens of the caller by name."""
        return {token["name"]: token for token in self.uapi_ok("Tokens::list", credentials)}

    def status(self, listener: str, credentials: Credentials, source: str = "127.0.0.1") -> int:
        """Return the HTTP status of a harmless call."""
        paths = {"whm": "/json-api/version?api.version=1", "cpanel": "/execute/Email/list_pops"}
        path = paths[listener.partition("_")[0]]
        return self.request(listener, path, credentials, method="GET", source=source).status_code

    def control(self, method: str, path: str, body: Any = None) -> Any:
        """Call the control port."""
        return self.server.control(method, path, body)

    def now(self) -> int:
        """Return the server's time."""
        return int(self.control("GET", "/clock")["now"])

    def advance(self, seconds: float) -> None:
        """Move the server's clock."""
        self.control("POST", "/clock", {"advance": seconds})

    def fault(self, function: str, kind: str, call: int = 1) -> None:
        """Plan a fault."""
        self.control("POST", "/faults", [{"function": function, "call": call, "kind": kind}])

    def counters(self, function: str) -> tuple[int, int]:
        """Return the calls and commits of a function."""
        found = self.control("GET", "/counters")["functions"].get(function, {"calls": 0, "commits": 0})
        return found["calls"], found["commits"]

    def audit(self) -> list[dict[str, Any]]:
        """Return the latest lines of the audit log."""
        with (self.server.state / "audit.jsonl").open("rb") as file:
            begin = max(0, file.seek(0, os.SEEK_END) - 20_000)
            file.seek(begin)
            lines = file.read().splitlines()
        # Where the reading began, half a line may lie.
        return [json.loads(line) for line in (lines[1:] if begin else lines)]


def write_fixture(folder: Path, text: str = FIXTURE) -> Path:
    """Write a fixture file and return its path."""
    path = folder / "fixture.yml"
    path.write_text(text, encoding="utf-8")
    return path
