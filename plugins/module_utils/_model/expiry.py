# Copyright (c) 2026 panelops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The expiry of an API token: what a user may write, what a server may answer, and which expiry a token gets.

All times are whole Unix seconds; ``None`` means that the token never expires.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta, timezone, tzinfo
from typing import Any

from .._errors import InvalidOption

CLOCK_SLACK = 60
"""Seconds by which a server's clock may be set back between two runs before a lifetime counts as too long."""

_UNITS = {"w": 604800, "d": 86400, "h": 3600, "m": 60, "s": 1}
_DURATION = re.compile("".join(rf"(?:([0-9]{{1,9}}){unit})?" for unit in _UNITS))
_DAY = r"([0-9]{4})-([0-9]{2})-([0-9]{2})"
_CLOCK = r"([0-9]{2}):([0-9]{2})(?::([0-9]{2})(?:\.[0-9]{1,9})?)?"
_OFFSET = r"([zZ])|([+-])([01][0-9]|2[0-3]):([0-5][0-9])"
_TIME = re.compile(rf"{_DAY}(?:[T ]{_CLOCK}(?:{_OFFSET})?)?")
_LATEST = 253402300799  # the last second of the year 9999
_LONGEST = _LATEST // 2


@dataclass(frozen=True)
class DesiredExpiry:
    """The desired expiry.

    ``given`` is false if the task says nothing: the token keeps its expiry. Otherwise the token lives for ``lifetime`` seconds from the
    time that it is set, or until ``at`` (Unix seconds; ``None``: it never expires). ``renew_before`` is in seconds.
    """

    given: bool = False
    at: int | None = None
    lifetime: int | None = None
    renew_before: int = 0

    def first(self, now: int) -> int | None:
        """The expiry of a token that is created at ``now``, in Unix seconds; ``None``: never."""
        return now + self.lifetime if self.lifetime else self.at

    def next(self, live: int | None, now: int) -> int | None:
        """The expiry that a token with the expiry ``live`` should have at ``now``, in Unix seconds; ``None``: never.

        A lifetime is a ceiling. The expiry changes only when the token would outlive its lifetime or has less than ``renew_before``
        left, so that a second run changes nothing.
        """
        if not self.given:
            return live
        if not self.lifetime:
            return self.at
        if live is None or live - now > self.lifetime + CLOCK_SLACK or live - now <= self.renew_before:
            return now + self.lifetime
        return live


def desired_expiry_from(params: Mapping[str, Any], in_place: bool) -> DesiredExpiry:
    """Check the form of the options ``expires_at``, ``expires_in``, ``renew_before`` and ``timezone``.

    Whether a time is in the past is for the server's clock to say, so the plan judges that.

    :param in_place: whether the API can renew the token without a new secret; ``renew_before`` then has a default, a third of the lifetime.
    :raises InvalidOption: a form that is not understood, or a contradiction.
    """
    expires_at, expires_in, renew_before = params["expires_at"], params["expires_in"], params["renew_before"]
    if expires_at is not None and expires_in is not None:
        raise InvalidOption("expires_at and expires_in", "both are given.", "Give one of them.")
    if renew_before is not None and expires_in is None:
        raise InvalidOption("renew_before", "means something only with expires_in.")
    if expires_in is not None:
        lifetime = parse_duration(expires_in, "expires_in")
        before = lifetime // 3 if in_place else 0
        if renew_before is not None:
            before = parse_duration(renew_before, "renew_before")
        if before >= lifetime:
            raise InvalidOption(
                "renew_before",
                f"{renew_before} is not less than expires_in ({expires_in}).",
                "Every run would renew the token.",
            )
        return DesiredExpiry(given=True, lifetime=lifetime, renew_before=before)
    if expires_at is None:
        return DesiredExpiry()
    return DesiredExpiry(given=True, at=parse_expires_at(expires_at, params["timezone"]))


def refuse_past(at: int | None, now: int) -> None:
    """:raises InvalidOption: ``at`` is not in the future of ``now``, the server's time."""
    if at is not None and at <= now:
        raise InvalidOption(
            "expires_at",
            f"{to_iso(at)} is in the past (by the server's clock it is {to_iso(now)}).",
            "Give a time in the future, never, or state: absent to revoke the token.",
        )


