# Copyright (c) 2026 panelops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""When the overlap of a retired token is over, and when it counts anew: second by second."""

from __future__ import annotations

from dataclasses import replace

import pytest
from ansible_collections.panelops.cpanel.plugins.module_utils._model.names import retired_name
from ansible_collections.panelops.cpanel.plugins.module_utils._model.plan import Update
from ansible_collections.panelops.cpanel.plugins.module_utils._model.token import ApiToken, CpanelToken, WhmToken
from ansible_collections.panelops.cpanel.plugins.module_utils._rotation.grace import Anew, anew, over
from ansible_collections.panelops.cpanel.plugins.module_utils._rotation.state import AHEAD, KEPT, LAST_BREATH, Family

NOW = 1_800_000_000
BORN = NOW - 1000
OVERLAP = 100


def whm(name: str = "t", **more: object) -> WhmToken:
    return WhmToken(**{"name": name, "create_time": BORN, **more})


def cpanel(name: str = "t", **more: object) -> CpanelToken:
    return CpanelToken(**{"name": name, "create_time": BORN, **more})


def retired(at: int, **more: object) -> CpanelToken:
    """A token of an account that was retired then, by its name."""
    return cpanel(retired_name("t", at, ()), **{"create_time": 1, **more})


def of(*tokens: ApiToken) -> Family:
    return Family.of("t", {token.name: token for token in tokens})


@pytest.mark.parametrize(
    ("each", "is_over"),
    [
        (whm("t--prev-1", create_time=1, expires_at=NOW - KEPT), True),
        (whm("t--prev-1", create_time=1, expires_at=NOW - KEPT + 1), False),
        (whm("t--prev-1", create_time=1), False),
        (whm("t--prev-1", expires_at=NOW - KEPT), False),
        (retired(1), True),
        (retired(NOW - OVERLAP), True),
        (retired(NOW - OVERLAP + 1), False),
        (retired(NOW - OVERLAP + 1, expires_at=NOW), True),
        (retired(NOW - OVERLAP + 1, expires_at=NOW + 1), False),
        (retired(NOW + AHEAD + 1, expires_at=NOW), True),
    ],
)
def test_when_an_overlap_is_over(each: ApiToken, is_over: bool) -> None:
    assert over(of(whm(), each), OVERLAP, NOW) == ((each.name,) if is_over else ())
    assert over(of(each), OVERLAP, NOW) == (), "it may be all that works"


def test_what_is_contested_casts_doubt_on_all_names() -> None:
    """A rotation follows, which retires them anew. What has expired can do nothing any more."""
    early, dead, contested = (
        retired(NOW - 500),
        retired(NOW - 400, expires_at=NOW),
        retired(NOW - 300, create_time=BORN),
    )
    assert over(of(cpanel(), early, dead, contested), OVERLAP, NOW) == (dead.name,)
    assert over(of(cpanel(), early, dead), OVERLAP, NOW) == (early.name, dead.name)
    used = replace(early, last_used=NOW)
    live = cpanel(create_time=NOW - 500)
    assert len(anew(of(live, used), OVERLAP, NOW)) == 1
    assert anew(of(live, used, replace(contested, create_time=NOW - 500)), OVERLAP, NOW) == ()


def test_a_token_of_an_account_that_was_retired_in_the_future_is_retired_now() -> None:
    late = retired(NOW + AHEAD + 1)
    family = of(cpanel(), late)
    assert anew(family, OVERLAP, NOW) == (
        Anew(
            late,
            Update(late.name, replace(late, name="t--prev-tro8w0")),
            f"By its name {late.name} was retired at 2027-01-15T08:05:01Z, which is ahead of the server's clock. So its overlap counts "
            "from now, and not again: it is revoked after 2027-01-15T08:01:40Z.",
        ),
    )
    assert over(family, OVERLAP, NOW) == ()
    assert anew(of(cpanel(), retired(NOW + AHEAD)), OVERLAP, NOW) == ()
    assert anew(of(cpanel(), replace(late, expires_at=NOW)), OVERLAP, NOW) == (), "it is over"
    assert len(anew(of(cpanel(), replace(late, expires_at=NOW + 1)), OVERLAP, NOW)) == 1
    assert anew(of(late), OVERLAP, NOW) == (), "a rotation decides"
    assert anew(of(cpanel(), replace(late, create_time=BORN)), OVERLAP, NOW) == (), "a rotation decides"


def test_an_emergency_leaves_no_overlap_to_what_was_retired_in_the_future() -> None:
    family = of(cpanel(), retired(NOW + AHEAD + 1))
    assert anew(family, 0, NOW) == ()
    assert over(family, 0, NOW) == (retired(NOW + AHEAD + 1).name,)


def test_each_gets_a_name_of_its_own() -> None:
    taken, one, two = retired(NOW), retired(NOW + 1000), retired(NOW + 2000)
    steps = [each.step.token.name for each in anew(of(cpanel(), taken, one, two), OVERLAP, NOW)]
    assert steps == ["t--prev-tro8w1", "t--prev-tro8w2"]


@pytest.mark.parametrize(
    ("at", "used", "again"),
    [
        (BORN, BORN + OVERLAP + 1, True),
        (BORN, BORN + OVERLAP, False),
        (BORN, None, False),
        (BORN, NOW, True),
        (BORN, NOW + 1, False),
        (BORN - 1, NOW, False),
        (BORN + OVERLAP - 1, NOW, True),
        (BORN + OVERLAP, NOW, False),
    ],
)
def test_what_the_live_token_has_replaced_and_is_in_use_gets_its_overlap_once_more(
    at: int, used: int | None, again: bool
) -> None:
    """Not one that an earlier token has replaced, and none that had it once more already."""
    each = retired(at, last_used=used)
    family = of(cpanel(), each)
    found = anew(family, OVERLAP, NOW)
    assert over(family, OVERLAP, NOW) == (() if again else (each.name,))
    assert [one.step for one in found] == ([Update(each.name, replace(each, name="t--prev-tro8w0"))] if again else [])
    if again:
        assert (
            "and it is still in use: either a consumer has not taken the new secret, or the server's clock"
            in found[0].sentence
        )
        (after,) = (one.step.token for one in found)
        later = NOW + OVERLAP
        assert over(of(cpanel(), replace(after, last_used=later)), OVERLAP, later) == (after.name,), "once"


def test_a_token_of_whm_that_was_retired_in_the_future_ends_an_overlap_from_now() -> None:
    live = whm(create_time=NOW + AHEAD + 1)
    late = whm("t--prev-1", create_time=1, expires_at=NOW + OVERLAP + AHEAD + 1)
    assert anew(of(live, late), OVERLAP, NOW) == (
        Anew(
            late,
            Update("t--prev-1", replace(late, expires_at=NOW + OVERLAP)),
            "t--prev-1 was to work until 2027-01-15T08:06:41Z, because the server's clock was ahead when it was retired. By the server's "
            "present clock its overlap counts from now: it ends at 2027-01-15T08:01:40Z.",
        ),
    )
    assert anew(of(live, replace(late, expires_at=NOW + OVERLAP + AHEAD)), OVERLAP, NOW) == ()
    assert anew(of(live, replace(late, expires_at=None)), OVERLAP, NOW) == (), "no rotation has retired it"
    assert anew(of(whm(create_time=NOW + AHEAD), late), OVERLAP, NOW) == (), "the overlap may have been longer then"
    (at_once,) = anew(of(live, late), 0, NOW)
    assert at_once.step.token.expires_at == NOW + LAST_BREATH
