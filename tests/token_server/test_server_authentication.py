# Copyright (c) 2026 panelops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Who gets in: headers, passwords, sessions, addresses, expiry, suspension; and that a refusal tells nothing."""

from __future__ import annotations

import base64
import re
from collections.abc import Callable

import pytest
import requests

from tests.support.server import Server
from tests.support.users import ALICE, RESELLER, ROOT, basic


def test_the_scheme_is_case_insensitive(server: Server) -> None:
    whm, cpanel = server.whm_token(), server.uapi_token()
    for scheme in ("whm", "WHM", "Whm"):
        assert server.status("whm", f"{scheme} root:{whm}") == 200
    for scheme in ("cpanel", "CPANEL", "cPanel"):
        assert server.status("cpanel", f"{scheme} alice:{cpanel}") == 200
    assert server.status("whm", f"whm  root:{whm} ") == 200


def test_basic_takes_a_password_or_a_token(server: Server) -> None:
    for listener, password, user, token in (
        ("whm", ROOT, "root", server.whm_token()),
        ("cpanel", ALICE, "alice", server.uapi_token()),
    ):
        assert server.status(listener, password) == 200
        assert server.status(listener, (user, token)) == 200
        assert server.status(listener, (user, "wrong")) == 401
        assert server.status(listener, ("nobody", token)) == 401
        assert server.status(listener + "_plain", (user, token)) == 200


def test_a_password_that_looks_like_a_token_is_a_password(server: Server) -> None:
    server.whm_ok("passwd", user="alice", password="A" * 32)
    assert server.status("cpanel", ("alice", "A" * 32)) == 200
    assert server.status("cpanel", ALICE) == 401


def test_every_refusal_is_the_same_bytes(server: Server) -> None:
    expired = server.whm_token("expired", expires_at=server.now() + 5)
    revoked = server.whm_token("revoked")
    server.whm_ok("api_token_revoke", token_name="revoked")
    elsewhere = server.whm_token("elsewhere", whitelist_ip="10.0.0.1")
    good = server.whm_token("good")
    suspended = server.whm_token("suspended", RESELLER)
    cpanel = server.uapi_token("cpanel")
    server.whm_ok("suspendacct", user="reseller")
    server.advance(6)
    reasons = {
        f"whm root:{'Z' * 32}": "unknown or revoked token",
        f"whm root:{expired}": "expired token",
        f"whm root:{revoked}": "unknown or revoked token",
        f"whm root:{elsewhere}": "address not allowed",
        f"whm reseller:{suspended}": "account suspended",
        f"whm reseller:{good}": "token of another user",
        f"whm nobody:{good}": "token of another user",
        f"whm alice:{cpanel}": "token of another service",
        f"cpanel root:{good}": "scheme of another service",
        f"bearer {good}": "unknown scheme",
        f"whm {good}": "unknown or revoked token",
        "whm root:": "unknown or revoked token",
        "whm": "unknown or revoked token",
        "Basic !!!": "malformed Basic credentials",
        f"Basic {base64.b64encode(b'root').decode()}": "malformed Basic credentials",
        basic(("root", "wrong")): "wrong password",
        basic(("nobody", "wrong")): "unknown user",
        basic(ALICE): "account without access to this service",
        basic(RESELLER): "account suspended",
        None: "no credentials",
    }
    answers = set()
    for credentials, reason in reasons.items():
        response = server.request("whm", "/json-api/api_token_list?api.version=1", credentials)
        headers = {name: value for name, value in response.headers.items() if name.lower() != "date"}
        answers.add((response.status_code, response.content, tuple(sorted(headers.items()))))
        line = server.audit()[-1]
        assert (line["outcome"], line["reason"], line["function"]) == ("denied", reason, "api_token_list")
    ((status, body, _headers),) = answers
    assert status == 401
    assert body == (
        b'{"cpanelresult":{"apiversion":"2","error":"Access denied",'
        b'"data":{"reason":"Access denied","result":"0"},"type":"text"}}'
    )
    assert server.status("whm", f"whm root:{good}") == 200


def test_cpanel_is_not_for_root_nor_for_whm_tokens(server: Server) -> None:
    token = server.whm_token("t", RESELLER)
    assert server.status("cpanel", ROOT) == 401
    assert server.status("cpanel", f"whm reseller:{token}") == 401
    assert server.status("cpanel", f"cpanel reseller:{token}") == 401
    assert server.status("cpanel", RESELLER) == 200, "a reseller has a cPanel account too"


