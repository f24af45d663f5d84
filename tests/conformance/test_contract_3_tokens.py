# Copyright (c) 2026 panelops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Section C3 of the wire contract: the UAPI module Tokens."""

from __future__ import annotations

import pytest

from tests.conformance.calls import UAPI_CALLS
from tests.conformance.statements import states
from tests.support.server import Server
from tests.support.users import ALICE, BOB

LISTED = {"name", "create_time", "expires_at", "has_full_access", "features"}


@states("C3.01")
def test_the_version(server: Server) -> None:
    assert int(server.whm_ok("version")["version"].split(".")[1]) >= 138
    assert server.uapi_ok("Tokens::list") == []


@states("C3.02", "C3.03", "C3.04")
def test_create(server: Server) -> None:
    assert "name" in server.uapi_refused("Tokens::create_full_access", expires_at=server.now() + 60)
    before = server.now()
    created = server.uapi_ok("Tokens::create_full_access", name="t")
    assert set(created) == {"token", "create_time"}
    assert before <= created["create_time"] <= server.now()
    assert server.status("cpanel", f"cpanel alice:{created['token']}") == 200
    limited = server.uapi_token("u", expires_at=before + 600)
    server.advance(600)
    assert server.status("cpanel", f"cpanel alice:{limited}") == 401


@states("C3.05")
def test_readonly(server: Server) -> None:
    header = f"cpanel alice:{server.uapi_token('reader', readonly=1)}"
    # A batch may hold what changes things, so none is begun.
    changing = {"Batch::strict", "Email::add_pop", "Tokens::create_full_access", "Tokens::rename", "Tokens::revoke"}
    for name, parameters in UAPI_CALLS:
        if name in changing:
            assert "read-only" in server.uapi_refused(name, header, **parameters)
        else:
            server.uapi_ok(name, header, **parameters)
    batch = server.uapi("Batch::strict", header, command='["Tokens", "revoke", {"name": "reader"}]')
    assert batch["status"] == 0
    assert set(server.uapi_tokens()) == {"reader"}
    assert server.uapi_ok("Tokens::revoke", f"cpanel alice:{server.uapi_token('t', readonly=0)}", name="reader") == 1


@states("C3.06", "C3.07", "C3.08", "C3.09")
def test_list(server: Server) -> None:
    moment = server.now() + 60
    created = {
        "forever": server.uapi_ok("Tokens::create_full_access", name="forever"),
        "limited": server.uapi_ok("Tokens::create_full_access", name="limited", expires_at=moment, readonly=1),
    }
    listed = server.uapi_ok("Tokens::list")
    assert isinstance(listed, list)
    forever, limited = listed
    assert set(forever) == LISTED | {"last_used"}
    assert set(limited) == LISTED | {"last_used", "readonly"}
    assert limited["readonly"] == 1
    assert (forever["expires_at"], limited["expires_at"]) == (None, moment)
    for token in listed:
        assert token["create_time"] == created[token["name"]]["create_time"]
        assert (token["has_full_access"], token["features"]) == (1, [])


@states("C3.10")
def test_rename(server: Server) -> None:
    secret = server.uapi_token("old")
    assert server.uapi_ok("Tokens::rename", name="old", new_name="new") is None
    assert set(server.uapi_tokens()) == {"new"}
    assert server.status("cpanel", f"cpanel alice:{secret}") == 200
    assert "new_name" in server.uapi_refused("Tokens::rename", name="new")
    assert "old" in server.uapi_refused("Tokens::rename", name="old", new_name="other")


@states("C3.11")
def test_revoke(server: Server) -> None:
    server.uapi_token("t")
    assert [server.uapi_ok("Tokens::revoke", name="t") for _number in range(2)] == [1, 1]
    assert server.uapi_tokens() == {}


@states("C3.12", "C3.13")
@pytest.mark.parametrize("function", ["update", "get_details"])
def test_functions_that_do_not_exist(server: Server, function: str) -> None:
    secret = server.uapi_token("t")
    moment = server.now() + 60
    refused = server.uapi_refused(f"Tokens::{function}", name="t", token=secret, expires_at=moment)
    assert function in refused
    server.uapi_ok("Tokens::rename", name="t", new_name="u", expires_at=moment, readonly=1)
    assert server.uapi_tokens()["u"]["expires_at"] is None
    assert "readonly" not in server.uapi_tokens()["u"]


@states("C3.14")
def test_the_list_does_not_mark_the_asker(server: Server) -> None:
    header = f"cpanel alice:{server.uapi_token('asking')}"
    server.uapi_token("other")
    asking, other = (set(token) for token in server.uapi_ok("Tokens::list", header))
    assert asking == other


@states("C3.15")
def test_a_probe(server: Server) -> None:
    header = f"cpanel alice:{server.uapi_token('t')}"
    reading = [(name, parameters) for name, parameters in UAPI_CALLS if "::l" in name or "get" in name]
    assert len(reading) == 8
    for name, parameters in reading:
        server.uapi_ok(name, header, **parameters)
        assert server.request("cpanel", f"/execute/{name.replace('::', '/')}", header[:-1] + "!").status_code == 401


@states("C3.16")
def test_last_used(server: Server) -> None:
    whm, cpanel = server.whm_token("t"), server.uapi_token("t", BOB)
    assert server.whm_tokens()["t"]["last_used"] is None
    assert server.uapi_tokens(BOB)["t"]["last_used"] is None
    server.control("POST", "/clock", {"set": server.now() + 1000})
    before = server.now()
    assert server.status("whm", f"whm root:{whm}") == server.status("cpanel", f"cpanel bob:{cpanel}") == 200
    for token in (server.whm_tokens()["t"], server.uapi_tokens(BOB)["t"]):
        assert before <= token["last_used"] <= server.now()


@states("C3.17", "G3.02")
def test_names(server: Server) -> None:
    server.uapi_token("x" * 50)
    assert "unique" in server.uapi_refused("Tokens::create_full_access", name="x" * 50)
    server.uapi_token("x" * 50, BOB)
    for bad in ("x" * 51, "a b", "\u00e4"):
        assert "50 characters" in server.uapi_refused("Tokens::create_full_access", ALICE, name=bad)
