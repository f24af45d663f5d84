# Copyright (c) 2026 panelops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Canned functions: what the fixture says they answer, and all that surrounds the call of a built-in function."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import pytest
import requests

from tests.support.server import Server, serving, write_fixture
from tests.support.users import ALICE, BOB, RESELLER, ROOT, USERS, user_entry
from token_server.refusals import ServerError
from token_server.state import fixtures

ZONE = [{"line_index": 4, "type": "record", "record_type": "TXT", "data_b64": ["YQ=="]}]
FUNCTIONS: dict[str, Any] = {
    "whm": {
        "dumpzone": {"privilege": "edit-dns", "data": {"zone": ZONE}},
        "backup_now": {"mutates": True, "data": None},
        "get_tweaksetting": {"reason": "Invalid module \u201cx\u201d."},
    },
    "uapi": {
        "DNS::parse_zone": {"feature": "zoneedit", "data": ZONE},
        "DNS::mass_edit_zone": {"feature": "zoneedit", "mutates": True, "data": {"new_serial": "2026010101"}},
        "Backup::list_backups": {"data": []},
        "Quota::get": {"reason": "No quota."},
    },
    "api2": {
        "ZoneEdit::fetchzones": {"data": [{"zones": {"alice.example": []}}]},
        "ZoneEdit::add": {"feature": "zoneedit", "mutates": True, "reason": "No such zone."},
    },
}


def with_functions(functions: object) -> dict[str, object]:
    """The fixture of the tests, with functions; the account ``nodns`` lacks the feature that some need."""
    return {
        "root": USERS["root"],
        "resellers": USERS["resellers"],
        "accounts": [*USERS["accounts"], user_entry("nodns", features=["apitokens", "popaccts"])],
        "functions": functions,
    }


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    with serving(tmp_path_factory.mktemp("canned"), with_functions(FUNCTIONS)) as server:
        yield server


@pytest.fixture
def server(running: Server) -> Server:
    running.reset()
    return running


def api2(server: Server, name: str, credentials: Any = ALICE) -> dict:
    module, function = name.split("::")
    asked = {"cpanel_jsonapi_module": module, "cpanel_jsonapi_func": function}
    return server.request("cpanel", "/json-api/cpanel", credentials, data=asked).json()["cpanelresult"]


def test_data(server: Server) -> None:
    assert server.whm_ok("dumpzone") == {"zone": ZONE}
    assert server.whm_ok("backup_now") is None
    assert server.uapi_ok("DNS::parse_zone", zone="alice.example") == ZONE
    assert server.uapi_ok("Backup::list_backups") == []
    answer = api2(server, "ZoneEdit::fetchzones")
    assert (answer["event"], answer["data"]) == ({"result": 1}, [{"zones": {"alice.example": []}}])


def test_reasons_to_fail(server: Server) -> None:
    assert server.whm_refused("get_tweaksetting") == "Invalid module \u201cx\u201d."
    assert server.uapi_refused("Quota::get") == "No quota."
    answer = api2(server, "ZoneEdit::add")
    assert (answer["event"], answer["error"], answer["data"]) == ({"result": 0}, "No such zone.", [])
    assert [(line["outcome"], line["reason"]) for line in server.audit()[-3:]] == [("failed", "canned failure")] * 3


def test_unknown_functions_stay_unknown(server: Server) -> None:
    assert "Unknown app" in server.whm_refused("parse_zone")
    assert "could not find the function" in server.uapi_refused("DNS::lookup")
    assert "no such module" in server.uapi_refused("DN::parse_zone")
    assert "Unknown app" in server.whm_refused("DNS::parse_zone")


def test_privileges(server: Server) -> None:
    assert "edit-dns" in server.whm_refused("dumpzone", RESELLER)
    assert server.audit()[-1]["outcome"] == "denied"
    narrow, wide = server.whm_token("narrow", acl="list-accts"), server.whm_token("wide", acl="edit-dns")
    assert "edit-dns" in server.whm_refused("dumpzone", f"whm root:{narrow}")
    assert server.whm_ok("dumpzone", f"whm root:{wide}") == {"zone": ZONE}
    assert server.whm_ok("backup_now", RESELLER) is None


def test_features(server: Server) -> None:
    nodns = ("nodns", user_entry("nodns")["password"])
    for name in ("DNS::parse_zone", "DNS::mass_edit_zone"):
        assert "zoneedit" in server.uapi_refused(name, nodns)
    assert "zoneedit" in api2(server, "ZoneEdit::add", nodns)["error"]
    assert server.uapi_ok("Backup::list_backups", nodns) == []


