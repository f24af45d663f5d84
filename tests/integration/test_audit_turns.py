# Copyright (c) 2026 panelops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Whichever hosts run the role audit, in whatever order: there is one report on all hosts of the play, and a gate."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.support.audits import audit
from tests.support.playbooks import Run
from tests.support.server import Server, serving

ROLE = "panelops.cpanel.audit"
INCLUDE = {"name": "audit", "ansible.builtin.include_role": {"name": ROLE}}


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    with serving(tmp_path_factory.mktemp("audited")) as server:
        yield server


@pytest.fixture
def web(running: Server) -> Server:
    running.reset()
    running.whm_token("deploy-prod-all", acl="all", whitelist_ip="127.0.0.1")
    return running


def listed(role: dict) -> dict:
    """A play that has the role in its list of roles."""
    return {"tasks": [], "roles": [{"role": ROLE, **role}]}


def included(role: dict) -> dict:
    return {"tasks": [{**INCLUDE, **role}]}


def statuses(report: dict) -> dict[str, str]:
    return {each["name"]: each["status"] for each in report["servers"]}


def sentences(run: Run) -> set[str]:
    """What the gate says."""
    return {each.msg for each in run.tasks if each.name == f"{ROLE} : Fail because of what was found" and each.failed}


@pytest.mark.parametrize("left_out", ["a", "c"])
@pytest.mark.parametrize(
    ("way", "play"),
    [(listed, {}), (included, {}), (included, {"serial": 1}), (listed, {"strategy": "free"})],
    ids=["listed", "included", "serial", "free"],
)
def test_a_host_that_is_left_out_is_not_audited(
    web: Server, tmp_path: Path, left_out: str, way: Callable[[dict], dict], play: dict
) -> None:
    servers = dict.fromkeys("abc", web)
    plays = {**way({"when": f"inventory_hostname != '{left_out}'"}), **play}
    run, report = audit(tmp_path, servers, play=plays, fail_on="high")
    assert run.status == 2, run.output
    assert statuses(report) == {host: "not_audited" if host == left_out else "read" for host in "abc"}
    assert report["complete"]
    (sentence,) = sentences(run)
    assert sentence.startswith("3 findings are of severity high."), sentence


@pytest.mark.parametrize(
    "play",
    [
        {"order": "reverse_sorted"},
        {"order": "reverse_sorted", "serial": 2},
        {"order": "shuffle", "serial": 2},
        {"order": "reverse_sorted", "strategy": "free"},
    ],
    ids=["linear", "serial", "shuffle", "free"],
)
def test_every_order_ends_with_all_servers_and_the_gate(web: Server, tmp_path: Path, play: dict) -> None:
    run, report = audit(tmp_path, dict.fromkeys("abcde", web), play=play, fail_on="high")
    assert run.status == 2, run.output
    assert statuses(report) == dict.fromkeys("abcde", "read")
    (sentence,) = sentences(run)
    assert sentence.startswith("5 findings are of severity high."), sentence


@pytest.mark.parametrize("play", [{"serial": 1}, {"strategy": "free"}], ids=["serial", "free"])
def test_asking_whose_turn_is_to_come_uses_nothing_deprecated(web: Server, tmp_path: Path, play: dict) -> None:
    """The conditions of the other hosts are evaluated with their own variables."""
    run, report = audit(tmp_path, dict.fromkeys("abc", web), play={**included({"when": "true"}), **play})
    assert run.status == 0, run.output
    assert report["complete"]
    assert "deprecat" not in run.output.lower(), run.output


def test_with_free_a_slow_server_is_pending_until_it_was_read(web: Server, tmp_path: Path) -> None:
    """The first host's report is written while the second is being read."""
    run, report = audit(
        tmp_path, {"a": web, "b": web}, play={"strategy": "free", **included({})}, fail_on="high", formats=["json"]
    )
    assert run.status == 2, run.output
    assert statuses(report) == {"a": "read", "b": "read"}
    told = [each.data for each in run.tasks if each.name == f"{ROLE} : Write the report on all servers"]
    assert any(each["complete"] for each in told)
    assert all(each["complete"] or not each["gate"] for each in told), "who is not the last is no gate"


def test_what_an_earlier_play_read_is_not_taken_for_this_ones(web: Server, tmp_path: Path) -> None:
    plays = [
        {"hosts": "whm", "gather_facts": False, "vars": {"audit_dir": str(tmp_path / "report")}, **included({})},
        {
            "hosts": "whm",
            "gather_facts": False,
            "vars": {"audit_dir": str(tmp_path / "report")},
            **included({"when": "inventory_hostname != 'b'"}),
        },
    ]
    run, report = audit(tmp_path, {"a": web, "b": web}, plays=plays)
    assert run.status == 0, run.output
    assert statuses(report) == {"a": "read", "b": "not_audited"}


def test_the_result_is_on_every_host_that_ran_it(web: Server, tmp_path: Path) -> None:
    tell = {
        "name": "tell",
        "ansible.builtin.debug": {"msg": "{{ inventory_hostname }} {{ audit_result.summary.servers }}"},
    }
    plays = included({"when": "inventory_hostname != 'a'"})
    tell["when"] = "inventory_hostname != 'a'"
    run, _report = audit(tmp_path, dict.fromkeys("abc", web), play={"tasks": [*plays["tasks"], tell]})
    assert run.status == 0, run.output
    assert sorted(each.msg for each in run.tasks if each.name == "tell" and each.outcome == "ok") == ["b 3", "c 3"]


def test_a_limited_run_replaces_no_whole_report(web: Server, tmp_path: Path) -> None:
    servers = dict.fromkeys("abc", web)
    _run, whole = audit(tmp_path, servers)
    assert whole["complete"]
    assert whole["left_out"] == []

    run, report = audit(tmp_path, servers, "--limit", "b", fail_on="high")
    assert report == whole, "it is as it was"
    assert run.status == 2, "the gate applies all the same"
    partial = tmp_path / "report" / "api-tokens.partial.json"
    told = run[f"{ROLE} : Write the report on all servers"].data
    assert told["files"]["json"] == str(partial)
    assert "left out 2 of 3 hosts of the play." in " ".join(run.output.split())
    report = json.loads(partial.read_text(encoding="utf-8"))
    assert (report["complete"], report["left_out"]) == (False, ["a", "c"])
    assert statuses(report) == {"b": "read"}
    html = partial.with_suffix(".html").read_text(encoding="utf-8")
    assert "This report covers 1 of 3 servers" in html

    _run, report = audit(tmp_path, servers, "--limit", "a,b,c")
    assert report["complete"]
    assert report["left_out"] == []
