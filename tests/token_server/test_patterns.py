# Copyright (c) 2026 panelops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Regular expressions without backtracking: they find what Python's own find, and are refused in a sentence otherwise."""

from __future__ import annotations

import re
import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from token_server.patterns import Pattern, PatternRefused

_ATOMS = st.sampled_from(["a", "b", "c", ".", "[ab]", "[^a]", "[a-c]", "\\d", "\\W", "\\.", "^", "$", "[]a-]", "{"])
_QUANTIFIERS = st.sampled_from(["", "", "*", "+", "?", "{2}", "{1,}", "{0,2}", "*?", "+?"])


def _grown(inner: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    return st.one_of(
        st.tuples(inner, inner).map("".join),
        st.tuples(inner, inner).map(lambda pair: f"({pair[0]}|{pair[1]})"),
        st.tuples(inner, _QUANTIFIERS).map(lambda pair: f"(?:{pair[0]}){pair[1]}"),
    )


def _atom(atom: str, quantifier: str) -> str:
    return atom if atom in ("^", "$", "{") else atom + quantifier


PATTERNS = st.recursive(st.builds(_atom, _ATOMS, _QUANTIFIERS), _grown, max_leaves=8)
TEXTS = st.text("abcd.-1{", max_size=8)


@settings(max_examples=500, deadline=None)
@given(pattern=PATTERNS, texts=st.lists(TEXTS, min_size=1, max_size=4))
def test_it_finds_what_the_standard_library_finds(pattern: str, texts: list[str]) -> None:
    compiled = Pattern(pattern)
    for text in [*texts, ""]:
        assert compiled.found_in(text) == bool(re.search(pattern, text)), text


def test_case_is_ignored_where_it_is_asked_to_be() -> None:
    assert Pattern("(?i)AliCE$").found_in("my-alice")
    assert not Pattern("AliCE").found_in("alice")


def test_ends_of_the_text() -> None:
    assert Pattern("\\Aab\\z").found_in("ab")
    assert not Pattern("\\Aab\\z").found_in("cab")


@pytest.mark.parametrize(
    ("pattern", "reason"),
    [
        ("(", "no closing"),
        ("a)", "no opening"),
        ("[a", "no closing"),
        ("*", "nothing to repeat"),
        ("a**", "follows another"),
        ("a{3,2}", "wrong limits"),
        ("a{256}", "wrong limits"),
        ("[b-a]", "out of order"),
        ("(?=a)", "not supported"),
        ("(a)\\1", "not supported"),
        ("a\\", "not supported"),
        ("[[:alpha:]]", "not supported"),
        ("(" * 30 + ")" * 30, "nested too deep"),
        ("((a{200}){200})", "too large"),
        ("a" * 201, "at most 200"),
    ],
)
def test_what_is_refused(pattern: str, reason: str) -> None:
    with pytest.raises(PatternRefused, match=reason):
        Pattern(pattern)


def test_the_time_for_all_texts_together_is_limited() -> None:
    pattern = Pattern("(a|b)*a(a|b){14}$")
    # Bits that never repeat, so that the pattern meets ever new sets of states.
    bits = (f"{number * 2654435761 % 2**60:060b}" for number in range(2**40, 2**40 + 200_000))
    texts = (text.translate({48: "a", 49: "b"}) for text in bits)
    began = time.monotonic()
    with pytest.raises(PatternRefused, match="too long"):
        any(map(pattern.found_in, (text + "c" for text in texts)))
    assert time.monotonic() - began < 30
