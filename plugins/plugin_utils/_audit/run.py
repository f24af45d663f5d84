# Copyright (c) 2026 panelops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What M(panelops.cpanel.audit_report) does, as a function of plain data and a folder."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from .files import ReportFiles, checked_mode
from .formats import as_csv, as_json
from .html import as_html
from .kinds import SEVERITIES
from .policy import policy_from
from .report import (
    counted,
    gate_from,
    report_from,
    subject_of,
)

MOST_TOLD = 50
"""Findings in the task's result; the report has them all."""

_WRITERS = {"html": as_html, "json": as_json, "csv": as_csv}


@dataclass(frozen=True)
class Coverage:
    """What a report is about.

    ``reads`` is by server what was read of it, see ``server_from``; ``pending`` are those of them that are still to be read in this run,
    ``left_out`` those that the run leaves out. It is not ``newest`` if this run has already written a report on more servers.
    """

    reads: Mapping[str, Mapping | None]
    pending: Sequence[str] = ()
    left_out: Sequence[str] = ()
    newest: bool = True

    @property
    def read(self) -> list[str]:
        """The servers that were read."""
        return [name for name, read in self.reads.items() if read]

    def overtaken(self) -> Coverage:
        """The same, of a report that is not to be written any more."""
        return replace(self, newest=False)


def run(params: Mapping, coverage: Coverage, folder: Path, check_mode: bool, now: int) -> dict:
    """Make the report, write it unless in check mode, and return the task's result.

    :param params: the options but for those that ``coverage`` holds. :param now: Unix seconds of the controller.
    :raises PanelopsError: with a sentence for the user.
    """
    policy = policy_from(params)
    files = ReportFiles(folder, params["formats"], checked_mode(params["mode"]), partial=bool(coverage.left_out))
    report = report_from(coverage.reads, coverage.pending, policy, params["title"], now, coverage.left_out)
    texts = {kind: _WRITERS[kind](report) for kind in params["formats"]}
    changed = files.differ(texts, report["digest"])
    before, after = _earlier_lines(files.old("json")), _lines(report)
    if coverage.newest and not check_mode:
        files.write(texts)
    failing, gate = gate_from(report, params["fail_on"])
    worst = sorted(counted(report["findings"]), key=lambda each: -SEVERITIES.index(each["severity"]))
    return dict(
        changed=changed and coverage.newest,
        complete=report["complete"],
        summary=report["summary"],
        findings=worst[:MOST_TOLD],
        failing=failing,
        gate=gate,
        files={kind: str(path) for kind, path in files.paths.items()},
        diff=dict(before="".join(before), after="".join(after), before_header="findings", after_header="findings"),
        warnings=_warnings(coverage, files, failing, gate),
    )


def _warnings(coverage: Coverage, files: ReportFiles, failing: int, gate: str) -> list[str]:
    told = []
    if coverage.left_out:
        missing, path = len(coverage.left_out), next(iter(files.paths.values()), None)
        told.append(
            f"--limit left out {missing} of {missing + len(coverage.reads)} hosts of the play. This report is {path}; "
            "the whole one stays as it is. Run the audit without --limit to replace it."
        )
    if failing and not gate:
        to_come = ", ".join(sorted(coverage.pending))
        told.append(
            f"{failing} of the findings so far reach fail_on. The play fails after the last server. Still to come: {to_come}."
        )
    return told


def _earlier_lines(text: str) -> list[str]:
    """The findings in the JSON that an earlier run wrote; empty if there is none that can be read."""
    try:
        return _lines(json.loads(text))
    except (ValueError, KeyError, TypeError):
        return []


def _lines(report: Mapping) -> list[str]:
    """The findings as a diff shows them."""
    return [f"{each['severity']} {subject_of(each)}: {each['sentence']}\n" for each in report["findings"]]
