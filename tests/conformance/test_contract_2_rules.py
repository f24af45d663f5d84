# Copyright (c) 2026 panelops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Section C2 of the wire contract: the rules that names, addresses, privileges and owners are held to."""

from __future__ import annotations

import string

import pytest

from tests.conformance.chart import CHART
from tests.conformance.statements import states
from tests.support.server import Server
from tests.support.users import ALICE, RESELLER, ROOT

CHARACTERS = string.ascii_letters + string.digits + "-_"


@states("C2.26", "G4.11")
def test_names(server: Server) -> None:
    for good in ("a", "Z", "0", "-", "_", "x" * 50, CHARACTERS[:32], CHARACTERS[32:]):
        server.whm_token(good)
    for bad in ("x" * 51, "a b", "a.b", "a/b", "\u00e4", "a\n", " a"):
        assert "50 characters" in server.whm_refused("api_token_create", token_name=bad)
        assert "50 characters" in server.whm_refused("api_token_update", token_name="a", new_name=bad)
    assert len(server.whm_tokens()) == 8


@states("C2.27", "G4.12")
def test_unique_names(server: Server) -> None:
    server.whm_token("t")
    assert "unique" in server.whm_refused("api_token_create", token_name="t")
    server.whm_token("T")
    assert "unique" in server.whm_refused("api_token_update", token_name="T", new_name="t")
    server.whm_token("t", RESELLER)
    assert set(server.whm_tokens()) == {"t", "T"}
    assert set(server.whm_tokens(RESELLER)) == {"t"}


@states("C2.28", "G4.10")
def test_a_hundred_addresses(server: Server) -> None:
    many = [f"192.0.2.{number}" for number in range(101)]
    assert "100" in server.whm_refused("api_token_create", token_name="t", whitelist_ip=many)
    assert len(server.whm_ok("api_token_create", token_name="t", whitelist_ip=many[:100])["whitelist_ips"]) == 100
    assert "100" in server.whm_refused("api_token_update", token_name="t", whitelist_ip=many)


@states("C2.29")
def test_kinds_of_addresses(server: Server) -> None:
    good = ["192.0.2.1", "192.0.2.0/24", "2001:db8:0:0:0:0:0:1", "2001:db8::/32"]
    assert len(server.whm_ok("api_token_create", token_name="t", whitelist_ip=good)["whitelist_ips"]) == len(good)
    for bad in ("", "host.example", "192.0.2.256", "192.0.2.0/33", "2001:db8::/129", "192.0.2.1-9", "fe80::1%eth0"):
        reason = server.whm_refused("api_token_create", token_name="u", whitelist_ip=["192.0.2.1", bad])
        assert "CIDR" in reason


@states("C2.30")
@pytest.mark.parametrize(
    ("given", "stored"),
    [
        ("fc00:abcd::f", "fc00:abcd:0000:0000:0000:0000:0000:000f"),
        ("2620:0:28a4::/48", "2620:0000:28a4:0000:0000:0000:0000:0000/48"),
    ],
)
def test_ipv6_is_expanded(server: Server, given: str, stored: str) -> None:
    assert server.whm_ok("api_token_create", token_name="t", whitelist_ip=given)["whitelist_ips"] == [stored]
    assert server.whm_ok("api_token_update", token_name="t", whitelist_ip=given)["whitelist_ips"] == [stored]
    assert server.whm_tokens()["t"]["whitelist_ips"] == [stored]


@states("C2.31", "G4.07")
def test_expired_tokens_stay(server: Server) -> None:
    header = f"whm root:{server.whm_token('t', expires_at=server.now() + 60)}"
    assert server.status("whm", header) == 200
    server.advance(60)
    assert server.status("whm", header) == 401
    assert set(server.whm_tokens()) == {"t"}
    server.whm_ok("api_token_revoke", token_name="t")
    assert server.whm_tokens() == {}


@states("C2.32")
def test_revoked_tokens_stop(server: Server) -> None:
    header = f"whm root:{server.whm_token('t')}"
    assert server.status("whm", header) == 200
    server.whm_ok("api_token_revoke", token_name="t")
    assert server.status("whm", header) == 401


@states("C2.33", "G4.05")
def test_suspended_accounts(server: Server) -> None:
    header = f"whm reseller:{server.whm_token('old', RESELLER)}"
    path = "/json-api/api_token_create?api.version=1"
    server.whm_ok("suspendacct", user="reseller")
    for who in (RESELLER, header):
        assert server.request("whm", path, who, data={"token_name": "t"}).status_code == 401
    name = {"cpanel.module": "Tokens", "cpanel.function": "create_full_access", "name": "t"}
    through_whm = server.whm_ok("uapi_cpanel", **{"cpanel.user": "reseller", **name})["uapi"]
    assert through_whm["status"] == 0
    assert "suspended" in through_whm["errors"][0]
    server.whm_ok("unsuspendacct", user="reseller")
    assert set(server.whm_tokens(RESELLER)) == {"old"}
    assert server.status("whm", header) == 200


