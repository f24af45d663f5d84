# Copyright (c) 2026 panelops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the notes beside a file and its mark prove: which tokens an issue of our own left, and whose secret must not be replaced."""

from __future__ import annotations

from dataclasses import replace

import pytest
from ansible_collections.panelops.cpanel.plugins.module_utils._errors import InvalidOption
from ansible_collections.panelops.cpanel.plugins.module_utils._model.bulk_plan import names_to_prune
from ansible_collections.panelops.cpanel.plugins.module_utils._model.expiry import DesiredExpiry
from ansible_collections.panelops.cpanel.plugins.module_utils._model.names import interim_name, waiting_name
from ansible_collections.panelops.cpanel.plugins.module_utils._model.plan import (
    Create,
    DesiredToken,
    Plan,
    Revoke,
    TakeName,
    Update,
    issue_of,
    plan_token,
)
from ansible_collections.panelops.cpanel.plugins.module_utils._model.stored import Issue, Origin, StoredSecret
from ansible_collections.panelops.cpanel.plugins.module_utils._model.token import CpanelToken, WhmToken

NOW = 1_800_000_000
AHEAD = NOW + 3600
OLD = CpanelToken("t", create_time=AHEAD)
LEFT = interim_name("t", AHEAD, [])
NEW = CpanelToken("t", create_time=NOW)
ISSUE = Issue((NOW,), NEW.limits(), LEFT, AHEAD)
FILE = StoredSecret("/file", alive=None, is_there=True)
HALFWAY = {"t": NEW, LEFT: replace(OLD, name=LEFT), "u": CpanelToken("u", create_time=NOW)}


def desired(stored: StoredSecret, recreate: str = "if_expired") -> DesiredToken:
    return DesiredToken("t", CpanelToken, recreate=recreate, stored=stored)


@pytest.mark.parametrize("recreate", ["if_expired", "if_unusable", "if_changed", "always"])
def test_a_note_proves_what_times_do_not(recreate: str) -> None:
    """The old token is younger by its time of creation, because the server's clock was ahead then."""
    plan = plan_token(HALFWAY, desired(replace(FILE, unfinished=(ISSUE,)), recreate), NOW + 60)
    again = interim_name("t", NOW, [])
    assert [type(step) for step in plan.steps] == [Update, Create, Revoke]
    assert plan.steps[2] == Revoke((again, LEFT))
    assert plan.leftovers == (LEFT,)
    if recreate != "always":
        without = plan_token(HALFWAY, desired(FILE, recreate), NOW + 60)
        assert without.steps == ()


@pytest.mark.parametrize(
    "issue",
    [
        replace(ISSUE, old_create_time=AHEAD + 1),
        replace(ISSUE, old_create_time=None),
        replace(ISSUE, interim=None),
        replace(ISSUE, interim="u", old_create_time=NOW),
        replace(ISSUE, interim="t--old-gone"),
    ],
)
def test_a_note_proves_only_what_it_names(issue: Issue) -> None:
    stored = replace(FILE, unfinished=(issue,))
    assert stored.left("t", HALFWAY) == frozenset()
    assert plan_token(HALFWAY, desired(stored), NOW + 60).steps == ()


def test_what_a_task_lists_is_no_leftover_whatever_a_note_says() -> None:
    stored = replace(FILE, unfinished=(ISSUE,))
    assert plan_token(HALFWAY, desired(stored), NOW + 60, aside=()).leftovers == ()
    assert plan_token(HALFWAY, desired(stored), NOW + 60, aside=(LEFT,)).leftovers == (LEFT,)


def test_what_a_note_names_is_not_pruned() -> None:
    assert names_to_prune(HALFWAY, ["t"], "", NOW) == (LEFT, "u")
    assert names_to_prune(HALFWAY, ["t"], "", NOW, {LEFT}) == ("u",)


def test_an_issue_that_has_sent_nothing_has_created_nothing() -> None:
    stored = replace(FILE, alive=False, unfinished=(replace(ISSUE, sent=()),))
    assert not stored.has_begun(NEW)
    assert stored.left("t", HALFWAY) == {LEFT}
    with pytest.raises(InvalidOption, match="does not hold the secret of the live token t"):
        plan_token(HALFWAY, desired(stored), NOW)


