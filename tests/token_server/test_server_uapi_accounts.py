# Copyright (c) 2026 panelops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The functions of UAPI that are not about tokens: mailboxes, features, domains, variables, the accounts of a reseller."""

from __future__ import annotations

import time

import pytest

from tests.support.server import Server
from tests.support.users import ALICE, BOB, MAILONLY, RESELLER

API2 = {"cpanel_jsonapi_module": "Email", "cpanel_jsonapi_func": "listpops"}


def addresses(server: Server, **how: object) -> list[str]:
    """Return the addresses that ``list_pops`` lists."""
    return [row["email"] for row in server.uapi_ok("Email::list_pops", **how)]


def test_mailboxes(server: Server) -> None:
    main = {"email": "alice", "login": "Main Account", "suspended_incoming": 0, "suspended_login": 0}
    assert server.uapi_ok("Email::list_pops") == [main]
    assert server.uapi_ok("Email::add_pop", email="sales", password="secret") == "sales+alice.example"
    server.uapi_ok("Email::add_pop", email="info@alice.example", password="secret", quota="unlimited")
    row = {**main, "email": "info@alice.example", "login": "info@alice.example"}
    assert server.uapi_ok("Email::list_pops", skip_main=1)[0] == row
    assert addresses(server) == ["alice", "info@alice.example", "sales@alice.example"]
    assert addresses(server, regex="^sa", skip_main=1) == ["sales@alice.example"]
    answer = server.request("cpanel", "/json-api/cpanel", ALICE, data=API2).json()["cpanelresult"]
    assert [row["email"] for row in answer["data"]] == ["info@alice.example", "sales@alice.example"]
    assert server.uapi_ok("Email::list_pops", BOB, skip_main=1) == []
    server.whm_ok("removeacct", user="alice")
    server.whm_ok("createacct", username="alice", password=ALICE.password, domain="alice.example")
    assert addresses(server, skip_main=1) == []


@pytest.mark.parametrize(
    "wrong",
    [
        {"email": ""},
        {"email": "cpanel"},
        {"email": "two words"},
        {"email": "info@bob.example"},
        {"email": "info@"},
        {"domain": "bob.example"},
        {"password": ""},
        {"password": "p" * 1025},
        {"password_hash": "$6$x"},
        {"quota": "much"},
    ],
)
def test_add_pop_refuses_what_is_wrong(server: Server, wrong: dict) -> None:
    server.uapi_refused("Email::add_pop", **{"email": "info", "password": "secret", **wrong})
    assert addresses(server, skip_main=1) == []


def test_add_pop_refuses_a_second_one_and_a_readonly_token(server: Server) -> None:
    server.uapi_ok("Email::add_pop", email="info", password="secret")
    assert "exists" in server.uapi_refused("Email::add_pop", email="info", password="secret")
    header = f"cpanel alice:{server.uapi_token('t', readonly=1)}"
    assert "read-only" in server.uapi_refused("Email::add_pop", header, email="more", password="secret")
    assert "1 or 0" in server.uapi_refused("Email::list_pops", skip_main="yes")
    assert "regular expression" in server.uapi_refused("Email::list_pops", regex="(")


def test_features(server: Server) -> None:
    assert set(server.uapi_ok("Features::list_features").values()) == {1}
    had = server.uapi_ok("Features::list_features", MAILONLY)
    assert [name for name, flag in had.items() if flag] == ["popaccts"]
    answers = [
        server.uapi("Features::has_feature", who, name=name)
        for who, name in ((MAILONLY, "popaccts"), (MAILONLY, "autossl"), (MAILONLY, "nothere"), (ALICE, "autossl"))
    ]
    assert [answer["status"] for answer in answers] == [1, 0, 0, 1]
    assert [answer["errors"] for answer in answers] == [None] * 4
    lacks = ["The feature \u201cautossl\u201d exists but is not enabled."]
    assert [answer["messages"] for answer in answers] == [None, lacks, None, None]
    assert "name" in server.uapi_refused("Features::has_feature")


def test_domains(server: Server) -> None:
    domains = {"main_domain": "alice.example", "addon_domains": [], "parked_domains": [], "sub_domains": []}
    assert server.uapi_ok("DomainInfo::list_domains") == domains


def test_the_accounts_of_a_reseller(server: Server) -> None:
    own = {"user": "reseller", "domain": "reseller.example", "select": "1"}
    owned = {"user": "bob", "domain": "bob.example", "select": ""}
    assert server.uapi_ok("Resellers::list_accounts", RESELLER) == [own, owned]
    assert [row["user"] for row in server.uapi_ok("Resellers::list_accounts")] == ["alice"]


def test_variables(server: Server) -> None:
    assert server.uapi_ok("Variables::get_session_information")["host"] == server.whm_ok("gethostname")["hostname"]
    settings = server.uapi_ok("Variables::get_server_information")
    assert settings["cpanel_root_directory"] == "/usr/local/cpanel"
    assert set(settings) == {"apache_port", "cpanel_root_directory", "default_theme", "file_upload_maximum_bytes"}
    some = {"name-1": "default_theme", "name-2": "apache_port"}
    assert set(server.uapi_ok("Variables::get_server_information", **some)) == {"default_theme", "apache_port"}
    assert server.uapi_ok("Variables::get_user_information", name="domain") == {"domain": "alice.example"}
    assert "nothere" in server.uapi_refused("Variables::get_user_information", name="nothere")


def test_no_expression_hangs_a_list_of_mailboxes(server: Server) -> None:
    server.uapi_ok("Email::add_pop", email="a" * 60, password="secret")
    began = time.monotonic()
    server.uapi("Email::list_pops", regex="(a+)+$")
    assert time.monotonic() - began < 10