def test_the_address_of_the_socket_counts(server: Server) -> None:
    secret = server.whm_token("t", whitelist_ip=["127.0.0.2", "10.0.0.0/8"])
    header = f"whm root:{secret}"
    assert server.status("whm", header, source="127.0.0.1") == 401
    assert server.status("whm", header, source="127.0.0.2") == 200
    spoofed = {"X-Forwarded-For": "127.0.0.2", "Forwarded": "for=127.0.0.2", "X-Real-IP": "127.0.0.2"}
    path = "/json-api/version?api.version=1"
    assert server.request("whm", path, header, headers=spoofed).status_code == 401
    assert server.request("whm", path, header, headers=spoofed, source="127.0.0.2").status_code == 200
    server.whm_ok("api_token_update", token_name="t", whitelist_ip="127.0.0.1/31")
    assert server.status("whm", header, source="127.0.0.2") == 401, "a changed list holds at once"
    assert server.status("whm", header, source="127.0.0.1") == 200


def test_ipv6_peers(start: Callable[..., Server]) -> None:
    server = start("--host", "::1")
    assert server.ready["whm"].startswith("https://[::1]:")
    path = server.ready["whm"] + "/json-api/"
    session = requests.Session()
    session.trust_env = False
    session.verify = server.ready["ca_file"]
    for allowed, status in (("::/64", 200), ("0:0:0:0:0:0:0:1", 200), ("::2/127", 401), ("127.0.0.1", 401)):
        form = {"api.version": 1, "token_name": f"t{status}-{len(allowed)}", "whitelist_ip": allowed}
        secret = session.post(path + "api_token_create", data=form, auth=ROOT).json()["data"]["token"]
        header = {"Authorization": f"whm root:{secret}"}
        assert session.get(path + "version?api.version=1", headers=header).status_code == status, allowed


def test_a_mapped_peer_counts_as_ipv4() -> None:
    from token_server.rules import admits, networks

    allowed = networks(("127.0.0.2", "10.0.0.5/8"))
    assert admits(allowed, "::ffff:127.0.0.2")
    assert admits(allowed, "10.200.0.1")
    assert not admits(allowed, "::ffff:127.0.0.3")
    assert not admits(allowed, "::1")
    assert not admits(allowed, "testclient")
    assert not admits(networks(("::/0",)), "10.0.0.1")


def test_expiry_to_the_second(server: Server) -> None:
    server.control("POST", "/clock", {"set": 2_000_000_000})
    whm = f"whm root:{server.whm_token('t', expires_at=2_000_001_000)}"
    cpanel = f"cpanel alice:{server.uapi_token('t', expires_at=2_000_001_000)}"
    server.control("POST", "/clock", {"set": 2_000_000_990})
    assert (server.status("whm", whm), server.status("cpanel", cpanel)) == (200, 200)
    server.control("POST", "/clock", {"set": 2_000_001_000})
    assert (server.status("whm", whm), server.status("cpanel", cpanel)) == (401, 401)


def test_suspension_stops_everything_until_it_ends(server: Server) -> None:
    token = f"cpanel alice:{server.uapi_token()}"
    server.whm_ok("suspendacct", user="alice")
    assert (server.status("cpanel", token), server.status("cpanel", ALICE)) == (401, 401)
    create = {"cpanel.user": "alice", "cpanel.module": "Tokens", "cpanel.function": "create_full_access", "name": "x"}
    answer = server.whm_ok("uapi_cpanel", **create)["uapi"]
    assert (answer["status"], "suspended" in answer["errors"][0]) == (0, True)
    server.whm_ok("unsuspendacct", user="alice")
    assert (server.status("cpanel", token), server.status("cpanel", ALICE)) == (200, 200)


def test_a_token_is_bound_by_its_owners_present_privileges(server: Server) -> None:
    header = f"whm reseller:{server.whm_token('t', RESELLER, acl=['list-accts', 'manage-api-tokens'])}"
    server.whm_ok("listaccts", header)
    server.whm_ok("setacls", reseller="reseller", **{"acl-manage-api-tokens": 1})
    assert "list-accts" in server.whm_refused("listaccts", header)
    assert server.whm_tokens(header)["t"]["acls"]["list-accts"] == 1, "what was given stays written down"
    server.whm_ok("setacls", reseller="reseller", **{"acl-all": 1})
    assert "setacls" not in server.whm_ok("applist", header)["app"], "the token is as narrow as it was"


