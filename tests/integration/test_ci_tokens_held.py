# Copyright (c) 2026 panelops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The CI tokens of a run as their agent holds them, against a real server; time passes by moving both clocks."""

from __future__ import annotations

import socket
import time
from concurrent.futures import ThreadPoolExecutor

import pytest
from ansible_collections.panelops.cpanel.plugins.module_utils._errors import (
    NotAuthenticated,
    PanelopsError,
    Unreachable,
)
from ansible_collections.panelops.cpanel.plugins.plugin_utils._ci.names import is_ci_name
from ansible_collections.panelops.cpanel.plugins.plugin_utils._ci.order import Order, order_from
from ansible_collections.panelops.cpanel.plugins.plugin_utils._ci.tokens import FAILURE_STAYS, LOOK_AGAIN, CiTokens

from tests.support.server import Server
from tests.support.waiting import until

TTL = 1200


class Run:
    """The tokens of one run, and a clock."""

    def __init__(self, server: Server, **params: object) -> None:
        self.server = server
        self.params = params
        self.ahead = 0.0
        self.tokens = CiTokens("4711", lambda: time.time() + self.ahead)

    def pass_time(self, seconds: int) -> None:
        """On the server and here."""
        self.server.advance(seconds)
        self.ahead += seconds

    def order(self, **params: object) -> Order:
        nothing = dict.fromkeys(("account", "acls", "whitelist_ips", "readonly", "host", "port", "username"))
        nothing |= dict.fromkeys(("api_token", "password", "validate_certs", "ca_path"))
        wish = {"purpose": "deploy", "service": "whm", "ttl": f"{TTL}s", "timeout": 5, **self.params, **params}
        return order_from({"params": {**nothing, **wish}, "environ": self.server.environment})

    def secret(self, **params: object) -> str:
        return self.tokens.secret(self.order(**params))


@pytest.fixture
def whm(server: Server) -> Run:
    return Run(server, acls=["list-accts"], whitelist_ips=["127.0.0.0/8"])


@pytest.fixture(params=[{}, {"account": "alice"}], ids=["itself", "through WHM"])
def cpanel(request: pytest.FixtureRequest, server: Server) -> Run:
    return Run(server, service="cpanel", **request.param)


