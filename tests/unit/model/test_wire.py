# Copyright (c) 2026 panelops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What servers answer about a token, field by field, and what modules return of it."""

from __future__ import annotations

import pytest
from ansible_collections.panelops.cpanel.plugins.module_utils._model.token import (
    ApiToken,
    CpanelToken,
    WhmToken,
    acls_from_wire,
    canonical_acls,
    checked_acls,
    cpanel_token_from_wire,
    time_from_wire,
    whm_token_from_wire,
)

SSL = frozenset(["ssl"])
FULL = dict(name="t", create_time="1700000000", expires_at="1800000000", last_used=1750000000)
TIMES = dict(name="t", create_time=1700000000, expires_at=1800000000, last_used=1750000000, reports_last_used=True)
NEITHER = dict(create_time=None, expires_at=None, last_used=None, reports_last_used=False)


def test_every_field_of_a_token_of_whm_is_read() -> None:
    answer = dict(FULL, acls={"ssl": 1, "stats": 0}, whitelist_ips=["10.0.0.2", "10.0.0.1/32"])
    assert whm_token_from_wire(answer) == WhmToken(**TIMES, acls=SSL, whitelist_ips=("10.0.0.1", "10.0.0.2"))


def test_every_field_of_a_token_of_cpanel_is_read() -> None:
    answer = dict(FULL, readonly=1, has_full_access=0, features=["b", "a"])
    assert cpanel_token_from_wire(answer) == CpanelToken(
        **TIMES, readonly=True, has_full_access=False, features=("a", "b")
    )


def test_fields_that_a_server_leaves_out() -> None:
    assert whm_token_from_wire({}, "t") == WhmToken("t", **NEITHER, acls=frozenset(), whitelist_ips=())
    assert whm_token_from_wire(dict(name="", acls=None, whitelist_ips=None), "t") == WhmToken("t")
    assert cpanel_token_from_wire({"name": "t"}) == CpanelToken(
        "t", **NEITHER, readonly=False, has_full_access=True, features=()
    )
    assert cpanel_token_from_wire(dict(name="t", readonly=None, features=None)) == CpanelToken("t")


def test_the_name_in_an_answer_goes_before_the_name_that_was_asked_for() -> None:
    assert whm_token_from_wire({"name": "said"}, "asked").name == "said"
    assert whm_token_from_wire({"name": 7}).name == "7"


def test_a_token_of_cpanel_without_a_name_is_no_answer() -> None:
    with pytest.raises(KeyError):
        cpanel_token_from_wire({})


@pytest.mark.parametrize("value", [None, "", 0, "0"])
def test_never_as_servers_write_it(value: object) -> None:
    assert time_from_wire(value) is None


@pytest.mark.parametrize("value", [1700000000, "1700000000", 1700000000.0, " 1700000000 "])
def test_a_time_as_servers_write_it(value: object) -> None:
    assert time_from_wire(value) == 1700000000


@pytest.mark.parametrize("value", ["soon", float("nan"), [], {}])
def test_what_is_no_time_raises(value: object) -> None:
    with pytest.raises((ValueError, TypeError)):
        time_from_wire(value)


@pytest.mark.parametrize(
    ("value", "read"),
    [(1, True), ("1", True), (0, False), ("0", False), (None, False), ("", False), (2, False)],
)
def test_readonly_as_servers_write_it(value: object, read: bool) -> None:
    assert cpanel_token_from_wire(dict(name="t", readonly=value)).readonly is read


@pytest.mark.parametrize(("value", "read"), [(1, True), ("1", True), (0, False), ("0", False), (2, False)])
def test_full_access_as_servers_write_it(value: object, read: bool) -> None:
    assert cpanel_token_from_wire(dict(name="t", has_full_access=value)).has_full_access is read


