# Copyright (c) 2026 panelops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A report as one HTML file that needs no other file, and whose policy forbids loading any."""

from __future__ import annotations

import base64
import hashlib
from collections import defaultdict
from collections.abc import Mapping
from pathlib import Path

from jinja2 import Environment, FileSystemLoader
from markupsafe import Markup

from .kinds import KINDS, SEVERITIES
from .report import counted
from .text import day, minute

TEMPLATES = Path(__file__).resolve().parents[3] / "roles" / "audit" / "templates"


def as_html(report: Mapping) -> str:
    """The report for people. Every text in it is escaped."""
    environment = Environment(
        autoescape=True, loader=FileSystemLoader(TEMPLATES), trim_blocks=True, lstrip_blocks=True, auto_reload=False
    )
    environment.filters.update(day=day, minute=minute)
    style, script = ((TEMPLATES / name).read_text(encoding="utf-8") for name in ("report.css", "report.js"))
    policy = f"default-src 'none'; style-src '{_hash(style)}'; script-src '{_hash(script)}'; base-uri 'none'; form-action 'none'"
    return environment.get_template("report.html.j2").render(
        report=report,
        rows=_rows(report),
        of_server=_of_server(report),
        kinds=KINDS,
        found_kinds=_found_kinds(report),
        severities=SEVERITIES[::-1],
        policy=policy,
        # Our own files, and the policy admits them as they stand.
        style=Markup(style),  # noqa: S704 - a file of ours
        script=Markup(script),  # noqa: S704 - a file of ours
    )


def _hash(text: str) -> str:
    return "sha256-" + base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()


def _rows(report: Mapping) -> list[dict]:
    """The tokens, and whatever else has findings, each with its own; the worst first."""
    found = defaultdict(list)
    for each in report["findings"]:
        found[_key(each)].append(each)
    listed = {_key(token) for token in report["tokens"]}
    rows = [dict(token, findings=found.get(_key(token), [])) for token in report["tokens"]]
    rows += [
        dict(zip(("server", "service", "owner", "name"), key), findings=found[key])
        for key in found
        if key not in listed
    ]
    for row in rows:
        worst = max((SEVERITIES.index(each["severity"]) for each in counted(row["findings"])), default=-1)
        row["severity"] = SEVERITIES[worst] if worst >= 0 else None
        row["rank"] = worst
    return sorted(rows, key=lambda row: -row["rank"])


def _found_kinds(report: Mapping) -> list[dict]:
    """The kinds that were found, each with its severity and how often, the worst first."""
    severities = {each["kind"]: each["severity"] for each in report["findings"]}
    found = [
        dict(name=kind, severity=severities[kind], number=number) for kind, number in report["summary"]["kinds"].items()
    ]
    return sorted(found, key=lambda kind: -SEVERITIES.index(kind["severity"]))


def _of_server(report: Mapping) -> dict[str, dict]:
    """By server: how many tokens, and how many findings of each severity."""
    counts = {server["name"]: dict.fromkeys(("tokens", *SEVERITIES), 0) for server in report["servers"]}
    for token in report["tokens"]:
        counts[token["server"]]["tokens"] += 1
    for each in counted(report["findings"]):
        counts[each["server"]][each["severity"]] += 1
    return counts


def _key(entry: Mapping) -> tuple:
    return tuple(entry[key] for key in ("server", "service", "owner", "name"))
