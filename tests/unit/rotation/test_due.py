# Copyright (c) 2026 panelops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Which tokens belong together, when one is due and why, and what the next one is like: second by second."""

from __future__ import annotations

import pytest
from ansible_collections.panelops.cpanel.plugins.module_utils._errors import InvalidOption
from ansible_collections.panelops.cpanel.plugins.module_utils._model.expiry import CLOCK_SLACK
from ansible_collections.panelops.cpanel.plugins.module_utils._model.token import (
    ApiToken,
    CpanelToken,
    WhmToken,
)
from ansible_collections.panelops.cpanel.plugins.module_utils._rotation.state import (
    AHEAD,
    DesiredRotation,
    Family,
    Reason,
    Replacement,
    Retired,
    due,
    is_ahead,
    is_older,
    lead,
    next_due,
    replacement_of,
)

NOW = 1_800_000_000
BORN = NOW - 1000
SSL = frozenset({"ssl"})


def whm(name: str = "t", **more: object) -> WhmToken:
    return WhmToken(**{"name": name, "create_time": BORN, "acls": SSL, **more})


def of(*tokens: WhmToken) -> Family:
    return Family.of("t", {token.name: token for token in tokens})


def test_a_family_is_the_live_token_with_its_staged_and_retired_ones() -> None:
    live, staged, first, second = whm(), whm("t--next-a"), whm("t--prev-1"), whm("t--prev-2")
    others = [whm("u"), whm("u--next-a"), whm("u--prev-1"), whm("t--old-a"), whm("tt")]
    family = of(second, staged, *others, first, live)
    assert family == Family(live, (staged,), (Retired(first, 1), Retired(second, 2)))
    assert family.others() == [staged, first, second]
    assert of(*others) == Family(None, (), ())


def test_the_model_of_a_new_token_is_the_live_one_or_the_youngest() -> None:
    young, old = whm("t--prev-1", create_time=2), whm("t--next-a", create_time=1)
    assert of(whm(create_time=0), young, old).model() == whm(create_time=0)
    assert of(young, old).model() == young
    assert of(old, whm("t--prev-2", create_time=None)).model() == old
    assert of().model() is None


def test_what_is_older() -> None:
    live = whm()
    assert is_older(whm(create_time=BORN - 1), live, NOW) is True
    assert is_older(whm(create_time=BORN), live, NOW) is False
    assert is_older(whm(create_time=BORN + 1), live, NOW) is False
    assert is_older(whm(create_time=NOW), live, NOW) is False
    assert is_older(whm(create_time=NOW + 1), live, NOW) is True, "the clock was set back since"
    assert is_older(whm(create_time=NOW + 1), whm(create_time=NOW), NOW) is True, (
        "the latest that is not from the future"
    )
    assert is_older(whm(create_time=NOW + 2), whm(create_time=NOW + 1), NOW) is False, "both are from then"
    assert is_older(whm(create_time=NOW + 1), whm(create_time=NOW + 2), NOW) is True
    assert is_older(whm(create_time=None), whm(create_time=1), NOW) is True
    assert is_older(whm(create_time=0), whm(create_time=None), NOW) is False
    assert is_older(whm(create_time=1), None, NOW) is False


def test_what_is_from_the_future() -> None:
    assert is_ahead(whm(create_time=NOW + AHEAD), NOW) is False
    assert is_ahead(whm(create_time=NOW + AHEAD + 1), NOW) is True
    assert is_ahead(whm(create_time=None), NOW) is False


def test_retired_tokens_that_are_not_older_are_contested() -> None:
    older, same = whm("t--prev-1", create_time=BORN - 1), whm("t--prev-2")
    assert of(whm(), older, same).contested(NOW) == (same,)
    assert of(older).contested(NOW) == (older,)
    assert of(whm(), whm("t--prev-1", create_time=NOW + 1)).contested(NOW) == ()


UNFINISHED = Reason("unfinished", "an earlier run did not finish, or another one is at work")
DATE = "2027-01-15T08:00:00Z"
FROM_THE_FUTURE = Reason(
    "max_age", "its create time 2027-01-15T08:05:01Z is ahead of the server's clock, so its age is not known"
)


