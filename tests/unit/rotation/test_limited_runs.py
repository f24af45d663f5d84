# Copyright (c) 2026 panelops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The options that limit a run, as a task gives them: what cannot be kept is refused when it is written."""

from __future__ import annotations

import json
from datetime import UTC
from zoneinfo import ZoneInfo

import pytest
from ansible.module_utils.common.arg_spec import ArgumentSpecValidator
from ansible_collections.panelops.cpanel.plugins.module_utils._errors import InvalidOption
from ansible_collections.panelops.cpanel.plugins.module_utils._modules.api_token_rotation import ARGUMENT_SPEC
from ansible_collections.panelops.cpanel.plugins.module_utils._rotation.options import (
    check_entries,
    options_from,
    rotating_from,
)
from ansible_collections.panelops.cpanel.plugins.module_utils._rotation.spread import earlier
from ansible_collections.panelops.cpanel.plugins.module_utils._rotation.urgency import BlastRadius
from ansible_collections.panelops.cpanel.plugins.module_utils._rotation.window import Window
from hypothesis import given
from hypothesis import strategies as st

SINK = {"type": "file", "hosts": ["c"], "path": "/keys/t"}
NIGHTS = {"days": ["mon", "tue"], "hours": "22:00-04:00", "zone": "Europe/Berlin"}
"""Closed for five days and 18 hours, and an hour in autumn."""


def checked(token: dict, **more: object) -> dict:
    """The options of a task, with what is not given."""
    tokens = [{"name": "t", "sinks": [SINK], **token}]
    validation = ArgumentSpecValidator(ARGUMENT_SPEC).validate(
        json.loads(json.dumps({"step": "decide", "tokens": tokens, **more}))
    )
    assert not validation.error_messages, validation.error_messages
    return validation.validated_parameters


def refusal(token: dict, **more: object) -> str:
    with pytest.raises(InvalidOption) as refused:
        check_entries(checked(token, **more))
    return str(refused.value)


def test_what_they_are_read_as() -> None:
    params = checked({"expires_in": "30d"}, window=NIGHTS, limit=3, stop_after=2, only="a, b*", spread="5d")
    options = options_from(params)
    assert options.radius == BlastRadius(Window(frozenset([0, 1]), 22 * 60, 6 * 60, ZoneInfo("Europe/Berlin")), 3, 2)
    assert options.only == ("a", "b*")
    (token,) = rotating_from(params)
    assert token.desired.earlier == earlier("t", 5 * 86400)
    assert options_from(checked({}, window={"days": ["sat"]})).radius.window == Window(frozenset([5]), 0, 1440, UTC)


def test_an_emergency_ignores_them_but_not_the_names() -> None:
    window = {"days": [], "hours": "x", "zone": "Mars/Olympus"}
    params = checked(
        {"expires_in": "2d"}, window=window, limit=-1, stop_after=0, only=["t"], spread="5d", emergency=True
    )
    check_entries(params)
    assert options_from(params).radius == BlastRadius()
    assert options_from(params).only == ("t",)
    assert rotating_from(params)[0].desired.earlier == 0


@given(st.integers(1, 12))
def test_a_window_that_cannot_come_in_time_is_refused(days: int) -> None:
    token = {"expires_in": "90d", "rotate_before": f"{days}d"}
    if days >= 6:
        check_entries(checked(token, window=NIGHTS))
    else:
        assert refusal(token, window=NIGHTS).startswith("tokens[0] (t): window: is closed for up to 5d19h, ")


def test_the_gap_counts_to_the_second() -> None:
    gap = {"window": NIGHTS}
    check_entries(checked({"expires_in": "90d", "rotate_before": "5d19h1s"}, **gap))
    assert refusal({"expires_in": "90d", "rotate_before": "5d19h"}, **gap) == (
        "tokens[0] (t): window: is closed for up to 5d19h, and rotate_before (5d19h) is not longer, so the token could expire before the "
        "window opens. Give a longer rotate_before, or more days or hours."
    )
    assert "rotate_before (a third of expires_in) is not longer" in refusal({"expires_in": "17d"}, **gap)
    check_entries(checked({"expires_in": "18d"}, **gap))
    check_entries(checked({"max_age": "1d"}, **gap))
    assert "window: is closed" in refusal(
        {"accounts": ["*"], "sinks": [{**SINK, "path": "/{account}"}], "expires_in": "9d"}, **gap
    )


@given(st.integers(1, 10**6), st.integers(1, 10**6), st.integers(1, 10**6))
def test_a_spread_leaves_something_of_the_lifetime(lifetime: int, before: int, spread: int) -> None:
    token = {"expires_in": f"{lifetime}s", "rotate_before": f"{before}s"}
    if before >= lifetime:
        return
    if spread < lifetime - before:
        check_entries(checked(token, spread=f"{spread}s"))
    else:
        assert "is not less than expires_in" in refusal(token, spread=f"{spread}s")


def test_how_a_spread_is_refused() -> None:
    assert refusal({"expires_in": "30d"}, spread="20d") == (
        "tokens[0] (t): spread: 20d is not less than expires_in (30d) minus rotate_before (a third of it). "
        "Every run would rotate the token."
    )
    assert refusal({"max_age": "90m"}, spread="1h30m5s") == (
        "tokens[0] (t): spread: 1h30m5s is not less than max_age (90m). Every run would rotate the token."
    )
    check_entries(checked({"max_age": "30d"}, spread="29d"))
    assert refusal({}, spread="7") == "spread: '7' has no unit. Give for example 90d, 12h, 1d12h or 20m."


@pytest.mark.parametrize("option", ["limit", "stop_after"])
@pytest.mark.parametrize("number", [0, -1])
def test_a_number_below_one_is_refused(option: str, number: int) -> None:
    with pytest.raises(InvalidOption) as refused:
        options_from(checked({}, **{option: number}))
    assert str(refused.value) == f"{option}: {number} is not a number of tokens from 1 on. Leave it out for no limit."


def test_a_zone_that_the_host_does_not_know() -> None:
    assert refusal({}, window={**NIGHTS, "zone": "Mars/Olympus"}) == (
        "window.zone: 'Mars/Olympus' is not known on the host that runs the module. Give a name such as Europe/Berlin, or UTC."
    )
