# Copyright (c) 2026 panelops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The role rotate on many tokens of many servers, against a playbook of ansible.builtin.uri and a script that do the same steps."""

from __future__ import annotations

import json
import statistics
import subprocess
import sys
import tempfile
import time
from contextlib import ExitStack
from pathlib import Path
from urllib.parse import urlsplit

from benchmarks.support.plays import seconds_of_plays
from benchmarks.support.table import Table, verdict
from token_server.testing import ReferenceServer

SERVERS = 20
TOKENS = 10
ALL = SERVERS * TOKENS
MEASURED = 10
FORKS = 10
ROUNDS = 3

_EXPLANATION = f"""{TOKENS} tokens of WHM on each of {SERVERS} servers, each with a file on one consumer's host, in one run with {FORKS}
forks. One other side is a playbook of ansible.builtin.uri and copy tasks that does the same for one token of each of {MEASURED} of these
servers, in as many forks, scaled up: to decide, it lists the tokens and looks at one; to rotate, it also creates a token, writes its file,
tries it, and renames both. The other one is a Python script with {FORKS} threads and a connection for each server, which makes the calls of
a rotation and looks at nothing that could go wrong. Where our time goes, as profiled for one server and one token: of 3.9 s of
computing, 0.6 s are the start of Ansible, 0.8 s the packing of the module for the consumer's host, 0.5 s our four steps, and the rest
Ansible's handling of 33 tasks, 30 to 80 ms each, for each server. Times are medians of {ROUNDS} rounds, those of plays less the time of
an empty play on the same hosts. Calls are counted by the servers, those inside batches one by one."""


def run() -> Table:
    """Measure everything."""
    table = Table(
        f"Rotation: {ALL} tokens over {SERVERS} servers",
        _EXPLANATION.replace("\n", " "),
        ["what", "calls a token", "target", "time", "the other side", "ratio", "target"],
    )
    with tempfile.TemporaryDirectory(prefix="bench-") as name, ExitStack() as stack:
        folder = Path(name)
        servers = [stack.enter_context(ReferenceServer(folder / f"server{number:02}")) for number in range(SERVERS)]
        fleet = _Fleet(servers, folder)
        fleet.rotate()
        deciding = _ratio(fleet.decide, fleet.decide_by_uri, fleet.empty, fleet.empty_by_uri)
        reading = _ratio(fleet.decide, fleet.decide_without_reading, fleet.empty, fleet.empty, scale=1)
        rotating = _ratio(fleet.rotate, fleet.rotate_by_uri, fleet.empty, fleet.empty_by_uri)
        scripted = _ratio(fleet.rotate, fleet.rotate_by_script, fleet.empty, lambda: 0, scale=1)
        calls = fleet.calls(fleet.rotate)
        table.rows.append(_row("nothing due, beside a playbook", fleet.calls(fleet.decide), None, deciding, 10))
        table.rows.append(
            _row("nothing due, beside rotate_repair: never", fleet.calls(fleet.decide), None, reading, 0.5)
        )
        table.rows.append(_row("all rotated, beside a playbook", calls, 6, rotating, 2))
        table.rows.append(_row("all rotated, beside a script", calls, 6, scripted, 0.25))
    return table


