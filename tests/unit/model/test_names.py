# Copyright (c) 2026 panelops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Which names are those of staged and retired tokens and of leftovers, letter by letter."""

from __future__ import annotations

import pytest
from ansible_collections.panelops.cpanel.plugins.module_utils._model.names import (
    LONGEST_ROTATED,
    Sibling,
    doubtful_name,
    interim_name,
    interim_prefix,
    is_doubtful,
    is_interim,
    is_sibling,
    is_staged,
    leftovers_of,
    name_behind,
    retired_name,
    retired_stamp,
    sibling_of,
    staged_name,
    stamp,
    waits_for,
)
from ansible_collections.panelops.cpanel.plugins.module_utils._model.token import WhmToken
from hypothesis import given
from hypothesis import strategies as st

DIGITS = set("0123456789abcdefghijklmnopqrstuvwxyz")


@pytest.mark.parametrize(
    ("seconds", "digits"),
    [
        (-5, "0"),
        (0, "0"),
        (1, "1"),
        (35, "z"),
        (36, "10"),
        (1800000000, "tro8w0"),
        (36**6 - 1, "zzzzzz"),
        (36**6, "1000000"),
    ],
)
def test_a_stamp_is_written_in_base_36(seconds: int, digits: str) -> None:
    assert stamp(seconds) == digits


@pytest.mark.parametrize(
    ("name", "sibling"),
    [
        ("t--next-abc123", Sibling("t", None)),
        ("t--prev-z", Sibling("t", 35)),
        ("t--prev-10", Sibling("t", 36)),
        ("t--prev-0123456789", Sibling("t", int("0123456789", 36))),
        ("t--next-a--prev-b", Sibling("t--next-a", 11)),
        ("t--prev-", None),
        ("t--prev-01234567890", None),
        ("t--prev-A", None),
        ("--prev-a", None),
        ("t--old-a", None),
        ("t", None),
    ],
)
def test_what_a_name_says_of_its_rotation(name: str, sibling: Sibling | None) -> None:
    assert sibling_of(name) == sibling
    assert is_sibling(name, {"t", "t--next-a"}) is (sibling is not None)
    assert is_sibling(name, {"u"}) is False
    assert retired_stamp(name, "t") == (sibling.number if sibling is not None and sibling.of == "t" else None)
    assert retired_stamp(name, "u") is None


def test_only_a_staged_name_is_staged() -> None:
    assert is_staged("t--next-a", "t") is True
    assert is_staged("t--next-a", "u") is False
    assert is_staged("t--prev-a", "t") is False
    assert is_staged("t", "t") is False


@given(st.just("t") | st.just("n" * LONGEST_ROTATED))
def test_a_staged_name_has_six_random_digits(name: str) -> None:
    names = {staged_name(name) for _each in range(20)}
    assert len(names) == 20
    for each in names:
        assert each.startswith(f"{name}--next-")
        assert len(each) == len(name) + len("--next-") + 6
        assert set(each.removeprefix(f"{name}--next-")) <= DIGITS


@pytest.mark.parametrize("name", ["t", "t--next-a", "t--next-z"])
def test_the_last_mark_in_a_staged_name_counts(name: str) -> None:
    assert doubtful_name(f"{name}--next-abc123") == f"{name}--next-zbc123"
    assert is_doubtful(f"{name}--next-zbc123") is True
    assert is_doubtful(f"{name}--next-abc123") is False


def test_a_retired_name_has_the_first_number_that_is_free() -> None:
    assert retired_name("t", 35, ()) == "t--prev-z"
    assert retired_name("t", 35, {"t--prev-z"}) == "t--prev-10"
    assert retired_name("t", 35, {"t--prev-z", "t--prev-10"}) == "t--prev-11"


@pytest.mark.parametrize(
    ("name", "prefix"),
    [
        ("t", "t--old-"),
        ("n" * 37, "n" * 37 + "--old-"),
        ("n" * 38, "n" * 30 + "-0db05a--old-"),
        ("n" * 49, "n" * 30 + "-d9a52e--old-"),
    ],
)
def test_the_beginning_of_a_leftovers_name(name: str, prefix: str) -> None:
    assert interim_prefix(name) == prefix


