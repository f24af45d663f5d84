# Copyright (c) 2026 panelops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The report as data, as JSON and as CSV, of whatever servers may answer."""

from __future__ import annotations

import csv
import io
import json
import re

import jsonschema_rs
import pytest
from ansible_collections.panelops.cpanel.plugins.plugin_utils._audit.fixable import fixable
from ansible_collections.panelops.cpanel.plugins.plugin_utils._audit.formats import COLUMNS, as_csv, as_json, harmless
from ansible_collections.panelops.cpanel.plugins.plugin_utils._audit.html import as_html
from ansible_collections.panelops.cpanel.plugins.plugin_utils._audit.kinds import KINDS
from ansible_collections.panelops.cpanel.plugins.plugin_utils._audit.report import gate_from, report_from
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.support.audit_policies import policy
from tests.support.paths import REPOSITORY

NOW = 1_790_000_000
DOCS = REPOSITORY / "docs"
SCHEMA = jsonschema_rs.validator_for(json.loads((DOCS / "audit-report.schema.json").read_text(encoding="utf-8")))

texts = st.one_of(
    st.text(max_size=12), st.sampled_from(["=1+1", "+1", "-1", "@x", " =1", "\t=1", "<b>", "a,b", '"', "\r\n"])
)
times = st.one_of(st.none(), st.integers(-(10**15), 10**15), st.integers(NOW - 9, NOW + 9))
common = {"name": texts, "create_time": times, "expires_at": times}
whm_tokens = st.fixed_dictionaries(
    {**common, "acls": st.lists(texts, max_size=2), "whitelist_ips": st.lists(texts, max_size=2)},
    optional={"last_used": times},
)
cpanel_tokens = st.fixed_dictionaries({**common, "account": texts, "readonly": st.booleans()})
failures = st.fixed_dictionaries({"failed": st.just(True), "msg": texts})
skipped = st.just({"skipped": True})
reads = st.fixed_dictionaries(
    {"host": texts, "username": texts},
    optional={
        "whm": st.one_of(
            failures,
            st.fixed_dictionaries({"whm_api_tokens": st.lists(whm_tokens, max_size=3), "server_time": st.just(NOW)}),
        ),
        "cpanel": st.one_of(
            failures,
            skipped,
            st.fixed_dictionaries(
                {
                    "cpanel_api_tokens": st.lists(cpanel_tokens, max_size=3),
                    "server_time": st.just(NOW),
                    "accounts_asked": st.integers(1, 9),
                    "unreadable_accounts": st.lists(
                        st.fixed_dictionaries({"account": texts, "msg": texts}), max_size=2
                    ),
                }
            ),
        ),
        "fixed_whm": st.one_of(failures, skipped),
    },
)
servers = st.dictionaries(texts, st.one_of(st.none(), reads), max_size=3)


def report_of(answered: dict, pending: tuple = (), **options: object) -> dict:
    return report_from(answered, pending, policy(**options), "t", NOW)


@settings(max_examples=60)
@given(servers, st.data())
def test_whatever_is_answered_all_formats_are_well_formed(answered: dict, data: st.DataObject) -> None:
    pending = data.draw(st.sets(st.sampled_from(sorted(answered)))) if answered else set()
    report = report_of(answered, tuple(pending))
    parsed = json.loads(as_json(report))
    assert parsed == report
    SCHEMA.validate(parsed)
    assert len(report["servers"]) == len(answered), "no server is silently missing"
    rows = list(csv.reader(io.StringIO(as_csv(report), newline="")))
    assert rows[0] == list(COLUMNS)
    assert len(rows) == len(report["findings"]) + 1
    for cell in (cell for row in rows for cell in row):
        assert not cell.lstrip().startswith(("=", "+", "-", "@"))
    html = as_html(report)
    assert html.count("<tr") == html.count("</tr>")
    assert "<b>" not in html
    assert report == report_of(dict(reversed(answered.items())), tuple(pending)), "the order of reading does not matter"


def test_the_schema_refuses_what_is_none() -> None:
    report = report_of({"web1": None})
    assert SCHEMA.is_valid(report)
    assert not SCHEMA.is_valid({**report, "version": 2})
    assert not SCHEMA.is_valid({**report, "findings": [{}]})


