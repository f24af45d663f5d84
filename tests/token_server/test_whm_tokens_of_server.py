# Copyright (c) 2026 panelops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The WHM API 1 functions on tokens: shapes, rules, and that update replaces."""

from __future__ import annotations

import re
from concurrent.futures import ThreadPoolExecutor

import pytest

from tests.support.server import Server
from tests.support.users import RESELLER, ROOT


def test_create_answers_with_the_whole_token(server: Server) -> None:
    expires_at = server.now() + 100
    answer = server.whm(
        "api_token_create",
        token_name="deploy",
        acl=["list-accts", "acct-summary"],
        expires_at=expires_at,
        whitelist_ip=["10.5.3.0/24", "fc00:abcd::f", "2620:0:28a4::/48", "12AB:0:0:CD30::/60"],
    )
    assert answer["metadata"] == {"command": "api_token_create", "reason": "OK", "result": 1, "version": 1}
    data = answer["data"]
    assert re.fullmatch("[A-Z0-9]{32}", data.pop("token"))
    assert abs(data.pop("create_time") - server.now()) <= 2
    assert data == {
        "name": "deploy",
        "acls": ["acct-summary", "list-accts"],
        "expires_at": expires_at,
        "whitelist_ips": [
            "10.5.3.0/24",
            "fc00:abcd:0000:0000:0000:0000:0000:000f",
            "2620:0000:28a4:0000:0000:0000:0000:0000/48",
            "12ab:0000:0000:cd30:0000:0000:0000:0000/60",
        ],
    }


def test_create_without_anything_is_unlimited(server: Server) -> None:
    data = server.whm_ok("api_token_create", token_name="open")
    assert (data["acls"], data["expires_at"], data["whitelist_ips"]) == (["all"], None, None)
    mine = server.whm_ok("api_token_create", RESELLER, token_name="open", expires_at="0")
    assert "list-accts" in mine["acls"]
    assert "all" not in mine["acls"]
    assert mine["expires_at"] is None


def test_list_is_an_object_with_acls_as_an_object(server: Server) -> None:
    assert server.whm_tokens() == {}
    server.whm_token("one", acl="list-accts")
    token = server.whm_tokens()["one"]
    assert token["name"] == "one"
    assert token["acls"]["list-accts"] == 1
    assert token["acls"]["create-acct"] == 0
    assert (token["expires_at"], token["whitelist_ips"], token["last_used"]) == (None, None, None)
    assert "token" not in token


@pytest.mark.parametrize(
    "spelling",
    [
        {"acl": ["list-accts", "passwd"]},
        {"acl-0": "list-accts", "acl-1": "passwd"},
        {"acl-1": "list-accts", "acl-2": "passwd"},
        {"acl": "list-accts", "acl-7": "passwd"},
    ],
)
def test_lists_come_in_every_spelling(server: Server, spelling: dict) -> None:
    for number, method in enumerate(("GET", "POST")):
        where = {"params" if method == "GET" else "data": {"token_name": f"t{number}", **spelling}}
        response = server.request("whm", "/json-api/api_token_create", ROOT, method=method, **where)
        assert response.json()["metadata"]["result"] == 0, "without api.version it must fail"
        where = {"params" if method == "GET" else "data": {"api.version": 1, "token_name": f"t{number}", **spelling}}
        response = server.request("whm", "/json-api/api_token_create", ROOT, method=method, **where)
        assert response.json()["data"]["acls"] == ["list-accts", "passwd"]


def test_query_and_form_are_merged(server: Server) -> None:
    path = "/json-api/api_token_create?api.version=1&token_name=merged&acl=passwd"
    response = server.request("whm", path, ROOT, data={"acl": "list-accts", "whitelist_ip-1": "10.0.0.1"})
    data = response.json()["data"]
    assert (data["acls"], data["whitelist_ips"]) == (["list-accts", "passwd"], ["10.0.0.1"])


def test_update_replaces_everything(server: Server) -> None:
    secret = server.whm_token("t", RESELLER, acl="list-accts", expires_at=server.now() + 50, whitelist_ip="127.0.0.1")
    created = server.whm_tokens(RESELLER)["t"]["create_time"]
    data = server.whm_ok("api_token_update", RESELLER, token_name="t", new_name="u")
    assert (data["name"], data["expires_at"], data["whitelist_ips"]) == ("u", None, None)
    assert len(data["acls"]) == 9
    assert data["create_time"] == created
    assert "token" not in data
    assert list(server.whm_tokens(RESELLER)) == ["u"]
    assert server.status("whm", f"whm reseller:{secret}", "127.0.0.2") == 200


