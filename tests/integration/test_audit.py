# Copyright (c) 2026 panelops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The role audit, by real runs against a real server that has something of everything."""

from __future__ import annotations

import csv
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from tests.support.audits import (
    CI,
    CLEAN,
    DAY,
    EVERY_KIND,
    GOOD,
    NOBODY,
    audit,
    fill,
    found_in,
    host_variables,
)
from tests.support.playbooks import run_playbook, task
from tests.support.server import Server
from tests.support.users import BOB, RESELLER, ROOT

ROLE = "panelops.cpanel.audit : "
REPORT = f"{ROLE}Write the report on all servers"
READS = {"api_token_list": 1, "listaccts": 1, "batch": 1}


@pytest.fixture
def web1(server: Server) -> Server:
    """The server that is audited. One account's tokens can never be read, so batches that read them fail in part."""
    return server


def outer(calls: dict[str, int]) -> dict[str, int]:
    """Without what was called inside batches."""
    return {name: count for name, count in calls.items() if "::" not in name and name != "uapi_cpanel"}


@pytest.mark.both_dialects
def test_every_kind_is_found_nothing_else_and_no_secret_leaks(web1: Server, tmp_path: Path) -> None:
    secrets = fill(web1)
    web1.forget_counters()
    run, report = audit(tmp_path, {"web1": web1}, "-vvvv", "--diff", accounts=True)
    assert run.status == 0, run.output
    for module in ("whm_api_token_info", "cpanel_api_token_info"):
        assert f"panelops.cpanel.{module} runs in the process" in run.output
    assert outer(web1.calls()) == READS
    assert web1.commits() == {}
    assert run[REPORT].changed
    found = found_in(report)
    # A server with lean lists does not say whether and when a token was last used.
    lean = web1.control("GET", "/dialect")["lists"] == "lean"
    expected = {key: kinds for key, kinds in EVERY_KIND.items() if not (lean and kinds in (["unused"], ["never_used"]))}
    for (service, owner, name), kinds in expected.items():
        assert [
            each
            for key, each in found.items()
            if key[:2] == (service, owner)
            and (key[2] == name or (name or "").endswith("-") and key[2].startswith(name))
        ] == [kinds], name
    assert len(found) == len(expected)
    assert all(found.get(key) is None for key in CLEAN)
    summary = report["summary"]
    assert (summary["servers"], summary["servers_read"], summary["accounts"]) == (1, 1, 6)
    assert sum(summary["findings"].values()) == len(expected) == sum(summary["kinds"].values())
    with (tmp_path / "report" / "api-tokens.csv").open(newline="", encoding="utf-8") as stream:
        rows = list(csv.DictReader(stream))
    assert [(row["owner"], row["name"], row["kind"]) for row in rows] == [
        (each["owner"], each["name"] or "", each["kind"]) for each in report["findings"]
    ]
    html = (tmp_path / "report" / "api-tokens.html").read_text(encoding="utf-8")
    assert all(each["sentence"] in html.replace("&#39;", "'").replace("&#34;", '"') for each in report["findings"])
    files = [path.read_text(encoding="utf-8") for path in (tmp_path / "report").iterdir()]
    assert len(files) == 3, "nothing temporary is left"
    for secret in (*secrets, ROOT.password):
        assert secret not in run.output
        assert not [text for text in files if secret in text]

    again, _report = audit(tmp_path, {"web1": web1}, accounts=True)
    assert again.status == 0
    assert not again[REPORT].changed, "but for its time it is the same"
    web1.whm_ok("api_token_revoke", token_name="misnamed")
    changed, _report = audit(tmp_path, {"web1": web1}, "--diff", accounts=True)
    assert changed[REPORT].changed
    gone = set(changed[REPORT].diff["before"].splitlines()) - set(changed[REPORT].diff["after"].splitlines())
    assert gone == {"low web1/root/misnamed: Its name does not follow the convention."}


def test_a_gate_fails_the_play_once_the_report_is_written(web1: Server, tmp_path: Path) -> None:
    web1.whm_token("deploy-prod-all", acl="all", whitelist_ip="127.0.0.1")
    run, report = audit(tmp_path, {"web1": web1}, fail_on="high")
    assert run.status == 2
    sentence = "1 finding is of severity high. web1/root/deploy-prod-all: It has every privilege (all). The report is"
    assert run.tasks[-1].msg.startswith(sentence)
    assert report["summary"]["findings"] == {"high": 1, "medium": 1, "low": 0}

    accept = [{"kinds": ["all_privileges"], "name": "deploy-*", "reason": "Ansible's own."}]
    run, report = audit(tmp_path, {"web1": web1}, fail_on="high", accept=accept)
    assert run.status == 0, run.output
    assert report["summary"]["accepted"] == 1
    assert report["findings"][0]["accepted"] == "Ansible's own."
    run, report = audit(tmp_path, {"web1": web1}, fail_on="low", accept=accept)
    assert run.status == 2
    assert "1 finding is of severity low or worse" in run.tasks[-1].msg


