# Copyright (c) 2026 panelops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the lookup ci_token costs in a play of many hosts, against a token that stands in the play as it is."""

from __future__ import annotations

import statistics
import tempfile
from pathlib import Path

from benchmarks.support.plays import root_environment, seconds_of_plays
from benchmarks.support.table import Table, verdict
from token_server.testing import ReferenceServer

HOSTS = 50
TASKS = 10
ROUNDS = 7

_WITH_CALLBACK = "ci_token, with the callback"
_LOOKUP = "{{ lookup('panelops.cpanel.ci_token', 'benchmark', acls=['manage-api-tokens']) }}"
_USE = {"panelops.cpanel.whm_api_token_info": {"api_token": "{{ token }}", "name": "none"}}
_LOOK = {"ansible.builtin.assert": {"that": "token is ansible.builtin.match('[A-Z0-9]{32}$')", "quiet": True}}

_EXPLANATION = f"""A play of {HOSTS} hosts, {HOSTS} forks and {TASKS} tasks, with the token in vars. "use": each task makes a call
to the server with the token, in Ansible's process. "look": each task only asserts its shape, the least that a task can do; there
lookup('env') shows what any lookup costs, since Ansible compiles it anew in every worker. Our own modules, and the callback where it
is enabled, load the lookup before the workers are forked; other tasks leave that to each worker. Medians of {ROUNDS} rounds in which
the sides take turns; the ratio is the median of those of the rounds. The time of the lookup holds all of it: starting the agent,
creating the token, {HOSTS * TASKS} questions."""


def run() -> Table:
    """Measure everything."""
    table = Table(
        "The lookup ci_token",
        _EXPLANATION.replace("\n", " "),
        ["tasks", "token from", "time", "static", "ratio", "target"],
    )
    with tempfile.TemporaryDirectory(prefix="bench-") as name:
        folder = Path(name)
        with ReferenceServer(folder / "state") as server:
            static = _static_token(server, folder)
            environment = {**root_environment(server), "BENCHMARK_TOKEN": static}
            env = "{{ lookup('ansible.builtin.env', 'BENCHMARK_TOKEN') }}"
            for task, what, tokens in (
                (_USE, "use", {"ci_token": _LOOKUP}),
                (_LOOK, "look", {"ci_token": _LOOKUP, _WITH_CALLBACK: _LOOKUP, "env": env}),
            ):
                times = _in_turn({"static": static, **tokens}, task, folder, environment)
                for source in tokens:
                    target = 1.1 if (what, source) == ("use", "ci_token") else None
                    table.rows.append(_row(what, source, times[source], times["static"], target))
    return table


def _static_token(server: ReferenceServer, folder: Path) -> str:
    kept = folder / "token"
    create = {"name": "static", "acls": ["manage-api-tokens"], "token_file": str(kept)}
    play = {"hosts": "localhost", "connection": "local", "gather_facts": False}
    tasks = [{"name": "create", "panelops.cpanel.whm_api_token": create}]
    seconds_of_plays([{**play, "tasks": tasks}], folder, root_environment(server))
    return kept.read_text(encoding="ascii").strip()


def _in_turn(tokens: dict[str, str], task: dict, folder: Path, environment: dict[str, str]) -> dict[str, list[float]]:
    hosts = ",".join(f"host{number:02}" for number in range(HOSTS))
    times: dict[str, list[float]] = {source: [] for source in tokens}
    for _number in range(ROUNDS):
        for source, token in tokens.items():
            variables = {"token": token, "ansible_python_interpreter": "{{ ansible_playbook_python }}"}
            play = {"hosts": "all", "connection": "local", "gather_facts": False, "vars": variables}
            plays = [{**play, "tasks": [{"name": "a task", **task}] * TASKS}]
            options = ("--inventory", f"{hosts},", "--forks", str(HOSTS))
            callback = {"ANSIBLE_CALLBACKS_ENABLED": "panelops.cpanel.ci_token"} if source == _WITH_CALLBACK else {}
            times[source].append(seconds_of_plays(plays, folder, {**environment, **callback}, options))
    return times


def _row(what: str, source: str, ours: list[float], static: list[float], target: float | None) -> list[str]:
    ratio = statistics.median(one / other for one, other in zip(ours, static, strict=True))
    seconds = [f"{statistics.median(times):.2f} s" for times in (ours, static)]
    judged = "" if target is None else verdict(ratio, target, at_least=False)
    return [what, source, *seconds, f"{ratio:.2f}", judged]
