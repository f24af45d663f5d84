# Copyright (c) 2026 panelops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The page with the results of the last runs. Each benchmark owns one section of it, between two markers."""

from __future__ import annotations

import os
import platform
import re
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path

from benchmarks.support.table import Table

PAGE = Path(__file__).resolve().parents[2] / "docs" / "benchmarks.md"
_INTRODUCTION = """# Benchmarks

Written by `make bench` (`make bench ONLY=server` runs one). The figures are of one machine at one time: compare the ratios, not the
absolute numbers. No test depends on them.
"""


def write_section(page: Path, name: str, table: Table) -> None:
    """Put a table into its section of the page, in place of an older one."""
    text = page.read_text(encoding="utf-8") if page.exists() else _INTRODUCTION
    section = f"<!-- begin {name} -->\n{table.as_markdown()}\n{facts()}\n<!-- end {name} -->\n"
    pattern = re.compile(rf"<!-- begin {re.escape(name)} -->\n.*?<!-- end {re.escape(name)} -->\n", re.DOTALL)
    if not pattern.search(text):
        text = f"{text.rstrip()}\n\n<!-- begin {name} -->\n<!-- end {name} -->\n"
    text = pattern.sub(lambda _match: section, text)
    page.parent.mkdir(exist_ok=True)
    page.write_text(text, encoding="utf-8")


def facts() -> str:
    """Return one line on when, with what and on what kind of machine the figures were got."""
    packages = ", ".join(f"{name} {version(name)}" for name in ("uvicorn", "starlette", "uvloop", "ansible-core"))
    load = os.getloadavg()[0]
    return (
        f"Measured {datetime.now(UTC):%Y-%m-%d %H:%M} UTC: {os.cpu_count()} cores ({platform.machine()}), "
        f"Python {platform.python_version()}, {packages}; load average at the end {load:.1f}."
    )
