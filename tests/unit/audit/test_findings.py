# Copyright (c) 2026 panelops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Every kind of finding: a token that has it, and one beside it that has not."""

from __future__ import annotations

import pytest
from ansible_collections.panelops.cpanel.plugins.module_utils._model.names import (
    interim_name,
    retired_name,
    staged_name,
)
from ansible_collections.panelops.cpanel.plugins.plugin_utils._audit.findings import findings_of
from ansible_collections.panelops.cpanel.plugins.plugin_utils._audit.kinds import KINDS, SEVERITIES
from ansible_collections.panelops.cpanel.plugins.plugin_utils._ci.names import ci_name
from hypothesis import given
from hypothesis import strategies as st

from tests.support.audit_policies import policy
from tests.support.audits import EVERY_KIND

NOW = 1_790_000_000
DAY = 86400
CI = ci_name("deploy-prod", "job-7", "abcd")
WHM = {
    "server": "web1",
    "service": "whm",
    "owner": "root",
    "name": "tool-prod-purpose",
    "create_time": NOW - 200 * DAY,
    "expires_at": NOW + 100 * DAY,
    "last_used": NOW - DAY,
    "acls": ["list-accts"],
    "whitelist_ips": ["192.0.2.1"],
}
CPANEL = {key: WHM[key] for key in WHM if key not in ("acls", "whitelist_ips")} | {
    "service": "cpanel",
    "owner": "alice",
    "readonly": False,
}


def kinds(token: dict, **options: object) -> list[str]:
    return [each["kind"] for each in findings_of(token, policy(**options), NOW)]


@pytest.mark.parametrize("token", [WHM, CPANEL], ids=["whm", "cpanel"])
def test_a_good_token_has_no_finding(token: dict) -> None:
    assert kinds(token) == []


def staged(days: float) -> dict:
    """Staged so many days ago: only the time of creation tells."""
    return {"name": staged_name("tool-prod-purpose"), "create_time": int(NOW - days * DAY)}


def retired(days: float) -> dict:
    """Retired on WHM after a long life: its expiry, so many days from now, tells when the overlap ends."""
    return {"name": retired_name("tool-prod-purpose", NOW - 200 * DAY, ()), "expires_at": int(NOW + days * DAY)}


def retired_on_cpanel(days: float) -> dict:
    """Retired so many days ago: the number in its name tells."""
    return {**CPANEL, "name": retired_name("tool-prod-purpose", int(NOW - days * DAY), ()), "expires_at": None}


TABLE = [
    # kind, what makes it, what does not
    ("expired", {"expires_at": NOW}, {"expires_at": NOW + 15 * DAY}),
    ("ci_leftover", {"name": CI, "expires_at": NOW - 1}, {"name": CI}),
    ("no_expiry", {"expires_at": None}, {"expires_at": NOW + 5000 * DAY}),
    ("expiring", {"expires_at": NOW + 14 * DAY}, {"expires_at": NOW + 14 * DAY + 1}),
    ("all_privileges", {"acls": ["all"]}, {"acls": ["allow-shell"]}),
    ("dangerous_privileges", {"acls": ["list-accts", "passwd"]}, {"acls": ["list-accts", "ssl"]}),
    ("any_address", {"whitelist_ips": []}, {"whitelist_ips": ["2001:db8::/32"]}),
    ("never_used", {"last_used": None}, {"last_used": None, "create_time": NOW - 89 * DAY}),
    ("unused", {"last_used": NOW - 90 * DAY}, {"last_used": NOW - 90 * DAY + 1}),
    ("abandoned_sibling", staged(7), staged(6.9)),
    ("abandoned_sibling", retired(7), retired(6.9)),
    ("abandoned_sibling", retired(7) | {"expires_at": None}, retired(1)),
    ("abandoned_sibling", retired_on_cpanel(7), retired_on_cpanel(6.9)),
    ("reissue_leftover", {"name": interim_name("tool-prod-purpose", NOW, [])}, {"name": "tool-prod-old-1"}),
    ("wrong_clock", {"create_time": NOW + 301}, {"create_time": NOW + 300}),
    ("wrong_clock", {"last_used": NOW + 301}, {"last_used": NOW + 300}),
    ("naming", {"name": "backup"}, {"name": "tool-prod-two-words"}),
]