@pytest.mark.parametrize(
    ("value", "read"),
    [
        ({"ssl": 1, "stats": "1", "passwd": 0, "quota": "0", "x": None, "y": 2}, {"ssl", "stats"}),
        (["ssl", "ssl", "stats"], {"ssl", "stats"}),
        (None, set()),
        ([], set()),
        ({}, set()),
        (["all", "ssl"], {"all"}),
        ({"all": 1, "ssl": 1}, {"all"}),
        ({"all": 0, "ssl": 1}, {"ssl"}),
    ],
)
def test_privileges_as_servers_write_them(value: object, read: set) -> None:
    assert acls_from_wire(value) == read


@pytest.mark.parametrize("value", [7, [None], ["ssl", {}]])
def test_what_are_no_privileges_raises(value: object) -> None:
    with pytest.raises(TypeError):
        acls_from_wire(value)


def test_privileges_that_a_task_gives_lose_the_blanks_around_them() -> None:
    assert checked_acls([" ssl ", "0.a_B-c"]) == {"ssl", "0.a_B-c"}
    assert canonical_acls(["ssl"]) == {"ssl"}


def test_what_modules_return_of_a_token_of_whm() -> None:
    token = WhmToken("t", 1800000000, 1700000000, acls=frozenset(["b", "a"]), whitelist_ips=("10.0.0.1",))
    limits = {"acls": ["a", "b"], "expires_at": 1800000000, "whitelist_ips": ["10.0.0.1"]}
    assert token.limits() == limits
    assert token.settings() == {"name": "t", **limits}
    assert token.as_result() == {"name": "t", **limits, "create_time": 1700000000}


def test_what_modules_return_of_a_token_of_cpanel() -> None:
    token = CpanelToken("t", None, 1700000000, 1750000000, True, readonly=True, features=("a", "b"))
    assert token.limits() == {"expires_at": None, "readonly": True}
    assert token.settings() == {"name": "t", "expires_at": None, "readonly": True}
    assert token.as_result() == {
        **{"name": "t", "expires_at": None, "readonly": True, "create_time": 1700000000, "last_used": 1750000000},
        **{"has_full_access": True, "features": ["a", "b"]},
    }


def test_last_used_is_returned_where_the_server_reports_it() -> None:
    assert "last_used" not in WhmToken("t", last_used=5).as_result()
    assert WhmToken("t", last_used=5, reports_last_used=True).as_result()["last_used"] == 5
    assert whm_token_from_wire({"name": "t", "last_used": None}).as_result()["last_used"] is None


def test_limits_that_are_left_out_stay() -> None:
    whm = WhmToken("t", acls=SSL, whitelist_ips=("10.0.0.1",))
    assert whm.with_limits({}) == whm
    assert whm.with_limits({"acls": frozenset()}) == WhmToken("t", whitelist_ips=("10.0.0.1",))
    assert whm.with_limits({"whitelist_ips": ()}) == WhmToken("t", acls=SSL)
    assert CpanelToken("t", readonly=True).with_limits({}) == CpanelToken("t", readonly=True)
    assert CpanelToken("t", readonly=True).with_limits({"readonly": False}) == CpanelToken("t")


def test_every_api_token_is_one_of_a_service() -> None:
    """Only these know which limits there are."""
    assert ApiToken.__abstractmethods__ == {"with_limits"}


@pytest.mark.parametrize("kind", [WhmToken, CpanelToken])
def test_the_answer_to_a_change_is_completed_with_when_the_token_was_last_used(kind: type[ApiToken]) -> None:
    """Only lists of tokens say so, and only those of some servers."""
    answered, planned = kind("t", 9, 5), kind("t", 8, 4, 7, reports_last_used=True)
    assert answered.completed_from(planned) == kind("t", 9, 5, 7, reports_last_used=True)
    assert answered.completed_from(planned).as_result()["last_used"] == 7
    assert answered.completed_from(kind("t", 8, 4, 7)) == answered
    said = kind("t", 9, 5, 6, reports_last_used=True)
    assert said.completed_from(planned) == said