def test_update_sets_what_it_is_given(server: Server) -> None:
    server.whm_token("t")
    expires_at = server.now() + 99
    data = server.whm_ok(
        "api_token_update", token_name="t", acl="passwd", expires_at=expires_at, whitelist_ip="10.0.0.0/8"
    )
    assert (data["acls"], data["expires_at"], data["whitelist_ips"]) == (["passwd"], expires_at, ["10.0.0.0/8"])
    data = server.whm_ok("api_token_update", token_name="t", acl="passwd", expires_at=expires_at, whitelist_ip="any")
    assert (data["acls"], data["expires_at"], data["whitelist_ips"]) == (["passwd"], expires_at, None)


def test_update_refuses_unknown_and_taken_names(server: Server) -> None:
    server.whm_token("a")
    server.whm_token("b")
    assert "nothere" in server.whm_refused("api_token_update", token_name="nothere")
    assert "unique" in server.whm_refused("api_token_update", token_name="a", new_name="b")
    assert set(server.whm_tokens()) == {"a", "b"}


def test_revoke_one_and_many(server: Server) -> None:
    secrets = {name: server.whm_token(name) for name in ("a", "b", "c", "d")}
    answer = server.whm("api_token_revoke", token_name="a")
    assert answer == {"metadata": {"command": "api_token_revoke", "reason": "OK", "result": 1, "version": 1}}
    assert server.status("whm", f"whm root:{secrets['a']}") == 401
    server.whm_ok("api_token_revoke", **{"token_name-1": "b", "token_name-2": "c"})
    assert list(server.whm_tokens()) == ["d"]
    assert "gone" in server.whm_refused("api_token_revoke", **{"token_name-0": "gone", "token_name-1": "d"})
    assert server.whm_tokens() == {}
    assert "token_name" in server.whm_refused("api_token_revoke")


def test_get_details_ties_a_secret_to_its_name(server: Server) -> None:
    secret = server.whm_token("a", acl="passwd", whitelist_ip="10.0.0.1")
    data = server.whm_ok("api_token_get_details", token=secret)
    assert (data["name"], data["acls"], data["whitelist_ips"]) == ("a", ["passwd"], ["10.0.0.1"])
    assert "token" not in data
    # Of another owner, of the other service, unknown: all the same.
    for stranger in (server.whm_token("a", RESELLER), server.uapi_token("a"), "X" * 32, "x"):
        answer = server.whm("api_token_get_details", token=stranger)
        assert answer["metadata"]["result"] == 1
        assert "data" not in answer
    assert "token" in server.whm_refused("api_token_get_details")


@pytest.mark.parametrize(
    "name", ["", " ", "a b", "ä", "a" * 51, "a.b", "a\0", "a\n", "../x", "'; DROP TABLE tokens;--"]
)
def test_bad_names_are_refused_with_the_rule(server: Server, name: str) -> None:
    for function in ("api_token_create", "api_token_update", "api_token_revoke"):
        reason = server.whm_refused(function, token_name=name)
        assert "50 characters" in reason or "token_name" in reason
    server.whm_token("good")
    if name:
        assert "50 characters" in server.whm_refused("api_token_update", token_name="good", new_name=name)


def test_the_longest_name_is_accepted(server: Server) -> None:
    server.whm_token("aZ9-_" * 10)
    assert list(server.whm_tokens()) == ["aZ9-_" * 10]


def test_names_are_unique_per_owner(server: Server) -> None:
    server.whm_token("same")
    assert "unique" in server.whm_refused("api_token_create", token_name="same")
    server.whm_token("same", RESELLER)
    server.whm_token("Same")


@pytest.mark.parametrize("value", ["x", "-1", "1.5", "1e9", " 1", "", "9" * 5000, "253402300800", "١٢٣"])
def test_bad_expiries_are_refused(server: Server, value: str) -> None:
    assert "expires_at" in server.whm_refused("api_token_create", token_name="t", expires_at=value)
    assert "expires_at" in server.uapi_refused("Tokens::create_full_access", name="t", expires_at=value)


def test_an_expiry_in_the_past_is_refused(server: Server) -> None:
    server.whm_token("t")
    for moment in (1, server.now() - 1, server.now()):
        assert "future" in server.whm_refused("api_token_create", token_name="u", expires_at=moment)
        assert "future" in server.whm_refused("api_token_update", token_name="t", expires_at=moment)
        assert "future" in server.uapi_refused("Tokens::create_full_access", name="t", expires_at=moment)
    assert server.whm_tokens()["t"]["expires_at"] is None