def _log_in(server: Server, listener: str, user: str, password: str) -> requests.Response:
    return server.request(listener, "/login", data={"user": user, "pass": password})


def test_sessions(server: Server) -> None:
    for listener, (user, password), cookie, call in (
        ("whm", RESELLER, "whostmgrsession", "json-api/version?api.version=1"),
        ("cpanel", RESELLER, "cpsession", "execute/Tokens/list"),
    ):
        response = _log_in(server, listener, user, password)
        assert response.status_code == 302
        location = response.headers["location"]
        assert re.fullmatch(r"/cpsess\d{10}/", location)
        attributes = response.headers["set-cookie"]
        assert "HttpOnly" in attributes
        assert "Secure" in attributes
        cookies = {cookie: response.cookies[cookie]}
        assert server.request(listener, location + call, cookies=cookies).status_code == 200
        assert user in server.request(listener, location, method="GET", cookies=cookies).text
        # Neither half alone, nor the wrong number, nor the cookie on an ordinary path.
        assert server.request(listener, location + call, cookies={cookie: ""}).status_code == 401
        assert server.request(listener, "/cpsess0000000000/" + call, cookies=cookies).status_code == 401
        assert server.request(listener, "/" + call, cookies=cookies).status_code == 401
        other, others_cookie = ("cpanel", "cpsession") if listener == "whm" else ("whm", "whostmgrsession")
        moved = {others_cookie: response.cookies[cookie]}
        assert server.request(other, location + "json-api/version", cookies=moved).status_code == 401


def test_a_session_ends(server: Server) -> None:
    for end in (
        lambda: server.whm_ok("passwd", user="alice", password="another"),
        lambda: server.whm_ok("suspendacct", user="alice"),
        lambda: server.whm_ok("removeacct", user="alice"),
        lambda: server.advance(7 * 3600),
    ):
        server.reset()
        response = _log_in(server, "cpanel", *ALICE)
        path, cookies = response.headers["location"] + "execute/Tokens/list", dict(response.cookies)
        assert server.request("cpanel", path, cookies=cookies).status_code == 200
        end()
        assert server.request("cpanel", path, cookies=cookies).status_code == 401


def test_wrong_log_ins_get_no_session(server: Server) -> None:
    for user, password in (("alice", "wrong"), ("nobody", "x"), ("", ""), ("alice", server.uapi_token()), ROOT):
        response = _log_in(server, "cpanel", user, password)
        assert response.status_code == 401
        assert "set-cookie" not in response.headers
        assert b"Access denied" in response.content
    assert _log_in(server, "whm", *ALICE).status_code == 401


def test_guessing_passwords_is_throttled(start: Callable[..., Server]) -> None:
    server = start("--login-failures", "3", "--login-lockout", "60")
    token = server.uapi_token()
    for _number in range(2):
        assert server.status("cpanel", ("alice", "wrong")) == 401
    assert server.status("cpanel", ALICE) == 200, "a success forgets the failures"
    for _number in range(3):
        assert server.status("cpanel", ("alice", "wrong")) == 401
    assert server.status("cpanel", ALICE) == 401
    assert server.audit()[-1]["reason"] == "address locked out"
    assert _log_in(server, "cpanel", *ALICE).status_code == 401
    assert server.status("cpanel", ALICE, source="127.0.0.2") == 200, "another address is not concerned"
    assert server.status("cpanel", f"cpanel alice:{token}") == 200, "nor are tokens, which nobody can guess"
    server.advance(61)
    assert server.status("cpanel", ALICE) == 200


@pytest.mark.parametrize(
    ("listener", "path", "words"),
    [
        ("whm", "/execute/Tokens/list", "Function not found"),
        ("cpanel", "/json-api/api_token_list?api.version=1", "Permission denied"),
    ],
)
def test_the_wrong_port_says_so(server: Server, listener: str, path: str, words: str) -> None:
    response = server.request(listener, path, RESELLER)
    assert response.status_code == 200
    assert words in response.text
    assert server.request(listener, path).status_code == 401


def test_the_version_of_the_api_is_required(server: Server) -> None:
    for query in ("", "?api.version=0", "?api.version=2", "?api.version="):
        response = server.request("whm", "/json-api/version" + query, ROOT)
        metadata = response.json()["metadata"]
        assert metadata["result"] == 0
        assert "api.version=1" in metadata["reason"]
