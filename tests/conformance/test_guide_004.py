# Copyright (c) 2026 panelops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Guide 004: API tokens in WHM. What docs/wire-contract.md, section C2 says too is tested there."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.conformance.calls import WHM_CALLS
from tests.conformance.statements import states
from tests.support.server import Server, serving
from tests.support.users import RESELLER, USERS


@states("G4.01", "G4.02")
def test_a_third_party_with_a_resellers_token(server: Server) -> None:
    header = f"whm reseller:{server.whm_token('developer', RESELLER, acl='list-accts')}"
    assert {account["user"] for account in server.whm_ok("listaccts", header)["acct"]} == {"reseller", "bob"}
    allowed = set(server.whm_ok("applist", header)["app"])
    for function, parameters in WHM_CALLS:
        if function not in allowed:
            server.whm_refused(function, header, **parameters)
    server.whm_ok("api_token_update", RESELLER, token_name="developer", acl=["list-accts", "acct-summary"])
    assert server.whm_ok("accountsummary", header, user="bob")["acct"]


@states("G4.08")
@pytest.mark.parametrize(
    ("allowed", "admitted", "refused"),
    [
        (["127.0.0.5"], ["127.0.0.5"], ["127.0.0.4", "127.0.0.6"]),
        (["127.0.0.4/30"], ["127.0.0.4", "127.0.0.7"], ["127.0.0.3", "127.0.0.8"]),
        (["192.0.2.1", "127.0.0.9"], ["127.0.0.9"], ["127.0.0.1"]),
        ([], ["127.0.0.1", "127.0.0.99"], []),
        (["::/0"], [], ["127.0.0.1"]),
    ],
)
def test_addresses(server: Server, allowed: list[str], admitted: list[str], refused: list[str]) -> None:
    header = f"whm root:{server.whm_token('t', whitelist_ip=allowed)}"
    assert [server.status("whm", header, source) for source in admitted] == [200] * len(admitted)
    assert [server.status("whm", header, source) for source in refused] == [401] * len(refused)


@states("G4.09")
def test_ipv6(tmp_path: Path) -> None:
    examples = ["10.5.3.33", "12AB:0:0:CD30:123:4567:89AB:CDEF", "10.5.3.0/24", "12AB:0:0:CD30::/60"]
    with serving(tmp_path, USERS, "--host", "::1") as server:
        # The address of the server's peer is ::1; the helper would bind an IPv4 address.
        root, source = ("root", server.root_password), "::1"

        def call(function: str, who: object, **parameters: object) -> object:
            path = f"/json-api/{function}?api.version=1"
            return server.request("whm", path, who, data=parameters, source=source)

        shut = call("api_token_create", root, token_name="shut", whitelist_ip=examples).json()["data"]
        assert len(shut["whitelist_ips"]) == len(examples)
        opened = call("api_token_create", root, token_name="open", whitelist_ip=[*examples, "::/64"]).json()["data"]
        assert call("version", f"whm root:{shut['token']}").status_code == 401
        assert call("version", f"whm root:{opened['token']}").status_code == 200


@states("G4.20")
def test_the_provider_decides(server: Server) -> None:
    header = f"whm reseller:{server.whm_token('t', RESELLER)}"
    server.whm_ok("setacls", reseller="reseller", **{"acl-list-accts": 1})
    for who in (RESELLER, header):
        assert "manage-api-tokens" in server.whm_refused("api_token_list", who)
    assert server.whm_ok("listaccts", header)["acct"]


@states("G4.21", "G4.22")
def test_revoke_all(server: Server) -> None:
    headers = {name: f"whm root:{server.whm_token(name)}" for name in ("a", "b", "c")}
    names = {f"token_name-{number}": name for number, name in enumerate(server.whm_tokens())}
    server.whm_ok("api_token_revoke", **names)
    assert {server.status("whm", header) for header in headers.values()} == {401}
    assert server.whm_tokens() == {}