@pytest.mark.parametrize(
    "value",
    ["", "x", "1.2.3", "1.2.3.256", "10.0.0.0/33", "10.0.0.0/255.0.0.0", "::1/129", "fe80::1%eth0", "1.2.3.4,5.6.7.8",
     "10.0.0.0/", "10.0.0.0/-1", "01.2.3.4", "1.2.3.4/٨", "any,any"],
)  # fmt: skip
def test_bad_addresses_are_refused(server: Server, value: str) -> None:
    assert "whitelist_ip" in server.whm_refused("api_token_create", token_name="t", whitelist_ip=value)
    assert "whitelist_ip" in server.whm_refused("api_token_create", token_name="t", whitelist_ip=["10.0.0.1", value])


def test_a_hundred_addresses_and_no_more(server: Server) -> None:
    addresses = [f"10.0.0.{number}" for number in range(101)]
    assert "100" in server.whm_refused("api_token_create", token_name="t", whitelist_ip=addresses)
    server.whm_token("t", whitelist_ip=addresses[:100])
    assert server.whm_tokens()["t"]["whitelist_ips"] == addresses[:100]
    assert "100" in server.whm_refused("api_token_update", token_name="t", whitelist_ip=addresses)


def test_only_known_privileges_that_one_has(server: Server) -> None:
    assert "unknown" in server.whm_refused("api_token_create", token_name="t", acl="no-such-acl")
    assert "unknown" in server.whm_refused("api_token_create", token_name="t", acl=["passwd", ""])
    for acl in ("all", "create-dns"):
        assert f"\u201c{acl}\u201d" in server.whm_refused(
            "api_token_create", RESELLER, token_name="t", acl=[acl, "passwd"]
        )
    assert server.whm_ok("api_token_create", token_name="t", acl="software-Acme_1")["acls"] == ["software-Acme_1"]
    for bad in ("software-", "software-ä", "software-a b", "software---"):
        assert "unknown" in server.whm_refused("api_token_create", token_name="u", acl=bad)


def test_a_token_that_manages_tokens_can_give_what_its_owner_has_and_no_more(server: Server) -> None:
    """Guide 004 warns of it: the limits of the token itself do not count."""
    header = f"whm root:{server.whm_token('small', acl=['manage-api-tokens', 'list-accts'])}"
    assert server.whm_ok("api_token_create", header, token_name="t", acl="passwd")["acls"] == ["passwd"]
    assert server.whm_ok("api_token_create", header, token_name="u")["acls"] == ["all"]
    assert server.whm_ok("api_token_update", header, token_name="t")["acls"] == ["all"]
    own = server.whm_ok("myprivs", RESELLER)["privileges"][0]
    resellers = f"whm reseller:{server.whm_token('small', RESELLER, acl='manage-api-tokens')}"
    everything = server.whm_ok("api_token_create", resellers, token_name="t")["acls"]
    assert everything == sorted(name for name, held in own.items() if held)
    assert "all" in server.whm_refused("api_token_create", resellers, token_name="v", acl="all")


def test_create_needs_tls(server: Server) -> None:
    for path in (
        "/json-api/api_token_create?api.version=1&token_name=t",
        "/json-api/batch?api.version=1&command=api_token_create%3Ftoken_name%3Dt",
    ):
        answer = server.request("whm_plain", path, ROOT).text
        assert "TLS" in answer
    assert server.whm_tokens() == {}
    assert server.request("whm_plain", "/json-api/api_token_list?api.version=1", ROOT).json()["data"] == {"tokens": {}}


def test_of_parallel_creates_one_wins(server: Server) -> None:
    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(lambda _n: server.whm("api_token_create", token_name="one"), range(16)))
    assert sorted(answer["metadata"]["result"] for answer in answers) == [0] * 15 + [1]
    winner = next(answer["data"]["token"] for answer in answers if "data" in answer)
    assert server.status("whm", f"whm root:{winner}") == 200
    assert server.counters("api_token_create") == (16, 1)


def test_expired_tokens_stay_in_the_list(server: Server) -> None:
    server.whm_token("t", expires_at=server.now() + 10)
    server.advance(11)
    assert list(server.whm_tokens()) == ["t"]
    server.whm_ok("api_token_revoke", token_name="t")


def test_last_used_is_recorded(server: Server) -> None:
    secret, second = server.whm_token("t"), server.whm_token("u")
    server.advance(1000)
    server.status("whm", f"whm root:{secret}")
    tokens = server.whm_tokens()
    assert abs(tokens["t"]["last_used"] - server.now()) <= 2
    assert tokens["u"]["last_used"] is None
    server.advance(1000)
    assert server.whm_tokens(f"whm root:{second}")["u"]["last_used"] > tokens["t"]["last_used"]