class _Fleet:
    """The servers as an inventory, and the plays of both sides."""

    def __init__(self, servers: list[ReferenceServer], folder: Path) -> None:
        self._servers = servers
        self._folder = folder
        (folder / "files").mkdir()
        hosts = {f"server{number:02}": self._variables(server) for number, server in enumerate(servers)}
        some = {"hosts": dict.fromkeys(list(hosts)[:MEASURED], {})}
        (folder / "inventory.json").write_text(json.dumps({"all": {"hosts": hosts, "children": {"some": some}}}))
        self._options = ("-i", str(folder / "inventory.json"), "--forks", str(FORKS))

    def decide(self) -> float:
        """Our run when nothing is due."""
        return self._seconds(self._role(force=False))

    def decide_without_reading(self) -> float:
        """The same if no sink is read."""
        return self._seconds(self._role(force=False, repair="never"))

    def rotate(self) -> float:
        """Our run when everything is."""
        return self._seconds(self._role(force=True))

    def empty(self) -> float:
        """A play that does nothing on all hosts."""
        return self._seconds({"hosts": "all", "tasks": []})

    def empty_by_uri(self) -> float:
        """A play that does nothing on the measured hosts."""
        return self._seconds({"hosts": "some", "tasks": []})

    def decide_by_uri(self) -> float:
        """The other side when nothing is due."""
        return self._seconds({"hosts": "some", "tasks": [self._listed()]})

    def rotate_by_uri(self) -> float:
        """The other side when the token of each measured server is due."""
        create = {"token_name": "t0-new", "acl": "list-accts", "expires_at": "{{ now().timestamp() | int + 7776000 }}"}
        new = "{{ created.json.data.token }}"
        retire = {"token_name": "t0", "new_name": "t0-{{ now().timestamp() | int }}", "acl": "list-accts"}
        retire["expires_at"] = "{{ now().timestamp() | int + 86400 }}"
        promote = {**create, "new_name": "t0"}
        copy = {"content": f"{new}\n", "dest": "{{ files }}/t0", "mode": "0600"}
        tasks = [
            self._listed(),
            _uri("api_token_create", create, register="created"),
            {"name": "copy", "ansible.builtin.copy": copy, "no_log": True},
            _uri("version", {}, headers={"Authorization": f"whm root:{new}"}),
            _uri("api_token_update", retire),
            _uri("api_token_update", promote),
        ]
        return self._seconds({"hosts": "some", "tasks": tasks})

    def rotate_by_script(self) -> float:
        """The script on all servers."""
        servers = [
            {
                "port": urlsplit(server.ready["whm"]).port,
                "password": server.root_password,
                "ca_file": server.ready["ca_file"],
                "files": str(self._folder / "files" / server.state.name),
                "tokens": [f"t{number}" for number in range(TOKENS)],
            }
            for server in self._servers
        ]
        begin = time.perf_counter()
        subprocess.run(
            [sys.executable, "-m", "benchmarks.support.script"],
            input=json.dumps({"threads": FORKS, "servers": servers}),
            check=True,
            text=True,
        )
        return time.perf_counter() - begin

    def calls(self, work) -> float:
        """The calls that a run makes for each token."""
        for server in self._servers:
            server.control("DELETE", "/counters")
        work()
        counted = [server.control("GET", "/counters")["functions"] for server in self._servers]
        return sum(count["calls"] for each in counted for name, count in each.items() if name != "batch") / ALL

    def _seconds(self, play: dict) -> float:
        return seconds_of_plays(
            [{"connection": "local", "gather_facts": False, **play}], self._folder, {}, self._options
        )

    def _variables(self, server: ReferenceServer) -> dict:
        files = self._folder / "files" / server.state.name
        files.mkdir()
        return {
            "rotate_host": "127.0.0.1",
            "rotate_port": urlsplit(server.ready["whm"]).port,
            "rotate_password": server.root_password,
            "rotate_ca_path": server.ready["ca_file"],
            "files": str(files),
            "ansible_python_interpreter": "{{ ansible_playbook_python }}",
        }

    def _role(self, *, force: bool, repair: str = "auto") -> dict:
        tokens = [
            {
                "name": f"t{number}",
                "acls": ["list-accts"],
                "expires_in": "90d",
                "sinks": [{"type": "file", "hosts": ["localhost"], "path": f"{{{{ files }}}}/t{number}"}],
            }
            for number in range(TOKENS)
        ]
        variables = {"rotate_tokens": tokens, "rotate_force": force, "rotate_repair": repair}
        return {"hosts": "all", "roles": [{"role": "panelops.cpanel.rotate", "vars": variables}]}

    def _listed(self) -> dict:
        wish = "('t0' not in listed.json.data.tokens) or (listed.json.data.tokens.t0.expires_at - now().timestamp() | int < 2592000)"
        return _uri("api_token_list", {}, register="listed", changed_when=wish)


def _uri(function: str, body: dict, headers: dict | None = None, **keywords: object) -> dict:
    root = {"url_username": "root", "url_password": "{{ rotate_password }}", "force_basic_auth": True}
    arguments = {
        "url": f"https://127.0.0.1:{{{{ rotate_port }}}}/json-api/{function}?api.version=1",
        "method": "POST",
        "body_format": "form-urlencoded",
        "body": body,
        "ca_path": "{{ rotate_ca_path }}",
        **({"headers": headers} if headers else root),
    }
    return {"name": "uri", "ansible.builtin.uri": arguments, "no_log": True, "delegate_to": "localhost", **keywords}


def _ratio(ours, theirs, empty, empty_of_theirs, scale: float = ALL / MEASURED) -> tuple[float, float]:
    """Median seconds of both sides, theirs scaled up, in rounds in which they take turns."""
    rounds = [(ours(), theirs(), empty(), empty_of_theirs()) for _number in range(ROUNDS)]
    mine, other, nothing, nothing_of_theirs = (statistics.median(each) for each in zip(*rounds, strict=True))
    return mine - nothing, (other - nothing_of_theirs) * scale


def _row(what: str, calls: float, most: float | None, seconds: tuple[float, float], target: float) -> list[str]:
    ours, theirs = seconds
    told = "" if most is None else f"<= {most:g}: {'reached' if calls <= most else 'MISSED'}"
    ratio = theirs / ours
    return [
        what,
        f"{calls:.2f}",
        told,
        f"{ours:.1f} s",
        f"{theirs:.1f} s",
        f"{ratio:.2g}x",
        verdict(ratio, target, at_least=True),
    ]
