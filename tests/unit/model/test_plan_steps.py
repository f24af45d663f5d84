# Copyright (c) 2026 panelops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Plans, step by step: what each situation leads to, with the tokens whole."""

from __future__ import annotations

from dataclasses import replace

import pytest
from ansible_collections.panelops.cpanel.plugins.module_utils._errors import InvalidOption
from ansible_collections.panelops.cpanel.plugins.module_utils._model.bulk_plan import (
    Planner,
    names_to_prune,
    refuse_contradictions,
)
from ansible_collections.panelops.cpanel.plugins.module_utils._model.expiry import DesiredExpiry
from ansible_collections.panelops.cpanel.plugins.module_utils._model.plan import (
    NOTHING,
    Create,
    DesiredToken,
    Plan,
    Revoke,
    TakeName,
    Update,
    plan_token,
)
from ansible_collections.panelops.cpanel.plugins.module_utils._model.stored import StoredSecret
from ansible_collections.panelops.cpanel.plugins.module_utils._model.token import CpanelToken, WhmToken

NOW = 1_800_000_000
SSL, STATS = frozenset(["ssl"]), frozenset(["stats"])
FOREVER = DesiredExpiry(given=True, at=None)
DAY = DesiredExpiry(given=True, lifetime=86400)
LEFT, LEFT_LATER = (
    "t--old-tro8t9",
    "t--old-tro8ta",
)  # a second or two after the time of creation, as if that name had been taken
OLD = WhmToken("t", NOW + 100, NOW - 100, NOW - 50, True, acls=SSL, whitelist_ips=("10.0.0.1",))
OLD_OF_CPANEL = CpanelToken("t", NOW + 100, NOW - 100, NOW - 50, True, readonly=True)
ASIDE, WAITING = "t--old-tro8t8", "t--old-ztro8t8"  # stamped with NOW - 100
LEFT_WARNING = (
    f"{LEFT} is left of an interrupted reissue of t. Consumers may use the secret, so nothing was revoked. "
    "Revoke what nobody uses with state: absent, or give recreate: always to replace all of them."
)
OURS, OTHERS = StoredSecret("f", alive=True, holder="t"), StoredSecret("f", alive=False)


def plan(*live: WhmToken | CpanelToken, **desired: object) -> Plan:
    """For ``t``, of the service that the live tokens are of."""
    kind = type(live[0]) if live else desired.pop("kind", WhmToken)
    return plan_token(
        {token.name: token for token in live},
        DesiredToken(**{"name": "t", "kind": kind, "recreate": "if_unusable", **desired}),
        NOW,
    )


def named(name: str, token: WhmToken | CpanelToken = OLD, **more: object) -> WhmToken | CpanelToken:
    return replace(token, name=name, **more)


def test_a_token_that_is_as_it_should_be_needs_nothing() -> None:
    assert plan(OLD) == Plan(OLD, OLD)
    assert plan(OLD, limits={"acls": SSL}) == Plan(OLD, OLD)
    assert plan(OLD_OF_CPANEL) == Plan(OLD_OF_CPANEL, OLD_OF_CPANEL)


def test_a_token_that_does_not_exist_is_created() -> None:
    new = WhmToken("t", NOW + 86400, acls=SSL)
    assert plan(limits={"acls": SSL}, expiry=DAY) == Plan(None, new, (Create(new),))
    assert plan(kind=CpanelToken) == Plan(None, CpanelToken("t"), (Create(CpanelToken("t")),))
    assert plan(limits={"acls": SSL}, rename_from="gone").steps == (Create(WhmToken("t", acls=SSL)),)


def test_limits_change_in_place_on_whm() -> None:
    after = replace(OLD, acls=STATS)
    assert plan(OLD, limits={"acls": STATS}) == Plan(OLD, after, (Update("t", after),))
    later = replace(OLD, expires_at=NOW + 86400)
    assert plan(OLD, expiry=replace(DAY, renew_before=100)) == Plan(OLD, later, (Update("t", later),))
    assert plan(OLD, expiry=FOREVER).after == replace(OLD, expires_at=None)


def test_a_rename_takes_the_whole_state_along() -> None:
    before = named("before")
    assert plan(before, rename_from="before") == Plan(before, OLD, (Update("before", OLD),))
    of_cpanel = named("before", OLD_OF_CPANEL)
    assert plan(of_cpanel, rename_from="before").steps == (Update("before", OLD_OF_CPANEL),)