def parse_expires_at(text: str, zone: str) -> int | None:
    """Unix seconds of what a user wrote; ``None`` for ``never``.

    Digits are Unix seconds. ``YYYY-MM-DD`` is the last second of that day, as the vendor has it. ``YYYY-MM-DDTHH:MM[:SS[.fff]]``, with
    a ``T`` or a blank, may end with ``Z`` or an offset as ``+HH:MM``; without one it is in ``zone``. A fraction of a second is cut off.
    This grammar is our own, because what ``datetime.fromisoformat`` reads differs between Python versions.

    :raises InvalidOption: anything else.
    """
    text = text.strip()
    if text.lower() == "never":
        return None
    if re.fullmatch(r"[0-9]{1,18}", text):
        if int(text) > _LATEST:
            raise InvalidOption("expires_at", f"{text} is beyond the year 9999.", "Give seconds, not milliseconds.")
        if int(text) == 0:
            raise InvalidOption("expires_at", "0 is the year 1970.", "Write never for a token that does not expire.")
        return int(text)
    try:
        at = int(_moment(text, zone).timestamp())
    except (ValueError, OverflowError):
        raise InvalidOption(
            "expires_at",
            f"{text!r} is not a time.",
            "Give Unix seconds, YYYY-MM-DD, ISO 8601 such as 2030-01-31T18:00:00Z, or never.",
        ) from None
    if not 0 < at <= _LATEST:
        raise InvalidOption("expires_at", f"{text!r} is not between the years 1970 and 9999.")
    return at


def _moment(text: str, zone: str) -> datetime:
    """:raises ValueError: the text is no time of ours. :raises InvalidOption: the zone is not known."""
    match = _TIME.fullmatch(text)
    if match is None:
        raise ValueError
    year, month, day, hour, minute, second, utc, sign, hours, minutes = match.groups()
    clock = (23, 59, 59) if hour is None else (int(hour), int(minute), int(second or 0))
    moment = datetime(int(year), int(month), int(day), *clock)
    if utc:
        return moment.replace(tzinfo=timezone.utc)
    if sign:
        return moment.replace(tzinfo=timezone(int(f"{sign}1") * timedelta(hours=int(hours), minutes=int(minutes))))
    return moment.replace(tzinfo=named_zone(zone, "timezone"))


def named_zone(name: str, option: str) -> tzinfo:
    """The time zone of that name.

    :param option: the option that names it.
    :raises InvalidOption: this host does not know it.
    """
    if name.upper() in ("UTC", "Z"):
        return timezone.utc
    from zoneinfo import ZoneInfo

    try:
        return ZoneInfo(name)
    except (ValueError, OSError, LookupError):
        raise InvalidOption(
            option,
            f"{name!r} is not known on the host that runs the module.",
            "Give a name such as Europe/Berlin, or UTC.",
        ) from None


def parse_duration(text: str, option: str) -> int:
    """Seconds of ``90d``, ``12h``, ``1d12h`` or ``1w``; more than 0. A number without a unit is refused: it would be guessed wrong.

    :raises InvalidOption: anything else.
    """
    compact = text.strip().lower().replace(" ", "")
    remedy = "Give for example 90d, 12h, 1d12h or 20m."
    if re.fullmatch(r"[0-9]+", compact):
        raise InvalidOption(option, f"{text!r} has no unit.", remedy)
    match = _DURATION.fullmatch(compact)
    if not match or not compact:
        raise InvalidOption(option, f"{text!r} is not a duration.", remedy)
    seconds = sum(int(count or 0) * size for count, size in zip(match.groups(), _UNITS.values()))
    if not 0 < seconds <= _LONGEST:
        raise InvalidOption(option, f"{text!r} is not a duration between a second and a few thousand years.", remedy)
    return seconds


def expiry_from_wire(value: int | float | str | None) -> int | None:
    """Unix seconds of what a server answers: an integer, a numeric string, ``null``, ``""`` or 0.

    The last three mean ``None``: it never expires.

    :raises ValueError, TypeError: it is none of these.
    """
    if value is None or value == "":
        return None
    return int(value) or None


def to_iso(seconds: int) -> str:
    """Unix seconds as ``2030-01-31T18:00:00Z``, for messages."""
    return datetime.fromtimestamp(seconds, timezone.utc).strftime("%Y-%m-%dT%H:%M:%SZ")
