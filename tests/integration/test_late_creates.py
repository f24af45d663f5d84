# Copyright (c) 2026 panelops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A create that the server carries out after the client has given it up: no token stays behind whose secret nobody has.

The server waits before it carries out a delayed call. The client gives the first create up after 1 s and reads a list in which
the token is missing; the first create takes the name after 1.5 s; the second one arrives after that, and is refused because the
name is taken. On a busy machine the response to the second one may be lost too: then the task may fail, but must leave nothing.
"""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.integration.desired import SERVICES, Outcome
from tests.support.cores import result_of_core
from tests.support.rotating import Rotation, sink
from tests.support.server import Server

TIMEOUT = 1
FIRST, SECOND = "delay:1.5", "delay:0.85"

SINGLE, BULK = False, True
TASKS = {
    "single": (SINGLE, ["late"], 0),
    "bulk of one": (BULK, ["late"], 0),
    "first of three": (BULK, ["late", "x", "y"], 0),
    "second of three": (BULK, ["x", "late", "y"], 1),
    "last of three": (BULK, ["x", "y", "late"], 2),
}


def make_late(server: Server, function: str, place: int = 0) -> None:
    """Delay the create number ``place`` (from 0) and the one after it, which is sent when that was given up."""
    server.fault(function, FIRST, place + 1)
    server.fault(function, SECOND, place + 2)


def assert_ended_right(server: Server, outcome: Outcome, held: dict[str, str]) -> None:
    """Every token has a holder; what failed says that a response was lost."""
    outcome.assert_every_token_has_a_holder(server, held)
    for entry in outcome.entries:
        assert not entry.get("failed") or "lost" in entry["msg"], entry


@pytest.mark.parametrize("task", TASKS)
@pytest.mark.parametrize("name", SERVICES)
def test_modules(server: Server, name: str, task: str) -> None:
    service, (many, names, place) = SERVICES[name], TASKS[task]
    held = {"other": service.make(server, "other")}
    desired = [{"name": each} for each in names]
    make_late(server, service.create, place)
    first = service.run(server, *desired, many=many, timeout=TIMEOUT)
    assert_ended_right(server, first, held)
    held |= first.secrets
    second = service.run(server, *desired, many=many)
    assert not second.failed, second.result
    assert second.result["changed"] is first.failed
    second.assert_every_token_has_a_holder(server, held)


@pytest.mark.parametrize("many", [SINGLE, BULK], ids=["single", "bulk"])
@pytest.mark.parametrize("name", SERVICES)
def test_a_reissue(server: Server, name: str, many: bool) -> None:
    """The new token of the name arrives late; the old one waits under another name meanwhile."""
    service = SERVICES[name]
    old = service.make(server, "t")
    make_late(server, service.create)
    again = {"name": "t", "recreate": "always"}
    first = service.run(server, again, many=many, timeout=TIMEOUT)
    assert list(service.tokens(server)) == ["t"], first.result
    held = {"t": old, **first.secrets}["t"]
    assert service.is_secret_of(server, held, "t"), first.result
    assert (held == old) is first.failed, first.result
    assert service.authenticates(server, old) is first.failed
    assert not first.failed or "lost" in first.result["msg"]
    second = service.run(server, {"name": "t"}, many=many)
    assert (second.failed, second.result["changed"]) == (False, False), second.result


def place_of(token: dict) -> dict:
    """What the check of a sink tells of a place where nothing is yet."""
    place = {"account": token.get("account"), "name": token["name"], "sink": 0, "host": "consumer1"}
    return {**place, "ok": True, "unchanged": True, "before": "absent"}


T, U, OF_ALICE = {"name": "t", "acls": ["ssl"]}, {"name": "u", "acls": ["ssl"]}, {"name": "t", "account": "alice"}
STAGES = {
    "one of WHM": ("whm", [T], "api_token_create", 0),
    "the first of two of WHM": ("whm", [T, U], "api_token_create", 0),
    "the second of two of WHM": ("whm", [T, U], "api_token_create", 1),
    "one of an account among those of WHM": ("whm", [T, OF_ALICE, U], "Tokens::create_full_access", 0),
    "one of WHM among those of an account": ("whm", [OF_ALICE, T], "api_token_create", 0),
    "the account itself": ("cpanel", [{"name": "t"}], "Tokens::create_full_access", 0),
    "the last of the account itself": ("cpanel", [{"name": "t"}, {"name": "u"}], "Tokens::create_full_access", 1),
}


@pytest.mark.parametrize("case", STAGES)
def test_staged_tokens(server: Server, case: str) -> None:
    service, tokens, function, place = STAGES[case]
    tokens = [
        {
            **token,
            "expires_in": "90d",
            "sinks": [{"type": "file", "hosts": ["consumer1"], "path": f"/{token.get('account')}-{token['name']}"}],
        }
        for token in tokens
    ]
    of_accounts = {token["name"] for token in tokens if service == "cpanel" or "account" in token}
    of_whm = {token["name"] for token in tokens if service == "whm" and "account" not in token}
    for name in of_accounts:
        server.uapi_token(name)
    for name in of_whm:
        server.whm_token(name, acl="list-accts")
    options = {"service": service, "tokens": tokens, "force": True}
    decided = result_of_core("api_token_rotation", server.environment, step="decide", **options)
    make_late(server, function, place)
    staged = result_of_core(
        "api_token_rotation",
        server.environment,
        step="stage",
        rotation=decided["rotation"],
        sinks=[place_of(token) for token in tokens],
        timeout=TIMEOUT,
        **options,
    )
    assert "failed" not in staged, staged
    whm, cpanel = set(of_whm), set(of_accounts)
    for entry in staged["rotation"]:
        if entry["state"] == "failed":
            continue
        assert entry["state"] == "staged"
        if service == "cpanel" or entry["account"]:
            cpanel.add(entry["staged"])
            assert server.uapi_accepts(entry["token"])
        else:
            whm.add(entry["staged"])
            details = server.whm("api_token_get_details", token=entry["token"])
            assert details["data"]["name"] == entry["staged"]
    assert set(server.whm_tokens()) == whm, staged["rotation"]
    assert set(server.uapi_tokens()) == cpanel, staged["rotation"]
    assert all("lost" in entry["msg"] for entry in staged["rotation"] if entry["state"] == "failed")


@pytest.mark.parametrize("names", [["t"], ["t", "u"]], ids=["one", "two"])
def test_the_role_rotate(server: Server, tmp_path: Path, names: list[str]) -> None:
    old = {name: server.whm_token(name, acl="list-accts") for name in names}
    tokens = [
        {"name": name, "acls": ["list-accts"], "expires_in": "90d", "sinks": [sink(tmp_path / name)]} for name in names
    ]
    rotation = Rotation(server, tmp_path, tokens, {"overlap": "1h"})
    make_late(server, "api_token_create")
    rotation.run(force=True, timeout=TIMEOUT)
    assert [name for name in server.whm_tokens() if "--next-" in name] == [], "no staged token without a holder"
    for name in names:
        assert server.whm_accepts(old[name]), "the old secret works on in the grace period"
    rotation.rotated()
    for name in names:
        details = server.whm("api_token_get_details", token=(tmp_path / name).read_text().strip())
        assert details["data"]["name"] == name
    live = server.whm_tokens()
    assert sorted(name.partition("--prev-")[0] for name in live) == sorted(names * 2)