@pytest.mark.parametrize(
    ("live", "desired", "reason"),
    [
        ([], {}, Reason("missing", "it does not exist")),
        ([whm("t--prev-1")], {}, UNFINISHED),
        ([whm("t--next-a")], {}, UNFINISHED),
        ([whm(), whm("t--next-a", create_time=BORN - 1)], {}, UNFINISHED),
        ([whm(), whm("t--prev-1")], {}, UNFINISHED),
        ([whm(), whm("t--prev-1", create_time=BORN - 1)], {}, None),
        ([whm(expires_at=NOW)], {}, Reason("expired", f"it expired at {DATE}")),
        ([whm(expires_at=NOW)], {"force": True}, Reason("expired", f"it expired at {DATE}")),
        ([whm(expires_at=NOW + 1, create_time=NOW)], {"rotate_before": 0}, None),
        ([whm()], {"force": True}, Reason("forced", "the task says so")),
        ([whm()], {"limits": {"acls": SSL, "whitelist_ips": ()}}, None),
        (
            [whm()],
            {"limits": {"acls": SSL, "whitelist_ips": ("::1",)}},
            Reason("limits", "whitelist_ips should be other than they are"),
        ),
        (
            [whm()],
            {"limits": {"whitelist_ips": ("::1",), "acls": frozenset()}},
            Reason("limits", "acls and whitelist_ips should be other than they are"),
        ),
        ([whm()], {"lifetime": 100}, Reason("lifetime", "it would live longer than expires_in")),
        ([whm(expires_at=NOW + 100 + CLOCK_SLACK, create_time=NOW)], {"lifetime": 100}, None),
        (
            [whm(expires_at=NOW + 101 + CLOCK_SLACK, create_time=NOW)],
            {"lifetime": 100},
            Reason("lifetime", "it would live longer than expires_in"),
        ),
        ([whm()], {"max_age": 1001}, None),
        ([whm()], {"max_age": 1000}, Reason("max_age", "it was created at 2027-01-15T07:43:20Z")),
        ([whm(create_time=NOW + AHEAD)], {"max_age": 1000}, None),
        ([whm(create_time=NOW + AHEAD + 1)], {}, None),
        ([whm(create_time=NOW + AHEAD + 1)], {"max_age": 1000}, FROM_THE_FUTURE),
        ([whm(create_time=NOW + AHEAD + 1), whm("t--prev-1")], {"max_age": 1000}, None),
        ([whm(expires_at=NOW + 1)], {"max_age": 1000}, Reason("max_age", "it was created at 2027-01-15T07:43:20Z")),
        ([whm(expires_at=NOW + 1)], {"max_age": 1001}, Reason("rotate_before", "it expires at 2027-01-15T08:00:01Z")),
        (
            [whm(expires_at=NOW + 60)],
            {"rotate_before": 60},
            Reason("rotate_before", "it expires at 2027-01-15T08:01:00Z"),
        ),
        ([whm(expires_at=NOW + 60)], {"rotate_before": 59}, None),
        ([whm(expires_at=NOW + 34, create_time=NOW - 66)], {"lifetime": 100}, None),
        (
            [whm(expires_at=NOW + 33, create_time=NOW - 67)],
            {"lifetime": 100},
            Reason("rotate_before", "it expires at 2027-01-15T08:00:33Z"),
        ),
    ],
)
def test_why_a_token_is_due(live: list, desired: dict, reason: Reason | None) -> None:
    assert due(of(*live), DesiredRotation("t", **desired), NOW) == reason


@pytest.mark.parametrize(
    ("token", "desired", "moment"),
    [
        (whm(), {}, None),
        (whm(), {"lifetime": 90}, None),
        (whm(), {"max_age": 7}, BORN + 7),
        (whm(create_time=None), {"max_age": 7}, 7),
        (whm(expires_at=NOW), {}, NOW - 333),
        (whm(expires_at=NOW), {"lifetime": 100}, NOW - 33),
        (whm(expires_at=NOW), {"rotate_before": 0}, NOW),
        (whm(expires_at=NOW), {"rotate_before": 50, "lifetime": 100}, NOW - 50),
        (whm(expires_at=NOW), {"rotate_before": 50, "max_age": 949}, NOW - 51),
        (whm(expires_at=NOW), {"rotate_before": 50, "max_age": 951}, NOW - 50),
        (whm(expires_at=BORN - 9), {}, BORN - 9),
        (whm(expires_at=BORN + 2), {}, BORN + 2),
        (whm(expires_at=BORN + 3), {}, BORN + 2),
    ],
)
def test_when_a_token_will_be_due(token: WhmToken, desired: dict, moment: int | None) -> None:
    assert next_due(token, DesiredRotation("t", **desired)) == moment