def test_a_rename_to_a_name_that_is_there_is_warned_of() -> None:
    assert plan(OLD, named("before"), rename_from="before") == Plan(
        OLD, OLD, (), ("t exists already, so before was not renamed to it and is still there.",)
    )


def test_a_reissue_creates_a_token_of_the_same_limits() -> None:
    new = replace(OLD, create_time=None, last_used=None)
    assert plan(OLD, recreate="always") == Plan(OLD, new, (Update("t", named(ASIDE)), Create(new), Revoke((ASIDE,))))
    new = replace(OLD_OF_CPANEL, create_time=None, last_used=None)
    assert plan(OLD_OF_CPANEL, recreate="always") == Plan(
        OLD_OF_CPANEL, new, (Update("t", named(ASIDE, OLD_OF_CPANEL)), Create(new), Revoke((ASIDE,)))
    )


def test_a_reissue_of_a_token_without_a_time_of_creation_is_stamped_zero() -> None:
    steps = plan(replace(OLD, create_time=None), recreate="always").steps
    assert steps[0] == Update("t", named("t--old-0", create_time=None))
    expired = plan(replace(OLD, create_time=None, expires_at=NOW), recreate="always", expiry=FOREVER).steps
    assert expired[0] == Create(named("t--old-z0", create_time=None, last_used=None, expires_at=None))


def test_a_reissue_finds_a_free_name_for_the_old_token_and_revokes_what_another_left() -> None:
    made = plan(OLD, named(ASIDE), recreate="always")
    assert made.steps[0] == Update("t", named("t--old-tro8t9"))
    assert made.steps[2] == Revoke(("t--old-tro8t9", ASIDE))
    assert made.leftovers == (ASIDE,)


@pytest.mark.parametrize("expired", [NOW, NOW - 1])
def test_a_reissue_of_an_expired_token_of_whm_takes_the_name_at_the_end(expired: int) -> None:
    old = replace(OLD, expires_at=expired)
    new = replace(OLD, expires_at=NOW + 86400, create_time=None, last_used=None)
    assert plan(old, named(LEFT), recreate="always", expiry=DAY) == Plan(
        old, new, (Create(named(WAITING, new)), Revoke(("t", LEFT)), TakeName(WAITING, new)), (), (LEFT,)
    )
    assert len(plan(replace(OLD, expires_at=NOW + 1), recreate="always", expiry=DAY).steps) == 3


@pytest.mark.parametrize(
    ("expires_at", "recreate", "reissued"),
    [
        (NOW + 1, "if_unusable", False),
        (NOW, "if_unusable", True),
        (NOW, "if_changed", True),
        (NOW + 1, "if_changed", False),
        (None, "if_unusable", False),
        (NOW + 1, "always", True),
    ],
)
def test_when_a_token_of_cpanel_is_reissued(expires_at: int | None, recreate: str, reissued: bool) -> None:
    old = replace(OLD_OF_CPANEL, expires_at=expires_at)
    expiry = DAY if expires_at == NOW else DesiredExpiry()
    assert any(isinstance(step, Create) for step in plan(old, recreate=recreate, expiry=expiry).steps) is reissued


def test_other_limits_of_a_token_of_cpanel_need_leave_for_a_new_secret() -> None:
    made = plan(OLD_OF_CPANEL, limits={"readonly": False}, recreate="if_changed")
    assert made.after == CpanelToken("t", NOW + 100, None, None, True)
    assert [type(step) for step in made.steps] == [Update, Create, Revoke]
    for recreate in ("if_unusable", "never"):
        with pytest.raises(InvalidOption, match=r"^recreate: readonly of"):
            plan(OLD_OF_CPANEL, limits={"readonly": False}, recreate=recreate)


def test_a_token_of_whm_is_never_reissued_for_its_limits_or_its_expiry() -> None:
    for recreate in ("if_unusable", "if_changed", "never"):
        made = plan(replace(OLD, expires_at=NOW), limits={"acls": STATS}, expiry=DAY, recreate=recreate)
        assert [type(step) for step in made.steps] == [Update]


