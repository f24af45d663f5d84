# Copyright (c) 2026 panelops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""No secret is ever at rest, and the audit log tells what happened without telling secrets."""

from __future__ import annotations

import hashlib
from collections.abc import Callable

from tests.support.server import Server
from tests.support.users import ALICE, ROOT


def test_no_secret_lies_in_the_state_folder(start: Callable[..., Server]) -> None:
    server = start()
    tokens = [server.whm_token(f"t{number}") for number in range(5)] + [server.uapi_token("t")]
    server.whm_ok("passwd", user="alice", password="a-new-canary-password")
    login = server.request("whm", "/login", data={"user": "root", "pass": ROOT.password})
    session = login.cookies["whostmgrsession"]
    typed = "TYPEDINTOTHEWRONGFIELDAAAAAAAAAA"
    for parameter in ("acl", "whitelist_ip", "expires_at"):
        server.whm_refused("api_token_create", **{"token_name": "x", parameter: typed})
        server.whm_refused("api_token_update", **{"token_name": "t0", parameter: typed})
    server.whm_refused("api_token_update", token_name=typed)
    server.whm("api_token_revoke", token_name=typed)
    server.whm("api_token_get_details", token=tokens[0])
    server.whm("accountsummary", user=typed)
    server.whm(typed)
    server.uapi(f"{typed}::{typed}", ("alice", "a-new-canary-password"))
    server.status("whm", f"whm {typed}:{typed}")
    server.status("whm", (typed.lower()[:16], typed))
    server.request("whm", "/login", data={"user": typed, "pass": typed})
    server.request("whm", f"/json-api/{typed}/{typed}?{typed}={typed}")
    for secret in tokens[:2]:
        assert server.status("whm", f"whm root:{secret}") == 200
    secrets = [*tokens, "a-new-canary-password", ALICE.password, session, typed, typed.lower()[:16]]
    for moment in ("running", "stopped"):
        for path in server.files():
            content = path.read_bytes()
            for secret in secrets:
                assert secret.encode() not in content, (moment, path)
        assert not any(secret in server.output() for secret in secrets)
        if moment == "running":
            server.stop()
    database = (server.state / "token_server.sqlite3").read_bytes()
    assert hashlib.sha256(tokens[0].encode()).digest() in database, "the search looks at the right bytes"


def test_the_audit_log_has_a_line_for_each_call(server: Server) -> None:
    header = f"whm root:{server.whm_token('auditor', acl=['manage-api-tokens', 'cpanel-api'])}"
    server.whm("listaccts", header)
    server.whm("api_token_create", header, token_name="auditor")
    server.whm("uapi_cpanel", header, **{"cpanel.user": "alice", "cpanel.module": "Tokens", "cpanel.function": "list"})
    server.request("whm", "/json-api/api_token_list?api.version=1", header + "x", source="127.0.0.3")
    created, denied, failed, inner, outer, unauthenticated = server.audit()[-6:]
    assert set(created) == {
        "time", "service", "user", "token", "peer", "function", "mutation", "outcome", "reason",
    }  # fmt: skip
    assert abs(created.pop("time") - server.now()) <= 2
    assert created == {
        "service": "whm", "user": "root", "token": None, "peer": "127.0.0.1", "function": "api_token_create",
        "mutation": True, "outcome": "ok", "reason": "ok",
    }  # fmt: skip
    assert (denied["token"], denied["outcome"], denied["reason"]) == (
        "auditor", "denied", "needs list-accts",
    )  # fmt: skip
    assert (failed["outcome"], failed["reason"]) == ("failed", "name already taken")
    assert (inner["function"], inner["mutation"], outer["function"]) == ("Tokens::list", False, "uapi_cpanel")
    assert (unauthenticated["outcome"], unauthenticated["user"], unauthenticated["peer"]) == (
        "denied", "root", "127.0.0.3",
    )  # fmt: skip