def test_whm_prolongs_the_token_and_leaves_all_else_of_it(whm: Run) -> None:
    secret = whm.secret()
    ((name, before),) = whm.server.whm_tokens().items()
    assert is_ci_name(name)
    for _third in range(7):
        whm.pass_time(TTL // 3)
        assert whm.secret() == secret
        assert whm.server.whm_accepts(secret)
    ((after_name, after),) = whm.server.whm_tokens().items()
    assert after_name == name
    assert after["expires_at"] >= before["expires_at"] + 2 * TTL
    same = ("acls", "whitelist_ips", "create_time")
    assert [after[key] for key in same] == [before[key] for key in same]
    assert whm.server.commits() == {"api_token_create": 1, "api_token_update": 3}


def test_even_one_that_has_expired_is_prolonged_by_whm(whm: Run) -> None:
    secret = whm.secret()
    whm.pass_time(TTL + 60)
    assert not whm.server.whm_accepts(secret)
    assert whm.secret() == secret
    assert whm.server.whm_accepts(secret)


def test_a_cpanel_account_gets_another_token_and_the_one_before_works_on(cpanel: Run) -> None:
    first = cpanel.secret()
    cpanel.pass_time(TTL // 2 - 60)
    assert cpanel.secret() == first
    cpanel.pass_time(120)
    second = cpanel.secret()
    assert first != second
    assert cpanel.server.uapi_accepts(first)
    assert cpanel.server.uapi_accepts(second)
    cpanel.tokens.end()
    assert cpanel.tokens.is_done()
    assert cpanel.server.uapi_tokens() == {}


def test_a_token_that_somebody_has_revoked_is_replaced(whm: Run) -> None:
    first = whm.secret()
    (name,) = whm.server.whm_tokens()
    whm.server.whm_ok("api_token_revoke", token_name=name)
    assert whm.secret() == first, "it was seen a moment ago"
    whm.ahead += LOOK_AGAIN
    second = whm.secret()
    assert whm.server.whm_accepts(second)
    whm.tokens.end()
    assert whm.server.whm_tokens() == {}


@pytest.mark.parametrize("kind", ["drop_before_commit", "drop_after_commit", "truncated_json", "status:503"])
def test_lost_answers_leave_one_token_and_at_the_end_none(whm: Run, kind: str) -> None:
    whm.server.fault("api_token_create", kind)
    secret = whm.secret()
    assert whm.server.whm_accepts(secret)
    assert len(whm.server.whm_tokens()) == 1
    whm.server.fault("api_token_update", kind)
    whm.pass_time(TTL // 2 + 60)
    assert whm.secret() == secret
    whm.server.fault("api_token_revoke", kind)
    whm.tokens.end()
    assert whm.tokens.is_done()
    assert whm.server.whm_tokens() == {}


@pytest.mark.parametrize("kind", ["drop_before_commit", "drop_after_commit"])
def test_lost_answers_of_cpanel(cpanel: Run, kind: str) -> None:
    for function in ("Tokens::create_full_access", "Tokens::revoke"):
        cpanel.server.fault(function, kind)
    secret = cpanel.secret()
    assert cpanel.server.uapi_accepts(secret)
    assert len(cpanel.server.uapi_tokens()) == 1
    cpanel.tokens.end()
    assert cpanel.tokens.is_done()
    assert cpanel.server.uapi_tokens() == {}


def test_a_create_whose_outcome_cannot_be_known_is_revoked_at_the_end(whm: Run) -> None:
    whm.server.fault("api_token_create", "drop_after_commit")
    for call in (2, 3, 4):
        whm.server.fault("api_token_list", "status:503", call)
    with pytest.raises(PanelopsError, match="could not be read either"):
        whm.secret()
    assert len(whm.server.whm_tokens()) == 1
    whm.tokens.end()
    assert whm.server.whm_tokens() == {}


def test_many_equal_orders_at_once_are_one_create_and_many_different_ones_many(whm: Run) -> None:
    with ThreadPoolExecutor(30) as pool:
        secrets = list(pool.map(lambda number: whm.secret(purpose=f"p{number % 3}"), range(30)))
    assert len(set(secrets)) == 3
    assert whm.server.commits() == {"api_token_create": 3}
    whm.tokens.end()
    assert whm.server.commits() == {"api_token_create": 3, "api_token_revoke": 1}


def test_a_wrong_credential_is_tried_once_however_many_ask(whm: Run) -> None:
    """So many failed logins would get the host blocked by the server's brute-force protection."""
    before = whm.server.http_requests()

    def refused(_number: int) -> str:
        with pytest.raises(NotAuthenticated) as caught:
            whm.secret(api_token="WRONG-CANARY")
        return str(caught.value)

    with ThreadPoolExecutor(20) as pool:
        sentences = set(pool.map(refused, range(60)))
    assert len(sentences) == 1
    assert "WRONG-CANARY" not in sentences.pop()
    assert whm.server.http_requests() == before + 1
    whm.ahead += FAILURE_STAYS + 1
    refused(0)
    assert whm.server.http_requests() == before + 2
    whm.tokens.end()
    assert whm.server.http_requests() == before + 2, "there is nothing to revoke"
    assert whm.tokens.is_done()


def test_a_server_that_cannot_be_reached_while_the_token_lives_is_no_failure(whm: Run) -> None:
    secret = whm.secret()
    whm.ahead += LOOK_AGAIN
    for call in (1, 2, 3):
        whm.server.fault("api_token_list", "status:503", call)
    assert whm.secret() == secret
    whm.server.advance(TTL)
    whm.ahead += TTL
    for call in (1, 2, 3):
        whm.server.fault("api_token_list", "status:503", call)
    with pytest.raises(PanelopsError):
        whm.secret()


def test_nothing_is_handed_out_after_the_end_and_what_is_under_way_is_waited_for(whm: Run) -> None:
    whm.server.fault("api_token_create", "delay:1")
    with ThreadPoolExecutor(1) as pool:
        asked = pool.submit(whm.secret)
        until(lambda: "api_token_create" in whm.server.calls())
        whm.tokens.end()
        assert len(asked.result()) == 32
    assert whm.server.whm_tokens() == {}
    with pytest.raises(PanelopsError, match="ended"):
        whm.secret()
    assert whm.server.commits() == {"api_token_create": 1, "api_token_revoke": 1}


def test_only_expired_tokens_with_names_of_ours_are_swept(whm: Run) -> None:
    server, soon = whm.server, whm.server.control("GET", "/clock")["now"] + 60
    Run(server, acls=["ssl"], ttl="50s").secret(purpose="left")
    Run(server, acls=["ssl"], ttl="5000s").secret(purpose="lives")
    (lives,) = (name for name in server.whm_tokens() if "lives" in name)
    users = {"ci-deploy", "ci-deploy-4711-abcdefgh", "ci-left-4711", "monitoring"}
    for name in users:
        server.whm_token(name, acl="list-accts", expires_at=int(soon))
    server.advance(100)
    whm.secret()
    names = set(server.whm_tokens())
    assert users | {lives} < names
    assert len(names) == len(users) + 2
    assert not any("left" in name for name in names - users)


def test_a_sweep_that_fails_is_no_failure(whm: Run) -> None:
    Run(whm.server, acls=["ssl"], ttl="50s").secret(purpose="left")
    whm.server.advance(100)
    whm.server.fault("api_token_revoke", "status:503")
    whm.server.fault("api_token_revoke", "status:503", 2)
    assert len(whm.secret()) == 32


def test_the_end_of_one_server_does_not_wait_for_another(server: Server) -> None:
    """The other one accepts connections and never answers."""
    with socket.create_server(("127.0.0.1", 0)) as silent, ThreadPoolExecutor(2) as pool:
        run = Run(server, acls=["ssl"])
        secret = run.secret()
        slow = pool.submit(run.secret, port=silent.getsockname()[1], timeout=2)
        _kept = silent.accept()
        ended = pool.submit(run.tokens.end)
        until(lambda: not server.whm_accepts(secret))
        assert not slow.done()
        with pytest.raises(Unreachable):
            slow.result()
        ended.result()
        assert run.tokens.is_done()
