# Copyright (c) 2026 panelops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Every sentence with which the model refuses something, whole: they are all that a user sees of a mistake."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from ansible_collections.panelops.cpanel.plugins.module_utils._errors import InvalidOption
from ansible_collections.panelops.cpanel.plugins.module_utils._model.addresses import checked_addresses
from ansible_collections.panelops.cpanel.plugins.module_utils._model.bulk_plan import refuse_contradictions
from ansible_collections.panelops.cpanel.plugins.module_utils._model.expiry import (
    DesiredExpiry,
    desired_expiry_from,
    parse_duration,
    parse_expires_at,
    refuse_past,
)
from ansible_collections.panelops.cpanel.plugins.module_utils._model.plan import DesiredToken, plan_token
from ansible_collections.panelops.cpanel.plugins.module_utils._model.token import (
    CpanelToken,
    WhmToken,
    acls_from_wire,
    checked_acls,
    checked_name,
    time_from_wire,
)
from ansible_collections.panelops.cpanel.plugins.module_utils._rotation.state import (
    DesiredRotation,
    Family,
    replacement_of,
)

NOW = 1_800_000_000
SSL = frozenset(["ssl"])


def expiry(**options: str) -> Callable[[], object]:
    given = {"expires_at": None, "expires_in": None, "renew_before": None, "timezone": "UTC", **options}
    return lambda: desired_expiry_from(given, in_place=True)


def until(text: str, zone: str = "UTC") -> Callable[[], object]:
    return lambda: parse_expires_at(text, zone)


def allow(*addresses: str) -> Callable[[], object]:
    return lambda: checked_addresses(addresses)


def plan(live: list, **desired: object) -> Callable[[], object]:
    wanted = DesiredToken(**{"name": "t", "recreate": "if_unusable", **desired})
    return lambda: plan_token({token.name: token for token in live}, wanted, NOW)


NOT_A_TIME = "is not a time. Give Unix seconds, YYYY-MM-DD, ISO 8601 such as 2030-01-31T18:00:00Z, or never."
NO_ADDRESS = (
    "is not an address or range. "
    "Give IPv4 or IPv6, alone (10.5.3.33) or with a prefix length (10.5.3.0/24, 2001:db8::/60)."
)
FOR_EXAMPLE = "Give for example 90d, 12h, 1d12h or 20m."
NO_DURATION = f"is not a duration between a second and a few thousand years. {FOR_EXAMPLE}"
EXPIRED = (
    "expires_at: the token t expired at 2027-01-15T08:00:00Z and the task does not say until when it should live. "
    "Give expires_at or expires_in, or state: absent to revoke it."
)
OLD = "t--old-t00000"

