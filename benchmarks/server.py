# Copyright (c) 2026 panelops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The reference server with 100,000 tokens: against a bare Starlette route, against itself with 100 tokens, its start and its stop."""

from __future__ import annotations

import shutil
import statistics
import tempfile
import time
from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import replace
from http.client import HTTPSConnection
from pathlib import Path
from ssl import create_default_context
from urllib.parse import urlsplit

from benchmarks.support.bare import bare_route
from benchmarks.support.filled import Filled, fill
from benchmarks.support.load import Load, Result, measure
from benchmarks.support.table import Table, verdict
from token_server.testing import ReferenceServer

MANY = 100_000
FEW = 100
ROUNDS = 15
SECONDS = 0.6
STARTS = 7
CALLERS = 8
LISTS = {"whm": "/json-api/api_token_list?api.version=1", "cpanel": "/execute/Tokens/list"}
NAMES = {"whm": "api_token_list", "cpanel": "Tokens::list"}
SMALL = "/json-api/version?api.version=1"

_EXPLANATION = f"""The server holds {MANY:,} tokens of {MANY // 10:,} accounts. Rates are in requests per second over TLS on
{CALLERS} kept-open connections, medians of {ROUNDS} rounds of {SECONDS:g} s; in each round the two sides take turns, and the ratio is the
median of those of the rounds (the spread: the least and the greatest). "By processor time" compares what the two processes need of
that for one answer, in the best round of each: others on the machine change it less. The bare side is one Starlette route behind the
same listener (uvicorn options, event loop, TLS), in a process of its own, which answers the very bytes that the server has answered.
"Callers" is how many tokens the requests use in turn; with thousands of them nearly every list has to be made anew, as "last used" has
changed since. For authentication the two sides are the server with {MANY:,} and with {FEW} tokens. "Generator" is the share of a core
that the load generator used. "With api_tokens_log" compares a server that writes this log, which has a line for each request with a WHM
token, with one that was started with `--log-size 0`."""


