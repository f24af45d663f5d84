# Copyright (c) 2026 panelops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Interoperability: every module is right and idempotent whichever way a server of some version puts its answers."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from ansible_collections.panelops.cpanel.plugins.module_utils._errors import NotAuthenticated

from tests.support.cores import run_core
from tests.support.dialects import DENIALS, DIALECTS, REVOKING_TWICE, Dialect
from tests.support.playbooks import run_playbook, task
from tests.support.proxy import Forward, speaking
from tests.support.server import Server
from tests.support.speaking import OTHERWISE, dialects

WIDE = dict(
    acls=["ssl", "list-accts"], whitelist_ips=["127.0.0.1", "2001:db8::f", "2620:0:28a4::/48"], expires_at="2035-01-31"
)
NARROW = dict(acls=["ssl"], whitelist_ips=[], expires_at="never")
DAY = 2_053_900_799
"""The last second of 2035-01-31 UTC."""


def changed(module: str, environment: dict, /, **options: object) -> dict:
    """Do it, and again: the first run changes, the second does not, and neither has anything to warn of."""
    first = run_core(module, environment, **options)
    assert first["changed"]
    assert first["warnings"] == []
    again = run_core(module, environment, **options)
    assert not again["changed"], again["diff"]
    assert again["warnings"] == []
    key = module if options.get("state") != "absent" else None
    if key:
        told = {name: value for name, value in first[key].items() if name != "last_used"}
        assert {name: again[key][name] for name in told} == told, "the answer to a change tells what the list tells"
    return first


def life_of_a_whm_token(server: Server, environment: dict) -> None:
    secret = changed("whm_api_token", environment, name="t", **WIDE)["token"]
    assert server.whm_accepts(secret)
    (listed,) = run_core("whm_api_token_info", environment, name="t")["whm_api_tokens"]
    assert listed["acls"] == ["list-accts", "ssl"]
    assert listed["expires_at"] == DAY
    assert listed["whitelist_ips"] == ["127.0.0.1", "2001:db8::f", "2620:0:28a4::/48"]
    assert listed["status"] == "active"
    assert abs(listed["create_time"] - time.time()) < 60
    narrowed = changed("whm_api_token", environment, name="t", **NARROW)["whm_api_token"]
    assert (narrowed["acls"], narrowed["whitelist_ips"], narrowed["expires_at"]) == (["ssl"], [], None)
    changed("whm_api_token", environment, name="u", rename_from="t", expires_in="30d")
    assert server.whm_accepts(secret)
    new = run_core("whm_api_token", environment, name="u", recreate="always")
    assert new["warnings"] == []
    assert server.whm_accepts(new["token"])
    assert not server.whm_accepts(secret)
    changed("whm_api_token", environment, name="u", state="absent")
    assert set(server.whm_tokens()) == {"admin"}


def life_of_a_cpanel_token(server: Server, environment: dict, whose: dict) -> None:
    secret = changed("cpanel_api_token", environment, name="t", expires_at="2035-01-31", **whose)["token"]
    assert server.uapi_accepts(secret)
    changed("cpanel_api_token", environment, name="u", rename_from="t", **whose)
    (listed,) = run_core("cpanel_api_token_info", environment, **whose)["cpanel_api_tokens"]
    assert (listed["account"], listed["name"], listed["expires_at"]) == ("alice", "u", DAY)
    assert (listed["readonly"], listed["has_full_access"], listed["features"]) == (False, True, [])
    never = dict(name="u", readonly=True, expires_at="never", recreate="if_changed", **whose)
    new = changed("cpanel_api_token", environment, **never)
    assert (new["cpanel_api_token"]["readonly"], new["cpanel_api_token"]["expires_at"]) == (True, None)
    assert server.uapi_accepts(new["token"])
    assert not server.uapi_accepts(secret)
    changed("cpanel_api_token", environment, name="u", state="absent", **whose)
    assert server.uapi_tokens() == {}


def life_of_many(environment: dict) -> None:
    """The bulk modules, whose calls and answers are inside batches."""
    many = {
        "whm_api_tokens": [dict(name=f"t{number}", **WIDE) for number in range(3)],
        "cpanel_api_tokens": [dict(name="t", account=account, expires_at="2035-01-31") for account in ("alice", "bob")],
    }
    for module, tokens in many.items():
        first, again = (run_core(module, environment, tokens=tokens) for _turn in range(2))
        assert (first["changed"], again["changed"]) == (True, False), again["diff"]
        assert all(entry["token"] for entry in first[module])
        assert first["warnings"] == again["warnings"] == []
        gone = [dict(token, state="absent") for token in tokens]
        assert [run_core(module, environment, tokens=gone)["changed"] for _turn in range(2)] == [True, False]


def whole_life(server: Server, environment: dict) -> None:
    """Both services; the administrator with a token, so that the lock-out guard and its calls take part."""
    admin = server.whm_token("admin", acl="all")
    as_admin = {key: value for key, value in environment.items() if key != "WHM_PASSWORD"} | {"WHM_API_TOKEN": admin}
    life_of_a_whm_token(server, as_admin)
    for whose in ({}, {"account": "alice"}):
        life_of_a_cpanel_token(server, as_admin, whose)
    life_of_many(as_admin)