def test_the_result_is_there_for_a_rescue_and_for_later_tasks(web1: Server, tmp_path: Path) -> None:
    web1.whm_token("deploy-prod-all", acl="all")
    role = {"name": "audit", "ansible.builtin.include_role": {"name": "panelops.cpanel.audit"}}
    tell = {"name": "tell", "ansible.builtin.debug": {"msg": "{{ audit_result.gate }} {{ audit_result.files.csv }}"}}
    run, _report = audit(
        tmp_path, {"web1": web1, "web2": web1}, play={"tasks": [{"block": [role], "rescue": [tell]}]}, fail_on="high"
    )
    assert run.status == 0, run.output
    told = [task.msg for task in run.tasks if task.name == "tell"]
    assert len(told) == 2, "on every host"
    assert all(text.startswith("2 findings are") and text.endswith("api-tokens.csv") for text in told)


def test_check_mode_writes_nothing_and_still_is_a_gate(web1: Server, tmp_path: Path) -> None:
    web1.whm_token("deploy-prod-all", acl="all")
    run, report = audit(tmp_path, {"web1": web1}, "--check", fail_on="high")
    assert run.status == 2
    assert run[REPORT].changed
    assert "deploy-prod-all" in run.tasks[-1].msg
    assert report == {}
    assert not (tmp_path / "report").exists()


@pytest.mark.both_dialects
def test_the_fix_revokes_what_is_dead_and_nothing_else(web1: Server, tmp_path: Path) -> None:
    fill(web1)
    dead = {key for key, kinds in EVERY_KIND.items() if set(kinds) & {"expired", "ci_leftover"}}
    kept = {"kinds": ["expired"], "owner": "alice", "reason": "Evidence."}
    before, alices, bobs = web1.whm_tokens(), web1.uapi_tokens(), web1.uapi_tokens(BOB)
    web1.forget_counters()
    predicted, _report = audit(
        tmp_path, {"web1": web1}, "--check", "--diff", accounts=True, fix=["expired"], accept=[kept]
    )
    assert web1.commits() == {}
    run, report = audit(
        tmp_path, {"web1": web1}, "--diff", accounts=True, fix=["expired"], accept=[kept], fail_on="high"
    )
    tasks = (f"{ROLE}Revoke expired tokens of WHM", f"{ROLE}Revoke expired tokens of accounts")
    for name in tasks:
        assert predicted[name].changed
        assert run[name].changed
        assert predicted[name].diff == run[name].diff
    assert set(before) - set(web1.whm_tokens()) == {"deploy-prod-old", CI}
    assert set(bobs) - set(web1.uapi_tokens(BOB)) == {CI}
    assert web1.uapi_tokens() == alices, "an accepted finding is no reason to revoke"
    assert web1.commits() == {"api_token_revoke": 1, "Tokens::revoke": 1}
    assert report["summary"]["fixed"] == len(dead) - 1
    assert {(t["service"], t["owner"], t["name"]) for t in report["tokens"] if t["status"] == "revoked"} == dead - {
        ("cpanel", "alice", "backup-prod-old")
    }
    assert run.status == 2, "what is not fixed still counts"
    assert "expired" not in run.tasks[-1].msg

    again, report = audit(tmp_path, {"web1": web1}, accounts=True, fix=["expired"], accept=[kept])
    assert again.status == 0, again.output
    assert report["summary"]["fixed"] == 0
    assert web1.commits() == {"api_token_revoke": 1, "Tokens::revoke": 1}


def test_the_fix_leaves_alone_what_was_renewed_since_it_was_read(web1: Server, tmp_path: Path) -> None:
    for name in ("deploy-prod-old", "deploy-prod-older"):
        web1.whm_token(name, acl="list-accts", expires_at=int(time.time()) + DAY, whitelist_ip="127.0.0.1")
    web1.advance(2 * DAY)
    web1.forget_counters()
    web1.fault("api_token_list", "delay:3", call=2)
    with ThreadPoolExecutor(1) as pool:
        job = pool.submit(audit, tmp_path, {"web1": web1}, fix=["expired"])
        while web1.calls().get("api_token_list", 0) < 2:
            assert not job.done(), job.result()[0].output
            time.sleep(0.02)
        renewal = {"token_name": "deploy-prod-old", "acl": "list-accts", "whitelist_ip": "127.0.0.1"}
        web1.whm_ok("api_token_update", **renewal, expires_at=int(time.time()) + 400 * DAY)
    run, report = job.result()
    assert run.status == 0, run.output
    assert set(web1.whm_tokens()) == {"deploy-prod-old"}
    status = {each["name"]: each["status"] for each in report["tokens"]}
    assert status == {"deploy-prod-old": "active", "deploy-prod-older": "revoked"}
    assert [(each["name"], each["fixed"]) for each in report["findings"]] == [("deploy-prod-older", True)]


