# Copyright (c) 2026 panelops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

import ipaddress

import pytest
from ansible_collections.panelops.cpanel.plugins.module_utils._errors import InvalidOption
from ansible_collections.panelops.cpanel.plugins.module_utils._model.addresses import (
    MOST_ADDRESSES,
    canonical_address,
    canonical_addresses,
    checked_addresses,
)
from hypothesis import given
from hypothesis import strategies as st

addresses = st.ip_addresses()
networks = st.one_of(
    st.builds(lambda a, n: ipaddress.ip_network((a, n), strict=False), st.ip_addresses(v=4), st.integers(0, 32)),
    st.builds(lambda a, n: ipaddress.ip_network((a, n), strict=False), st.ip_addresses(v=6), st.integers(0, 128)),
)


@given(networks)
def test_every_spelling_of_a_range_has_one_canonical_form(network):
    spellings = {str(network), network.exploded, network.exploded.upper(), f" {network.compressed} "}
    assert len({canonical_address(spelling) for spelling in spellings}) == 1


@given(addresses)
def test_an_address_is_a_range_of_one(address):
    assert canonical_address(str(address)) == canonical_address(f"{address}/{address.max_prefixlen}") == str(address)


@given(st.lists(networks, max_size=20), st.randoms())
def test_order_and_repetition_do_not_matter(items, random):
    shuffled = [item.exploded for item in items] + [str(item) for item in items]
    random.shuffle(shuffled)
    assert canonical_addresses(shuffled) == canonical_addresses(str(item) for item in items)


@given(st.lists(networks, max_size=20))
def test_what_is_canonical_passes_the_check_unchanged(items):
    canonical = canonical_addresses(str(item) for item in items)
    assert checked_addresses(canonical) == canonical


@given(st.text(max_size=40))
def test_any_text_is_accepted_or_refused_with_a_sentence(text):
    try:
        (address,) = checked_addresses([text])
    except InvalidOption as error:
        assert str(error).startswith("whitelist_ips: ")
    else:
        ipaddress.ip_network(address)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("fc00:abcd:0000:0000:0000:0000:0000:000f", "fc00:abcd::f"),
        ("2620:0000:28a4:0000:0000:0000:0000:0000/48", "2620:0:28a4::/48"),
        ("12AB:0:0:CD30::/60", "12ab:0:0:cd30::/60"),
        ("10.5.3.33/32", "10.5.3.33"),
        ("10.5.3.1/24", "10.5.3.0/24"),
    ],
)
def test_spellings_that_servers_answer(text, expected):
    assert canonical_address(text) == expected


@pytest.mark.parametrize(
    ("text", "remedy"),
    [
        ("any", "empty list"),
        ("10.5.3.1/24", "10.5.3.0/24"),
        ("10.5.3", "10.5.3.0/24"),
        ("10.5.3.0/33", "prefix length"),
        ("10.0.0.0/255.0.0.0", "prefix length"),
        ("fe80::1%eth0", "prefix length"),
        ("example.com", "prefix length"),
        ("", "prefix length"),
    ],
)
def test_refusals_name_the_remedy(text, remedy):
    with pytest.raises(InvalidOption, match=r"^whitelist_ips: ") as error:
        checked_addresses(["10.0.0.1", text])
    assert remedy in str(error.value)


def test_a_hundred_addresses_are_enough():
    most = [f"10.0.0.{number}" for number in range(MOST_ADDRESSES)]
    assert len(checked_addresses(most)) == MOST_ADDRESSES
    assert len(checked_addresses([*most, "10.0.0.1/32"])) == MOST_ADDRESSES, "a repetition is not one more"
    with pytest.raises(InvalidOption, match=r"101 addresses are more than the 100"):
        checked_addresses([*most, "10.0.1.0"])
