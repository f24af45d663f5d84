# Copyright (c) 2026 panelops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Invariant I7: what check mode predicts is what a run then does; for random pairs of a state and a desired state (fixed seed)."""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import dataclass

import pytest
from ansible_collections.panelops.cpanel.plugins.module_utils._errors import PanelopsError
from ansible_collections.panelops.cpanel.plugins.module_utils._model.names import interim_name

from tests.support.cores import run_core
from tests.support.server import Server

PAIRS = 200
DAY = 86400
ACLS = ["acct-summary", "list-accts", "ssl", "stats"]
ADDRESSES = ["127.0.0.1", "10.5.3.0/24", "2001:db8::f", "2620:0:28a4::/48"]


class Chance(random.Random):
    """Nothing secret hangs on it: the same pairs come up in every run."""


@dataclass
class Service:
    """How to put one service's tokens into a state, and what tasks ask of them."""

    module: str
    limits: Callable[[Chance], dict]
    create: Callable[[Server, str, dict], object]
    clear: Callable[[Server], None]
    tokens: Callable[[Server], dict]
    rename: Callable[[Server, str, str], object]
    options: dict


def whm_limits(chance: Chance) -> dict:
    limits: dict = {}
    if chance.random() < 0.8:
        limits["acls"] = chance.sample(ACLS, chance.randint(1, 3)) if chance.random() < 0.9 else ["all"]
    if chance.random() < 0.5:
        limits["whitelist_ips"] = chance.sample(ADDRESSES, chance.randint(0, 3))
    return limits


def create_whm(server: Server, name: str, state: dict) -> None:
    limits = {"acl": state.get("acls", ["ssl"]), "whitelist_ip": state.get("whitelist_ips", [])}
    server.whm_token(name, **limits, expires_at=state["expires_at"])


def clear_whm(server: Server) -> None:
    for name in server.whm_tokens():
        if name != "admin":
            server.whm_ok("api_token_revoke", token_name=name)


def rename_whm(server: Server, name: str, new: str) -> None:
    server.whm_ok("api_token_update", token_name=name, new_name=new, **kept(server.whm_tokens()[name]))


def kept(token: dict) -> dict:
    """The limits of a token as the function that updates it needs them, lest it resets them."""
    return {
        "acl": [acl for acl, granted in token["acls"].items() if granted],
        "expires_at": token["expires_at"] or 0,
        "whitelist_ip": token["whitelist_ips"] or [],
    }


def rename_cpanel(server: Server, name: str, new: str) -> None:
    server.uapi_ok("Tokens::rename", name=name, new_name=new)


def cpanel_limits(chance: Chance) -> dict:
    return {"readonly": chance.random() < 0.5} if chance.random() < 0.6 else {}


def create_cpanel(server: Server, name: str, state: dict) -> None:
    server.uapi_token(name, readonly=int(state.get("readonly", False)), expires_at=state["expires_at"])


def clear_cpanel(server: Server) -> None:
    for name in server.uapi_tokens():
        server.uapi_ok("Tokens::revoke", name=name)


SERVICES = {
    "whm": Service("whm_api_token", whm_limits, create_whm, clear_whm, Server.whm_tokens, rename_whm, {}),
    "cpanel": Service(
        "cpanel_api_token",
        cpanel_limits,
        create_cpanel,
        clear_cpanel,
        Server.uapi_tokens,
        rename_cpanel,
        {"account": "alice"},
    ),
}
LEFT = "left"
"""Becomes what a killed re-issue of t has left; it is older than t."""
NAMES = [LEFT, "t", "u"]


def a_state(chance: Chance, service: Service, now: int) -> dict[str, dict]:
    """Some tokens by name: one may have expired by the time of the task, one may be what a killed re-issue left."""
    return {
        name: {**service.limits(chance), "expires_at": chance.choice([0, now + 60, now + DAY, now + 40 * DAY])}
        for name in NAMES
        if chance.random() < (0.2 if name == LEFT else 0.6)
    }


def a_desired_token(chance: Chance, service: Service, now: int) -> dict:
    desired = dict(name=chance.choice(["t", "t", "u"]), **service.options)
    if chance.random() < 0.15:
        return desired | {"state": "absent"}
    desired |= service.limits(chance)
    desired["recreate"] = chance.choice(["never", "if_expired", "if_unusable", "if_changed", "if_changed", "always"])
    if chance.random() < 0.3:
        desired["rename_from"] = "u" if desired["name"] == "t" else "t"
    expiry = chance.choice(["keep", "never", "at", "in", "in"])
    if expiry == "never":
        desired["expires_at"] = "never"
    elif expiry == "at":
        desired["expires_at"] = str(now + chance.choice([DAY, 40 * DAY]))
    elif expiry == "in":
        desired["expires_in"] = chance.choice(["12h", "30d", "60d"])
        if chance.random() < 0.5 and (
            service.module == "whm_api_token" or desired["recreate"] in ("if_changed", "always")
        ):
            desired["renew_before"] = "6h"
    return desired


def outcome(server: Server, environment: dict, desired: dict, service: Service, check_mode: bool) -> dict:
    """What a run says, without what only the server can know before it is done: secrets and times of creation and use."""
    try:
        result = run_core(service.module, environment, check_mode=check_mode, **desired)
    except PanelopsError as error:
        return {"refused": str(error)}
    token = result[service.module]
    if token is not None:
        token = {key: value for key, value in token.items() if key not in ("create_time", "last_used")}
    return {"changed": result["changed"], "diff": result["diff"], "token": token, "warnings": result["warnings"]}


def same(predicted: object, done: object) -> bool:
    """Equal; but a lifetime counts from the second of the run, and that may be the next one."""
    if isinstance(predicted, dict) and isinstance(done, dict):
        return predicted.keys() == done.keys() and all(
            abs((predicted[key] or 0) - (done[key] or 0)) <= 2
            if key == "expires_at"
            else same(predicted[key], done[key])
            for key in predicted
        )
    return predicted == done


@pytest.mark.parametrize("name", SERVICES)
def test_check_mode_predicts_what_a_run_does(server: Server, name: str) -> None:
    service, chance = SERVICES[name], Chance(f"pairs of {name}")
    admin = server.whm_token("admin", acl="all")
    environment = {**server.environment, "WHM_PASSWORD": "", "WHM_API_TOKEN": admin}
    tally = {"changed": 0, "unchanged": 0, "refused": 0}
    for number in range(PAIRS):
        now = server.now()
        state, desired = a_state(chance, service, now), a_desired_token(chance, service, now)
        for token, limits in state.items():
            service.create(server, token, limits)
            if token == LEFT:
                service.rename(server, LEFT, interim_name("t", service.tokens(server)[LEFT]["create_time"], ()))
        server.advance(90)
        about = f"pair {number}: {state} {desired}"
        server.forget_counters()
        predicted = outcome(server, environment, desired, service, check_mode=True)
        assert server.commits() == {}, about
        done = outcome(server, environment, desired, service, check_mode=False)
        changed = bool(server.commits())
        assert same(predicted, done), f"{about}\n{predicted}\n{done}"
        assert changed is done.get("changed", False), about
        if "refused" in done:
            tally["refused"] += 1
        else:
            tally["changed" if changed else "unchanged"] += 1
            again = outcome(server, environment, desired, service, check_mode=False)
            assert again.get("changed") is (desired.get("recreate") == "always"), f"{about}\n{again}"
        service.clear(server)
    assert min(tally.values()) >= PAIRS // 20, f"every kind of pair came up: {tally}"