@pytest.mark.parametrize("name", DIALECTS)
def test_a_dialect(server: Server, name: str) -> None:
    with speaking(server, DIALECTS[name]) as environment:
        whole_life(server, environment)


@dialects("expires", "lists", "denied", OTHERWISE)
def test_a_dialect_of_the_server(server: Server) -> None:
    whole_life(server, server.environment)


STRANGERS = {
    "old": ["expiry as text", "acls always a list", "any address is not said", "no last use", "wrapped", "talkative"],
    "odd": [
        "never is 0",
        "acls an object of text",
        "addresses compressed",
        "creation time as text",
        "outcomes as text",
    ],
}


@pytest.mark.parametrize("name", STRANGERS)
def test_a_stranger_in_real_runs(server: Server, tmp_path: Path, name: str) -> None:
    """Several dialects at once, the modules as processes, secrets in files proved at each run."""
    files = {service: tmp_path / f"{service}-secret" for service in ("whm", "cpanel")}
    wishes = {
        "whm": dict(name="t", token_file=str(files["whm"]), **WIDE),
        "cpanel": dict(name="t", token_file=str(files["cpanel"]), account="alice", expires_at="2035-01-31"),
    }
    once = [task(f"{service} do", f"{service}_api_token", **wish) for service, wish in wishes.items()]
    again = [task(f"{service} again", f"{service}_api_token", **wish) for service, wish in wishes.items()]
    with speaking(server, *(DIALECTS[each] for each in STRANGERS[name])) as environment:
        run = run_playbook({"tasks": once + again}, tmp_path, environment)
    assert run.status == 0, run.output
    assert [each.changed for each in run.tasks] == [True, True, False, False]
    assert server.whm_accepts(files["whm"].read_text().strip())
    assert server.uapi_accepts(files["cpanel"].read_text().strip())


@pytest.mark.parametrize("name", DENIALS)
def test_a_server_that_denies_otherwise(server: Server, name: str) -> None:
    """Not authenticated is said so; and a stored secret that is not accepted is a dead one, never an error."""
    with speaking(server, denial=DENIALS[name]) as environment:
        denied(server, environment)


@dialects("denied")
def test_a_server_that_denies_in_its_own_way(server: Server) -> None:
    denied(server, server.environment)


def denied(server: Server, environment: dict) -> None:
    """Each module says with a wrong secret that the server did not accept it."""
    for module, options in (
        ("whm_api_token", dict(name="t", acls=["ssl"])),
        ("cpanel_api_token", dict(name="t")),
        ("cpanel_api_token", dict(name="t", account="alice")),
        ("whm_api_token_info", {}),
    ):
        with pytest.raises(NotAuthenticated, match="did not accept api_token of (root|alice)"):
            run_core(module, environment, **options, api_token="W" * 32)
    assert server.whm_tokens() == {}
    assert server.commits() == {}


@pytest.mark.parametrize("outcome", REVOKING_TWICE)
def test_revoking_what_somebody_else_has_just_revoked(server: Server, outcome: str) -> None:
    """The token goes between our look and our call; versions differ on whether that is a failure."""
    revoked_by_two(server, REVOKING_TWICE[outcome])


@dialects("revoke", "uapi_revoke")
def test_revoking_it_as_the_server_itself_answers(server: Server) -> None:
    revoked_by_two(server, lambda answer: None)


def revoked_by_two(server: Server, change: Dialect) -> None:
    """Somebody else makes the call too, a moment earlier."""

    def somebody_was_faster(path: str, forward: Forward):
        answer = forward()
        return forward() if "revoke" in path else answer

    secrets = [server.whm_token("t", acl="list-accts"), server.uapi_token("t")]
    with speaking(server, change, around=somebody_was_faster) as environment:
        assert run_core("whm_api_token", environment, name="t", state="absent")["changed"]
        assert run_core("cpanel_api_token", environment, name="t", state="absent")["changed"]
    assert server.whm_tokens() == {}
    assert server.uapi_tokens() == {}
    assert not server.whm_accepts(secrets[0])


def test_a_create_that_arrives_after_its_answer_was_given_up(server: Server) -> None:
    """The first create is held up on its way and takes the name just before the second one; nobody has its secret."""
    held: list[Forward] = []
    arrived = threading.Event()

    def held_up(creates: str) -> Callable:
        def around(path: str, forward: Forward):
            if creates not in path:
                return forward()
            if not held:
                held.append(forward)
                arrived.wait(10)
                return forward()
            if len(held) == 1:
                held.append(forward)
                held[0]()
            return forward()

        return around

    for module, creates, options in (
        ("whm_api_token", "api_token_create", dict(acls=["ssl"])),
        ("cpanel_api_token", "create_full_access", {}),
    ):
        held.clear()
        with speaking(server, around=held_up(creates)) as environment:
            result = run_core(module, environment, name="t", timeout=1, **options)
            arrived.set()
        secret = result["token"]
        if module == "whm_api_token":
            assert list(server.whm_tokens()) == ["t"]
            assert server.whm_accepts(secret)
        else:
            assert list(server.uapi_tokens()) == ["t"]
            assert server.uapi_accepts(secret)
        arrived.clear()
