# Copyright (c) 2026 panelops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A plain script that rotates tokens, with a thread and one connection for each server: what a run of the role is measured against.

``python -m benchmarks.support.script`` reads ``{"threads": N, "servers": [{"port", "password", "ca_file", "files", "tokens"}]}`` from
standard input. It makes the calls that the role makes, one at a time, and looks at none of what could go wrong.
"""

from __future__ import annotations

import json
import os
import sys
import time
from concurrent.futures import ThreadPoolExecutor

import requests

_LIFE = 90 * 86400
_OVERLAP = 86400


def main() -> None:
    """Rotate all tokens of all servers."""
    work = json.load(sys.stdin)
    with ThreadPoolExecutor(work["threads"]) as pool:
        list(pool.map(_rotate_server, work["servers"]))


def _rotate_server(server: dict) -> None:
    with requests.Session() as session:
        session.verify = server["ca_file"]

        def call(function: str, params: dict | None = None, secret: str = "") -> dict:
            answer = session.post(
                f"https://127.0.0.1:{server['port']}/json-api/{function}?api.version=1",
                data=params,
                auth=None if secret else ("root", server["password"]),
                headers={"Authorization": f"whm root:{secret}"} if secret else {},
                timeout=60,
            )
            answer.raise_for_status()
            told = answer.json()
            if not told["metadata"]["result"]:
                raise RuntimeError(told["metadata"]["reason"])
            return told.get("data") or {}

        listed = call("api_token_list")["tokens"]
        for name in server["tokens"]:
            now = int(time.time())
            wish = {"acl": "list-accts", "expires_at": now + _LIFE}
            secret = call("api_token_create", {"token_name": f"{name}-new", **wish})["token"]
            path = os.path.join(server["files"], name)
            with open(f"{path}.new", "w", encoding="ascii", opener=_private) as stream:
                stream.write(f"{secret}\n")
            os.replace(f"{path}.new", path)
            call("version", secret=secret)
            if name in listed:
                retired = {"token_name": name, "new_name": f"{name}-{time.time_ns()}", "acl": "list-accts"}
                call("api_token_update", {**retired, "expires_at": now + _OVERLAP})
            call("api_token_update", {"token_name": f"{name}-new", "new_name": name, **wish})


def _private(path: str, flags: int) -> int:
    return os.open(path, flags, 0o600)


if __name__ == "__main__":
    main()