def test_an_issue_has_not_created_a_token_with_other_limits() -> None:
    assert ISSUE.has_created(NEW)
    assert not ISSUE.has_created(replace(NEW, readonly=True))
    assert not ISSUE.has_created(replace(NEW, create_time=None))
    assert replace(ISSUE, sent=(0, NOW)).has_created(NEW)


def test_a_new_token_that_waits_is_known_by_its_note() -> None:
    """The expired token, created while the clock was ahead, is gone already."""
    waiting = waiting_name("t", AHEAD, [])
    made = WhmToken(waiting, create_time=NOW, acls=frozenset(["ssl"]))
    issue = Issue((NOW,), made.limits(), waiting=waiting)
    stored = StoredSecret("/file", alive=True, holder=waiting, is_there=True, unfinished=(issue,))
    plan = plan_token({waiting: made}, DesiredToken("t", stored=stored), NOW + 60)
    assert plan.steps == (Update(waiting, replace(made, name="t")),)
    assert stored.left("t", {waiting: replace(made, create_time=NOW + 999)}) == frozenset()
    assert stored.left("u", {waiting: made}) == frozenset()


def test_what_a_note_says_of_a_plan() -> None:
    always = DesiredToken("t", recreate="always", expiry=DesiredExpiry(given=True, at=None))
    old = WhmToken("t", create_time=NOW - 9, acls=frozenset(["ssl"]))
    made = dict(acls=["ssl"], expires_at=None, whitelist_ips=[])
    plan = plan_token({"t": old}, always, NOW)
    assert issue_of(plan) == Issue((), made, interim_name("t", NOW - 9, []), NOW - 9)
    plan = plan_token({"t": replace(old, expires_at=NOW)}, always, NOW)
    assert isinstance(plan.steps[-1], TakeName)
    assert issue_of(plan) == Issue((), made, waiting=waiting_name("t", NOW - 9, []))
    plan = plan_token({}, replace(always, limits={"acls": frozenset(["ssl"])}), NOW)
    assert issue_of(plan) == Issue((), made)
    assert issue_of(plan_token({"t": old}, replace(always, recreate="never"), NOW)) == Issue()


HERE = Origin("a:2083", "alice", "cpanel_api_token", "t")
MARK = replace(HERE, create_time=NOW)
U_MARK = replace(MARK, name="u", create_time=NOW - 5)
U, GONE = CpanelToken("u", create_time=NOW - 5), CpanelToken("v", create_time=NOW - 9)
PAST = {"expires_at": NOW}
ELSEWHERE = [
    replace(MARK, server="b:2083"),
    replace(MARK, user="bob"),
    replace(MARK, kind="whm_api_token"),
]


@pytest.mark.parametrize(
    ("mark", "alive", "live", "is_other"),
    [
        (MARK, True, [NEW, U], False),
        (MARK, None, [NEW, U], False),
        (MARK, False, [NEW, U], False),
        (MARK, False, [], False),
        (replace(MARK, create_time=NOW - 99), False, [NEW], False),
        (U_MARK, True, [NEW, U], True),
        (U_MARK, None, [NEW, U], True),
        (U_MARK, False, [NEW, U], True),
        (U_MARK, False, [NEW], False),
        (U_MARK, None, [NEW, replace(U, **PAST)], False),
        (replace(U_MARK, create_time=None), None, [NEW, U], True),
        (replace(U_MARK, create_time=None), None, [NEW], False),
        (replace(U_MARK, name="old"), True, [NEW, U], True),
        (replace(U_MARK, name="old"), None, [NEW, U], True),
        (replace(U_MARK, name="old"), False, [NEW, U], False),
        (replace(MARK, name="old"), True, [NEW, U], False),
        *((mark, False, [], True) for mark in ELSEWHERE),
        *((mark, False, [NEW], True) for mark in ELSEWHERE),
        *((mark, None, [replace(NEW, create_time=NOW - 1)], True) for mark in ELSEWHERE),
        *((mark, True, [NEW], False) for mark in ELSEWHERE),
        (ELSEWHERE[0], None, [NEW], False),
        (ELSEWHERE[0], False, [replace(NEW, **PAST)], False),
        (replace(ELSEWHERE[0], name="u"), False, [replace(NEW, **PAST)], True),
        (ELSEWHERE[1], False, [replace(NEW, **PAST)], True),
        (ELSEWHERE[2], None, [NEW], True),
        (replace(U_MARK, server="b:2083"), True, [NEW, U], True),
    ],
)
def test_whose_live_secret_the_mark_says_it_is(mark: Origin, alive: bool | None, live: list, is_other: bool) -> None:
    stored = replace(FILE, alive=alive, mark=mark, here=HERE)
    by_name = {token.name: token for token in live}
    assert stored.needed_by(by_name.get("t"), (), by_name, NOW) == (mark if is_other else None)
    for certain in (dict(mark=None), dict(here=None), dict(is_there=False), dict(holder="t")):
        assert replace(stored, **certain).needed_by(by_name.get("t"), (), by_name, NOW) is None
    expiry = DesiredExpiry(given=True, at=None)
    wish = replace(desired(stored, "always"), expiry=expiry)
    if not is_other:
        assert plan_token(by_name, wish, NOW).warnings == ()
        return
    with pytest.raises(InvalidOption) as caught:
        plan_token(by_name, wish, NOW)
    if "another live token" not in str(caught.value):
        assert str(caught.value) == (
            f"token_file: /file holds the secret that a task stored for the token {mark.name} of {mark.user} on {mark.server}. "
            "It may be live. Give each token a file of its own, or empty this one if nobody needs that secret."
        )
    assert plan_token(by_name, replace(wish, stored=None), NOW).changed


