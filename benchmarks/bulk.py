# Copyright (c) 2026 panelops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The bulk modules when there is nothing to do: against loops of ansible.builtin.uri, and as the number of tokens grows."""

from __future__ import annotations

import tempfile
from collections.abc import Callable
from itertools import pairwise
from pathlib import Path

import yaml

from benchmarks.support.plays import in_turn, root_environment, seconds_of, uri_get
from benchmarks.support.table import Table, verdict
from token_server.testing import ReferenceServer

TOKENS = 1_000
SIZES = (100, 1_000, 10_000)
ACCOUNTS = 300
MEASURED = 50
ROUNDS = 5

_EXPLANATION = f"""Every token is already as wished, so only reading and comparing is measured. Times are medians of {ROUNDS} rounds in
which the sides take turns, less the time of an empty play run beside them. The other side is a loop of ansible.builtin.uri tasks that ask
for a list and compare one token with the wish, as a playbook without this collection would; {MEASURED} of them are measured and the time
is scaled up. Calls are HTTP requests that the server counted. Whether the time is linear is asked of what the module adds to a task
(ansible.builtin.set_fact) that only takes the same list: reading a list costs Ansible itself more for each entry the longer it is."""


def run() -> Table:
    """Measure everything."""
    table = Table(
        "Many tokens, nothing to do",
        _EXPLANATION.replace("\n", " "),
        ["what", "calls", "time", "uri loop", "ratio", "target"],
    )
    with tempfile.TemporaryDirectory(prefix="bench-") as name:
        folder = Path(name)
        fixture = folder / "fixture.yml"
        names = [f"acct{number:03}" for number in range(ACCOUNTS)]
        accounts = [
            {"username": each, "password": f"password of {each}", "domain": f"{each}.example"} for each in names
        ]
        fixture.write_text(yaml.safe_dump({"accounts": accounts}), encoding="utf-8")
        with ReferenceServer(folder / "state", fixture=fixture) as server:
            table.rows.append(_accounts(server, folder))
            table.rows += _tokens(server, folder)
    return table


def _tokens(server: ReferenceServer, folder: Path) -> list[list[str]]:
    environment = root_environment(server)
    rows, each, beyond = [], {}, {}
    for size in SIZES:
        tokens = [{"name": f"token-{n:05}", "acls": ["list-accts"], "expires_in": "90d"} for n in range(size)]
        ours = [{"name": "ours", "panelops.cpanel.whm_api_tokens": {"tokens": tokens}}]
        seconds_of(ours, folder, environment)
        calls = _calls(server, lambda ours=ours: seconds_of(ours, folder, environment))
        sides = {"ours": ours, "taken": [{"name": "taken", "ansible.builtin.set_fact": {"tokens": tokens}}]}
        if size == TOKENS:
            sides["uri"] = [_compare_whm(server)]
        seconds = in_turn(sides, folder, environment, ROUNDS)
        each[size] = seconds["ours"] / size
        beyond[size] = (seconds["ours"] - seconds["taken"]) / size
        if size == TOKENS:
            rows.append(_row(f"{size:,} WHM tokens", calls, seconds["ours"], seconds["uri"] / MEASURED * size, 300))
        else:
            rows.append([f"{size:,} WHM tokens", str(calls), f"{seconds['ours']:.2f} s", "", "", ""])
    rows.append(["time per token", "", _steps(each), "", "", ""])
    # The worst step: a run's fixed costs make the smallest size dear, and must not hide growth after it.
    growth = max(beyond[larger] / beyond[smaller] for smaller, larger in pairwise(SIZES))
    linear = verdict(growth, 1.05, at_least=False)
    rows.append(["beyond what Ansible needs for the list", "", _steps(beyond), "", f"{growth:.2f}", linear])
    return rows


def _steps(each: dict[int, float]) -> str:
    return ", ".join(f"{each[size] * 1000:.2f} ms at {size:,}" for size in SIZES)


def _accounts(server: ReferenceServer, folder: Path) -> list[str]:
    environment = root_environment(server)
    tokens = [{"account": f"acct{n:03}", "name": "backup", "expires_in": "90d"} for n in range(ACCOUNTS)]
    ours = [{"name": "ours", "panelops.cpanel.cpanel_api_tokens": {"tokens": tokens}}]
    seconds_of(ours, folder, environment)
    calls = _calls(server, lambda: seconds_of(ours, folder, environment))
    seconds = in_turn({"ours": ours, "uri": [_compare_cpanel(server)]}, folder, environment, ROUNDS)
    return _row(f"{ACCOUNTS} accounts, a token each", calls, seconds["ours"], seconds["uri"] / MEASURED * ACCOUNTS, 100)


def _compare_whm(server: ReferenceServer) -> dict:
    wish = "(listed.json.data.tokens['token-%05d' | format(item)].acls | dict2items | selectattr('value') | map(attribute='key') | list)"
    path = "/json-api/api_token_list?api.version=1"
    return uri_get(
        server, path, loop=list(range(MEASURED)), register="listed", changed_when=f"{wish} != ['list-accts']"
    )


def _compare_cpanel(server: ReferenceServer) -> dict:
    path = "/json-api/uapi_cpanel?api.version=1&cpanel.module=Tokens&cpanel.function=list&cpanel.user={{ 'acct%03d' | format(item) }}"
    wish = "'backup' not in (listed.json.data.uapi.data | map(attribute='name'))"
    return uri_get(server, path, loop=list(range(MEASURED)), register="listed", changed_when=wish)


def _calls(server: ReferenceServer, work: Callable[[], object]) -> int:
    server.control("DELETE", "/counters")
    work()
    calls: int = server.control("GET", "/counters")["http_requests"]
    return calls


def _row(what: str, calls: int, ours: float, theirs: float, target: float) -> list[str]:
    ratio = theirs / ours
    return [
        what,
        str(calls),
        f"{ours:.2f} s",
        f"{theirs:.0f} s",
        f"{ratio:,.0f}x",
        verdict(ratio, target, at_least=True),
    ]
