# Copyright (c) 2026 panelops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The page on how reliable rotations are, written by the run that tried it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from datetime import UTC, datetime
from importlib.metadata import version

from tests.reliability.rotation_points import CASES
from tests.reliability.rotation_scene import Conditions
from tests.reliability.rotation_sinks import GROUPS
from tests.support.paths import REPOSITORY

PAGE = REPOSITORY / "docs" / "reliability.md"

_INTRODUCTION = """# Reliability of rotations

Written by `make reliability`. At each point a real `ansible-playbook` run of the role `rotate` is hit, while a consumer polls the
reference server with its delivered copy from its own allowed address, about ten times a second. Then the next run comes, and after the
overlap what a run begins with once more. The point has passed if the consumer was never refused, the next run ended with exactly one live
token, the delivered one, and no sibling was left after the overlap.

What hits: `SIGKILL` of the play before each of its tasks; `SIGKILL` of the play at each HTTP call, to the server and to the
stores, before it is sent and after it was answered; and at each call of each function of the server (those in batches too)
the connection cut before and after the change was committed, and the server killed before and after it was committed, and started again.

"raw" is one token with one file. The others are several tokens in one play: "all" has one for each of these sinks: {all}; "shared" for
files that hold other things, of which two are variables of one Ansible Vault file: {shared}; "stores" for keys of
secrets that hold others: {stores}. All that is not ours in such a file or secret is compared before and after.

The server's clock is 40 days ahead of the controller's in all of them. In a sample it is 2 hours behind or 80 days ahead, or the server
says of a batch that failed in part that it succeeded as a whole; any two of service, sink (raw, vault, tasks), what hits, clock and such an
answer meet in it at least once.
"""

_KINDS = {
    "task": "play killed before a task",
    "call-before": "play killed before a call",
    "call-after": "play killed after a call",
    "drop_before_commit": "connection cut before the commit",
    "drop_after_commit": "connection cut after the commit",
    "kill_before_commit": "server killed before the commit",
    "kill_after_commit": "server killed after the commit",
}
_SERVICES = {"whm": "WHM", "account": "an account through WHM", "cpanel": "an account itself"}


def write_page(entries: Iterable[dict]) -> None:
    """Write the page."""
    entries = list(entries)
    hit = [entry for entry in entries if "kind" in entry]
    points = [entry for entry in hit if Conditions(*entry["conditions"]) == Conditions()]
    sample = [entry for entry in hit if entry not in points]
    races = [entry for entry in entries if "kind" not in entry]
    counted: dict = defaultdict(list)
    for entry in points:
        counted[entry["kind"], entry["service"], entry["sinks"]].append(entry)
    columns = sorted(CASES, key=lambda case: list(_SERVICES).index(case[0]))
    head = ["what hits", *(f"{_SERVICES[service]}, {sinks}" for service, sinks in columns)]
    rows = [
        [text, *(_cell(counted[kind, service, sinks]) for service, sinks in columns)] for kind, text in _KINDS.items()
    ]
    lines = ["| " + " | ".join(row) + " |" for row in [head, ["---"] * len(head), *rows]]
    troubled = [entry for entry in entries if entry["trouble"]]
    hours = sum(entry["seconds"] for entry in entries) / 3600
    served = sum(entry["served"] for entry in entries)
    text = [
        _INTRODUCTION.format(**{name: ", ".join(group) for name, group in GROUPS.items()}),
        "Points, and how many of them failed:\n",
        "\n".join(lines),
        f"\nIn the sample under other conditions: {_cell(sample)}.",
        f"\nTwo runs started together: {len(races)} times, {sum(bool(entry['trouble']) for entry in races)} failed.\n",
        f"**{len(hit)} points, {len(races)} races; {hours:.1f} hours of one process; outages and other failures: {len(troubled)}.**",
        f"The consumers were served {served:,} times.",
        *(f"\n- {entry['name']}: {entry['trouble']}" for entry in troubled),
        f"\nLast run {datetime.now(UTC):%Y-%m-%d}, ansible-core {version('ansible-core')}.",
    ]
    PAGE.write_text("\n".join(text) + "\n", encoding="utf-8")


def _cell(entries: list[dict]) -> str:
    return f"{len(entries)}, {sum(bool(entry['trouble']) for entry in entries)} failed" if entries else ""
