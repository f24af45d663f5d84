# Copyright (c) 2026 panelops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""API tokens that a create with a lost response made: they are revoked, whatever they look like, and never anybody else's."""

from __future__ import annotations

from pathlib import Path

import pytest
import requests

from tests.integration.desired import SERVICES
from tests.support.cores import result_of_core
from tests.support.dialects import of_tokens
from tests.support.processes import run_module
from tests.support.proxy import Forward, speaking
from tests.support.server import Server


@pytest.mark.parametrize("many", [False, True])
@pytest.mark.parametrize("name", SERVICES)
def test_with_other_limits_than_asked(server: Server, name: str, many: bool) -> None:
    """A server that ignores the expiry: the token has other limits, but nobody else can have created it."""
    service = SERVICES[name]
    with speaking(server, of_tokens(lambda token: token.update(expires_at=None))) as environment:
        server.fault(service.create, "drop_after_commit", 1)
        made = service.run(server, {"name": "t", "expires_in": "1h"}, many=many, environment=environment)
    assert not made.failed, made.result
    made.assert_every_token_has_a_holder(server, {})


def test_a_late_one_beside_the_old_name(server: Server) -> None:
    """The token is renamed and reissued; the create is lost and comes late, when the old token has its old name back."""
    old = server.whm_token("old", acl="list-accts")
    server.fault("api_token_create", "drop_before_commit", 1)
    server.fault("api_token_create", "delay:1.3", 2)
    failed = result_of_core(
        "whm_api_token", server.environment, name="new", rename_from="old", recreate="always", timeout=1
    )
    assert failed["failed"]
    assert "The old token is unchanged." in failed["msg"]
    assert server.whm_accepts(old)
    assert list(server.whm_tokens()) == ["old"]


def test_another_ones_token_is_not_revoked(server: Server) -> None:
    """While a reissue fails, somebody creates a token of the old name: it is theirs."""
    old, theirs = server.whm_token("old", acl="list-accts"), {}

    def interfere(path: str, forward: Forward) -> requests.Response:
        try:
            return forward()
        finally:
            if "api_token_create" in path and not theirs:
                theirs["secret"] = server.whm_token("old", acl="list-accts")

    with speaking(server, around=interfere) as environment:
        server.fault("api_token_create", "drop_before_commit", 1)
        # The second call is theirs.
        server.fault("api_token_create", "drop_before_commit", 3)
        failed = result_of_core("whm_api_token", environment, name="new", rename_from="old", recreate="always")
    assert failed["failed"]
    assert server.whm_accepts(theirs["secret"])
    assert server.whm_accepts(old), "under another name, which the message says"
    (renamed,) = [name for name in server.whm_tokens() if name != "old"]
    assert f"is now named {renamed}" in failed["msg"]


@pytest.mark.parametrize("owner", ["99999999999", "nobody-of-this-name"])
def test_an_impossible_owner_costs_no_secret(server: Server, tmp_path: Path, owner: str) -> None:
    """The other entry has no file: its secret is only in the result."""
    (tmp_path / "a").write_text(server.whm_token("a", acl="list-accts") + "\n")
    tokens = [
        {"name": "a", "acls": ["list-accts"], "token_file": str(tmp_path / "a"), "owner": owner},
        {"name": "b", "acls": ["list-accts"]},
    ]
    result = run_module("whm_api_tokens", server.environment, tokens=tokens)
    assert result["failed"]
    assert "owner, group or mode" in result["msg"]
    assert server.whm_accepts(result["whm_api_tokens"][1]["token"])


@pytest.mark.parametrize("order", [["a", "b"], ["b", "a"]])
def test_an_account_does_not_revoke_all_its_tokens(server: Server, order: list[str]) -> None:
    """It authenticates with one of them, and cPanel does not say which."""
    own = server.uapi_token("a")
    server.uapi_token("b")
    environment = {key: value for key, value in server.environment.items() if key != "CPANEL_PASSWORD"}
    tokens = [{"name": name, "state": "absent"} for name in order]
    refused = result_of_core("cpanel_api_tokens", environment, api_token=own, tokens=tokens)
    assert refused["failed"]
    assert "only live tokens" in refused["msg"]
    assert sorted(server.uapi_tokens()) == ["a", "b"]


def test_answers_of_a_batch_in_another_order(server: Server) -> None:
    """Each secret is its own token's, or nobody's: an answer that names another token is a lost one."""
    turned: list[int] = []

    def turn(answer: dict) -> None:
        results = answer.get("data", {}).get("result")
        if isinstance(results, list) and any("token" in (each.get("data") or {}) for each in results) and not turned:
            turned.append(len(results))
            results.reverse()

    service = SERVICES["whm"]
    with speaking(server, turn) as environment:
        made = service.run(server, *({"name": f"t{number}"} for number in range(4)), many=True, environment=environment)
    assert turned == [4]
    assert not made.failed, made.result
    made.assert_every_token_has_a_holder(server, {})
    for name, secret in made.secrets.items():
        assert service.is_secret_of(server, secret, name)
