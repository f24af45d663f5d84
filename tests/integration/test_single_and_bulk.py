# Copyright (c) 2026 panelops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A bulk module with one entry and the single module are one thing: results, warnings, diffs, secrets and the server's state."""

from __future__ import annotations

import time
from dataclasses import replace
from pathlib import Path

import pytest

from tests.integration.desired import SERVICES, Outcome, Service
from tests.integration.test_check_mode_predicts import SERVICES as STATES
from tests.integration.test_check_mode_predicts import Chance, a_desired_token, a_state
from tests.support.dialects import Dialect, of_tokens
from tests.support.processes import run_module
from tests.support.proxy import speaking
from tests.support.server import Server

PAIRS = 60
MANY = [False, True]
START = int(time.time())


def saying(**differently: object) -> Dialect:
    """A server that makes every token with these attributes, whatever it was asked for, and says so."""
    return of_tokens(lambda token: token.update(differently))


DIFFERENT = {
    "no expiry": saying(expires_at=None),
    "another expiry": saying(expires_at=START + 86400),
    "fewer privileges": saying(acls=["ssl"]),
    "any address": saying(whitelist_ips=None),
}


@pytest.mark.parametrize("many", MANY, ids=["single", "bulk"])
@pytest.mark.parametrize("name", DIFFERENT)
def test_a_server_that_makes_another_token_than_asked(server: Server, name: str, many: bool) -> None:
    """Each change is followed by a warning, which names what differs."""
    service = SERVICES["whm"]
    asked = {
        "acls": ["list-accts", "ssl"],
        "expires_at": "2035-01-31",
        "whitelist_ips": ["127.0.0.1", "192.0.2.0/24"],
    }
    server.whm_token("old", acl="list-accts")
    server.whm_token("again", acl="list-accts")
    tasks = {
        "create": {"name": "t", **asked},
        "update and rename": {"name": "new", "rename_from": "old", **asked},
        "reissue": {"name": "again", "recreate": "always", **asked},
    }
    field = {"fewer privileges": "acls", "any address": "whitelist_ips"}.get(name, "expires_at")
    with speaking(server, DIFFERENT[name]) as environment:
        for task, token in tasks.items():
            done = service.run(server, token, many=many, environment=environment)
            assert not done.failed, done.result
            warnings = done.result["warnings"]
            assert len(warnings) == 1, f"{task}: {warnings}"
            assert f"The server made the token {token['name']} with {field}" in warnings[0], task
            assert "instead of" in warnings[0]


def test_the_warnings_are_the_same(server: Server) -> None:
    """Word for word, but that a bulk task may name the token first."""
    service = SERVICES["whm"]
    token = {"name": "t", "expires_at": "2035-01-31", "acls": ["list-accts", "ssl"]}
    for name, dialect in DIFFERENT.items():
        server.reset()
        with speaking(server, dialect) as environment:
            single = service.run(server, token, many=False, environment=environment)
            service.remove(server, "t")
            bulk = service.run(server, token, many=True, environment=environment)
            assert_same_warnings(single, bulk, name)


def assert_same_warnings(single: Outcome, bulk: Outcome, about: str) -> None:
    one, many = single.result.get("warnings", []), bulk.result.get("warnings", [])
    assert len(one) == len(many), f"{about}\n{one}\n{many}"
    for mine, theirs in zip(one, many, strict=True):
        assert theirs.endswith(mine), about


def alike(one: object, other: object) -> bool:
    """Equal; but some seconds lie between the creations of the two runs, and between the times from which lifetimes count."""
    if isinstance(one, dict) and isinstance(other, dict):
        return one.keys() == other.keys() and all(
            abs((one[key] or 0) - (other[key] or 0)) <= 20
            if key in ("expires_at", "create_time")
            else alike(one[key], other[key])
            for key in one
        )
    return one == other


def assert_same(service: Service, single: Outcome, bulk: Outcome, about: str) -> None:
    """The two results say the same in all that both have."""
    about = f"{about}\n{single.result}\n{bulk.result}"
    assert single.failed is bulk.failed, about
    if single.failed:
        # In front of it, the bulk module names the token.
        assert single.result["msg"] in bulk.result["msg"], about
        return
    (entry,) = bulk.entries
    assert single.result["changed"] is entry["changed"] is bulk.result["changed"], about
    assert alike(single.result[service.module], entry[service.module]), about
    assert ("token" in single.result) is ("token" in entry), about
    assert_same_warnings(single, bulk, about)
    if single.result["changed"]:
        # The bulk module files the diff of each token under its label, and leaves out tokens that do not change.
        label = "/".join([*service.whose.values(), entry["name"]])
        for side in ("before", "after"):
            assert alike(single.result["diff"][side], bulk.result["diff"][side].get(label, {})), about


