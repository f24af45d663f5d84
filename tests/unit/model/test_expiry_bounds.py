# Copyright (c) 2026 panelops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The edges of what an expiry can be: the first and the last second, leap years, and when a lifetime is renewed."""

from __future__ import annotations

import time
from collections.abc import Iterator

import pytest
from ansible_collections.panelops.cpanel.plugins.module_utils._errors import InvalidOption
from ansible_collections.panelops.cpanel.plugins.module_utils._model.expiry import (
    CLOCK_SLACK,
    DesiredExpiry,
    desired_expiry_from,
    expiry_from_wire,
    parse_duration,
    parse_expires_at,
    refuse_past,
    to_iso,
)
from ansible_collections.panelops.cpanel.plugins.module_utils._model.token import time_from_wire

NOW = 1_800_000_000
LAST = 253402300799
HALF = LAST // 2


def desired(in_place: bool = True, **options: str) -> DesiredExpiry:
    given = {"expires_at": None, "expires_in": None, "renew_before": None, "timezone": "UTC", **options}
    return desired_expiry_from(given, in_place)


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        ("1", 1),
        (str(LAST), LAST),
        ("0" * 17 + "1", 1),
        ("1970-01-01 00:00:01", 1),
        ("1970-01-01T00:01", 60),
        ("1970-01-01", 86399),
        ("9999-12-31", LAST),
        ("9999-12-31T23:59:59Z", LAST),
        ("2000-02-29", 951868799),
        ("2028-02-29T00:00Z", 1835395200),
        ("2030-06-30T12:00:00.999999999", 1909051200),
        ("2030-06-30T12:00+02:00", 1909044000),
        ("2030-06-30T12:00-02:30", 1909060200),
        ("2030-06-30T12:00:07+23:59", 1909051207 - 86340),
    ],
)
def test_the_seconds_that_a_time_means(text: str, seconds: int) -> None:
    assert parse_expires_at(text, "UTC") == seconds


@pytest.mark.parametrize(
    "text", ["2027-02-29", "2100-02-29", "10000-01-01", "1970-01-01T00:00:00", "1969-12-31T23:59:59"]
)
def test_a_day_that_is_none_is_refused(text: str) -> None:
    with pytest.raises(InvalidOption):
        parse_expires_at(text, "UTC")


@pytest.mark.parametrize(
    ("zone", "seconds"),
    [("UTC", 1909051200), ("utc", 1909051200), ("z", 1909051200), ("Z", 1909051200), ("Asia/Tokyo", 1909018800)],
)
def test_a_time_without_an_offset_is_in_the_zone(zone: str, seconds: int) -> None:
    assert parse_expires_at("2030-06-30 12:00", zone) == seconds
    assert desired(expires_at="2030-06-30 12:00", timezone=zone) == DesiredExpiry(given=True, at=seconds)


def test_a_time_with_an_offset_is_not_in_the_zone() -> None:
    for text in ("2030-06-30T12:00z", "2030-06-30T12:00+00:00", "2030-06-30T12:00-00:00"):
        assert parse_expires_at(text, "Asia/Tokyo") == 1909051200


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        ("1s", 1),
        ("1W1D1H1M1S", 604800 + 86400 + 3600 + 60 + 1),
        (" 2 w ", 1209600),
        ("0d1s", 1),
        ("999999999s", 999999999),
        (f"{HALF // 60}m{HALF % 60}s", None),
        ("209491w", 209491 * 604800),
    ],
)
def test_the_seconds_of_a_duration(text: str, seconds: int | None) -> None:
    if seconds is None:
        with pytest.raises(InvalidOption):
            parse_duration(text, "x")
    else:
        assert parse_duration(text, "x") == seconds


def test_the_longest_duration_is_half_of_the_time_until_the_year_9999() -> None:
    weeks, rest = divmod(HALF, 604800)
    assert parse_duration(f"{weeks}w{rest}s", "x") == HALF
    with pytest.raises(InvalidOption):
        parse_duration(f"{weeks}w{rest + 1}s", "x")


