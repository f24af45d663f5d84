# Copyright (c) 2026 panelops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A real secrets store: OpenBao, which has the API of HashiCorp Vault."""

from __future__ import annotations

import socket
import subprocess
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import requests

from tests.support.limits import patience
from tests.support.missing import missing
from tests.support.paths import REPOSITORY
from tests.support.waiting import until

PROGRAM = REPOSITORY / ".cache" / "stores" / "bao"
ROOT_TOKEN = "root"


@dataclass(frozen=True)
class OpenBao:
    """A store that runs. A key-value store of version 2 is mounted at ``secret/``."""

    url: str

    @property
    def environment(self) -> dict[str, str]:
        """Of a run that uses it."""
        return {"VAULT_ADDR": self.url, "VAULT_TOKEN": ROOT_TOKEN}

    def call(self, method: str, path: str, body: object = None, token: str = ROOT_TOKEN) -> requests.Response:
        """Make one call of its API."""
        headers = {"X-Vault-Token": token}
        return requests.request(method, f"{self.url}/v1/{path}", json=body, headers=headers, timeout=patience(30))

    def done(self, method: str, path: str, body: object = None) -> dict:
        """Make one call, which must succeed; what it answers."""
        answer = self.call(method, path, body)
        assert answer.ok, f"{method} {path}: {answer.status_code} {answer.text}"
        return dict(answer.json()) if answer.content else {}

    def write(self, path: str, data: Mapping[str, object], mount: str = "secret") -> None:
        """Write a new version of a secret."""
        self.done("POST", f"{mount}/data/{path}", {"data": dict(data)})

    def read(self, path: str, mount: str = "secret") -> dict:
        """What the newest version of a secret holds."""
        return dict(self.done("GET", f"{mount}/data/{path}")["data"]["data"])

    def version(self, path: str, mount: str = "secret") -> int:
        """The number of its newest version; 0 if there is none."""
        answer = self.call("GET", f"{mount}/metadata/{path}")
        return int(answer.json()["data"]["current_version"]) if answer.ok else 0

    def token_for(self, policy: str) -> str:
        """A token of this store that may do what a policy says."""
        self.done("PUT", "sys/policies/acl/limited", {"policy": policy})
        return str(self.done("POST", "auth/token/create", {"policies": ["limited", "default"]})["auth"]["client_token"])

    def forget(self) -> None:
        """Remove all secrets and logins, so that the next test finds the store as new."""
        for mount in self.done("GET", "sys/mounts")["data"]:
            if mount not in ("cubbyhole/", "identity/", "sys/"):
                self.done("DELETE", f"sys/mounts/{mount.rstrip('/')}")
        for mount in self.done("GET", "sys/auth")["data"]:
            if mount != "token/":
                self.done("DELETE", f"sys/auth/{mount.rstrip('/')}")
        self.done("POST", "sys/mounts/secret", {"type": "kv", "options": {"version": "2"}})
        # Making a store of version 2 goes on after its answer.
        until(lambda: self.call("GET", "secret/config").ok)


@contextmanager
def openbao(folder: Path) -> Iterator[OpenBao]:
    """A store in memory."""
    if not PROGRAM.exists():
        missing("OpenBao is not installed; see .cache/pip-stores.log")
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    command = [str(PROGRAM), "server", "-dev", f"-dev-root-token-id={ROOT_TOKEN}", "-dev-no-store-token"]
    with (folder / "openbao.log").open("wb") as log:
        process = subprocess.Popen(
            [*command, f"-dev-listen-address=127.0.0.1:{port}"],
            env={"HOME": str(folder), "PATH": "/usr/bin:/bin"},
            stdout=log,
            stderr=subprocess.STDOUT,
        )
        store = OpenBao(f"http://127.0.0.1:{port}")
        try:
            until(lambda: _is_ready(store))
            yield store
        finally:
            process.kill()
            process.wait()


def _is_ready(store: OpenBao) -> bool:
    try:
        return store.call("GET", "secret/config").ok
    except requests.ConnectionError:
        return False
