# Copyright (c) 2026 panelops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

from datetime import datetime, timedelta, timezone

import pytest
from ansible_collections.panelops.cpanel.plugins.module_utils._errors import InvalidOption
from ansible_collections.panelops.cpanel.plugins.module_utils._model.expiry import (
    CLOCK_SLACK,
    DesiredExpiry,
    desired_expiry_from,
    expiry_from_wire,
    parse_duration,
    parse_expires_at,
    to_iso,
)
from hypothesis import given
from hypothesis import strategies as st

NOW = 1_790_000_000
seconds = st.integers(1, 253402300799)
lifetimes = st.integers(1, 10**9)


def options(**given_options):
    return dict(dict(expires_at=None, expires_in=None, renew_before=None, timezone="UTC"), **given_options)


@pytest.mark.parametrize("value", [None, "", 0, "0"])
def test_the_servers_ways_of_saying_never(value):
    assert expiry_from_wire(value) is None


@given(seconds)
def test_a_number_and_its_text_are_the_same_expiry(value):
    assert expiry_from_wire(value) == expiry_from_wire(str(value)) == parse_expires_at(str(value), "UTC") == value


@given(seconds)
def test_iso_times_are_read_back(value):
    text = to_iso(value)
    assert parse_expires_at(text, "Europe/Berlin") == value
    assert parse_expires_at(text.replace("Z", "+00:00").replace("T", " "), "UTC") == value
    assert parse_expires_at(text.rstrip("Z"), "UTC") == value


@given(st.datetimes(datetime(1970, 1, 3), datetime(2200, 1, 1)), st.integers(-23, 23))
def test_an_offset_decides(moment, hours):
    aware = moment.replace(microsecond=0, tzinfo=timezone(timedelta(hours=hours)))
    assert parse_expires_at(aware.isoformat(), "Asia/Tokyo") == int(aware.timestamp())


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("2030-01-31T18:00", "2030-01-31T18:00:00Z"),
        ("2030-01-31 18:00Z", "2030-01-31T18:00:00Z"),
        ("2030-01-31T18:00:30.1", "2030-01-31T18:00:30Z"),
        ("2030-01-31T18:00:30.999999999z", "2030-01-31T18:00:30Z"),
        (" 2030-01-31 18:00:30+05:30 ", "2030-01-31T12:30:30Z"),
        ("2030-01-31T18:00-08:00", "2030-02-01T02:00:00Z"),
        ("2030-01-31T18:00-00:30", "2030-01-31T18:30:00Z"),
    ],
)
def test_the_ways_to_write_a_time(text, expected):
    assert to_iso(parse_expires_at(text, "UTC")) == expected


def test_a_day_ends_with_its_last_second_in_the_zone():
    utc = parse_expires_at("2030-06-30", "UTC")
    assert to_iso(utc) == "2030-06-30T23:59:59Z"
    assert parse_expires_at("2030-06-30", "Europe/Berlin") == utc - 7200
    assert parse_expires_at("2030-12-31", "Europe/Berlin") == parse_expires_at("2030-12-31", "UTC") - 3600


@pytest.mark.parametrize("text", ["never", "Never", " NEVER "])
def test_never(text):
    assert parse_expires_at(text, "UTC") is None


@pytest.mark.parametrize(
    "text",
    [
        *[
            "",
            "tomorrow",
            "2030-02-30",
            "2030-13-01",
            "0",
            "-1",
            "1790000000000",
            "90d",
            "30/01/2030",
            "2030-01-01T25:00",
        ],
        *[
            "20300131T180000Z",
            "2030-01-31T180000",
            "2030-01-31T18",
            "2030-W05",
            "2030-W05-4",
            "2030-031",
            "20300131 18:00",
        ],
        *[
            "2030-01-31T18:00:00+0100",
            "2030-01-31T18:00:00+01",
            "2030-01-31T18:00:00+01:75",
            "2030-01-31T18:00:00+24:00",
        ],
        *["2030-01-31T18:00:00+01:00:30", "2030-01-31T18:00:00,5", "2030-01-31T18:00:00.", "2030-01-31_18:00:00"],
        *[
            "2030-01-31T24:00:00",
            "2030-01-31T18:00:60",
            "2030-01-31T18:00:00 Z",
            "2030-01-31Z",
            "٢٠٣٠-01-31",
            "0000-01-01",
        ],
    ],
)
def test_what_is_no_time_is_refused(text):
    with pytest.raises(InvalidOption, match=r"^expires_at: "):
        parse_expires_at(text, "UTC")


def test_an_unknown_zone_is_refused():
    with pytest.raises(InvalidOption, match=r"^timezone: 'Mars/Olympus'"):
        parse_expires_at("2030-01-01", "Mars/Olympus")


@given(st.text(max_size=30))
def test_no_text_makes_a_traceback(text):
    for parse in (
        lambda: parse_expires_at(text, "UTC"),
        lambda: parse_expires_at("2030-01-01", text),
        lambda: parse_duration(text, "x"),
    ):
        try:
            parse()
        except InvalidOption as error:
            assert ": " in str(error)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("90d", 7776000),
        ("12h", 43200),
        ("1d12h", 129600),
        ("1w", 604800),
        ("20m", 1200),
        ("30s", 30),
        ("1 h 5 s", 3605),
    ],
)
def test_durations(text, expected):
    assert parse_duration(text, "expires_in") == expected


@pytest.mark.parametrize("text", ["", "0", "30", "7776000", " 90 ", "0d", "d", "5y", "1h1d", "-3d", "1.5h", "٣d"])
def test_what_is_no_duration_is_refused(text):
    with pytest.raises(InvalidOption, match=r"^expires_in: "):
        parse_duration(text, "expires_in")


def test_a_number_without_a_unit_is_refused_with_a_remedy():
    with pytest.raises(InvalidOption, match=r"^ttl: '90' has no unit\. Give for example 90d"):
        parse_duration("90", "ttl")


@pytest.mark.parametrize(
    ("given_options", "message"),
    [
        (dict(expires_at="2030-01-01", expires_in="1d"), "both are given"),
        (dict(renew_before="1d"), "only with expires_in"),
        (dict(expires_in="1d", renew_before="24h"), "Every run would renew"),
    ],
)
def test_contradictions_are_refused(given_options, message):
    with pytest.raises(InvalidOption, match=message):
        desired_expiry_from(options(**given_options), in_place=True)


def test_nothing_given_keeps_the_expiry():
    desired = desired_expiry_from(options(), in_place=True)
    assert desired.next(12345, NOW) == 12345
    assert desired.next(None, NOW) is None
    assert desired.first(NOW) is None


@given(lifetimes, st.one_of(st.none(), seconds), st.data())
def test_a_lifetime_settles_at_once_and_is_a_ceiling(lifetime, live, data):
    desired = DesiredExpiry(given=True, lifetime=lifetime, renew_before=data.draw(st.integers(0, lifetime - 1)))
    first = desired.next(live, NOW)
    assert first is not None
    assert desired.renew_before < first - NOW <= lifetime + CLOCK_SLACK
    assert desired.next(first, NOW) == first
    assert desired.next(first, NOW - CLOCK_SLACK) == first, "a clock set back a little is no reason to act"


@given(lifetimes.filter(lambda value: value > 2), st.data())
def test_a_lifetime_is_renewed_exactly_when_little_is_left(lifetime, data):
    before = data.draw(st.integers(1, lifetime - 1))
    desired = DesiredExpiry(given=True, lifetime=lifetime, renew_before=before)
    assert desired.next(NOW + before + 1, NOW) == NOW + before + 1
    assert desired.next(NOW + before, NOW) == NOW + lifetime