def run() -> Table:
    """Measure everything."""
    table = Table(
        f"Reference server with {MANY:,} tokens",
        _EXPLANATION.replace("\n", " "),
        ["what", "callers", "server", "yardstick", "ratio", "spread", "by processor time", "generator", "target"],
    )
    with tempfile.TemporaryDirectory(prefix="bench-") as name, ExitStack() as stack:
        folder = Path(name)
        many, few = fill(folder / "many", MANY), fill(folder / "few", FEW)
        server = ReferenceServer(many.state)
        started, stopped = _starts_and_stops(server)
        stack.callback(server.stop)
        for service in LISTS:
            one_each = many.first_of_each(service)
            table.rows.append(_against_bare(server, folder, service, one_each[:CALLERS], 0.6))
            table.rows.append(_against_bare(server, folder, service, one_each, None))
        with ReferenceServer(few.state) as small:
            table.rows.append(_authentication(server, many, small, few, FEW // 2))
            table.rows.append(_authentication(server, many, small, few, None))
        table.rows.append(_logging(few))
        for what, seconds, target in (("start", started, 1), ("stop", stopped, 0.5)):
            end = verdict(seconds, target, at_least=False)
            table.rows.append([f"{what} with {MANY:,} tokens", "", f"{seconds:.2f} s", *[""] * 5, end])
    return table


def _starts_and_stops(server: ReferenceServer) -> tuple[float, float]:
    """Return the median seconds until all ports answer, and until the idle process is gone, and leave the server running."""
    starts, stops = [], []
    # The first start makes the certificate, once and for all.
    server.start()
    for _number in range(STARTS):
        stops.append(_seconds(server.stop))
        starts.append(_seconds(server.start))
    return statistics.median(starts), statistics.median(stops)


def _seconds(work: Callable[[], object]) -> float:
    begin = time.perf_counter()
    work()
    return time.perf_counter() - begin


def _against_bare(
    server: ReferenceServer, folder: Path, service: str, callers: list[str], target: float | None
) -> list[str]:
    path = LISTS[service]
    body = _fetch(server, service, path, callers[0])
    with bare_route(server.state, path.partition("?")[0], body, folder) as (process, url):
        ours = Load(server.ready["pid"], server.ready[service], server.ready["ca_file"], path, callers, SECONDS)
        bare = Load(process, url, server.ready["ca_file"], path, callers, SECONDS)
        return _row(f"{NAMES[service]} ({len(body):,} bytes)", len(callers), ours, bare, target)


def _authentication(
    server: ReferenceServer, many: Filled, small: ReferenceServer, few: Filled, callers: int | None
) -> list[str]:
    """Compare the cheapest call on both servers, with so many tokens in turn, or all that each has."""
    loads = []
    for running, filled in ((server, many), (small, few)):
        tokens = filled.authorizations["whm"][:callers]
        ready = running.ready
        loads.append(Load(ready["pid"], ready["whm"], ready["ca_file"], SMALL, tokens, SECONDS))
        _visit_all(loads[-1])
    return _row("authentication", callers, *loads, 0.9)


def _logging(few: Filled) -> list[str]:
    """Compare the cheapest call with and without the log of requests that API tokens authenticated."""
    loads = []
    with tempfile.TemporaryDirectory(prefix="bench-") as name, ExitStack() as stack:
        for size in ("104857600", "0"):
            # A state folder of its own for each: two servers cannot share one, and the tokens are the same.
            state = Path(name) / size
            shutil.copytree(few.state, state, ignore=shutil.ignore_patterns("lock"))
            ready = stack.enter_context(ReferenceServer(state, options=["--log-size", size])).ready
            tokens = few.authorizations["whm"][:CALLERS]
            loads.append(Load(ready["pid"], ready["whm"], ready["ca_file"], SMALL, tokens, SECONDS))
        return _row("with api_tokens_log", CALLERS, *loads, 0.95)


def _visit_all(load: Load) -> None:
    """Use every token once: what is to be compared is the work of authentication, not who has been there before."""
    seconds = len(load.authorizations) / measure(load).rate
    measure(replace(load, seconds=max(1.0, 1.5 * seconds)))


def _row(what: str, callers: int | None, ours: Load, yardstick: Load, target: float | None) -> list[str]:
    """Measure two sides in turn and return a row of the table."""
    pairs: list[tuple[Result, Result]] = []
    for number in range(ROUNDS):
        first, second = (ours, yardstick) if number % 2 else (yardstick, ours)
        results = {id(first): measure(first), id(second): measure(second)}
        pairs.append((results[id(ours)], results[id(yardstick)]))
    rates = [statistics.median(pair[side].rate for pair in pairs) for side in (0, 1)]
    ratios = [mine.rate / other.rate for mine, other in pairs]
    ratio = statistics.median(ratios)
    costs = [min(pair[side].cost for pair in pairs) for side in (0, 1)]
    busy = max(statistics.median(pair[side].busy for pair in pairs) for side in (0, 1))
    return [
        what,
        "all" if callers is None else f"{callers:,}",
        f"{rates[0]:,.0f}/s",
        f"{rates[1]:,.0f}/s",
        f"{ratio:.2f}",
        f"{min(ratios):.2f} to {max(ratios):.2f}",
        f"{costs[1] / costs[0]:.2f}",
        f"{busy:.0%}",
        "" if target is None else verdict(ratio, target, at_least=True),
    ]


def _fetch(server: ReferenceServer, service: str, path: str, authorization: str) -> bytes:
    """Return the body of one answer."""
    trust = create_default_context(cafile=server.ready["ca_file"])
    connection = HTTPSConnection(urlsplit(server.ready[service]).netloc, timeout=10, context=trust)
    try:
        connection.request("GET", path, headers={"Authorization": authorization})
        return connection.getresponse().read()
    finally:
        connection.close()
