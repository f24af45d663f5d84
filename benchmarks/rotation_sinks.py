# Copyright (c) 2026 panelops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The role rotate with many tokens of one server: into a secrets store beside files, and the first issue for many accounts."""

from __future__ import annotations

import json
import statistics
import tempfile
from contextlib import ExitStack
from pathlib import Path
from urllib.parse import urlsplit

from benchmarks.support.plays import root_environment, seconds_of_plays
from benchmarks.support.table import Table, verdict
from tests.support.openbao import OpenBao, openbao
from tests.support.users import user_entry, users_and
from token_server.testing import ReferenceServer

TOKENS = 100
ACCOUNTS = 300
ROUNDS = 3

_EXPLANATION = f"""One server. {TOKENS} tokens of WHM that are all rotated, each into a secret of its own in OpenBao, which holds
another key; in turn as many, each into a file on the controller. Then a token for each of {ACCOUNTS} accounts, which have none: into a file
each, and all into one Ansible Vault file. Times are medians of {ROUNDS} rounds, less the time of an empty play."""


def run() -> Table:
    """Measure everything."""
    table = Table(
        f"Rotation: {TOKENS} tokens into a store, and {ACCOUNTS} first issues",
        _EXPLANATION.replace("\n", " "),
        ["what", "time", "calls of WHM", "files", "ratio", "target"],
    )
    with tempfile.TemporaryDirectory(prefix="bench-") as name, ExitStack() as stack:
        folder = Path(name)
        fixture = folder / "fixture.json"
        fixture.write_text(json.dumps(users_and(*(user_entry(f"shop{number:03}") for number in range(ACCOUNTS)))))
        server = stack.enter_context(ReferenceServer(folder / "server", fixture=fixture))
        bench = _Bench(folder, server, stack.enter_context(openbao(folder)))
        table.rows += [bench.store_row(), *bench.issue_rows()]
    return table


class _Bench:
    """Plays of the role, and their times."""

    def __init__(self, folder: Path, server: ReferenceServer, store: OpenBao) -> None:
        self._folder = folder
        self._server = server
        self._port = urlsplit(server.ready["cpanel"]).port
        self._environment = {**root_environment(server), **store.environment}
        (folder / "password").write_text("vault password")
        for number in range(TOKENS):
            store.write(f"s{number}", {"user": "root"})

    def store_row(self) -> list[str]:
        """All tokens into the store, and into files."""
        files = ("f", {"type": "file", "hosts": ["localhost"], "path": f"{self._folder}/{{name}}"})
        store = ("s", {"type": "hashi_vault", "path": "{name}", "key": "token"})
        self._tokens(*files)
        self._tokens(*store)
        rounds = [(self._tokens(*store), self._tokens(*files), self._empty()) for _number in range(ROUNDS)]
        into_store, into_files, empty = (statistics.median(each) for each in zip(*rounds, strict=True))
        self._server.control("DELETE", "/counters")
        self._tokens(*store)
        calls = self._requests()
        ratio = (into_store - empty) / (into_files - empty)
        return [
            f"{TOKENS} tokens into OpenBao",
            f"{into_store - empty:.1f} s",
            str(calls),
            f"{into_files - empty:.1f} s",
            f"{ratio:.2f}x",
            verdict(ratio, 1.5, at_least=False),
        ]

    def issue_rows(self) -> list[list[str]]:
        """The first issues, each on a server as new."""
        places = {
            "a file each": {"type": "file", "hosts": ["localhost"], "path": f"{self._folder}/{{account}}.token"},
            "one vault file": {"type": "vault", "path": f"{self._folder}/all.yml", "key": "{account}_token"},
        }
        rows = []
        for what, place in places.items():
            times: list[float] = []
            for _number in range(ROUNDS):
                self._server.control("POST", "/reset")
                for path in (*self._folder.glob("*.token"), self._folder / "all.yml"):
                    path.unlink(missing_ok=True)
                times.append(
                    self._role([{"name": "backup", "accounts": ["shop*"], "expires_in": "90d", "sinks": [place]}])
                )
            calls = self._requests()
            seconds = statistics.median(times) - self._empty()
            rows.append([f"first issue for {ACCOUNTS} accounts, {what}", f"{seconds:.1f} s", str(calls), "", "", ""])
        return rows

    def _tokens(self, letter: str, place: dict) -> float:
        tokens = [
            {
                "name": f"{letter}{number}",
                "acls": ["list-accts"],
                "expires_in": "90d",
                "sinks": [{**place, "path": place["path"].format(name=f"{letter}{number}")}],
            }
            for number in range(TOKENS)
        ]
        return self._role(tokens, rotate_force=True)

    def _role(self, tokens: list[dict], **variables: object) -> float:
        role = {
            "role": "panelops.cpanel.rotate",
            "vars": {"rotate_tokens": tokens, "rotate_cpanel_port": self._port, **variables},
        }
        return self._seconds({"roles": [role]})

    def _empty(self) -> float:
        return self._seconds({"tasks": []})

    def _seconds(self, play: dict) -> float:
        plays = [{"hosts": "localhost", "connection": "local", "gather_facts": False, **play}]
        options = ("--vault-password-file", str(self._folder / "password"))
        return seconds_of_plays(plays, self._folder, self._environment, options)

    def _requests(self) -> int:
        """HTTP requests that the server has answered since it was asked to forget them."""
        return int(self._server.control("GET", "/counters")["http_requests"])