def test_the_fix_spares_the_token_in_use_and_a_failed_one_is_told(web1: Server, tmp_path: Path) -> None:
    admin = web1.whm_token("ansible-prod-admin", acl="all", expires_at=int(time.time()) + DAY)
    web1.whm_token("deploy-prod-old", acl="list-accts", expires_at=int(time.time()) + 60)
    web1.advance(120)
    variables = host_variables(web1)
    del variables["audit_password"]
    for call in (1, 2, 3):
        web1.fault("api_token_revoke", "status:503", call)
    run, report = audit(tmp_path, {"web1": {**variables, "audit_api_token": admin}}, fix=["expired"], fail_on="medium")
    assert run.status == 2
    assert set(web1.whm_tokens()) == {"ansible-prod-admin", "deploy-prod-old"}
    assert "deploy-prod-old: The answer to api_token_revoke was lost twice" in report["servers"][0]["fix_error"]
    assert {"expired"} == {each["kind"] for each in report["findings"] if each["name"] == "deploy-prod-old"}
    assert admin not in run.output
    run, report = audit(tmp_path, {"web1": {**variables, "audit_api_token": admin}}, fix=["expired"])
    assert run.status == 0, run.output
    assert set(web1.whm_tokens()) == {"ansible-prod-admin"}


@pytest.mark.both_dialects
def test_servers_that_cannot_be_read_are_part_of_the_report(web1: Server, tmp_path: Path) -> None:
    web1.whm_token(GOOD, acl="list-accts", whitelist_ip="127.0.0.1", expires_at=int(time.time()) + 400 * DAY)
    wrong = {**host_variables(web1), "audit_password": "wrong"}
    stop = {"name": "stop", "ansible.builtin.fail": {"msg": "An earlier task."}, "when": "inventory_hostname == 'web4'"}
    role = {"name": "audit", "ansible.builtin.include_role": {"name": "panelops.cpanel.audit"}}
    servers = {"web1": web1, "web2": NOBODY, "web3": wrong, "web4": web1}
    run, report = audit(tmp_path, servers, play={"tasks": [stop, role]}, fail_on="high", accounts=True)
    assert run.status == 2
    status = {each["name"]: each["status"] for each in report["servers"]}
    assert status == {"web1": "read", "web2": "unreadable", "web3": "unreadable", "web4": "not_audited"}
    errors = {each["name"]: each["error"] for each in report["servers"]}
    assert "No answer from 127.0.0.1:9" in errors["web2"]
    assert "did not accept" in errors["web3"]
    assert [each["server"] for each in report["findings"] if each["kind"] == "unreadable_server"] == [
        "web2",
        "web3",
        "web4",
    ]
    assert "3 findings are of severity high." in run.tasks[-1].msg
    assert "Traceback" not in run.output


def test_with_serial_the_last_batch_completes_the_report_and_is_the_gate(web1: Server, tmp_path: Path) -> None:
    web1.whm_token("deploy-prod-all", acl="all")
    servers = {"web1": web1, "web2": NOBODY, "web3": web1}
    run, report = audit(tmp_path, servers, play={"serial": 1}, fail_on="high")
    assert run.status == 2
    written = [task.data for task in run.tasks if task.name == REPORT]
    assert [each["complete"] for each in written] == [False, False, True]
    assert [each["gate"] for each in written[:2]] == ["", ""]
    assert [each["summary"]["servers_read"] for each in written] == [1, 1, 2]
    assert {each["name"]: each["status"] for each in report["servers"]} == {
        "web1": "read",
        "web2": "unreadable",
        "web3": "read",
    }


@pytest.mark.both_dialects
def test_a_reseller_sees_its_own_part(web1: Server, tmp_path: Path) -> None:
    fill(web1)
    reseller = {**host_variables(web1), "audit_username": RESELLER.name, "audit_password": RESELLER.password}
    run, report = audit(tmp_path, {"web1": web1, "web1-reseller": reseller}, accounts=True)
    assert run.status == 0, run.output
    owners = {each["owner"] for each in report["tokens"] if each["server"] == "web1-reseller"}
    assert owners == {"bob"}
    assert {each["name"]: each["accounts"] for each in report["servers"]} == {"web1": 6, "web1-reseller": 2}


