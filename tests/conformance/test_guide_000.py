# Copyright (c) 2026 panelops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Guide 000: API tokens of a cPanel account, and curl with them."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.conformance.calls import UAPI_CALLS
from tests.conformance.shell import remote_bash
from tests.conformance.statements import states
from tests.support.server import Server
from tests.support.users import ALICE, BOB, RESELLER, user

MYUSER = user("myuser")
DAY = 24 * 3600

# The guide's own lines: the secret is an argument in them. The modules never do that.
WITH_HEADER = """
curl -H "Authorization: cpanel myuser:ABCDEF1234567890" \\
  "https://your-server.example.com:2083/execute/Email/list_pops"
"""
WITH_USER = """
curl -u myuser:ABCDEF1234567890 \\
  "https://your-server.example.com:2083/execute/Email/list_pops"
"""
STATUS = "\ncurl -o /dev/null -w '%{http_code}' -H 'Authorization: cpanel myuser:ABCDEF1234567890' "
STATUS += "https://your-server.example.com:2083/execute/Email/list_pops"


@states("G0.01", "G0.02")
def test_a_token_replaces_the_password(server: Server) -> None:
    cpanel, whm = f"cpanel alice:{server.uapi_token('t')}", f"whm root:{server.whm_token('t')}"
    assert server.status("cpanel", cpanel) == server.status("whm", whm) == 200
    server.uapi_ok("Tokens::revoke", name="t")
    assert server.status("cpanel", cpanel) == 401
    assert server.status("cpanel", ALICE) == 200


@states("G0.03")
def test_names_are_private(server: Server) -> None:
    server.uapi_token("alices-own")
    assert set(server.uapi_tokens()) == {"alices-own"}
    assert server.uapi_tokens(BOB) == {}


@states("G0.04", "G0.05")
def test_expiry(server: Server) -> None:
    short = f"cpanel alice:{server.uapi_token('short', expires_at=server.now() + DAY)}"
    endless = f"cpanel alice:{server.uapi_token('endless')}"
    server.advance(DAY - 60)
    assert server.status("cpanel", short) == server.status("cpanel", endless) == 200
    server.advance(60)
    assert (server.status("cpanel", short), server.status("cpanel", endless)) == (401, 200)
    server.advance(50 * 365 * DAY)
    assert server.status("cpanel", endless) == 200
    server.uapi_ok("Tokens::revoke", name="endless")
    assert server.status("cpanel", endless) == 401


@states("G0.06", "G0.07")
def test_a_lost_secret(server: Server) -> None:
    lost = server.uapi_token("lost")
    assert lost not in json.dumps([server.uapi(name, **parameters) for name, parameters in UAPI_CALLS])
    new = server.uapi_token("new")
    assert new != lost
    server.uapi_ok("Tokens::revoke", name="lost")
    statuses = [server.status("cpanel", f"cpanel alice:{secret}") for secret in (lost, new)]
    assert statuses == [401, 200]


@states("G0.08", "G0.09")
@pytest.mark.parametrize("lines", [WITH_HEADER, WITH_USER], ids=["header", "-u"])
def test_the_calls_of_the_guide(server: Server, tmp_path: Path, lines: str) -> None:
    secret = server.uapi_token("deploy-runner-prod", MYUSER)
    done = remote_bash(server, lines.replace("ABCDEF1234567890", secret), tmp_path)
    assert (done.returncode, done.stderr) == (0, "")
    assert json.loads(done.stdout) == server.uapi("Email::list_pops", MYUSER)
    refused = remote_bash(server, lines, tmp_path)
    assert json.loads(refused.stdout)["cpanelresult"]["error"] == "Access denied"


@states("G0.10")
def test_no_scope(server: Server) -> None:
    header = f"cpanel alice:{server.uapi_token('t', acl='list-accts', features='popaccts', whitelist_ip='192.0.2.1')}"
    for name, parameters in UAPI_CALLS:
        server.uapi_ok(name, header, **parameters)
    assert server.uapi_ok("Variables::get_user_information", header)["user"] == "alice"
    (row,) = server.uapi_ok("Tokens::list")
    assert (row["has_full_access"], row["features"]) == (1, [])


@states("G0.11")
def test_the_status_after_revocation(server: Server, tmp_path: Path) -> None:
    call = STATUS.replace("ABCDEF1234567890", server.uapi_token("t", MYUSER))
    assert remote_bash(server, call, tmp_path).stdout == "200"
    server.uapi_ok("Tokens::revoke", MYUSER, name="t")
    assert remote_bash(server, call, tmp_path).stdout == "401"


@states("G0.12", "G0.13", "G0.14")
def test_the_list(server: Server) -> None:
    moment = server.now() + DAY
    header = f"cpanel alice:{server.uapi_token('used', expires_at=moment)}"
    server.uapi_token("idle")
    server.uapi_ok("Tokens::rename", name="used", new_name="renamed")
    assert server.status("cpanel", header) == 200
    rows = server.uapi_tokens()
    assert set(rows) == {"renamed", "idle"}
    assert (rows["renamed"]["expires_at"], rows["idle"]["expires_at"]) == (moment, None)
    assert rows["renamed"]["create_time"] <= rows["renamed"]["last_used"] <= server.now()
    assert rows["idle"]["last_used"] is None


@states("G0.15")
def test_a_leaked_token(server: Server) -> None:
    header = f"whm root:{server.whm_token('deploy-box', whitelist_ip='127.0.0.2')}"
    assert server.status("whm", header, source="127.0.0.2") == 200
    assert server.status("whm", header, source="127.0.0.3") == 401
    claimed = {"X-Forwarded-For": "127.0.0.2", "Forwarded": "for=127.0.0.2", "X-Real-IP": "127.0.0.2"}
    path = "/json-api/version?api.version=1"
    assert server.request("whm", path, header, source="127.0.0.3", headers=claimed).status_code == 401


@states("G0.16")
def test_usual_causes(server: Server) -> None:
    secret = server.uapi_token("t")
    typo = secret[:-1] + ("A" if secret[-1] != "A" else "B")
    for header in (f"cpanel alice:{typo}", f"cpanel alice:{secret.lower()}1", f"cpanel bob:{secret}"):
        assert server.status("cpanel", header) == 401
    assert server.status("cpanel", f"cpanel alice:{secret}") == 200
    server.uapi_ok("Tokens::revoke", name="t")
    assert server.status("cpanel", f"cpanel alice:{secret}") == 401


@states("G0.17")
def test_two_kinds_of_tokens(server: Server) -> None:
    reseller = RESELLER
    whm, cpanel = server.whm_token("w", reseller), server.uapi_token("c", reseller)
    assert (set(server.whm_tokens(reseller)), set(server.uapi_tokens(reseller))) == ({"w"}, {"c"})
    for scheme, secret, service, status in (
        ("whm", whm, "whm", 200),
        ("cpanel", cpanel, "cpanel", 200),
        ("whm", cpanel, "whm", 401),
        ("cpanel", whm, "cpanel", 401),
    ):
        assert server.status(service, f"{scheme} reseller:{secret}") == status


@states("G0.18")
def test_only_a_hash_is_kept(server: Server) -> None:
    secrets = [server.whm_token("hashed"), server.uapi_token("hashed")]
    kept = b"".join(path.read_bytes() for path in server.files())
    assert b"hashed" in kept, "the write-ahead log is among the files"
    assert not [secret for secret in secrets if secret.encode() in kept]
