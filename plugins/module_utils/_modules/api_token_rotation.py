# Copyright (c) 2026 panelops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What M(panelops.cpanel.api_token_rotation) does, as a function of plain data: one step of a rotation of many tokens."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from .._argspec import api_token_rotation
from .._delivery.evidence import Evidence
from .._errors import InvalidOption
from .._rotation.accounts import from_rotation
from .._rotation.decide import begin, chosen, decide
from .._rotation.entries import entries_from, present_wave
from .._rotation.healing import compare, settle
from .._rotation.only import is_selected
from .._rotation.options import check_entries, options_from, rotating_from
from .._rotation.places import AllEvidence
from .._rotation.promote import promote
from .._rotation.server import opened_server
from .._rotation.sinks import FORMATS, KINDS
from .._rotation.stage import stage, withdraw, would_stage
from .._rotation.window import DAYS

_LATER_STEPS = dict(stage=stage, promote=promote, withdraw=withdraw)
ARGUMENT_SPEC = api_token_rotation(
    steps=("decide", "compare", "settle", "begin", *_LATER_STEPS), types=KINDS, formats=FORMATS, days=DAYS
)


def run(params: Mapping[str, Any], check_mode: bool, environ: Mapping[str, str]) -> dict[str, object]:
    """Take one step and answer the task's result.

    :raises PanelopsError: with a sentence for the user.
    """
    check_entries(params)
    options = options_from(params)
    step = params["step"]
    if step != "decide" and params["rotation"] is None:
        raise InvalidOption("rotation", f"is needed for step: {step}.", "Give what the step before returned.")
    listed = rotating_from(params, from_rotation(params["rotation"] or ()))
    rotating = [each for each in listed if is_selected(each.key, options.only)]
    entries = {} if step == "decide" else entries_from(params["rotation"], [each.key for each in rotating])
    with opened_server(params, environ, options) as server:
        if step == "decide":
            choice = chosen(server, params)
            decided = decide(server, choice, check_mode)
            return dict(decided.as_result(), check_mode=check_mode)
        if step == "begin":
            return dict(begin(server, rotating, entries).as_result(), check_mode=check_mode)
        evidence = AllEvidence(Evidence.of(each) for each in params["sinks"] or ())
        if step == "compare":
            compared = compare(server, rotating, entries, evidence, check_mode)
            return dict(compared.as_result(), check_mode=check_mode)
        if step == "settle":
            return dict(settle(server, rotating, entries, evidence).as_result(), check_mode=check_mode)
        present = present_wave(entries.values())
        rotating = [each for each in rotating if entries[each.key].wave == present]
        if check_mode and step == "stage":
            return dict(would_stage(server, rotating, entries, evidence).as_result(), check_mode=True)
        if check_mode:
            nothing: dict[str, object] = dict(report=[], hosts=[], stores=[], task_sinks=[], notify={}, check_mode=True)
            return dict(nothing, changed=False, rotation=params["rotation"])
        later = _LATER_STEPS[step](server, rotating, entries, evidence)
        return dict(later.as_result(), check_mode=False)