TWIN = CpanelToken("v", create_time=NOW)
RENAMED = replace(MARK, name="old")
"""The mark of a token that was created in the same second as t and v, and is called like one of them by now."""


@pytest.mark.parametrize(
    ("mark", "alive", "live", "is_doubtful"),
    [
        (RENAMED, True, [NEW, TWIN], True),
        (RENAMED, None, [NEW, TWIN], True),
        (RENAMED, False, [NEW, TWIN], False),
        (RENAMED, True, [NEW], False),
        (RENAMED, True, [NEW, U], False),
        (RENAMED, True, [NEW, replace(TWIN, **PAST)], False),
        (MARK, True, [NEW, TWIN], False),
        (replace(RENAMED, create_time=None), True, [NEW, TWIN], False),
    ],
)
def test_which_of_two_tokens_of_one_second_was_renamed(
    mark: Origin, alive: bool | None, live: list, is_doubtful: bool
) -> None:
    """Its secret may be the other one's, so no other is stored over it; but nothing is said where it stays."""
    stored = replace(FILE, alive=alive, mark=mark, here=HERE)
    by_name = {token.name: token for token in live}
    assert stored.may_be_anothers(NEW, (), by_name, NOW) == (mark if is_doubtful else None)
    for certain in (dict(mark=None), dict(here=None), dict(is_there=False), dict(holder="t")):
        assert replace(stored, **certain).may_be_anothers(NEW, (), by_name, NOW) is None
    assert stored.may_be_anothers(NEW, ("v",), by_name, NOW) is None
    wish = replace(desired(stored, "always"), expiry=DesiredExpiry(given=True, at=None))
    if is_doubtful:
        with pytest.raises(InvalidOption, match="holds the secret that a task stored for the token old of alice"):
            plan_token(by_name, wish, NOW)
    else:
        assert plan_token(by_name, wish, NOW).changed
    if alive is not False:
        assert plan_token(by_name, replace(wish, recreate="if_expired"), NOW) == Plan(NEW, NEW)


@pytest.mark.parametrize("alive", [True, None])
@pytest.mark.parametrize("recreate", ["if_expired", "if_unusable", "if_changed", "never"])
def test_a_file_that_holds_the_secret_of_another_token_is_no_success(recreate: str, alive: bool | None) -> None:
    stored = replace(FILE, alive=alive, mark=U_MARK, here=HERE)
    by_name = {"t": NEW, "u": U}
    if recreate == "never":
        told = "/file holds the secret of the token u, and recreate: never leaves it so."
        assert plan_token(by_name, desired(stored, recreate), NOW) == Plan(NEW, NEW, warnings=(told,))
        return
    with pytest.raises(InvalidOption) as caught:
        plan_token(by_name, desired(stored, recreate), NOW)
    assert str(caught.value) == (
        "token_file: /file holds the secret that a task stored for the token u of alice on a:2083. It may be live. "
        "Give each token a file of its own, or empty this one if nobody needs that secret."
    )
    assert plan_token(by_name, desired(replace(stored, mark=MARK), recreate), NOW) == Plan(NEW, NEW)