@pytest.mark.parametrize(
    ("live", "desired", "limits", "lifetime"),
    [
        ([], {"limits": {"acls": SSL}}, {"acls": SSL}, None),
        ([], {"limits": {"acls": SSL}, "lifetime": 9}, {"acls": SSL}, 9),
        ([], {"kind": CpanelToken}, {}, None),
        ([whm()], {}, {"acls": SSL, "whitelist_ips": ()}, None),
        ([whm(expires_at=NOW)], {}, {"acls": SSL, "whitelist_ips": ()}, 1000),
        ([whm(expires_at=NOW)], {"lifetime": 9}, {"acls": SSL, "whitelist_ips": ()}, 9),
        ([whm(expires_at=BORN)], {}, {"acls": SSL, "whitelist_ips": ()}, 1),
        ([whm(expires_at=BORN + 2)], {}, {"acls": SSL, "whitelist_ips": ()}, 2),
        (
            [whm(whitelist_ips=("::1",))],
            {"limits": {"acls": frozenset()}},
            {"acls": frozenset(), "whitelist_ips": ("::1",)},
            None,
        ),
        ([CpanelToken("t", readonly=True)], {"kind": CpanelToken}, {"readonly": True}, None),
        (
            [CpanelToken("t", readonly=True)],
            {"kind": CpanelToken, "limits": {"readonly": False}},
            {"readonly": False},
            None,
        ),
    ],
)
def test_what_the_next_token_is_like(live: list, desired: dict, limits: dict, lifetime: int | None) -> None:
    assert replacement_of(of(*live), DesiredRotation("t", **desired)) == Replacement(limits, lifetime)


def test_privileges_must_come_from_somewhere() -> None:
    with pytest.raises(InvalidOption, match=r"^acls: "):
        replacement_of(of(), DesiredRotation("t", limits={"whitelist_ips": ()}))


def test_a_replacement_as_plain_data_and_as_a_token() -> None:
    replacement = Replacement({"acls": frozenset({"b", "a"}), "whitelist_ips": ("::1",)}, 60)
    plain = {"limits": {"acls": ["a", "b"], "whitelist_ips": ["::1"]}, "lifetime": 60}
    assert replacement.as_dict() == plain
    assert Replacement.of(WhmToken, plain) == replacement
    bare = {"limits": {"acls": ["a"], "whitelist_ips": None}, "lifetime": None}
    assert Replacement.of(WhmToken, bare) == Replacement({"acls": frozenset({"a"}), "whitelist_ips": ()}, None)
    assert Replacement.of(WhmToken, {"limits": {"acls": []}, "lifetime": 1}).limits["whitelist_ips"] == ()
    assert Replacement.of(CpanelToken, {"limits": {"readonly": True}, "lifetime": 1}) == Replacement(
        {"readonly": True}, 1
    )
    assert replacement.token(WhmToken, "n", NOW) == WhmToken("n", NOW + 60, **replacement.limits)
    assert Replacement({"acls": SSL}, None).token(WhmToken, "n", NOW) == WhmToken("n", acls=SSL)


@pytest.mark.parametrize(
    ("kind", "plain", "what"),
    [
        (WhmToken, {}, "limits"),
        (WhmToken, {"limits": ["acls"]}, "limits"),
        (WhmToken, {"limits": {"acls": ["a"], "expires_at": 9}}, "limits"),
        (WhmToken, {"limits": {}}, "limits"),
        (WhmToken, {"limits": {"acls": "a", "whitelist_ips": ["::1"]}}, "limits"),
        (WhmToken, {"limits": {"acls": ["a"], "whitelist_ips": "::1"}}, "limits"),
        (CpanelToken, {"limits": {"acls": ["a"]}}, "limits"),
        (CpanelToken, {"limits": {"expires_at": 9}}, "limits"),
        (CpanelToken, {"limits": {}, "lifetime": 0}, "lifetime"),
        (CpanelToken, {"limits": {}, "lifetime": -1}, "lifetime"),
        (CpanelToken, {"limits": {}, "lifetime": "60"}, "lifetime"),
    ],
)
def test_plain_data_that_is_no_replacement_is_refused(kind: type[ApiToken], plain: dict, what: str) -> None:
    with pytest.raises(ValueError, match=f"^{what}$"):
        Replacement.of(kind, plain)


