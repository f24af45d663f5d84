# Copyright (c) 2026 panelops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A running reference server with the calls that tests make of it, over real sockets.

``whm...`` calls WHM, as root unless told otherwise; ``uapi...`` calls cPanel, as the account alice unless told otherwise.
"""

from __future__ import annotations

import json
import os
import subprocess
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from http.cookiejar import DefaultCookiePolicy
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import requests
import yaml
from requests.adapters import HTTPAdapter

from tests.support.limits import patience
from tests.support.paths import COMMANDS
from tests.support.users import ALICE, ROOT, USERS
from token_server.testing import ReferenceServer

Credentials = tuple[str, str] | str | None
"""A pair for HTTP Basic, a text for the header ``Authorization``, or None."""


class FromAddress(HTTPAdapter):
    """Connects from a given loopback address."""

    def __init__(self, address: str) -> None:
        self._address = address
        super().__init__()

    def init_poolmanager(self, *args: Any, **options: Any) -> None:
        super().init_poolmanager(*args, source_address=(self._address, 0), **options)


class Server(ReferenceServer):
    """A reference server, its clients, and its control port. The arguments are those of ``ReferenceServer``."""

    def __init__(self, state: Path, **arguments: Any) -> None:
        super().__init__(state, **arguments)
        self._sessions: dict[str, requests.Session] = {}

    @property
    def port(self) -> int:
        """The port of WHM over TLS."""
        return urlsplit(self.ready["whm"]).port or 0

    @property
    def cpanel_port(self) -> int:
        """The port of cPanel over TLS."""
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
            "CPANEL_USERNAME": ALICE.name,
            "CPANEL_PASSWORD": ALICE.password,
            "CPANEL_CA_PATH": self.ready["ca_file"],
        }

    @property
    def on_the_server(self) -> dict[str, str]:
        """The environment of a task that runs on the server itself, where its commands are."""
        return {"PATH": f"{COMMANDS}{os.pathsep}{os.environ['PATH']}", "TOKEN_SERVER_STATE": str(self.state)}

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
        """Send one request to a listener of the ready file, from a loopback address."""
        headers = dict(options.pop("headers", {}))
        if isinstance(credentials, str):
            headers["Authorization"] = credentials
        return self._session(source).request(
            method,
            self.ready[listener] + path,
            auth=credentials if isinstance(credentials, tuple) else None,
            headers=headers,
            timeout=patience(20),
            allow_redirects=False,
            **options,
        )

    def _session(self, source: str) -> requests.Session:
        if source not in self._sessions:
            session = requests.Session()
            session.trust_env = False
            # Each request sends the cookies that the test gives it, and no others.
            session.cookies.set_policy(DefaultCookiePolicy(allowed_domains=[]))
            session.verify = self.ready["ca_file"]
            for scheme in ("https://", "http://"):
                session.mount(scheme, FromAddress(source))
            self._sessions[source] = session
        return self._sessions[source]

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
        """Return the WHM tokens of the caller by name, in whatever dialect: what a lean list leaves out is null."""
        tokens = self.whm_ok("api_token_list", credentials)["tokens"]
        return {name: {"whitelist_ips": None, "last_used": None, **token} for name, token in tokens.items()}

    def uapi_tokens(self, credentials: Credentials = ALICE) -> dict[str, Any]:
        """Return the cPanel tokens of the caller by name, in whatever dialect: as in the default one, but with null for an unknown use."""
        full = {"has_full_access": 1, "features": [], "last_used": None}
        return {
            row["name"]: {**full, **row, "expires_at": int(row["expires_at"] or 0) or None}
            for row in self.uapi_ok("Tokens::list", credentials)
        }

    def status(self, listener: str, credentials: Credentials, source: str = "127.0.0.1") -> int:
        """Return the HTTP status of a harmless call."""
        return self._harmless(listener, credentials, source).status_code

    def _harmless(self, listener: str, credentials: Credentials, source: str) -> requests.Response:
        paths = {"whm": "/json-api/version?api.version=1", "cpanel": "/execute/Email/list_pops"}
        path = paths[listener.partition("_")[0]]
        return self.request(listener, path, credentials, method="GET", source=source)

    def whm_accepts(self, secret: str, owner: str = "root", source: str = "127.0.0.1") -> bool:
        """Return whether WHM takes a secret for one of the owner's."""
        return self._accepts("whm", f"whm {owner}:{secret}", source)

    def uapi_accepts(self, secret: str, owner: str = "alice", source: str = "127.0.0.1") -> bool:
        """Return whether cPanel takes a secret for one of the owner's."""
        return self._accepts("cpanel", f"cpanel {owner}:{secret}", source)

    def _accepts(self, listener: str, authorization: str, source: str) -> bool:
        answer = self._harmless(listener, authorization, source)
        if answer.status_code == 200 and answer.headers["Content-Type"].startswith("application/json"):
            return True
        denied = {"401": 401, "403": 403, "page": 200, "redirect": 302}[self.control("GET", "/dialect")["denied"]]
        assert answer.status_code == denied, answer.status_code
        return False

    def tool(self, tool: str, *arguments: str) -> dict[str, Any]:
        """Call a function by a command-line tool, ``whmapi1`` or ``uapi``, and return the whole answer."""
        done = subprocess.run(
            [COMMANDS / tool, "--output=json", *arguments],
            env={**os.environ, **self.on_the_server},
            stdout=subprocess.PIPE,
            timeout=patience(20),
            check=True,
        )
        return json.loads(done.stdout)

    def speak(self, dialect: str) -> None:
        """Answer in a dialect until the next reset: ``NAME=VALUE``, several of them with commas between."""
        self.control("POST", "/dialect", dict(choice.split("=") for choice in dialect.split(",")))

    def now(self) -> int:
        """Return the server's time, in Unix seconds."""
        return int(self.control("GET", "/clock")["now"])

    def advance(self, seconds: float) -> None:
        """Move the server's clock."""
        self.control("POST", "/clock", {"advance": seconds})

    def reset(self) -> None:
        """Put the server back to its first start."""
        self.control("POST", "/reset")

    def fault(self, function: str, kind: str, call: int = 1) -> None:
        """Plan a fault at a call of a function, counted from now."""
        self.control("POST", "/faults", [{"function": function, "call": call, "kind": kind}])

    def counters(self, function: str) -> tuple[int, int]:
        """Return how often a function was called, and how often it changed something."""
        return self.calls().get(function, 0), self.commits().get(function, 0)

    def calls(self) -> dict[str, int]:
        """Return how often each function was called since ``forget_counters``; those never called are left out."""
        return self._counted("calls")

    def commits(self) -> dict[str, int]:
        """Return how often each function changed something since ``forget_counters``; those that never did are left out."""
        return self._counted("commits")

    def _counted(self, what: str) -> dict[str, int]:
        functions = self.control("GET", "/counters")["functions"]
        return {name: count[what] for name, count in functions.items() if count[what]}

    def http_requests(self) -> int:
        """Return how many HTTP requests were answered since ``forget_counters``."""
        return int(self.control("GET", "/counters")["http_requests"])

    def forget_counters(self) -> None:
        """Count from zero again."""
        self.control("DELETE", "/counters")

    def files(self) -> list[Path]:
        """Return the files of the state folder, at all depths."""
        return [path for path in self.state.rglob("*") if not path.is_dir()]

    @property
    def audit_file(self) -> Path:
        """The audit log."""
        return self.state / "audit.jsonl"

    def audit(self) -> list[dict[str, Any]]:
        """Return the latest lines of the audit log."""
        with self.audit_file.open("rb") as file:
            begin = max(0, file.seek(0, os.SEEK_END) - 20_000)
            file.seek(begin)
            lines = file.read().splitlines()
        # Where the reading began, half a line may lie.
        return [json.loads(line) for line in (lines[1:] if begin else lines)]

    def answered(self, function: str) -> int:
        """Return how many calls of a function were ever carried out to their end, by the whole audit log."""
        return self.audit_file.read_text(encoding="ascii").count(f'"function":"{function}"')


def write_fixture(folder: Path, users: Mapping[str, object] | None = None) -> Path:
    """Write the fixture file of these users (``USERS`` if none are given) and return its path."""
    path = folder / "fixture.yml"
    path.write_text(yaml.safe_dump(dict(USERS if users is None else users), sort_keys=False), encoding="utf-8")
    return path


@contextmanager
def serving(folder: Path, users: Mapping[str, object] | None = None, *options: str) -> Iterator[Server]:
    """Run a server that knows these users, its files in a folder that exists; it must not write a traceback.

    The environment variable ``PANELOPS_DIALECT`` chooses its dialect, such as ``denied=403,lists=lean``: so a whole suite runs in it.

    :param options: further options of ``serve``.
    """
    chosen = os.environ.get("PANELOPS_DIALECT", "")
    dialect = [word for choice in chosen.split(",") if choice for word in ("--dialect", choice)]
    server = Server(folder / "state", fixture=write_fixture(folder, users), options=[*dialect, *options])
    server.start()
    try:
        yield server
        assert "Traceback" not in server.output(), server.output()
    finally:
        server.stop()
