# Copyright (c) 2026 panelops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What values the token functions accept (docs/wire-contract.md, sections C2 and C3).

Every function here takes the text of a parameter and returns the value, or raises ``Refused`` with the rule quoted.
"""

from __future__ import annotations

import ipaddress
import re

from token_server.refusals import Refused, quoted

MAX_ADDRESSES = 100
"""docs/conformance.md, G4: "a maximum of 100 IP addresses and/or IP address range entries"."""

LATEST_TIME = 253402300799
"""The last second of the year 9999, in Unix time."""

NAME_RULE = (
    "The name of an API token may have 1 to 50 characters, and only letters (A-Z, a-z), digits (0-9), "
    "dashes (-) and underscores (_)."
)

RESERVED_NAMES = frozenset({"WebPros_Dashboard", "WP-Dashboard"})
"""Names of API tokens that the vendor keeps for its own products: refused to root since version 138."""

_NAME = re.compile(r"[A-Za-z0-9_-]{1,50}")
_USERNAME = re.compile(r"[a-z][a-z0-9]{0,15}")
_DOMAIN = re.compile(r"(?=.{3,253}\Z)(?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z0-9][a-z0-9-]{0,61}[a-z0-9]")
_INTEGER = re.compile(r"[0-9]{1,15}")
_CIDR = re.compile(r"[0-9A-Fa-f:.]+(?:/[0-9]{1,3})?")
_ZEROS = re.compile(r"0+(?=[0-9])")

Network = ipaddress.IPv4Network | ipaddress.IPv6Network


def token_name(text: str, parameter: str) -> str:
    """Return a valid name for a token; ``parameter`` says where it came from."""
    if _NAME.fullmatch(text) is None:
        raise Refused(f"Invalid {quoted(parameter)}. {NAME_RULE}", cause="invalid token name")
    return text


def free_name(text: str, owner: str) -> str:
    """Return the name that a WHM token of ``owner`` is to have, unless the vendor reserves it."""
    if owner == "root" and text in RESERVED_NAMES:
        raise Refused(
            f"The name {quoted(text)} is reserved for a product of the vendor: choose another name.",
            cause="reserved token name",
        )
    return text


def is_username(text: str) -> bool:
    """Tell whether this can be the name of an account at all."""
    return _USERNAME.fullmatch(text) is not None


def username(text: str) -> str:
    """Return a valid account name."""
    if not is_username(text):
        raise Refused(
            "Invalid username: it must begin with a lower-case letter and have at most 16 characters, "
            "only lower-case letters (a-z) and digits (0-9).",
            cause="invalid username",
        )
    return text


def domain(text: str) -> str:
    """Return a valid domain name, in lower case."""
    lowered = text.lower()
    if _DOMAIN.fullmatch(lowered) is None:
        raise Refused(
            'Invalid domain: give a fully qualified domain name such as "example.com".', cause="invalid domain"
        )
    return lowered


def boolean(text: str, parameter: str) -> bool:
    """Return a truth value; only ``1`` and ``0`` are accepted (docs/wire-contract.md, section C1)."""
    if text not in ("0", "1"):
        raise Refused(f"Invalid {quoted(parameter)}: it must be 1 or 0.", cause=f"invalid {parameter}")
    return text == "1"


def expiry(text: str | None, now: int, parameter: str = "expires_at") -> int | None:
    """Return the Unix time at which a token expires, or None for never (``0`` or absent).

    ``now`` is the present Unix time in seconds: an API token that has already expired cannot be created. ``parameter`` says where the text
    came from.
    """
    if text is None:
        return None
    if _INTEGER.fullmatch(text) is None or len(_ZEROS.sub("", text, count=1)) > 12 or int(text) > LATEST_TIME:
        raise Refused(
            f"Invalid {quoted(parameter)}: it must be a Unix time in whole seconds, or 0 for a token that never expires.",
            cause="invalid expires_at",
        )
    value = int(text)
    if value == 0:
        return None
    if value <= now:
        raise Refused(f"Invalid {quoted(parameter)}: the time must lie in the future.", cause="expires_at in the past")
    return value


def addresses(texts: list[str], parameter: str = "whitelist_ip") -> tuple[str, ...] | None:
    """Return the allowlist as the server stores it (IPv6 expanded, duplicates dropped), or None for any address.

    ``any`` alone clears the list. ``parameter`` says where the texts came from.
    """
    if not texts or texts == ["any"]:
        return None
    if len(texts) > MAX_ADDRESSES:
        raise Refused(
            f"Too many values of {quoted(parameter)}: a token may have at most {MAX_ADDRESSES} IP addresses and ranges.",
            cause="too many addresses",
        )
    return tuple(dict.fromkeys(address(text, parameter) for text in texts))


def address(text: str, parameter: str) -> str:
    """Return one address or range with IPv6 written out in full and the given prefix length kept."""
    try:
        if _CIDR.fullmatch(text) is None:
            raise ValueError("neither an address nor a range")
        bare, slash, length = text.partition("/")
        parsed = ipaddress.ip_address(bare)
        if slash and not 0 <= int(length) <= parsed.max_prefixlen:
            raise ValueError("prefix too long")
    except ValueError as error:
        raise Refused(
            f"Invalid {quoted(parameter)}: each value must be one IPv4 or IPv6 address, or a range in CIDR or prefix "
            'format such as "10.5.3.0/24" or "12AB:0:0:CD30::/60" (or the one word "any").',
            cause="invalid address",
        ) from error
    return f"{parsed.exploded}/{int(length)}" if slash else parsed.exploded


def networks(stored: tuple[str, ...]) -> tuple[Network, ...]:
    """Return the parsed ranges of an allowlist in stored form."""
    return tuple(ipaddress.ip_network(text, strict=False) for text in stored)


def admits(allowed: tuple[Network, ...], peer: str) -> bool:
    """Tell whether the address of a peer (from its socket) lies in one of these ranges.

    An IPv4 peer on an IPv6 socket appears as ``::ffff:a.b.c.d`` and counts as the IPv4 address.
    """
    try:
        address = ipaddress.ip_address(peer)
    except ValueError:
        return False
    mapped = getattr(address, "ipv4_mapped", None)
    if mapped is not None:
        address = mapped
    return any(address.version == network.version and address in network for network in allowed)
