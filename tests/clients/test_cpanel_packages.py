# Copyright (c) 2026 panelops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Packages from PyPI for the API of cPanel."""

from __future__ import annotations

from urllib.parse import urlsplit

from tests.clients.programs import Program
from tests.support.server import Server
from tests.support.users import ALICE, RESELLER

WRONG = "WRONG0TOKEN0WRONG0TOKEN0WRONG0TO"


def test_cpanel_api_takes_a_token_through_its_life(server: Server, python: Program) -> None:
    own = server.uapi_token("own")

    def call(token: str, *calls: list[object]) -> list[dict[str, object]]:
        whole = [["uapi", "Tokens", *one] for one in calls]
        return python.calls(server, "with_cpanel_api.py", "cpanel", whole, user=ALICE.name, token=token)

    created, listed, renamed = call(
        own,
        ["create_full_access", {"name": "deploy", "expires_at": server.now() + 3600}],
        ["list", {}],
        ["rename", {"name": "deploy", "new_name": "release"}],
    )
    assert (created["status"], listed["status"], renamed["status"]) == (1, 1, 1)
    assert {token["name"] for token in listed["data"]} == {"own", "deploy"}
    secret = created["data"]["token"]
    (found,) = call(secret, ["list", {}])
    assert {token["name"] for token in found["data"]} == {"own", "release"}
    (revoked,) = call(own, ["revoke", {"name": "release"}])
    assert (revoked["status"], revoked["data"]) == (1, 1)
    assert call(secret, ["list", {}]) == ["Unauthorized"]
    assert set(server.uapi_tokens()) == {"own"}


def test_cpanel_api_tells_a_wrong_token_and_an_expired_one(server: Server, python: Program) -> None:
    short = server.uapi_token("short", expires_at=server.now() + 600)
    calls = [["uapi", "Email", "list_pops", {}], ["cpanel2", "Email", "listpops", {}]]

    def answers(token: str) -> list[object]:
        return python.calls(server, "with_cpanel_api.py", "cpanel", calls, user=ALICE.name, token=token)

    by_uapi, by_api2 = answers(short)
    assert (by_uapi["status"], by_api2["cpanelresult"]["event"]["result"]) == (1, 1)
    server.advance(601)
    assert answers(short) == ["Unauthorized"] * 2
    assert answers(WRONG) == ["Unauthorized"] * 2


def test_cpanel_cli_shows_the_account_of_a_token(server: Server, python: Program) -> None:
    def cpanel(token: str, *words: str) -> tuple[int, str]:
        """Run the command with its configuration in a file, as its users keep it."""
        host = urlsplit(server.ready["cpanel"]).hostname
        rc = python.home / ".cpanelrc"
        rc.write_text(f"hostname={host}\nusername={ALICE.name}\nutoken={token}\n", encoding="utf-8")
        ran = python.run(server, "-m", "cpanel", *words)
        return ran.returncode, ran.stdout + ran.stderr

    secret = server.uapi_token()
    status, shown = cpanel(secret, "get", "account")
    assert (status, '"user": "alice"' in shown) == (0, True), shown
    status, shown = cpanel(secret, "list", "domains")
    assert (status, '"main_domain": "alice.example"' in shown) == (0, True), shown
    status, shown = cpanel(secret, "list", "features")
    assert (status, '"apitokens"' in shown) == (0, True), shown
    assert server.uapi_ok("Tokens::revoke", name="token") == 1
    status, shown = cpanel(secret, "list", "domains")
    assert (status, "Unauthorized" in shown, "alice" in shown) == (1, True, False), shown


def test_cpanel_cli_lists_the_accounts_of_a_reseller(server: Server, python: Program) -> None:
    host = urlsplit(server.ready["cpanel"]).hostname
    secret = server.uapi_token("cli", RESELLER)
    rc = python.home / ".cpanelrc"
    rc.write_text(f"hostname={host}\nusername={RESELLER.name}\nutoken={secret}\n", encoding="utf-8")
    ran = python.run(server, "-m", "cpanel", "list", "accounts")
    assert ran.returncode == 0, ran.stderr
    assert ('"user": "bob"' in ran.stdout, '"user": "alice"' in ran.stdout) == (True, False), ran.stdout


def test_aiocpanel_tells_a_wrong_token(server: Server, python: Program) -> None:
    secret = server.uapi_token()

    def answers(token: str) -> list[object]:
        calls = [["list_dynamic_dns"]]
        return python.calls(server, "with_aiocpanel.py", "cpanel", calls, user=ALICE.name, token=token)

    assert answers(secret) == [
        [
            "DynamicDnsRecord(id='abc', domain='home.alice.example', "
            f"webcall_url='{server.ready['cpanel']}/cpanelwebcall/abc')"
        ]
    ]
    assert answers(WRONG) == ["CpanelAuthError"]