def test_read_only_tokens(server: Server) -> None:
    secret = f"cpanel alice:{server.uapi_token('reads', readonly=1)}"
    assert server.uapi_ok("DNS::parse_zone", secret) == ZONE
    server.forget_counters()
    assert "read-only" in server.uapi_refused("DNS::mass_edit_zone", secret)
    assert "read-only" in api2(server, "ZoneEdit::add", secret)["error"]
    assert server.counters("DNS::mass_edit_zone") == (1, 0)


def test_revoked_and_expired_tokens(server: Server) -> None:
    path = "/execute/DNS/mass_edit_zone"
    for end in ("revoked", "expired"):
        secret = server.uapi_token("hook", expires_at=server.now() + 60)
        assert server.uapi_ok("DNS::mass_edit_zone", f"cpanel alice:{secret}") == {"new_serial": "2026010101"}
        if end == "revoked":
            server.uapi_ok("Tokens::revoke", name="hook")
        else:
            server.advance(61)
        assert server.request("cpanel", path, f"cpanel alice:{secret}").status_code == 401
        line = server.audit()[-1]
        assert (line["function"], line["mutation"], line["outcome"]) == ("DNS::mass_edit_zone", True, "denied")
    assert server.request("whm", "/json-api/backup_now?api.version=1").status_code == 401
    assert (server.audit()[-1]["function"], server.audit()[-1]["mutation"]) == ("backup_now", True)


def test_counters_and_audit(server: Server) -> None:
    secret = server.uapi_token("hook")
    server.forget_counters()
    server.uapi_ok("DNS::parse_zone", f"cpanel alice:{secret}")
    server.uapi_ok("DNS::mass_edit_zone", f"cpanel alice:{secret}", zone="canary-of-a-parameter")
    server.whm_ok("backup_now")
    api2(server, "ZoneEdit::add")
    assert server.calls() == {"DNS::parse_zone": 1, "DNS::mass_edit_zone": 1, "backup_now": 1, "ZoneEdit::add": 1}
    assert server.commits() == {"DNS::mass_edit_zone": 1, "backup_now": 1}, "what failed has changed nothing"
    lines = [(line["function"], line["token"], line["mutation"], line["outcome"]) for line in server.audit()[-4:-2]]
    assert lines == [("DNS::parse_zone", "hook", False, "ok"), ("DNS::mass_edit_zone", "hook", True, "ok")]
    assert "canary-of-a-parameter" not in server.audit_file.read_text(encoding="ascii")
    assert server.uapi_tokens()["hook"]["last_used"] is not None


def test_faults(server: Server) -> None:
    server.forget_counters()
    for kind, commits in (("drop_before_commit", 0), ("drop_after_commit", 1)):
        server.fault("DNS::mass_edit_zone", kind)
        with pytest.raises(requests.ConnectionError):
            server.uapi("DNS::mass_edit_zone")
        assert server.counters("DNS::mass_edit_zone")[1] == commits
    server.fault("dumpzone", "status:503")
    assert server.request("whm", "/json-api/dumpzone?api.version=1", ROOT).status_code == 503


def test_in_batches_and_for_an_account(server: Server) -> None:
    commands = ["dumpzone", "get_tweaksetting", "version"]
    answers = server.whm("batch", command=commands)["data"]["result"]
    assert [answer["metadata"]["result"] for answer in answers] == [1, 0, 1]
    assert answers[0]["data"] == {"zone": ZONE}
    asked = {"cpanel.user": "bob", "cpanel.module": "DNS", "cpanel.function": "parse_zone", "zone": "bob.example"}
    assert server.whm_ok("uapi_cpanel", RESELLER, **asked)["uapi"]["data"] == ZONE
    assert "access" in server.whm_refused("uapi_cpanel", RESELLER, **{**asked, "cpanel.user": "alice"})
    (inner,) = server.whm_ok("batch", command=f"uapi_cpanel?{urlencode(asked)}")["result"]
    assert inner["data"]["uapi"]["data"] == ZONE
    strict = server.uapi("Batch::strict", BOB, command=['["DNS","parse_zone",{}]', '["Quota","get"]'])
    assert [answer["status"] for answer in strict["data"]] == [1, 0]


def test_applist(server: Server) -> None:
    apps = server.whm_ok("applist")["app"]
    assert {"backup_now", "dumpzone", "get_tweaksetting", "version"} <= set(apps)
    assert apps == sorted(apps)
    of_reseller = server.whm_ok("applist", RESELLER)["app"]
    assert "backup_now" in of_reseller
    assert "dumpzone" not in of_reseller


def test_the_command_line_tools_know_them(server: Server) -> None:
    assert server.tool("whmapi1", "dumpzone")["data"] == {"zone": ZONE}
    assert server.tool("uapi", "--user=alice", "DNS", "parse_zone", "zone=a")["result"]["data"] == ZONE
    server.stop()
    try:
        assert server.tool("uapi", "--user=alice", "Quota", "get")["result"]["errors"] == ["No quota."]
    finally:
        server.start()