@states("C2.34", "G4.03")
def test_a_renamed_account_keeps_its_tokens(server: Server) -> None:
    whm, cpanel = server.whm_token("t", RESELLER), server.uapi_token("t")
    server.whm_ok("modifyacct", user="reseller", newuser="dealer")
    server.whm_ok("modifyacct", user="alice", newuser="alicia")
    assert server.status("whm", f"whm dealer:{whm}") == server.status("cpanel", f"cpanel alicia:{cpanel}") == 200
    assert server.status("whm", f"whm reseller:{whm}") == server.status("cpanel", f"cpanel alice:{cpanel}") == 401


@states("C2.35", "G4.04")
def test_a_deleted_account_loses_its_tokens(server: Server) -> None:
    header = f"cpanel alice:{server.uapi_token('t')}"
    server.whm_ok("removeacct", user="alice")
    assert server.status("cpanel", header) == 401
    server.whm_ok("createacct", username="alice", domain="alice.example", password=ALICE.password)
    assert server.status("cpanel", header) == 401
    assert server.uapi_tokens() == {}


@states("C2.36", "C2.37", "C2.38")
def test_the_chart(server: Server) -> None:
    wished = sorted(CHART | {"software-of-ours"})
    assert server.whm_ok("api_token_create", token_name="t", acl=wished)["acls"] == wished
    listed = server.whm_tokens()["t"]["acls"]
    assert listed == dict.fromkeys(wished, 1)
    assert set(server.whm_ok("myprivs")["privileges"][0]) == CHART
    assert "root-of-evil" in server.whm_refused("api_token_create", token_name="u", acl=["quota", "root-of-evil"])
    assert "root-of-evil" in server.whm_refused("api_token_update", token_name="t", acl=["quota", "root-of-evil"])


@states("C2.39", "G4.15")
def test_all_is_everything(server: Server) -> None:
    header = f"whm root:{server.whm_token('t', acl='all')}"
    assert server.whm_ok("applist", header) == server.whm_ok("applist", ROOT)
    assert server.whm_ok("api_token_create", header, token_name="u", acl="quota")["acls"] == ["quota"]


@states("C2.40", "G4.16")
def test_passwd_escapes(server: Server) -> None:
    header = f"whm reseller:{server.whm_token('t', RESELLER, acl='passwd')}"
    server.whm_refused("listaccts", header)
    server.whm_ok("passwd", header, user="reseller", password="taken-over")
    assert server.whm_ok("listaccts", ("reseller", "taken-over"))["acct"]


@states("C2.41", "G4.17")
def test_manage_api_tokens_escapes(server: Server) -> None:
    acls = ["manage-api-tokens", "list-accts"]
    limits = {"expires_at": server.now() + 60, "whitelist_ip": "127.0.0.1"}
    header = f"whm root:{server.whm_token('limited', acl=acls, **limits)}"
    free = f"whm root:{server.whm_ok('api_token_create', header, token_name='free')['token']}"
    server.advance(60)
    assert server.status("whm", header) == 401
    assert server.status("whm", free, source="127.0.0.9") == 200
    server.whm_ok("passwd", free, user="alice", password="another-password")


@states("C2.42", "G4.23")
def test_create_user_session_escapes(server: Server) -> None:
    header = f"whm root:{server.whm_token('limited', acl='create-user-session', expires_at=server.now() + 60)}"
    server.whm_refused("listaccts", header)
    opened = server.whm_ok("create_user_session", header, user="root", service="whostmgrd")
    server.advance(60)
    assert server.status("whm", header) == 401
    path = opened["url"].removeprefix(server.ready["whm"])
    entered = server.request("whm", path, None, method="GET")
    assert (entered.status_code, entered.headers["location"]) == (302, f"{opened['cp_security_token']}/")
    cookie = entered.headers["set-cookie"].partition(";")[0]
    listed = server.request(
        "whm", f"{opened['cp_security_token']}/json-api/listaccts?api.version=1", None, headers={"Cookie": cookie}
    )
    assert listed.json()["data"]["acct"]
    wrong = path.replace(opened["session"], "x" * len(opened["session"]))
    assert server.request("whm", wrong, None, method="GET").status_code == 401
    assert "cpaneld" in server.whm_refused("create_user_session", user="root", service="mail")
    assert "does not have access" in server.whm_refused("create_user_session", user="root", service="cpaneld")
    assert "needs the privilege" in server.whm_refused("create_user_session", RESELLER, user="bob", service="cpaneld")
    server.whm_ok("setacls", reseller="reseller", **{"acl-create-user-session": "1"})
    assert server.whm_ok("create_user_session", RESELLER, user="bob", service="cpaneld")["url"]
    assert "access to an account" in server.whm_refused(
        "create_user_session", RESELLER, user="alice", service="cpaneld"
    )