def test_bad_options_fail_before_any_call(web1: Server, tmp_path: Path) -> None:
    """The rules are in tests/unit/audit/test_policy.py."""
    web1.forget_counters()
    for variables, rule in (
        ({"name_pattern": "("}, "name_pattern: '(' is not a regular expression"),
        ({"fail_on": "worst"}, "value of audit_fail_on must be one of"),
    ):
        run, report = audit(tmp_path, {"web1": web1}, **variables)
        assert run.status == 2
        assert rule in run.tasks[-1].msg, run.output
        assert report == {}
    assert web1.calls() == {}


def test_a_report_that_cannot_be_written_says_so(web1: Server, tmp_path: Path) -> None:
    (tmp_path / "report").write_text("a file where a folder should be", encoding="utf-8")
    run, _report = audit(tmp_path, {"web1": web1}, formats=["csv"])
    assert run.status == 2
    assert "could not be written (" in run.tasks[-1].msg
    assert "Traceback" not in run.output


def test_mode_and_formats_are_as_wished(web1: Server, tmp_path: Path) -> None:
    run, _report = audit(tmp_path, {"web1": web1}, formats=["html"], mode="0600")
    assert run.status == 0, run.output
    (path,) = (tmp_path / "report").iterdir()
    assert path.name == "api-tokens.html"
    assert path.stat().st_mode & 0o777 == 0o600
    again, _report = audit(tmp_path, {"web1": web1}, formats=["html"], mode="0600")
    assert not again[REPORT].changed
    again, _report = audit(tmp_path, {"web1": web1}, formats=["html"])
    assert again[REPORT].changed
    assert path.stat().st_mode & 0o777 == 0o640


@pytest.mark.both_dialects
def test_an_account_that_cannot_be_read_hides_no_other_unless_it_is_named(web1: Server, tmp_path: Path) -> None:
    web1.uapi_token("t")
    tasks = [
        task(name, "cpanel_api_token_info", accounts=accounts, _ignore_errors=True)
        for name, accounts in {"all": ["*"], "named": ["*", "mailonly"], "alone": ["mail*"]}.items()
    ]
    run = run_playbook({"tasks": tasks}, tmp_path, web1.environment)
    everything = run["all"].data
    assert [each["account"] for each in everything["cpanel_api_tokens"]] == ["alice"]
    assert everything["accounts_asked"] == 6
    assert [each["account"] for each in everything["unreadable_accounts"]] == ["mailonly"]
    assert set(everything["unreadable_accounts"][0]) == {"account", "msg"}
    assert "apitokens" in everything["unreadable_accounts"][0]["msg"]
    assert "The tokens of 1 of 6 accounts could not be listed" in run.output
    assert "The tokens of the account mailonly could not be listed." in run["named"].msg
    assert "The tokens of the account mailonly could not be listed." in run["alone"].msg, "an empty list would be a lie"


def test_only_expired_decides_by_the_servers_clock(web1: Server, tmp_path: Path) -> None:
    """In the modules for one token and for many, on both services."""
    for name in ("one", "many"):
        web1.whm_token(name, acl="list-accts", expires_at=int(time.time()) + DAY)
        web1.uapi_token(name, expires_at=int(time.time()) + DAY)
    gone = {"state": "absent", "only_expired": True}
    tasks = [
        task("whm", "whm_api_token", name="one", **gone),
        task("whms", "whm_api_tokens", tokens=[{"name": "many", **gone}]),
        task("cpanel", "cpanel_api_token", account="alice", name="one", **gone),
        task("cpanels", "cpanel_api_tokens", tokens=[{"account": "alice", "name": "many", **gone}]),
    ]
    run = run_playbook({"tasks": tasks}, tmp_path, web1.environment)
    assert run.status == 0, run.output
    assert [each.changed for each in run.tasks] == [False] * 4
    assert run["whm"].data["whm_api_token"]["name"] == "one"
    web1.advance(2 * DAY)
    assert len(web1.whm_tokens()) == len(web1.uapi_tokens()) == 2
    for options, changed in ((("--check",), True), ((), True), ((), False)):
        run = run_playbook({"tasks": tasks}, tmp_path, web1.environment, options)
        assert [each.changed for each in run.tasks] == [changed] * 4
    assert web1.whm_tokens() == {}
    assert web1.uapi_tokens() == {}
    wrong = task("present", "whm_api_token", name="x", acls=["ssl"], only_expired=True)
    run = run_playbook({"tasks": [wrong]}, tmp_path, web1.environment)
    assert run["present"].msg == "only_expired: means something only with state: absent."
