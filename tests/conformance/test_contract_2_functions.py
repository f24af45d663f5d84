# Copyright (c) 2026 panelops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Section C2 of the wire contract: what the WHM token functions take and answer. Its rules are in the file beside this one."""

from __future__ import annotations

import pytest

from tests.conformance.statements import states
from tests.support.server import Server
from tests.support.users import RESELLER, ROOT

DETAILS = {"name", "acls", "create_time", "expires_at", "whitelist_ips"}
FUNCTIONS = ("api_token_create", "api_token_list", "api_token_update", "api_token_revoke", "api_token_get_details")
SPELLINGS = [
    lambda name, values: {name: values},
    lambda name, values: {f"{name}-{number}": value for number, value in enumerate(values)},
    lambda name, values: {f"{name}-{number}": value for number, value in enumerate(values, start=1)},
    lambda name, values: {name: values[0], f"{name}-3": values[1:]},
]
"""Repeated, numbered from 0, numbered from 1, both."""


@states("C2.01")
def test_the_functions_exist(server: Server) -> None:
    assert set(FUNCTIONS) <= set(server.whm_ok("applist")["app"])
    assert int(server.whm_ok("version")["version"].split(".")[1]) >= 98


@states("C2.02")
@pytest.mark.parametrize("function", FUNCTIONS)
def test_the_privilege(server: Server, function: str) -> None:
    header = f"whm root:{server.whm_token('t', acl='list-accts')}"
    reason = server.whm_refused(function, header, token_name="t", new_name="u", token="A" * 32)
    assert "manage-api-tokens" in reason
    assert set(server.whm_tokens()) == {"t"}


@states("C2.03")
def test_create_needs_tls(server: Server) -> None:
    path = "/json-api/{}?api.version=1"
    refused = server.request("whm_plain", path.format("api_token_create"), ROOT, data={"token_name": "t"}).json()
    assert refused["metadata"]["result"] == 0
    assert "TLS" in refused["metadata"]["reason"]
    listed = server.request("whm_plain", path.format("api_token_list"), ROOT).json()
    assert listed["data"] == {"tokens": {}}


@states("C2.04")
def test_create_needs_a_name(server: Server) -> None:
    assert "token_name" in server.whm_refused("api_token_create", acl="list-accts")
    assert "token_name" in server.whm_refused("api_token_create", token_name="")


@states("C2.05", "C2.06")
@pytest.mark.parametrize("spelling", SPELLINGS)
def test_lists_of_create(server: Server, spelling) -> None:
    acls, addresses = ["list-accts", "passwd", "quota"], ["192.0.2.1", "192.0.2.8/29", "2001:db8::/32"]
    given = {**spelling("acl", acls), **spelling("whitelist_ip", addresses)}
    created = server.whm_ok("api_token_create", token_name="t", **given)
    assert sorted(created["acls"]) == acls
    assert created["whitelist_ips"][:2] == addresses[:2]
    assert len(created["whitelist_ips"]) == 3


@states("C2.07")
def test_expiry_of_create(server: Server) -> None:
    moment = server.now() + 3600
    for name, given, stored in (("a", {"expires_at": moment}, moment), ("b", {"expires_at": 0}, None), ("c", {}, None)):
        assert server.whm_ok("api_token_create", token_name=name, **given)["expires_at"] == stored
        assert server.whm_tokens()[name]["expires_at"] == stored


@states("C2.08", "C2.09", "C2.10", "G4.06")
def test_shapes(server: Server) -> None:
    before = server.now()
    created = server.whm_ok("api_token_create", token_name="t", acl=["list-accts", "quota"])
    assert set(created) == DETAILS | {"token"}
    assert (created["name"], sorted(created["acls"])) == ("t", ["list-accts", "quota"])
    assert before <= created["create_time"] <= server.now()
    assert (created["expires_at"], created["whitelist_ips"]) == (None, None)
    limits = {"expires_at": before + 99, "whitelist_ip": "192.0.2.1"}
    limited = server.whm_ok("api_token_create", token_name="u", acl="quota", **limits)
    assert (limited["expires_at"], limited["whitelist_ips"]) == (before + 99, ["192.0.2.1"])
    listed = server.whm_tokens()
    assert set(listed) == {"t", "u"}
    for one, details in ((listed["t"], created), (listed["u"], limited)):
        assert set(one) == DETAILS | {"last_used"}
        assert set(one["acls"].values()) == {0, 1}
        assert sorted(acl for acl, granted in one["acls"].items() if granted) == sorted(details["acls"])
        rest = DETAILS - {"acls"}
        assert {key: one[key] for key in rest} == {key: details[key] for key in rest}


@states("C2.11", "G4.18")
def test_the_secret_is_told_once(server: Server) -> None:
    secret = server.whm_token("t")
    assert server.status("whm", f"whm root:{secret}") == 200
    later = [
        server.whm("api_token_list"),
        server.whm("api_token_get_details", token=secret),
        server.whm("api_token_update", token_name="t", new_name="u"),
        server.whm("api_token_revoke", token_name="u"),
    ]
    assert secret not in str(later)