SENTENCES = [
    (allow("any"), "whitelist_ips: 'any' is not an address. Give an empty list to allow any address."),
    (allow(" Any "), "whitelist_ips: 'any' is not an address. Give an empty list to allow any address."),
    (allow(" example.com "), f"whitelist_ips: 'example.com' {NO_ADDRESS}"),
    (allow("10.0.0.0/33"), f"whitelist_ips: '10.0.0.0/33' {NO_ADDRESS}"),
    (
        allow("10.5.3.1/24"),
        "whitelist_ips: '10.5.3.1/24' names one address and a range at once. "
        "Give 10.5.3.0/24 for the range, or 10.5.3.1 for the address.",
    ),
    (
        allow(*(f"10.0.{number}.1" for number in range(101))),
        "whitelist_ips: 101 addresses are more than the 100 that a token can have. "
        "Join neighbours into ranges such as 10.5.3.0/24.",
    ),
    (
        lambda: checked_addresses(["any"], "allow"),
        "allow: 'any' is not an address. Give an empty list to allow any address.",
    ),
    (lambda: checked_addresses(["-"], "allow"), f"allow: '-' {NO_ADDRESS}"),
    (
        lambda: checked_addresses(["::1/64"], "allow"),
        "allow: '::1/64' names one address and a range at once. Give ::/64 for the range, or ::1 for the address.",
    ),
    (
        lambda: checked_addresses([f"10.0.{number}.1" for number in range(102)], "allow"),
        "allow: 102 addresses are more than the 100 that a token can have. "
        "Join neighbours into ranges such as 10.5.3.0/24.",
    ),
    (
        expiry(expires_at="2030-01-01", expires_in="1d"),
        "expires_at and expires_in: both are given. Give one of them.",
    ),
    (expiry(renew_before="1d"), "renew_before: means something only with expires_in."),
    (expiry(expires_in="90"), f"expires_in: '90' has no unit. {FOR_EXAMPLE}"),
    (expiry(expires_in="1d", renew_before="9"), f"renew_before: '9' has no unit. {FOR_EXAMPLE}"),
    (
        expiry(expires_in="1d", renew_before="24h"),
        "renew_before: 24h is not less than expires_in (1d). Every run would renew the token.",
    ),
    (expiry(expires_at="soon"), f"expires_at: 'soon' {NOT_A_TIME}"),
    (until("253402300800"), "expires_at: 253402300800 is beyond the year 9999. Give seconds, not milliseconds."),
    (until("0"), "expires_at: 0 is the year 1970. Write never for a token that does not expire."),
    (until("2030-02-30"), f"expires_at: '2030-02-30' {NOT_A_TIME}"),
    (until("1" * 19), f"expires_at: '{'1' * 19}' {NOT_A_TIME}"),
    (until("1970-01-01 00:00"), "expires_at: '1970-01-01 00:00' is not between the years 1970 and 9999."),
    (until("1969-12-31"), "expires_at: '1969-12-31' is not between the years 1970 and 9999."),
    (
        until("9999-12-31T23:59:59-00:01"),
        "expires_at: '9999-12-31T23:59:59-00:01' is not between the years 1970 and 9999.",
    ),
    (
        until("2030-01-01", "Mars/Olympus"),
        "timezone: 'Mars/Olympus' is not known on the host that runs the module. Give a name such as Europe/Berlin, or UTC.",
    ),
    (lambda: parse_duration("a day", "ttl"), f"ttl: 'a day' is not a duration. {FOR_EXAMPLE}"),
    (lambda: parse_duration(" ", "ttl"), f"ttl: ' ' is not a duration. {FOR_EXAMPLE}"),
    (lambda: parse_duration("0d", "ttl"), f"ttl: '0d' {NO_DURATION}"),
    (lambda: parse_duration("999999999w", "ttl"), f"ttl: '999999999w' {NO_DURATION}"),
    (
        lambda: refuse_past(NOW, NOW + 60),
        "expires_at: 2027-01-15T08:00:00Z is in the past (by the server's clock it is 2027-01-15T08:01:00Z). "
        "Give a time in the future, never, or state: absent to revoke the token.",
    ),
    (lambda: checked_name(""), "name: is empty. Give 1 to 50 letters, digits, dashes and underscores."),
    (lambda: checked_name(None, "of"), "of: is empty. Give 1 to 50 letters, digits, dashes and underscores."),
    (lambda: checked_name("n" * 51), f"name: '{'n' * 51}' has 51 characters; 50 are allowed."),
    (lambda: checked_name("n" * 52, "of"), f"of: '{'n' * 52}' has 52 characters; 50 are allowed."),
    (
        lambda: checked_name("a b"),
        "name: 'a b' has characters that are not allowed. Give only a-z, A-Z, 0-9, dashes and underscores.",
    ),
    (
        lambda: checked_name("a/b", "of"),
        "of: 'a/b' has characters that are not allowed. Give only a-z, A-Z, 0-9, dashes and underscores.",
    ),
    (lambda: checked_acls([]), "acls: is empty, but a token must have at least one privilege."),
    (lambda: checked_acls(["ssl", "a b"]), "acls: 'a b' is not the name of a privilege. Names look like list-accts."),
    (
        lambda: refuse_contradictions([DesiredToken("b"), DesiredToken("a"), DesiredToken("b"), DesiredToken("a")]),
        "tokens: a, b is listed more than once. List each token once.",
    ),
    (
        lambda: refuse_contradictions([DesiredToken("a"), DesiredToken("b", rename_from="a")]),
        "tokens: a is listed, and b is to be renamed from it. Decide on one.",
    ),
    (
        lambda: refuse_contradictions([DesiredToken("b", rename_from="x"), DesiredToken("a", rename_from="x")]),
        "tokens: b and a are both to be renamed from x. Decide on one.",
    ),
    (
        plan([]),
        "acls: the token t does not exist, and none are given to create it with. "
        "Give the privileges that it needs; [all] must be said, it is never implied.",
    ),
    (plan([WhmToken("t", acls=SSL, expires_at=NOW)]), EXPIRED),
    (plan([WhmToken("t", acls=SSL, expires_at=NOW)], recreate="always"), EXPIRED),
    (plan([WhmToken(OLD, acls=SSL, expires_at=NOW, create_time=int("t00000", 36))]), EXPIRED),
    (
        plan([CpanelToken("t")], kind=CpanelToken, limits={"readonly": True}, recreate="if_unusable"),
        "recreate: readonly of the token t cannot be changed without a new secret: cPanel has no function for it. "
        "Give recreate: if_changed to have a new one issued, or leave the token as it is.",
    ),
    (
        plan(
            [CpanelToken("t", expires_at=NOW + 9)],
            kind=CpanelToken,
            limits={"readonly": True},
            expiry=DesiredExpiry(given=True, at=None),
            recreate="never",
        ),
        "recreate: expires_at and readonly of the token t cannot be changed without a new secret: cPanel has no function for it. "
        "Give recreate: if_changed to have a new one issued, or leave the token as it is.",
    ),
    (
        lambda: replacement_of(Family(None), DesiredRotation("t")),
        "acls: the token t does not exist, and none are given to create it with.",
    ),
]


@pytest.mark.parametrize(("refused", "sentence"), SENTENCES, ids=[sentence for _call, sentence in SENTENCES])
def test_a_refusal_is_this_sentence(refused: Callable[[], object], sentence: str) -> None:
    with pytest.raises(InvalidOption) as caught:
        refused()
    assert str(caught.value) == sentence


@pytest.mark.parametrize("seconds", [float("inf"), float("-inf"), 1e30, -(10**30)])
def test_a_time_that_has_no_date_is_refused(seconds: float) -> None:
    with pytest.raises(ValueError, match=r"^no time has so many seconds$"):
        time_from_wire(seconds)


def test_a_privilege_without_a_name_is_refused() -> None:
    with pytest.raises(TypeError, match=r"^a privilege has a name$"):
        acls_from_wire(["ssl", 1])  # What a server answers is checked.
