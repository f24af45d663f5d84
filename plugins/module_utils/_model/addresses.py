# Copyright (c) 2026 panelops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The addresses of a token's allowlist, in one canonical spelling."""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Iterable

from .._errors import InvalidOption

MOST_ADDRESSES = 100
"""The vendor's limit of entries in one allowlist."""

_SHAPE = re.compile(r"[0-9a-fA-F.:]+(/[0-9]{1,3})?")


def canonical_address(text: str) -> str:
    """An address compressed and in lower case, a range by its network address; a range of one address is that address.

    Two entries mean the same to the server exactly if their canonical forms are equal: the server spells IPv6 out in full,
    people do not. Text that is no address is returned without white space around it, so that a server's own notation still compares.
    """
    try:
        network = ipaddress.ip_network(text.strip(), strict=False)
    except ValueError:
        return text.strip()
    return str(network.network_address) if network.num_addresses == 1 else str(network)


def canonical_addresses(texts: Iterable[str] | None) -> tuple[str, ...]:
    """An allowlist as a sorted tuple without repetition; empty means any address."""
    return tuple(sorted({canonical_address(text) for text in texts or ()}))


def checked_addresses(texts: Iterable[str], option: str = "whitelist_ips") -> tuple[str, ...]:
    """Check an allowlist as a user wrote it, and return it in canonical form.

    :raises InvalidOption: an entry is no address or range, names a host inside a range, or there are more than 100.
    """
    for text in texts:
        _check(text, option)
    addresses = canonical_addresses(texts)
    if len(addresses) > MOST_ADDRESSES:
        raise InvalidOption(
            option,
            f"{len(addresses)} addresses are more than the {MOST_ADDRESSES} that a token can have.",
            "Join neighbours into ranges such as 10.5.3.0/24.",
        )
    return addresses


def _check(text: str, option: str) -> None:
    entry = text.strip()
    if entry.lower() == "any":
        raise InvalidOption(option, "'any' is not an address.", "Give an empty list to allow any address.")
    try:
        if not _SHAPE.fullmatch(entry):
            raise ValueError
        ipaddress.ip_interface(entry)
    except ValueError:
        raise InvalidOption(
            option,
            f"{entry!r} is not an address or range.",
            "Give IPv4 or IPv6, alone (10.5.3.33) or with a prefix length (10.5.3.0/24, 2001:db8::/60).",
        ) from None
    try:
        ipaddress.ip_network(entry)
    except ValueError:
        network = ipaddress.ip_network(entry, strict=False)
        raise InvalidOption(
            option,
            f"{entry!r} names one address and a range at once.",
            f"Give {network} for the range, or {entry.split('/')[0]} for the address.",
        ) from None
