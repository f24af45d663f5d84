# Copyright (c) 2026 panelops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

import pytest
from ansible_collections.panelops.cpanel.plugins.module_utils._errors import InvalidOption
from ansible_collections.panelops.cpanel.plugins.module_utils._model.names import (
    interim_name,
    interim_prefix,
    leftovers_of,
    stamp,
    waiting_name,
)
from ansible_collections.panelops.cpanel.plugins.module_utils._model.token import (
    WhmToken,
    acls_from_wire,
    checked_acls,
    checked_name,
    looks_like_vendors_secret,
    whm_token_from_wire,
)
from hypothesis import example, given
from hypothesis import strategies as st

NAME_CHARACTERS = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_"
names = st.text(NAME_CHARACTERS, min_size=1, max_size=50)
acl_sets = st.sets(st.sampled_from(["list-accts", "create-acct", "kill-acct", "ssl", "all", "software-x"]), min_size=1)
times = st.integers(1_000_000_000, 4_000_000_000)


@given(names)
@example("n" * 50)
def test_the_rule_of_names_admits(name):
    assert checked_name(name) == name


@given(st.text(max_size=60))
def test_the_rule_of_names_and_nothing_else(name):
    fits = 1 <= len(name) <= 50 and all(character in NAME_CHARACTERS for character in name)
    if fits:
        assert checked_name(name) == name
    else:
        with pytest.raises(InvalidOption, match=r"^name: "):
            checked_name(name)


@pytest.mark.parametrize("name", ["", None, "a" * 51, "two words", "straße", "a\n", "a/b"])
def test_names_that_are_refused(name):
    with pytest.raises(InvalidOption, match=r"^rename_from: "):
        checked_name(name, "rename_from")


@given(acl_sets, st.randoms())
def test_a_list_and_an_object_of_privileges_mean_the_same(acls, random):
    ordered = list(acls)
    random.shuffle(ordered)
    as_object = dict.fromkeys(ordered, 1) | {"passwd": 0, "quota": "0"}
    assert acls_from_wire(as_object) == acls_from_wire(ordered) == checked_acls(ordered)
    assert acls_from_wire(dict.fromkeys(ordered, "1")) == acls_from_wire(ordered)


def test_everything_stands_alone():
    assert checked_acls(["passwd", "all"]) == checked_acls(["all"]) == {"all"}
    assert acls_from_wire({"all": 1, "passwd": 1}) == {"all"}
    assert acls_from_wire({"all": 0, "passwd": 1}) == {"passwd"}


@pytest.mark.parametrize("acls", [[], [""], ["list accts"], ["-x"]])
def test_privileges_that_cannot_be_are_refused(acls):
    with pytest.raises(InvalidOption, match=r"^acls: "):
        checked_acls(acls)


@given(acl_sets, st.one_of(st.none(), times))
def test_the_shapes_of_list_and_create_are_one_token(acls, expires_at):
    listed = whm_token_from_wire(
        dict(
            name="t",
            create_time="5",
            expires_at=str(expires_at or ""),
            whitelist_ips=["fc00:abcd:0000:0000:0000:0000:0000:000f"],
            acls=dict.fromkeys(acls, 1),
        )
    )
    created = whm_token_from_wire(
        dict(create_time=5, expires_at=expires_at, whitelist_ips=["FC00:ABCD::F/128"], acls=sorted(acls)), "t"
    )
    assert listed == created


def test_last_used_is_told_only_where_the_server_does():
    assert "last_used" not in whm_token_from_wire(dict(name="t", acls=["ssl"])).as_result()
    assert whm_token_from_wire(dict(name="t", acls=["ssl"], last_used=None)).as_result()["last_used"] is None


def created_at(created, *names):
    return {name: WhmToken(name, create_time=created) for name in names}


@given(names, times)
def test_a_name_put_aside_is_valid_and_found_again(name, created):
    aside = interim_name(name, created, [])
    checked_name(aside)
    assert aside != name
    live = created_at(created, aside, name, f"{name}-x", interim_prefix(name))
    assert leftovers_of(name, live, created) == (aside,)


@given(names, times)
def test_a_taken_name_is_not_given_again(name, created):
    first = interim_name(name, created, [])
    second = interim_name(name, created, [first])
    assert first != second
    assert leftovers_of(name, created_at(created, first, second), created) == tuple(sorted({first, second}))


@given(st.lists(names, min_size=2, max_size=2, unique=True), times)
def test_what_one_token_leaves_aside_is_not_anothers(pair, created):
    one, other = pair
    assert leftovers_of(other, created_at(created, interim_name(one, created, [])), created) == ()


@given(names, times, st.integers(1, 10**9))
def test_a_name_without_the_time_of_its_token_is_no_leftover(name, created, later):
    """Anybody may have given it: by its form, --old-server is a stamp too."""
    live = created_at(created + later, interim_name(name, created, []), f"{name}--old-server"[-50:])
    assert leftovers_of(name, live, created) == ()


@given(names, st.integers(1_000_000_000, 2_100_000_000), st.integers(0, 10**7))
def test_a_new_token_waits_only_for_one_that_is_gone_or_has_expired(name, created, later):
    waiting = waiting_name(name, created, [])
    checked_name(waiting)
    live, now = created_at(created + later, waiting), created + later
    assert leftovers_of(name, live, now) == (waiting,)
    for expires_at, expected in ((None, ()), (now + 1, ()), (now, (waiting,))):
        old = WhmToken(name, create_time=created, expires_at=expires_at)
        assert leftovers_of(name, {**live, name: old}, now) == expected
    another = WhmToken(name, create_time=created + 1, expires_at=now)
    assert leftovers_of(name, {**live, name: another}, now) == (), "not the one that it was to replace"


@given(times)
def test_a_stamp_is_base_36(created):
    assert int(stamp(created), 36) == created


@pytest.mark.parametrize(
    ("text", "like"),
    [
        ("A1" * 16, True),
        ("A1" * 16 + "B", False),
        ("A1" * 15 + "B", False),
        ("a1" * 16, False),
        ("A1" * 16 + "\n", False),
        ("", False),
    ],
)
def test_the_form_of_the_vendors_secrets(text, like):
    assert looks_like_vendors_secret(text) is like