def test_functions_are_those_of_the_latest_fixture(start: Callable[..., Server], tmp_path: Path) -> None:
    fixture = write_fixture(tmp_path, with_functions(FUNCTIONS))
    server = start(fixture=fixture)
    secret = f"cpanel alice:{server.uapi_token('hook')}"
    write_fixture(tmp_path, with_functions({"uapi": {"DNS::parse_zone": {"data": []}}}))
    assert server.uapi_ok("DNS::parse_zone", secret) == ZONE, "a fixture is read at the start"
    server.restart()
    assert server.uapi_ok("DNS::parse_zone", secret) == []
    assert "Unknown app" in server.whm_refused("dumpzone")
    without_fixture = Server(server.state)
    server.stop()
    without_fixture.start()
    try:
        assert without_fixture.uapi_ok("DNS::parse_zone", secret) == [], "without a fixture they stay"
    finally:
        without_fixture.stop()
    write_fixture(tmp_path)
    server.start()
    assert "no such module" in server.uapi_refused("DNS::parse_zone", secret)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("[x]", "must be a mapping"),
        ("{api1: {}}", "unknown key \u201capi1\u201d"),
        ("{whm: [x]}", "must be a mapping of names to answers"),
        ("{whm: {dumpzone: x}}", "must be a mapping"),
        ("{whm: {dumpzone: {data: 1, feature: x}}}", "unknown key \u201cfeature\u201d (known: data, mutates, privilege, reason)"),
        ("{uapi: {'A::b': {data: 1, privilege: all}}}", "unknown key \u201cprivilege\u201d (known: data, feature, mutates, reason)"),
        ("{whm: {dumpzone: {privilege: edit-dsn, data: 1}}}", "unknown privilege \u201cedit-dsn\u201d"),
        ("{whm: {dumpzone: {privilege: 1, data: 1}}}", "must be a text"),
        ("{whm: {dumpzone: {}}}", 'either "data"'),
        ("{whm: {dumpzone: {data: 1, reason: x}}}", 'either "data"'),
        ("{whm: {dumpzone: {reason: ''}}}", "\u201creason\u201d must be a text"),
        ("{whm: {dumpzone: {reason: null}}}", '"reason" must be a text'),
        ("{whm: {dumpzone: {data: 1, mutates: 1}}}", '"mutates" must be true or false'),
        ("{uapi: {'A::b': {data: 2026-01-01}}}", "what JSON can hold"),
        ("{uapi: {'A::b': {data: {1: x}}}}", "what JSON can hold"),
        ("{uapi: {'A::b': {data: .nan}}}", "what JSON can hold"),
        ("{uapi: {'A::b': {data: &a [*a]}}}", "what JSON can hold"),
        ("{api2: {'A::b': {data: {}}}}", '"data" must be a list'),
        ("{api2: {'A::b': {data: null}}}", '"data" must be a list'),
        ("{whm: {'DNS::parse_zone': {data: 1}}}", "must be named like \u201clower_case_name\u201d"),
        ("{whm: {1: {data: 1}}}", "must be named like \u201clower_case_name\u201d"),
        ("{uapi: {parse_zone: {data: 1}}}", "must be named like \u201cModule::function\u201d"),
        ("{api2: {'A::b::c': {data: []}}}", "must be named like \u201cModule::function\u201d"),
    ],
)  # fmt: skip
def test_a_mistake_is_one_sentence(tmp_path: Path, text: str, words: str) -> None:
    path = tmp_path / "fixture.yml"
    path.write_text(f"functions: {text}\n", encoding="utf-8")
    with pytest.raises(ServerError) as caught:
        fixtures.load(path)
    sentence = str(caught.value)
    assert sentence.startswith(f"The fixture {path} is not valid: ")
    assert words in sentence
    assert sentence.endswith(".")
    assert "\n" not in sentence


@pytest.mark.parametrize(
    ("api", "name"),
    [
        ("whm", "api_token_list"),
        ("whm", "batch"),
        ("uapi", "Tokens::list"),
        ("uapi", "Batch::strict"),
        ("uapi", "Tokens::edit"),
        ("api2", "Email::listpops"),
    ],
)
def test_what_is_built_in_takes_no_answer(start: Callable[..., Server], tmp_path: Path, api: str, name: str) -> None:
    path = tmp_path / "fixture.yml"
    path.write_text(json.dumps({"functions": {api: {name: {"data": []}}}}), encoding="utf-8")
    with pytest.raises(Exception, match=f"The function \u201c{name}\u201d of \u201c{api}\u201d is built in") as caught:
        start(fixture=path)
    assert f"token_server: The fixture {path} is not valid: " in str(caught.value)
    assert "Traceback" not in str(caught.value)
