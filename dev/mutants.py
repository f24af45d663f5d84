# Copyright (c) 2026 panelops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""mutants.py EQUIVALENT, in the folder of mutmut's results: how many mutants the tests kill, by file and in total.

EQUIVALENT is the page that lists mutants which no test can kill, each with its proof. What survived and is not listed there is written to
survivors.txt, with its diff. ``mutants.py --forget-survivors`` makes mutmut try all that survived again.

The exit status is 1 if the tests kill less than ``LEAST`` percent, or if more than ``MOST_EQUIVALENT`` percent are listed.
"""

from __future__ import annotations

import json
import re
import sys
from collections import Counter
from dataclasses import dataclass
from pathlib import Path

from mutmut.mutation.diff_apply import get_diff_for_mutant
from mutmut.stats import status_by_exit_code

LEAST = 95.0
MOST_EQUIVALENT = 5.0

KILLED = ("killed", "timeout")

NOT_MEASURED = frozenset(("_engine/guard.py::own_token", "_engine/guard.py::refuse_shut_out"))
"""They decide nothing: they ask a server, so playbook tests show what they do."""

ROOM = "plugins/module_utils/"
_ROW = re.compile(r"^\| `(?P<place>[\w./]+::[\w.]+)` \| `(?P<old>.+?)` \| `(?P<new>.+?)` \| (?P<proof>.+) \|$")


@dataclass(frozen=True)
class Mutant:
    """One change to the code, and what came of it."""

    name: str
    path: Path
    status: str

    @property
    def file(self) -> str:
        """Below ``plugins/module_utils/``."""
        return str(self.path).partition(ROOM)[2]

    @property
    def place(self) -> str:
        """``file::function``, or ``file::Class.method``."""
        function = self.name.rpartition("__mutmut_")[0].rpartition(".")[2]
        return f"{self.file}::{function.removeprefix('x_').removeprefix('xǁ').replace('ǁ', '.')}"

    @property
    def survived(self) -> bool:
        """Do the tests not notice it?"""
        return self.status not in KILLED

    def diff(self) -> list[str]:
        """What it changes."""
        return get_diff_for_mutant(self.name, path=self.path).splitlines()[2:]

    def change(self) -> tuple[str, str, str]:
        """Its place, with the lines before and after."""
        lines = self.diff()
        sides = [" ".join(line[1:].strip() for line in lines if line.startswith(sign)) for sign in "-+"]
        return (self.place, sides[0], sides[1])


def mutants() -> list[Mutant]:
    """All mutants of the last run."""
    found = []
    for meta in sorted(Path("mutants").rglob("*.py.meta")):
        codes = json.loads(meta.read_text(encoding="utf-8"))["exit_code_by_key"]
        path = meta.relative_to("mutants").with_suffix("")
        found += [Mutant(name, path, status_by_exit_code[code]) for name, code in codes.items()]
    return [each for each in found if each.place not in NOT_MEASURED]


def forget_survivors() -> None:
    """Take the outcome of all that survived for unknown."""
    for meta in Path("mutants").rglob("*.py.meta"):
        data = json.loads(meta.read_text(encoding="utf-8"))
        codes = data["exit_code_by_key"]
        codes.update({name: None for name, code in codes.items() if status_by_exit_code[code] not in KILLED})
        meta.write_text(json.dumps(data), encoding="utf-8")


def listed(page: Path) -> list[tuple[str, str, str]]:
    """The changes that are proved to be equivalent."""
    rows = map(_ROW.match, page.read_text(encoding="utf-8").splitlines())
    return [(row["place"], row["old"], row["new"]) for row in rows if row]


def main(arguments: list[str]) -> int:
    """Print the table and write survivors.txt; the exit status."""
    if arguments == ["--forget-survivors"]:
        forget_survivors()
        return 0
    every = mutants()
    alive = [each for each in every if each.survived]
    proved = listed(Path(arguments[0]))
    changes = {each: each.change() for each in alive}
    equivalent = {each for each, change in changes.items() if change in proved}
    with Path("survivors.txt").open("w", encoding="utf-8") as out:
        for each in alive:
            if each not in equivalent:
                print(f"{each.status}: {each.name}", *each.diff(), "", sep="\n", file=out)
    return report(every, equivalent, [row for row in proved if row not in changes.values()])


def report(every: list[Mutant], equivalent: set[Mutant], stale: list[tuple[str, str, str]]) -> int:
    """Print the table; the exit status."""
    columns = ("killed", "timeout", "survived", "no tests", "other", "equivalent")
    counts: dict[str, Counter[str]] = {}
    for each in every:
        status = "equivalent" if each in equivalent else each.status if each.status in columns else "other"
        for row in (each.file, "total"):
            counts.setdefault(row, Counter())[status] += 1
    total = counts.pop("total")
    print(f"{'':26}", *(f"{column:>10}" for column in columns), f"{'all':>6}", f"{'killed %':>10}")
    for file, count in [*counts.items(), ("total", total)]:
        killed = 100 * (count["killed"] + count["timeout"]) / count.total()
        print(f"{file:26}", *(f"{count[column]:>10}" for column in columns), f"{count.total():>6}", f"{killed:>10.1f}")
    killed = 100 * (total["killed"] + total["timeout"]) / total.total()
    print("Survivors that are not listed as equivalent are in .cache/mutate/survivors.txt.")
    for row in stale:
        print(f"No mutant that survived is like this row of the list: {' | '.join(row)}")
    faults = []
    if killed < LEAST:
        faults.append(f"{killed:.1f} % were killed; at least {LEAST:.0f} % must be.")
    if total["equivalent"] > total.total() * MOST_EQUIVALENT / 100:
        faults.append(f"{total['equivalent']} are listed as equivalent; at most {MOST_EQUIVALENT:.0f} % may be.")
    for fault in faults:
        print(fault, file=sys.stderr)
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
