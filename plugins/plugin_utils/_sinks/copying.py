# Copyright (c) 2026 panelops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Live secrets that are copied from one place of a token to another: read there, and put into the work for those who fill the other one."""

from __future__ import annotations

from collections.abc import Mapping

from ansible_collections.panelops.cpanel.plugins.module_utils._delivery.evidence import Place
from ansible_collections.panelops.cpanel.plugins.module_utils._rotation.healing import COPIED


def put_in(result: dict, evidence: object) -> None:
    """Put secrets into the work that a step has returned. The step itself cannot: its result is censored by what it was given.

    :param evidence: what was read, as the step was given it.
    """
    held = {
        Place.of(each): each["held"]
        for each in (evidence if isinstance(evidence, list) else ())
        if isinstance(each, Mapping) and each.get("held")
    }
    for host in result.get("hosts") or ():
        host["sinks"] = [_filled(sink, held) for sink in host["sinks"]]
    result["stores"] = [_filled(sink, held) for sink in result.get("stores") or ()]


def _filled(sink: Mapping, held: Mapping[Place, str]) -> dict:
    work = dict(sink)
    source = work.pop("source", None)
    if source is None:
        return work
    secret = held[Place.of(source)]
    if "token" in work:
        work["token"] = secret
    if "values" in work:
        work["values"] = {name: secret if value == COPIED else value for name, value in work["values"].items()}
    return work