def test_the_end_of_an_overlap_is_no_lifetime() -> None:
    """Somebody revoked the live token of WHM by hand: what is left expires with its overlap, and the new one must not after as long."""
    retired = whm("t--prev-1", expires_at=BORN + 90_000)
    with pytest.raises(InvalidOption) as refused:
        replacement_of(of(retired), DesiredRotation("t"))
    assert str(refused.value) == (
        "expires_in: the token t does not exist any more, and what it replaced, t--prev-1, expires when its overlap is over. "
        "Give expires_in, or revoke t--prev-1 if no consumer needs it: then the new token never expires."
    )
    assert replacement_of(of(retired), DesiredRotation("t", lifetime=60)) == Replacement(
        {"acls": SSL, "whitelist_ips": ()}, 60
    )
    assert replacement_of(of(whm("t--prev-1")), DesiredRotation("t")).lifetime is None
    staged = whm("t--next-a", create_time=BORN + 1, expires_at=BORN + 101)
    assert replacement_of(of(retired, staged), DesiredRotation("t")).lifetime == 100


def test_what_cpanel_retired_still_has_its_lifetime() -> None:
    token = CpanelToken("t--prev-1", create_time=BORN, expires_at=BORN + 500)
    family = Family.of("t", {token.name: token})
    assert replacement_of(family, DesiredRotation("t", CpanelToken)).lifetime == 500


@pytest.mark.parametrize("limited", [{"has_full_access": False}, {"features": ("email",)}])
def test_a_token_that_may_less_than_a_new_one_is_not_replaced(limited: dict) -> None:
    """The server's function creates tokens with full access only, so the consumer would get more than it had."""
    token = CpanelToken("t", create_time=BORN, **limited)
    with pytest.raises(InvalidOption) as refused:
        replacement_of(Family.of("t", {"t": token}), DesiredRotation("t", CpanelToken))
    assert str(refused.value) == (
        "tokens: the token t is limited to some features of the account, and the API creates only tokens with full access. "
        "Replace it by hand, or leave it out."
    )


def test_a_spread_makes_tokens_due_earlier() -> None:
    by_expiry = DesiredRotation("t", lifetime=3000, rotate_before=500, earlier=100)
    token = whm(expires_at=NOW + 600)
    assert next_due(token, by_expiry) == NOW
    assert due(of(token), by_expiry, NOW - 1) is None
    early = ", and spread makes it due earlier than 2027-01-15T08:01:40Z"
    assert due(of(token), by_expiry, NOW) == Reason("rotate_before", f"it expires at 2027-01-15T08:10:00Z{early}")
    assert due(of(token), by_expiry, NOW + 99) == Reason("rotate_before", f"it expires at 2027-01-15T08:10:00Z{early}")
    assert due(of(token), by_expiry, NOW + 100) == Reason("rotate_before", "it expires at 2027-01-15T08:10:00Z")


def test_a_spread_counts_for_the_age_too() -> None:
    by_age = DesiredRotation("t", max_age=1100, earlier=100)
    assert next_due(whm(), by_age) == NOW
    assert due(of(whm()), by_age, NOW - 1) is None
    early = ", and spread makes it due earlier than 2027-01-15T08:01:40Z"
    assert due(of(whm()), by_age, NOW) == Reason("max_age", f"it was created at 2027-01-15T07:43:20Z{early}")
    both = DesiredRotation("t", lifetime=9000, rotate_before=50, max_age=2000, earlier=100)
    assert due(of(whm(expires_at=NOW + 150)), both, NOW) == Reason(
        "rotate_before", "it expires at 2027-01-15T08:02:30Z, and spread makes it due earlier than 2027-01-15T08:01:40Z"
    )


@pytest.mark.parametrize("earlier", [0, 1, 599, 600, 601, 10**9])
def test_a_lifetime_that_the_task_does_not_give_is_never_taken_up_by_a_spread(earlier: int) -> None:
    token = whm(create_time=NOW, expires_at=NOW + 900)
    found = next_due(token, DesiredRotation("t", earlier=earlier))
    assert found == NOW + 600 - earlier % 600
    assert NOW < found <= NOW + 600
    late = whm(create_time=NOW, expires_at=NOW - 10)
    assert next_due(late, DesiredRotation("t", earlier=earlier)) == NOW - 10


def test_the_time_before_the_expiry() -> None:
    token = whm(create_time=NOW, expires_at=NOW + 901)
    assert lead(token, DesiredRotation("t", earlier=7)) == 300
    assert lead(token, DesiredRotation("t", lifetime=602)) == 200
    assert lead(token, DesiredRotation("t", lifetime=602, rotate_before=4)) == 4
    assert lead(whm(), DesiredRotation("t", lifetime=602, rotate_before=4)) == 0
