# Copyright (c) 2026 panelops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Re-issues at the edges: of a token that has expired, and where the old one cannot even be put aside."""

from __future__ import annotations

import time

import pytest
from ansible_collections.panelops.cpanel.plugins.module_utils._errors import PanelopsError

from tests.integration.desired import SERVICES
from tests.support.cores import run_core
from tests.support.server import Server

AGAIN = dict(name="t", recreate="always", expires_in="1d")
CREATES = {"whm": "api_token_create", "cpanel": "Tokens::create_full_access"}


def expired(server: Server, service: str) -> str:
    """A token ``t`` that has expired, and a live one that a killed re-issue has left, whose name is returned."""
    soon = int(time.time()) + 60
    tokens = SERVICES["whm" if service == "whm" else "cpanel as the account"]
    tokens.make(server, "t", expires_at=0)
    left = tokens.put_aside(server, "t")
    tokens.make(server, "t", expires_at=soon)
    server.advance(120)
    return left


def names(server: Server, service: str) -> list[str]:
    return sorted(server.whm_tokens() if service == "whm" else server.uapi_tokens())


@pytest.mark.parametrize("many", [False, True], ids=["one", "many"])
@pytest.mark.parametrize("service", CREATES)
def test_an_expired_token(server: Server, service: str, many: bool) -> None:
    """WHM takes no expiry in the past, so such a token cannot be put aside without being brought to life again."""
    left = expired(server, service)
    environment, module = server.environment, f"{service}_api_token{'s' if many else ''}"
    wish = {"tokens": [AGAIN]} if many else AGAIN
    server.fault(CREATES[service], "status:401")
    with pytest.raises(PanelopsError):
        run_core(module, environment, **wish)
    assert names(server, service) == ["t", left], "nothing goes until there is a new one"
    done = run_core(module, environment, **wish)
    assert done["changed"]
    assert names(server, service) == ["t"]
    (result,) = done[module] if many else [done]
    secret = result["token"]
    assert server.whm_accepts(secret) if service == "whm" else server.uapi_accepts(secret)


@pytest.mark.parametrize("kind", ["status:401", "drop_before_commit"])
def test_a_token_that_cannot_be_put_aside(server: Server, kind: str) -> None:
    whm, cpanel = server.whm_token("t", acl="list-accts"), server.uapi_token("t")
    for function, module in (("api_token_update", "whm_api_token"), ("Tokens::rename", "cpanel_api_token")):
        for call in (1, 2, 3, 4):
            server.fault(function, kind, call)
        with pytest.raises(PanelopsError, match="The old token (is|was) unchanged"):
            run_core(module, server.environment, **AGAIN)
        server.control("DELETE", "/faults")
    assert names(server, "whm") == names(server, "cpanel") == ["t"]
    assert server.whm_accepts(whm)
    assert server.uapi_accepts(cpanel)