@pytest.mark.parametrize("text", ["=1+1", "+1", "-1", "@x", " =1"])
def test_a_spreadsheet_calculates_nothing(text: str) -> None:
    assert harmless(text) == f"'{text}"
    assert harmless(f"a{text}") == f"a{text}"


TOKEN = {
    "name": "deploy-prod-x",
    "acls": ["all"],
    "whitelist_ips": ["192.0.2.1"],
    "create_time": NOW - 9,
    "expires_at": NOW + 10**7,
}


def web(*tokens: dict, **more: object) -> dict:
    return {"host": "h", "username": "root", "whm": {"whm_api_tokens": list(tokens), "server_time": NOW}, **more}


def test_the_digest_tells_a_change_from_a_mere_use() -> None:
    before = report_of({"web1": web({**TOKEN, "last_used": NOW - 50})})
    used = report_of({"web1": web({**TOKEN, "last_used": NOW - 1})})
    assert before["digest"] == used["digest"]
    assert (
        before["digest"]
        == report_from({"web1": web({**TOKEN, "last_used": NOW})}, (), policy(), "t", NOW + 60)["digest"]
    )
    assert before["digest"] != report_of({"web1": web({**TOKEN, "acls": ["ssl"], "last_used": NOW})})["digest"]


def test_the_gate_counts_from_a_severity_up_and_waits_for_pending_servers() -> None:
    report = report_of({"web1": web(TOKEN), "web2": None})
    assert gate_from(report, "none") == (0, "")
    count, sentence = gate_from(report, "high")
    assert count == 2
    assert sentence.startswith(
        "2 findings are of severity high. web1/root/deploy-prod-x: It has every privilege (all). web2: "
    )
    count, sentence = gate_from(report_of({"web1": web(*({**TOKEN, "name": f"a-b-{n}"} for n in range(9)))}), "low")
    assert count == 9
    assert sentence.endswith("And 6 more.")
    assert gate_from(report_of({"web1": web(TOKEN), "web2": None}, ("web2",)), "high") == (1, "")


def test_what_is_fixable_is_dead_and_not_accepted() -> None:
    dead = {**TOKEN, "expires_at": NOW - 1}
    account = {"account": "alice", "name": "a-b-c", "readonly": False, "create_time": 1, "expires_at": NOW - 1}
    cpanel = {"cpanel_api_tokens": [account], "server_time": NOW, "accounts_asked": 1, "unreadable_accounts": []}
    read = web({**dead, "name": "a-b-kept"}, TOKEN, dead | {"name": "a-b-dead"}, cpanel=cpanel)
    accept = [{"kinds": ["expired"], "name": "*-kept", "reason": "x"}]
    assert fixable(read, "web1", accept) == {
        "whm": [{"name": "a-b-dead", "state": "absent", "only_expired": True}],
        "cpanel": [{"account": "alice", "name": "a-b-c", "state": "absent", "only_expired": True}],
    }


@pytest.mark.parametrize(
    ("rotated", "left"),
    [({"account": "alice"}, ["bob"]), ({"accounts": ["al*"]}, ["bob"]), ({"accounts": ["*"]}, []), ({}, [])],
)
def test_what_rotates_is_not_fixable_whether_by_account_or_by_pattern(rotated: dict, left: list[str]) -> None:
    dead = {"name": "a-b-c", "readonly": False, "create_time": 1, "expires_at": NOW - 1}
    accounts = [{**dead, "account": name} for name in ("alice", "bob")]
    cpanel = {"cpanel_api_tokens": accounts, "server_time": NOW, "accounts_asked": 2, "unreadable_accounts": []}
    found = fixable(web(cpanel=cpanel), "web1", (), rotated=[{"name": "a-b-c", **rotated}])
    assert [each["account"] for each in found["cpanel"]] == left


def test_the_document_lists_every_kind_with_its_severity() -> None:
    rows = re.findall(r"^\| `(\w+)` \| (\w+) \|", (DOCS / "audit.md").read_text(encoding="utf-8"), re.MULTILINE)
    assert dict(rows) == {name: kind.severity for name, kind in KINDS.items()}
