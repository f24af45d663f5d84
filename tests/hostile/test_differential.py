# Copyright (c) 2026 panelops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Random pairs of a state and a desired state, taken every way there is: all ways say and do the same.

One token alone and one of many, check mode and a run, Ansible's own process and a module's, HTTPS and the command line. A second run
changes nothing.
"""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass

import pytest

from tests.hostile.chance import ROUNDS, Chance
from tests.integration.test_check_mode_predicts import SERVICES, Service, a_desired_token, a_state
from tests.integration.test_single_and_bulk import alike
from tests.support.cores import result_of_core
from tests.support.processes import run_module
from tests.support.server import Server

PAIRS = 30
"""For each service and round."""
SLOWLY = 6
"""One pair of so many is also taken by processes."""
AGE = 90
"""Seconds from the creation of the state to the task: some tokens of it have expired by then."""

Way = Callable[[Server, Service, Mapping[str, object], bool], dict]


def single(server: Server, service: Service, desired: Mapping[str, object], check_mode: bool) -> dict:
    return result_of_core(service.module, server.environment, check_mode=check_mode, **desired)


def bulk(server: Server, service: Service, desired: Mapping[str, object], check_mode: bool) -> dict:
    """The result in the shape of the module for one token."""
    result = result_of_core(f"{service.module}s", server.environment, check_mode=check_mode, tokens=[dict(desired)])
    (entry,) = result.get(f"{service.module}s", [{}])
    label = "/".join(filter(None, (service.options.get("account"), str(desired["name"]))))
    return {
        **{key: entry[key] for key in ("token", service.module) if key in entry},
        "changed": result.get("changed", False),
        "failed": bool(result.get("failed")),
        "msg": entry.get("msg", result.get("msg", "")),
        "warnings": [text.removeprefix(f"{label}: ") for text in result.get("warnings", ())],
        "diff": {side: result.get("diff", {}).get(side, {}).get(label, {}) for side in ("before", "after")},
    }


def module(server: Server, service: Service, desired: Mapping[str, object], check_mode: bool) -> dict:
    return run_module(service.module, server.environment, check_mode=check_mode, **desired)


def command_line(server: Server, service: Service, desired: Mapping[str, object], check_mode: bool) -> dict:
    environment = server.on_the_server
    return result_of_core(service.module, environment, check_mode=check_mode, transport="cli", **desired)


WAYS: dict[str, Way] = {"single": single, "bulk": bulk}
SLOW_WAYS: dict[str, Way] = {"module": module, "command line": command_line}


@dataclass
class Done:
    """What came of one pair, in one way."""

    predicted: dict
    done: dict
    again: dict
    live: dict[str, dict]


def taken(server: Server, service: Service, state: Mapping[str, dict], desired: Mapping[str, object], way: Way) -> Done:
    """Check mode, a run, and another run on a state; and the tokens after them."""
    service.clear(server)
    server.control("POST", "/clock", {"set": int(time.time()) - AGE})
    for name, limits in state.items():
        service.create(server, name, limits)
    # On the command line the host's clock is the server's.
    server.control("POST", "/clock", {"real": True})
    before = live(server, service)
    predicted = way(server, service, desired, True)
    assert live(server, service) == before, "check mode changes nothing"
    done = way(server, service, desired, False)
    return Done(predicted, done, way(server, service, desired, False), live(server, service))


def live(server: Server, service: Service) -> dict[str, dict]:
    tokens = server.whm_tokens() if service.module == "whm_api_token" else server.uapi_tokens()
    return {name: {key: value for key, value in token.items() if key != "last_used"} for name, token in tokens.items()}


def told(service: Service, result: Mapping, done: bool = True) -> dict:
    """What one result says, without what another run says otherwise; ``done``: with what only a run can know."""
    token = dict(result.get(service.module) or {})
    for key in ("last_used", "create_time"):
        token.pop(key, None)
    failed = bool(result.get("failed"))
    return {
        "changed": bool(result.get("changed")),
        "failed": failed,
        "msg": _without_label(result.get("msg", "")) if failed else "",
        "token": token,
        "diff": result.get("diff") if result.get("changed") else {},
        "secret": "token" in result if done else None,
        "warnings": len(result.get("warnings", ())),
    }


def _without_label(message: str) -> str:
    """A message without the words that name the token among others."""
    return re.sub(r"^Nothing was changed, because of 1 of the tokens\. \S+: ", "", message)


@pytest.mark.parametrize("name", SERVICES)
@pytest.mark.parametrize("number", range(ROUNDS))
def test_all_ways_are_one(server: Server, name: str, number: int) -> None:
    service, tally = SERVICES[name], {"changed": 0, "unchanged": 0, "failed": 0, "with a secret": 0}
    for pair in range(PAIRS):
        chance = Chance("differential", name, number, pair)
        now = int(time.time()) - AGE
        state, desired = a_state(chance, service, now), a_desired_token(chance, service, now)
        ways = {**WAYS, **(SLOW_WAYS if pair % SLOWLY == 0 else {})}
        runs = {way: taken(server, service, state, desired, ways[way]) for way in ways}
        first = runs["single"]
        for way, run in runs.items():
            about = f"{chance}: {way}: {state} {desired}\n{first}\n{run}"
            assert alike(told(service, run.done), told(service, first.done)), about
            assert alike(run.live, first.live), about
            assert alike(told(service, run.predicted, done=False), told(service, run.done, done=False)), about
            if not run.done.get("failed"):
                assert run.again["changed"] is (desired.get("recreate") == "always"), about
        failed = bool(first.done.get("failed"))
        tally["failed" if failed else "changed" if first.done["changed"] else "unchanged"] += 1
        tally["with a secret"] += "token" in first.done
    assert min(tally.values()) > 0, f"every kind of pair came up: {tally}"
