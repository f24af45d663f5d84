# Copyright (c) 2026 panelops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The report of an audit as plain data, from which the three formats, the gate and the task's result are made.

docs/audit.md describes its schema. ``VERSION`` rises when a part of it changes its meaning or is removed.
"""

from __future__ import annotations

import hashlib
import json
from collections import Counter
from collections.abc import Collection, Mapping, Sequence

from .kinds import KINDS, SEVERITIES, reaches
from .policy import Policy
from .server import server_from
from .text import clean, moment

FORMAT = "panelops.cpanel.audit"
VERSION = 1

_TOLD = 3
_OF_THE_MOMENT = ("last_used",)


def report_from(
    reads: Mapping[str, Mapping | None],
    pending: Collection[str],
    policy: Policy,
    title: str,
    now: int,
    left_out: Collection[str] = (),
) -> dict:
    """The whole report.

    :param reads: by server, what was read of it; see ``server_from``.
    :param pending: the servers that are still to be read in this run. :param left_out: further servers that this run leaves out.
    :param now: Unix seconds of the controller.
    """
    servers, tokens, findings = [], [], []
    for name in sorted(reads):
        server, listed, found = server_from(name, reads[name], name in pending, policy, now)
        servers.append(server)
        tokens += listed
        findings += found
    findings.sort(key=lambda each: (_place(each), list(KINDS).index(each["kind"])))
    report = dict(
        format=FORMAT,
        version=VERSION,
        title=title,
        generated_at=moment(now),
        complete=not left_out and not _pending(servers),
        left_out=sorted(map(clean, left_out)),
        summary=_summary(servers, tokens, findings),
        servers=servers,
        tokens=sorted(tokens, key=_place),
        findings=findings,
    )
    return dict(report, digest=_digest(report))


def counted(findings: Sequence[Mapping]) -> list[Mapping]:
    """Those that are neither accepted nor fixed."""
    return [each for each in findings if each["accepted"] is None and not each["fixed"]]


def gate_from(report: Mapping, fail_on: str) -> tuple[int, str]:
    """The number of findings that reach a severity, and the sentence with which the play fails; empty if it should not fail."""
    failing = [each for each in counted(report["findings"]) if reaches(each["severity"], fail_on)]
    if not failing or _pending(report["servers"]):
        return len(failing), ""
    failing.sort(key=lambda each: -SEVERITIES.index(each["severity"]))
    some = " ".join(f"{subject_of(each)}: {each['sentence']}" for each in failing[:_TOLD])
    more = f" And {len(failing) - _TOLD} more." if len(failing) > _TOLD else ""
    verb = "finding is" if len(failing) == 1 else "findings are"
    worse = "" if fail_on == SEVERITIES[-1] else " or worse"
    return len(failing), f"{len(failing)} {verb} of severity {fail_on}{worse}. {some}{more}"


def subject_of(finding: Mapping) -> str:
    """What a finding is about, in a few words."""
    parts = [finding[key] for key in ("server", "owner", "name") if finding[key]]
    return "/".join(parts)


def _pending(servers: Sequence[Mapping]) -> bool:
    return any(server["status"] == "pending" for server in servers)


def _place(entry: Mapping) -> tuple:
    return tuple(entry[key] or "" for key in ("server", "service", "owner", "name"))


def _summary(servers: Sequence[Mapping], tokens: Sequence[Mapping], findings: Sequence[Mapping]) -> dict:
    live = counted(findings)
    by_severity = Counter(each["severity"] for each in live)
    by_kind = Counter(each["kind"] for each in live)
    return dict(
        servers=len(servers),
        servers_read=sum(server["status"] == "read" for server in servers),
        accounts=sum(server["accounts"] or 0 for server in servers),
        tokens=len(tokens),
        findings={severity: by_severity[severity] for severity in reversed(SEVERITIES)},
        kinds={kind: by_kind[kind] for kind in KINDS if by_kind[kind]},
        accepted=sum(each["accepted"] is not None and not each["fixed"] for each in findings),
        fixed=sum(each["fixed"] for each in findings),
    )


def _digest(report: Mapping) -> str:
    """A hash of the report without what differs between two runs of an unchanged fleet: the time, and when tokens were last used."""
    tokens = [{key: value for key, value in each.items() if key not in _OF_THE_MOMENT} for each in report["tokens"]]
    lasting = dict(report, generated_at=None, tokens=tokens)
    return hashlib.sha256(json.dumps(lasting, sort_keys=True).encode()).hexdigest()