EARLIER = replace(MARK, create_time=NOW - 99)
TOLD = (
    "/file holds an earlier secret of t, by its mark: no token was created when that one was. Give recreate: always to have another secret "
    "issued, which cuts off whoever uses the present one."
)


@pytest.mark.parametrize("alive", [True, None])
def test_the_earlier_secret_of_a_token_is_told_of(alive: bool | None) -> None:
    stored = replace(FILE, alive=alive, mark=EARLIER, here=HERE)
    by_name = {"t": NEW, "u": U}
    assert plan_token(by_name, desired(stored), NOW) == Plan(NEW, NEW, warnings=(TOLD,))
    assert plan_token(by_name, desired(replace(stored, mark=replace(EARLIER, name="before"))), NOW).warnings == ()
    assert plan_token(by_name, desired(replace(stored, mark=replace(EARLIER, create_time=None))), NOW).warnings == ()
    assert plan_token({"t": replace(NEW, create_time=None)}, desired(stored), NOW).warnings == ()
    assert not stored.is_gone(NEW, (), {"t": NEW, "v": CpanelToken("v", create_time=NOW - 99)})
    for certain in (dict(mark=None), dict(here=None), dict(is_there=False), dict(holder="t"), dict(alive=False)):
        assert not replace(stored, **certain).is_gone(NEW, (), by_name)
    expiry = DesiredExpiry(given=True, at=None)
    assert plan_token(by_name, replace(desired(stored, "always"), expiry=expiry), NOW).warnings == ()


def test_a_mark_of_the_command_line_names_the_host() -> None:
    here = replace(HERE, server="cli:one")
    other = replace(MARK, server="cli:two", create_time=NOW - 99)
    stored = replace(FILE, mark=other, here=here)
    with pytest.raises(InvalidOption, match="of alice on cli:two"):
        plan_token({"t": NEW}, desired(stored), NOW)
    for server in ("cli:one", "cli"):
        assert replace(MARK, server=server).is_of_owner(here)
        assert plan_token({"t": NEW}, desired(replace(stored, mark=replace(other, server=server))), NOW).warnings == (
            TOLD,
        )
    assert not replace(MARK, server="cli").is_of_owner(HERE)
    assert not replace(MARK, server="cli").is_of_owner(replace(here, server="cling:2087"))
    assert not replace(MARK, server="cli:one", user="bob").is_of_owner(here)
    assert not replace(MARK, server="cli", kind="whm_api_token").is_of_owner(here)


def test_a_leftover_is_ours_also_by_its_mark() -> None:
    stored = replace(FILE, alive=True, mark=replace(MARK, create_time=AHEAD), here=HERE, unfinished=(ISSUE,))
    assert stored.needed_by(NEW, (LEFT,), HALFWAY, NOW) is None
    assert stored.needed_by(NEW, (), HALFWAY, NOW) == stored.mark


UNKNOWN = (
    "Nobody can say whose secret /file held, and it is replaced by that of t. If it is that of another token, account or server, give "
    "each token a file of its own."
)


@pytest.mark.parametrize(
    ("alive", "live", "warns"),
    [
        (False, [], True),
        (None, [], True),
        (False, [NEW], True),
        (None, [NEW], True),
        (True, [NEW], False),
        (True, [NEW, U], True),
        (True, [NEW, replace(U, **PAST)], False),
        (True, [NEW, replace(U, expires_at=NOW + 1)], True),
    ],
)
def test_a_secret_without_a_mark_is_not_replaced_silently(alive: bool | None, live: list, warns: bool) -> None:
    stored = replace(FILE, alive=alive, here=HERE)
    by_name = {token.name: token for token in live}
    assert plan_token(by_name, desired(stored, "always"), NOW).warnings == ((UNKNOWN,) if warns else ())
    for certain in (dict(mark=MARK), dict(is_there=False), dict(holder="t", alive=True)):
        assert plan_token(by_name, desired(replace(stored, **certain), "always"), NOW).warnings == ()


def test_an_origin_in_words() -> None:
    assert str(MARK) == "cpanel_api_token t of alice at a:2083"