@pytest.mark.parametrize("old", [OLD, OLD_OF_CPANEL], ids=["whm", "cpanel"])
def test_a_stored_secret_of_another_token_is_replaced_or_warned_of(old: WhmToken | CpanelToken) -> None:
    replaced = plan(old, stored=OTHERS)
    assert len(replaced.steps) == 3
    assert replaced.warnings == (
        "The token t was live, and f did not hold its secret: with recreate: if_unusable another one is issued. "
        "Whoever uses the old secret is cut off.",
    )
    not_its = "The stored secret is not that of t, and recreate: never leaves it so."
    assert plan(old, stored=OTHERS, recreate="never") == Plan(old, old, (), (not_its,))
    assert plan(old, named(LEFT, old), stored=OTHERS, recreate="never") == Plan(
        old, old, (), (not_its, LEFT_WARNING), (LEFT,)
    )
    assert plan(old, stored=StoredSecret("f", alive=None)) == Plan(old, old)
    both = plan(old, named("before", old), stored=OTHERS, recreate="never", rename_from="before").warnings
    assert both == ("t exists already, so before was not renamed to it and is still there.", not_its)


def test_leftovers_are_revoked_after_the_update_where_the_stored_secret_is_the_tokens() -> None:
    after = replace(OLD, acls=STATS)
    assert plan(OLD, named(LEFT), limits={"acls": STATS}, stored=OURS) == Plan(
        OLD, after, (Update("t", after), Revoke((LEFT,))), (), (LEFT,)
    )
    assert plan(OLD, named(LEFT), stored=OURS).steps == (Revoke((LEFT,)),)
    assert plan(OLD, named(LEFT)) == Plan(OLD, OLD, (), (LEFT_WARNING,), (LEFT,))
    both = LEFT_WARNING.replace(f"{LEFT} is", f"{LEFT} and {LEFT_LATER} are")
    assert plan(OLD, named(LEFT), named(LEFT_LATER)).warnings == (both,)


def test_an_interrupted_reissue_is_undone_with_the_limits_of_the_leftover() -> None:
    assert plan(named(LEFT)) == Plan(named(LEFT), OLD, (Update(LEFT, OLD),), (), (LEFT,))
    assert plan(named(LEFT), limits={"acls": STATS}).after == replace(OLD, acls=STATS)
    assert plan(named(LEFT), expiry=replace(DAY, renew_before=100)).after == replace(OLD, expires_at=NOW + 86400)
    assert plan(named(LEFT), named("before", acls=STATS), rename_from="before").after == OLD
    new = replace(OLD, create_time=None, last_used=None)
    assert plan(named(LEFT), recreate="always").steps == (Create(new), Revoke((LEFT,)))


@pytest.mark.parametrize(
    ("first", "second", "chosen"),
    [
        (dict(create_time=NOW - 101), dict(create_time=NOW - 100), "second"),
        (dict(create_time=NOW - 100), dict(create_time=NOW - 101), "first"),
        (dict(create_time=NOW - 101), dict(create_time=NOW - 100, expires_at=NOW), "first"),
        (dict(create_time=NOW - 100, expires_at=NOW), dict(create_time=NOW - 101), "second"),
    ],
)
def test_of_two_leftovers_the_youngest_that_works_is_followed(first: dict, second: dict, chosen: str) -> None:
    live = (named(LEFT, acls=SSL, **first), named(LEFT_LATER, acls=STATS, **second))
    after = plan(*live).after
    assert after.acls == (SSL if chosen == "first" else STATS)
    assert plan(*live).leftovers == (LEFT, LEFT_LATER)


def test_what_a_reissue_left_goes_before_the_expired_token_to_rename() -> None:
    found = plan(named("before", expires_at=NOW), named(LEFT), rename_from="before")
    assert found.before == named(LEFT)
    assert found.steps == (Update(LEFT, OLD),)


def test_absent_revokes_the_token_and_its_leftovers() -> None:
    assert plan(OLD, named(LEFT), present=False) == Plan(OLD, None, (Revoke(("t", LEFT)),), (), (LEFT,))
    assert plan(named(LEFT), present=False) == Plan(None, None, (Revoke((LEFT,)),), (), (LEFT,))
    assert plan(present=False) == NOTHING
    past = DesiredExpiry(given=True, at=NOW - 1)
    assert plan(OLD, present=False, expiry=past).after is None, "when it should live no longer matters"


