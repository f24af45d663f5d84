# Copyright (c) 2026 panelops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""One token with nothing to do: as a module, and in Ansible's own process, against ansible.builtin.uri."""

from __future__ import annotations

import tempfile
from pathlib import Path

from benchmarks.support.plays import in_turn, root_environment, seconds_of, uri_get
from benchmarks.support.table import Table, verdict
from token_server.testing import ReferenceServer

LOOP = 100
FURTHER = 4
ROUNDS = 5
SINGLE_ROUNDS = 15
LIST = "/json-api/api_token_list?api.version=1"

_EXPLANATION = f"""The token is already as wished, so a task makes one call, which lists the tokens; uri makes the same call, and compares
nothing. Times are medians of {SINGLE_ROUNDS} rounds ({ROUNDS} for the loops) in which the sides take turns, less the time of an empty
play run beside them. The first task of a kind in a run also pays for what Ansible loads and builds once: the action plugin with
requests, and the module's archive; "a further task" is the mean of {FURTHER} that follow it. A task on the controller is done in Ansible's
process; here a variable in the task's environment that is none of ours makes it the module that it is on any other host, where loading
requests costs what uri does not pay. "Ratio" is our time over that of uri."""


def run() -> Table:
    """Measure everything."""
    table = Table(
        "One token, nothing to do",
        _EXPLANATION.replace("\n", " "),
        ["what", "runs as", "time", "uri", "ratio", "target"],
    )
    wish = {"name": "ours", "panelops.cpanel.whm_api_token": {"name": "monitoring", "acls": ["list-accts"]}}
    module = {**wish, "environment": {"BENCHMARK": "a module"}}
    with tempfile.TemporaryDirectory(prefix="bench-") as name:
        folder = Path(name)
        with ReferenceServer(folder / "state") as server:
            environment = root_environment(server)
            seconds_of([wish], folder, environment)
            uri = uri_get(server, LIST)
            tasks = {"uri": uri, "a module": module, "Ansible's process": wish}
            counts = {"": 1, " more": 1 + FURTHER}
            sides = {name + mark: [each] * count for mark, count in counts.items() for name, each in tasks.items()}
            seconds = in_turn(sides, folder, environment, SINGLE_ROUNDS)
            further = {name: (seconds[f"{name} more"] - seconds[name]) / FURTHER for name in tasks}
            for what, each in (("the first task", seconds), ("a further task", further)):
                table.rows.append(_row(what, "a module", each, None))
                table.rows.append(_row(what, "Ansible's process", each, 1.1))
            loop = {"loop": list(range(LOOP))}
            sides = {"uri": [{**uri, **loop}], "Ansible's process": [{**wish, **loop}]}
            seconds = in_turn(sides, folder, environment, ROUNDS)
            table.rows.append(_row(f"a loop of {LOOP}", "Ansible's process", seconds, 0.1))
    return table


def _row(what: str, side: str, seconds: dict[str, float], target: float | None) -> list[str]:
    ratio = seconds[side] / seconds["uri"]
    return [
        what,
        side,
        f"{seconds[side]:.2f} s",
        f"{seconds['uri']:.2f} s",
        f"{ratio:.3f}",
        "" if target is None else verdict(ratio, target, at_least=False),
    ]
