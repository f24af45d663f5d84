# Copyright (c) 2026 panelops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Run benchmarks and write what they measured into ``docs/benchmarks.md``: ``python -m benchmarks [NAME ...]``."""

from __future__ import annotations

import importlib
import pkgutil
import sys
from pathlib import Path

import benchmarks
from benchmarks.support.page import PAGE, write_section


def main(wanted: list[str]) -> int:
    """Run the benchmarks whose names begin so, or all of them; return the exit status."""
    names = sorted(module.name for module in pkgutil.iter_modules(benchmarks.__path__) if not module.ispkg)
    names.remove("__main__")
    unknown = [each for each in wanted if not any(name.startswith(each) for name in names)]
    if unknown:
        print(f"There is no benchmark {', '.join(unknown)}; there are: {', '.join(names)}.", file=sys.stderr)
        return 2
    for name in names:
        if not wanted or name.startswith(tuple(wanted)):
            print(f"== {name}", flush=True)
            table = importlib.import_module(f"benchmarks.{name}").run()
            print(table.as_text(), flush=True)
            write_section(PAGE, name, table)
    print(f"Written to {PAGE.relative_to(Path.cwd())}.")
    return 0


sys.exit(main(sys.argv[1:]))