@pytest.mark.parametrize(("kind", "bad", "good"), TABLE, ids=[row[0] for row in TABLE])
def test_each_kind_is_found_where_it_is_and_only_there(kind: str, bad: dict, good: dict) -> None:
    assert kinds(WHM | bad) == [kind]
    assert kinds(WHM | good) == []


def test_the_table_has_every_kind_of_a_token() -> None:
    assert {row[0] for row in TABLE} == set(KINDS) - {"unreadable_server", "unreadable_account"}


def test_the_server_of_the_playbook_tests_has_every_kind() -> None:
    """But for the one of a server that cannot be read."""
    assert {kind for found in EVERY_KIND.values() for kind in found} == set(KINDS) - {"unreadable_server"}


def test_a_server_that_does_not_report_use_is_not_blamed_for_it() -> None:
    token = {key: value for key, value in WHM.items() if key != "last_used"}
    assert kinds(token) == []


def test_cpanel_tokens_have_neither_privileges_nor_addresses() -> None:
    assert kinds(CPANEL | {"expires_at": None}) == ["no_expiry"]


def test_what_is_dead_has_one_finding() -> None:
    dead = {"expires_at": NOW - 1, "acls": ["all"], "whitelist_ips": [], "name": "x", "last_used": None}
    assert kinds(WHM | dead) == ["expired"]
    assert kinds(WHM | dead | retired(-30)) == ["expired"]


def test_a_name_that_only_looks_like_that_of_a_ci_run_is_somebodys_own() -> None:
    assert kinds(WHM | {"name": "ci-deploy-prod", "expires_at": NOW - 1}) == ["expired"]


def test_names_are_judged_without_what_the_collection_appends() -> None:
    for recent in (staged(1), retired(1)):
        assert kinds(WHM | recent) == []
        assert kinds(WHM | recent | {"name": recent["name"].replace("tool-prod-purpose", "x")}) == ["naming"]


def test_a_number_that_cannot_be_the_time_gives_way_to_that_of_creation() -> None:
    for number in (NOW + DAY, 7):
        name = retired_name("tool-prod-purpose", number, ())
        assert kinds(CPANEL | {"name": name, "create_time": NOW - 8 * DAY}) == ["abandoned_sibling"]
        assert kinds(CPANEL | {"name": name, "create_time": NOW - DAY}) == []


@pytest.mark.parametrize("token", [WHM, CPANEL, WHM | staged(-20), retired_on_cpanel(-20)])
def test_a_token_from_the_future_has_no_age_and_says_so(token: dict) -> None:
    (found,) = findings_of(
        token | {"create_time": NOW + 20 * DAY, "last_used": NOW + 21 * DAY, "expires_at": NOW + 90 * DAY},
        policy(),
        NOW,
    )
    assert found["kind"] == "wrong_clock"
    assert found["sentence"] == (
        "By its times it was created on 2026-10-11, which is ahead of the server's clock: that was set back since, and how old the "
        "token is, is not known."
    )


def test_thresholds_pattern_and_privileges_are_the_users() -> None:
    soon = {"expires_at": NOW + 20 * DAY}
    assert kinds(WHM | soon, expiring_within="30d") == ["expiring"]
    assert kinds(WHM | {"last_used": NOW - 31 * DAY}, unused_for="30d") == ["unused"]
    assert kinds(WHM | retired(2), abandoned_after="1d") == ["abandoned_sibling"]
    assert kinds(WHM | {"name": "backup"}, name_pattern="^backup$") == []
    assert kinds(WHM | {"name": "backup"}, name_pattern="") == []
    assert kinds(WHM | {"acls": ["ssl"]}, dangerous_acls=["ssl"]) == ["dangerous_privileges"]
    assert kinds(WHM | {"acls": ["passwd"]}, dangerous_acls=[]) == []