def test_only_expired_leaves_a_token_that_lives() -> None:
    for expires_at in (None, NOW + 1):
        old = replace(OLD, expires_at=expires_at)
        assert plan(old, present=False, only_expired=True) == Plan(old, old)
    dead = replace(OLD, expires_at=NOW)
    assert plan(dead, named(LEFT), present=False, only_expired=True) == Plan(dead, None, (Revoke(("t",)),))
    assert plan(present=False, only_expired=True) == NOTHING


def test_leftovers_that_the_caller_knows_are_not_looked_for() -> None:
    live = {"t": OLD, LEFT: named(LEFT)}
    assert plan_token(live, DesiredToken("t"), NOW, aside=[]).leftovers == ()
    assert plan_token(live, DesiredToken("t"), NOW, aside=[LEFT]).leftovers == (LEFT,)


def test_a_diff_shows_settings_and_never_a_secret() -> None:
    before = {"name": "t", "acls": ["ssl"], "expires_at": NOW + 100, "whitelist_ips": ["10.0.0.1"]}
    assert plan(OLD).diff == {"before": before, "after": before}
    assert plan(OLD).changed is False
    assert plan(OLD, present=False).diff == {"before": before, "after": {}}
    assert plan(limits={"acls": SSL}).diff == {
        "before": {},
        "after": {"name": "t", "acls": ["ssl"], "expires_at": None, "whitelist_ips": []},
    }
    assert plan(OLD, named(LEFT), recreate="always").diff == {
        "before": {**before, "secret": "the current one", "leftovers": [LEFT]},
        "after": {**before, "secret": "a new one", "leftovers": []},
    }
    assert plan(OLD, named(LEFT), stored=OURS).diff == {
        "before": {**before, "leftovers": [LEFT]},
        "after": {**before, "leftovers": []},
    }


def test_a_planner_follows_its_own_plans() -> None:
    planner = Planner({"a": named("a"), "a--old-tro8t8": named("a--old-tro8t8")}, NOW)
    assert planner.plan(DesiredToken("b", rename_from="a")).steps == (Update("a", named("b")),)
    assert sorted(planner.live) == ["a--old-tro8t8", "b"]
    assert planner.plan(DesiredToken("a", present=False)).steps == (Revoke(("a--old-tro8t8",)),)
    assert planner.plan(DesiredToken("a", present=False)).steps == ()
    assert planner.plan(DesiredToken("a", limits={"acls": SSL})).steps == (
        Create(WhmToken("a", acls=SSL, reports_last_used=True)),
    )
    assert planner.live == {"b": named("b"), "a": WhmToken("a", acls=SSL, reports_last_used=True)}
    reissue = planner.plan(DesiredToken("b", recreate="always"))
    assert [type(step) for step in reissue.steps] == [Update, Create, Revoke]
    assert sorted(planner.live) == ["a", "b"]
    assert planner.live["b"].create_time is None


def test_a_leftover_that_is_renamed_is_one_no_more() -> None:
    planner = Planner({LEFT: named(LEFT)}, NOW)
    assert planner.plan(DesiredToken("u", rename_from=LEFT)).steps == (Update(LEFT, named("u")),)
    assert planner.plan(DesiredToken("t", present=False)).steps == ()


def test_tokens_that_are_listed_once_do_not_contradict_each_other() -> None:
    refuse_contradictions([DesiredToken("a"), DesiredToken("b", rename_from="c"), DesiredToken("d")])


def test_names_to_prune_begin_with_the_prefix_and_are_nobodys() -> None:
    names = ["x", "t", "tt", "t--next-a", "t--prev-a", LEFT, "t--old-000001", "tt--next-a"]
    live = {name: named(name) for name in names}
    assert names_to_prune(live, ["t"], "t", NOW) == ("t--old-000001", "tt", "tt--next-a")
    assert names_to_prune(live, ["t"], "", NOW) == ("t--old-000001", "tt", "tt--next-a", "x")


@pytest.mark.parametrize(("expires_at", "kept"), [(NOW, True), (NOW + 1, False), (None, False)])
def test_what_waits_for_the_name_of_an_expired_token_is_not_pruned(expires_at: int | None, kept: bool) -> None:
    live = {"t": replace(OLD, expires_at=expires_at), WAITING: named(WAITING, create_time=NOW - 1)}
    assert names_to_prune(live, ["t"], "", NOW) == (() if kept else (WAITING,))