@pytest.mark.parametrize(
    ("value", "seconds"), [(5, 5), (5.9, 5), ("5", 5), (0, None), ("0", None), ("", None), (None, None)]
)
def test_the_seconds_that_a_server_answers(value: object, seconds: int | None) -> None:
    assert expiry_from_wire(value) == seconds


@pytest.fixture
def host_in_tokyo(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """The zone of the host that runs the module must not matter."""
    with monkeypatch.context() as patch:
        patch.setenv("TZ", "Asia/Tokyo")
        time.tzset()
        yield
    time.tzset()


@pytest.mark.usefixtures("host_in_tokyo")
def test_the_zone_of_the_host_does_not_matter() -> None:
    assert to_iso(1909051207) == "2030-06-30T12:00:07Z"
    assert parse_expires_at("2030-06-30T12:00:07Z", "Asia/Tokyo") == 1909051207
    assert parse_expires_at("2030-06-30T12:00:07", "UTC") == 1909051207
    assert time_from_wire(LAST) == LAST


def test_a_time_in_a_message_is_in_utc() -> None:
    assert to_iso(0) == "1970-01-01T00:00:00Z"
    assert to_iso(1909051207) == "2030-06-30T12:00:07Z"


def test_now_is_past_and_a_second_later_is_not() -> None:
    for at in (NOW, NOW - 1):
        with pytest.raises(InvalidOption):
            refuse_past(at, NOW)
    refuse_past(NOW + 1, NOW)
    refuse_past(None, NOW)


def test_the_options_make_the_desired_expiry() -> None:
    assert desired() == DesiredExpiry(given=False, at=None, lifetime=None, renew_before=0)
    assert desired(expires_at="never") == DesiredExpiry(given=True, at=None)
    assert desired(expires_at="5") == DesiredExpiry(given=True, at=5)
    assert desired(expires_in="100s") == DesiredExpiry(given=True, lifetime=100, renew_before=33)
    assert desired(expires_in="2s") == DesiredExpiry(given=True, lifetime=2, renew_before=0)
    assert desired(False, expires_in="100s") == DesiredExpiry(given=True, lifetime=100, renew_before=0)
    assert desired(False, expires_in="100s", renew_before="9s") == DesiredExpiry(True, None, 100, 9)
    assert desired(expires_in="100s", renew_before="9s") == DesiredExpiry(True, None, 100, 9)


def test_renew_before_is_less_than_expires_in() -> None:
    assert desired(expires_in="100s", renew_before="99s").renew_before == 99
    for before in ("100s", "101s"):
        with pytest.raises(InvalidOption, match=r"^renew_before: "):
            desired(expires_in="100s", renew_before=before)


def test_the_first_expiry() -> None:
    assert DesiredExpiry(given=True, lifetime=60).first(NOW) == NOW + 60
    assert DesiredExpiry(given=True, at=NOW + 7).first(NOW) == NOW + 7
    assert DesiredExpiry(given=True, at=None).first(NOW) is None


def test_a_lifetime_is_cut_only_when_it_is_longer_by_more_than_the_slack_of_clocks() -> None:
    expiry = DesiredExpiry(given=True, lifetime=1000, renew_before=100)
    longest = NOW + 1000 + CLOCK_SLACK
    assert expiry.next(longest, NOW) == longest
    assert expiry.next(longest + 1, NOW) == NOW + 1000
    assert expiry.next(NOW + 101, NOW) == NOW + 101
    assert expiry.next(NOW + 100, NOW) == NOW + 1000
    assert expiry.next(None, NOW) == NOW + 1000


def test_a_fixed_time_replaces_any_other() -> None:
    assert DesiredExpiry(given=True, at=NOW + 7).next(NOW + 9, NOW) == NOW + 7
    assert DesiredExpiry(given=True, at=None).next(NOW + 9, NOW) is None
    assert DesiredExpiry(given=False, at=NOW + 7, lifetime=8).next(NOW + 9, NOW) == NOW + 9