@pytest.mark.parametrize(("name", "states"), [("whm", "whm"), ("cpanel through WHM", "cpanel")])
def test_random_pairs_of_a_state_and_a_desired_state(server: Server, name: str, states: str) -> None:
    """The same pairs come up in every run."""
    # Nothing is added to the options of a pair: those that a token needs to be created may be missing on purpose.
    service, source = replace(SERVICES[name], needed={}), STATES[states]
    chance = Chance(f"single and bulk of {name}")
    admin = server.whm_token("admin", acl="all")
    environment = {**server.environment, "WHM_PASSWORD": "", "WHM_API_TOKEN": admin}
    tally = {"changed": 0, "unchanged": 0, "failed": 0, "with a secret": 0, "with warnings": 0}

    def turns(state: dict, options: dict, many: bool) -> tuple[list[Outcome], list[dict]]:
        """Check mode, a run and another run on that state, and the server's tokens after each."""
        server.control("POST", "/clock", {"set": START})
        for token, limits in state.items():
            source.create(server, token, limits)
        server.control("POST", "/clock", {"set": START + 90})
        outcomes, tokens = [], []
        for check_mode in (True, False, False):
            outcomes.append(service.run(server, options, many=many, environment=environment, check_mode=check_mode))
            tokens.append({key: row for key, row in service.tokens(server).items() if key != "admin"})
        source.clear(server)
        return outcomes, tokens

    for number in range(PAIRS // 2):
        state, options = a_state(chance, source, START), a_desired_token(chance, source, START)
        about = f"pair {number}: {state} {options}"
        (singles, rows), (bulks, bulk_rows) = (turns(state, options, many) for many in MANY)
        for single, bulk in zip(singles, bulks, strict=True):
            assert_same(service, single, bulk, about)
        assert all(alike(one, other) for one, other in zip(rows, bulk_rows, strict=True)), (
            f"{about}\n{rows}\n{bulk_rows}"
        )
        done, again = singles[1:]
        if not done.failed:
            assert again.result["changed"] is (options.get("recreate") == "always"), about
            tally["changed" if done.result["changed"] else "unchanged"] += 1
            tally["with a secret"] += "token" in done.result
            tally["with warnings"] += bool(done.result["warnings"])
        tally["failed"] += done.failed
    assert min(tally.values()) > 0, f"every kind of pair came up: {tally}"


@pytest.mark.parametrize("exists", [False, True], ids=["new", "stored in another mode"])
@pytest.mark.parametrize("name", ["whm", "cpanel through WHM"])
def test_a_file_with_the_secret(server: Server, tmp_path: Path, name: str, exists: bool) -> None:
    """The modules as processes, in check mode, for real and once more: the same diff with ``token_file`` in it, then none."""
    service, path = SERVICES[name], tmp_path / "t"
    token = service.options({"name": "t", "token_file": str(path)})
    label = "/".join([*service.whose.values(), "t"])
    results: dict[bool, list[dict]] = {}
    for many in MANY:
        server.reset()
        path.unlink(missing_ok=True)
        if exists:
            path.write_text(service.make(server, "t") + "\n")
            path.chmod(0o640)
        results[many] = [
            run_module(
                f"{service.module}s" if many else service.module,
                server.environment,
                check_mode=check_mode,
                **({"tokens": [token]} if many else token),
            )
            for check_mode in (True, False, False)
        ]
        assert path.stat().st_mode & 0o777 == 0o600
        assert service.is_secret_of(server, path.read_text().strip(), "t")
    for turn, (single, bulk) in enumerate(zip(results[False], results[True], strict=True)):
        assert "failed" not in single, single
        assert "failed" not in bulk, bulk
        (entry,) = bulk[f"{service.module}s"]
        assert single["changed"] is bulk["changed"] is entry["changed"] is (turn < 2)
        assert "token" not in single
        assert "token" not in entry
        assert single["warnings"] == bulk["warnings"] == []
        if single["changed"]:
            assert "token_file" in single["diff"]["before"]
            assert bulk["diff"] == {side: {label: value} for side, value in single["diff"].items()}
        else:
            assert bulk["diff"] == {"before": {}, "after": {}}