def test_severities_are_the_users() -> None:
    token = WHM | {"expires_at": None, "name": "x"}
    found = findings_of(token, policy(severities={"no_expiry": "high", "naming": "none"}), NOW)
    assert [(each["kind"], each["severity"]) for each in found] == [("no_expiry", "high")]


ACCEPT = {"kinds": ["no_expiry"], "name": "tool-*", "reason": "An appliance that cannot rotate."}


@pytest.mark.parametrize(
    ("change", "accepted"),
    [
        ({}, True),
        ({"kinds": ["*"]}, True),
        ({"kinds": ["naming"]}, False),
        ({"server": "web?"}, True),
        ({"server": "db*"}, False),
        ({"owner": "root"}, True),
        ({"owner": "alice"}, False),
        ({"name": "other-*"}, False),
        ({"until": str(NOW)}, True),
        ({"until": str(NOW - 1)}, False),
    ],
)
def test_what_is_accepted_carries_the_reason(change: dict, accepted: bool) -> None:
    (found,) = findings_of(WHM | {"expires_at": None}, policy(accept=[ACCEPT | change]), NOW)
    assert found["accepted"] == (ACCEPT["reason"] if accepted else None)


tokens = st.fixed_dictionaries(
    {
        "server": st.just("web1"),
        "service": st.sampled_from(["whm", "cpanel"]),
        "owner": st.just("o"),
        "name": st.one_of(
            st.text(max_size=60),
            st.from_regex(r"[a-z-]{1,20}--(next|prev|old)-[0-9a-z]{1,12}", fullmatch=True),
            st.just(CI),
        ),
        "create_time": st.one_of(st.none(), st.integers(-(10**18), 10**18)),
        "expires_at": st.one_of(st.none(), st.integers(-(10**18), 10**18), st.integers(NOW - 9, NOW + 9)),
        "acls": st.lists(st.sampled_from(["all", "passwd", "ssl"])),
        "whitelist_ips": st.lists(st.just("192.0.2.1"), max_size=1),
        "readonly": st.booleans(),
    },
    optional={"last_used": st.one_of(st.none(), st.integers(-(10**18), 10**18))},
)


@given(tokens, st.integers(0, 2**40))
def test_any_token_gets_well_formed_findings_that_agree_with_its_state(token: dict, now: int) -> None:
    found = findings_of(token, policy(), now)
    names = [each["kind"] for each in found]
    assert len(set(names)) == len(names), "each kind once"
    for each in found:
        assert each["severity"] in SEVERITIES
        assert each["sentence"].endswith(".")
        assert each["remedy"].endswith(".")
        assert (each["server"], each["owner"], each["name"]) == (token["server"], token["owner"], token["name"])
    dead = token["expires_at"] is not None and token["expires_at"] <= now
    assert dead == bool({"expired", "ci_leftover"} & set(names))
    assert not dead or len(names) == 1
    assert ("no_expiry" in names) <= (token["expires_at"] is None)
    if "last_used" not in token:
        assert not {"unused", "never_used"} & set(names)
    if token["service"] == "cpanel":
        assert not {"all_privileges", "dangerous_privileges", "any_address"} & set(names)


@given(tokens, st.integers(0, 2**40), st.integers(0, 2**40))
def test_time_heals_nothing(token: dict, now: int, later: int) -> None:
    """What was found stays found until somebody does something, except that what expires is dead then."""
    before = {each["kind"] for each in findings_of(token, policy(), min(now, later))}
    after = {each["kind"] for each in findings_of(token, policy(), max(now, later))}
    # Of what is retired on WHM, the end comes nearer; what was in the future is in the past some day.
    assert before - {"abandoned_sibling", "wrong_clock"} <= after or {"expired", "ci_leftover"} & after