def test_a_leftovers_name_has_the_first_stamp_that_is_free() -> None:
    assert interim_name("t", 1800000000, ()) == "t--old-tro8w0"
    assert interim_name("t", 1800000000, {"t--old-tro8w0"}) == "t--old-tro8w1"
    assert interim_name("t", 1800000000, {"t--old-tro8w0", "t--old-tro8w1"}) == "t--old-tro8w2"


NOW = 1_800_000_000
OLD_STAMP, NEW_STAMP = "t--old-tro8w0", "t--old-ztro8w0"


def token(name: str, create_time: int | None = NOW, expires_at: int | None = None) -> WhmToken:
    return WhmToken(name, expires_at, create_time)


@pytest.mark.parametrize(
    ("left", "current", "ours"),
    [
        (token(OLD_STAMP), None, True),
        (token(OLD_STAMP), token("t"), True),
        (token(OLD_STAMP), token("t", NOW - 1), False),
        (token(OLD_STAMP), token("t", None), True),
        (token(OLD_STAMP, None), None, False),
        (token(OLD_STAMP, NOW + 1), None, False),
        (token(OLD_STAMP, NOW - 60), None, True),
        (token(OLD_STAMP, NOW - 61), None, False),
        (token(NEW_STAMP), None, True),
        (token(NEW_STAMP, NOW - 60), None, True),
        (token(NEW_STAMP, NOW - 61), None, False),
        (token(NEW_STAMP, None), None, False),
        (token(NEW_STAMP), token("t"), False),
        (token(NEW_STAMP), token("t", expires_at=NOW + 1), False),
        (token(NEW_STAMP), token("t", expires_at=NOW), True),
        (token(NEW_STAMP), token("t", NOW - 61, NOW), False),
        (token(NEW_STAMP), token("t", None, NOW), False),
        (token("t--old-z000000", 0), None, True),
        (token("t--old-1000000", 36**6), None, True),
        (token("t--old-zz000000", 35 * 36**6), None, False),
        (token("t--old-10000000", 36**7), None, False),
        (token("t--old-00000", 0), None, False),
        (token("t--old-00000A", 10), None, False),
        (token("u--old-tro8w0"), None, False),
        (token("xt--old-tro8w0"), None, False),
        (token("t"), None, False),
    ],
)
def test_which_token_is_a_leftover(left: WhmToken, current: WhmToken | None, ours: bool) -> None:
    live = {left.name: left, **({"t": current} if current else {})}
    assert leftovers_of("t", live, NOW) == ((left.name,) if ours else ())
    assert leftovers_of("t", live, NOW, [left.name]) == ((left.name,) if ours else ())
    assert leftovers_of("t", live, NOW, []) == ()


def test_leftovers_are_sorted() -> None:
    names = ["t--old-tro8w2", "t--old-tro8w0", "t--old-tro8w1"]
    assert leftovers_of("t", {name: token(name) for name in names}, NOW) == tuple(sorted(names))


@pytest.mark.parametrize(
    ("name", "given"),
    [
        ("t", "t"),
        ("t--next-abc", "t"),
        ("t--prev-abc", "t"),
        ("t--old-abc", "t"),
        ("t--old-a--old-b", "t"),
        ("t--old", "t--old"),
    ],
)
def test_the_name_that_the_user_gave(name: str, given: str) -> None:
    assert name_behind(name) == given


def test_what_can_be_the_name_of_a_leftover() -> None:
    assert is_interim("t--old-000000") is True
    assert is_interim("t--prev-000000") is False


@pytest.mark.parametrize(
    ("left", "create_time", "waits"),
    [
        ("t--old-ztro8w0", NOW, True),
        ("t--old-ztro8w0", NOW - 60, True),
        ("t--old-ztro8w0", NOW - 61, False),
        ("t--old-ztro8w0", NOW + 1, False),
        ("t--old-ztro8w0", None, False),
        ("t--old-tro8w0", NOW, False),
        ("t--old-000000", None, False),
        ("t", NOW, False),
        ("u--old-zzz", NOW, False),
    ],
)
def test_which_name_waits_for_an_old_token(left: str, create_time: int | None, waits: bool) -> None:
    assert waits_for(left, "t", token("t", create_time)) is waits
