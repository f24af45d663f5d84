# Copyright (c) 2026 panelops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The role audit over many servers with many accounts each."""

from __future__ import annotations

import json
import tempfile
import time
from pathlib import Path

from benchmarks.support.fleet import Fleet, fleet
from benchmarks.support.plays import seconds_of_plays
from benchmarks.support.table import Table
from tests.support.chromium import context, executable, running

SERVERS, ACCOUNTS, FORKS = 20, 500, 5

_EXPLANATION = f"""The role audit reads {SERVERS} servers with {ACCOUNTS} accounts each and writes its three files. Every account has
one token, and root has four on each server. The servers are processes of this machine, so they share its cores with Ansible, which runs
with its default of {FORKS} forks. Calls are HTTP requests that the servers counted, at the server with the most; the target is
accounts / 50 + 2. "Shown" is the time that Chromium takes to load the HTML with its scripts run and the first screen laid out, and
"filtered" that of a search in all rows."""


def run() -> Table:
    """Measure everything."""
    table = Table("Audit of many servers", _EXPLANATION.replace("\n", " "), ["what", "figure", "target"])
    with tempfile.TemporaryDirectory(prefix="bench-") as name:
        folder = Path(name)
        with fleet(folder, SERVERS, ACCOUNTS) as servers:
            for what, options in (("WHM tokens only", {}), ("with all accounts", {"audit_accounts": True})):
                seconds, calls = _audit(servers, folder, options)
                target = ACCOUNTS // 50 + 2 if options else 2
                table.rows.append(
                    [
                        f"calls per server, {what}",
                        f"{max(calls)}",
                        f"<= {target}: {'reached' if max(calls) <= target else 'MISSED'}",
                    ]
                )
                table.rows.append([f"wall time, {what}", f"{seconds:.1f} s", ""])
        report = json.loads((folder / "report" / "api-tokens.json").read_text(encoding="utf-8"))["summary"]
        table.rows.append(["tokens", f"{report['tokens']:,}", ""])
        table.rows.append(["findings", f"{sum(report['findings'].values()):,}", ""])
        for path in sorted((folder / "report").iterdir()):
            table.rows.append([f"size of {path.name}", f"{path.stat().st_size / 2**20:.1f} MiB", ""])
        table.rows += _browser(folder / "report" / "api-tokens.html")
    return table


def _audit(servers: Fleet, folder: Path, options: dict) -> tuple[float, list[int]]:
    play = {
        "hosts": "whm",
        "gather_facts": False,
        "roles": [{"role": "panelops.cpanel.audit", "audit_dir": str(folder / "report"), **options}],
    }
    servers.forget()
    seconds = seconds_of_plays([play], folder, {}, ("-i", str(servers.inventory), "-f", str(FORKS)))
    return seconds, list(servers.calls().values())


def _browser(page_file: Path) -> list[list[str]]:
    path = executable()
    if path is None:
        return [["shown in Chromium", "there is none here", ""]]
    with running(path) as browser, context(browser) as opened:
        page = opened.new_page()
        begin = time.perf_counter()
        page.goto(page_file.as_uri())
        page.evaluate("() => new Promise((done) => requestAnimationFrame(() => setTimeout(done)))")
        shown = time.perf_counter() - begin
        begin = time.perf_counter()
        page.get_by_label("Search").fill("acct07123")
        page.evaluate("() => new Promise((done) => requestAnimationFrame(() => setTimeout(done)))")
        filtered = time.perf_counter() - begin
    return [["shown in Chromium", f"{shown:.2f} s", ""], ["filtered", f"{filtered:.2f} s", ""]]