@states("C2.12")
def test_create_without_acl(server: Server) -> None:
    assert server.whm_ok("api_token_create", token_name="t")["acls"] == ["all"]
    mine = server.whm_ok("myprivs", RESELLER)["privileges"][0]
    given = server.whm_ok("api_token_create", RESELLER, token_name="t")["acls"]
    assert sorted(given) == sorted(acl for acl, granted in mine.items() if granted)


@states("C2.13", "G4.13", "G4.14")
def test_privileges_that_can_be_given(server: Server) -> None:
    assert "quota" in server.whm_refused("api_token_create", RESELLER, token_name="t", acl=["list-accts", "quota"])
    assert "all" in server.whm_refused("api_token_create", RESELLER, token_name="t", acl="all")
    server.whm_refused("api_token_create", RESELLER, token_name="t", acl="")
    assert server.whm_tokens(RESELLER) == {}
    assert server.whm_ok("api_token_create", RESELLER, token_name="t", acl="list-accts")["acls"] == ["list-accts"]
    server.whm_refused("api_token_update", RESELLER, token_name="t", acl="")
    acls = server.whm_tokens(RESELLER)["t"]["acls"]
    assert [name for name, granted in acls.items() if granted] == ["list-accts"]


@states("C2.14")
def test_an_empty_list(server: Server) -> None:
    server.whm_token("t")
    assert server.whm_ok("api_token_list", RESELLER) == {"tokens": {}}


@states("C2.15", "C2.16", "C2.17", "G4.19")
@pytest.mark.parametrize("spelling", SPELLINGS)
def test_update(server: Server, spelling) -> None:
    secret = server.whm_token("t", acl="list-accts")
    created = server.whm_tokens()["t"]["create_time"]
    server.advance(10)
    moment = server.now() + 60
    lists = {**spelling("acl", ["passwd", "quota"]), **spelling("whitelist_ip", ["127.0.0.1", "192.0.2.1"])}
    updated = server.whm_ok("api_token_update", token_name="t", new_name="u", expires_at=moment, **lists)
    wished = {"name": "u", "acls": ["passwd", "quota"], "expires_at": moment, "create_time": created}
    assert updated == {**wished, "whitelist_ips": ["127.0.0.1", "192.0.2.1"]}
    assert set(server.whm_tokens()) == {"u"}
    assert server.status("whm", f"whm root:{secret}") == 200
    assert "token_name" in server.whm_refused("api_token_update", new_name="v")


@states("C2.18", "C2.19", "C2.20", "C2.21")
def test_update_resets_what_it_is_not_told(server: Server) -> None:
    moment = server.now() + 60
    whole = {"acl": "quota", "expires_at": moment, "whitelist_ip": "127.0.0.9"}
    secret = server.whm_token("t", **whole)
    resets = {"acl": ("acls", ["all"]), "expires_at": ("expires_at", None), "whitelist_ip": ("whitelist_ips", None)}
    for left_out, (field, value) in resets.items():
        told = {key: given for key, given in whole.items() if key != left_out}
        kept = {"acl": ["quota"], "expires_at": moment, "whitelist_ip": ["127.0.0.9"]}
        updated = server.whm_ok("api_token_update", token_name="t", **told)
        assert updated[field] == value
        for key in told:
            assert updated[resets[key][0]] == kept[key]
    server.whm_ok("api_token_update", token_name="t", **whole)
    assert server.status("whm", f"whm root:{secret}") == 401
    cleared = server.whm_ok("api_token_update", token_name="t", **{**whole, "whitelist_ip": "any"})
    assert cleared["whitelist_ips"] is None
    assert server.status("whm", f"whm root:{secret}") == 200


@states("C2.22")
def test_revoke(server: Server) -> None:
    for name in "abcde":
        server.whm_token(name)
    one = server.whm("api_token_revoke", token_name="a")
    assert one["metadata"]["result"] == 1
    assert "data" not in one
    many = server.whm("api_token_revoke", **{"token_name-1": "b", "token_name-2": "c", "token_name-7": "d"})
    assert many["metadata"]["result"] == 1
    assert "data" not in many
    assert set(server.whm_tokens()) == {"e"}


@states("C2.23")
def test_revoke_of_unknown_names(server: Server) -> None:
    server.whm_token("known")
    reason = server.whm_refused("api_token_revoke", **{"token_name-1": "unknown", "token_name-2": "known"})
    assert "unknown" in reason
    assert server.whm_tokens() == {}


@states("C2.24", "C2.25")
def test_get_details(server: Server) -> None:
    limits = {"acl": "quota", "expires_at": server.now() + 60, "whitelist_ip": "192.0.2.1"}
    secret = server.whm_token("old-name", **limits)
    updated = server.whm_ok("api_token_update", token_name="old-name", new_name="new-name", **limits)
    assert server.whm_ok("api_token_get_details", token=secret) == updated
    assert updated["name"] == "new-name"
    others = server.whm_token("t", RESELLER)
    for unrecognized in ("A" * 32, "x", others, server.uapi_token("t")):
        answer = server.whm("api_token_get_details", token=unrecognized)
        assert answer["metadata"]["result"] == 1
        assert "data" not in answer
