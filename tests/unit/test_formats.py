# Copyright (c) 2026 panelops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the commands of the reference server print, as text: scripts cut it up with grep, awk and sed.

The expected texts were printed by Perl's JSON::XS 4.04 and YAML::Syck 1.34, less the blank that the latter leaves at the end of a line.
"""

from __future__ import annotations

import json

import pytest
import yaml
from hypothesis import example, given
from hypothesis import strategies as st

from token_server import formats

ANSWER = {
    "metadata": {"version": 1},
    "data": {
        "acct": [
            {"user": "alice", "n": 1, "list": ["a", "b"], "empty": [], "eh": {}, "u": None},
            {"user": "bob", "s": "1.5"},
        ],
        "nested": [[1, 2], ["a", {"x": 1}], []],
        "e": {},
    },
}

SYCK = """\
---
data:
  acct:
    -
      eh: {}

      empty: []

      list:
        - a
        - b
      "n": 1
      u: ~
      user: alice
    -
      s: '1.5'
      user: bob
  e: {}

  nested:
    -
      - 1
      - 2
    -
      - a
      -
        x: 1
    - []

metadata:
  version: 1
"""

PERL = """\
{
   "data" : {
      "acct" : [
         {
            "eh" : {},
            "empty" : [],
            "list" : [
               "a",
               "b"
            ],
            "n" : 1,
            "u" : null,
            "user" : "alice"
         },
         {
            "s" : "1.5",
            "user" : "bob"
         }
      ],
      "e" : {},
      "nested" : [
         [
            1,
            2
         ],
         [
            "a",
            {
               "x" : 1
            }
         ],
         []
      ]
   },
   "metadata" : {
      "version" : 1
   }
}
"""


def test_yaml_looks_like_that_of_syck() -> None:
    assert formats.yaml(ANSWER) == SYCK


def test_pretty_json_looks_like_that_of_perl() -> None:
    assert formats.pretty_json(ANSWER) == PERL


def test_compact_json_has_no_blanks() -> None:
    answer = {"data": {"token": "SECRET", "acls": ["all", "a b"], "n": None}, "reason": "\u201cx\u201d\n"}
    assert (
        formats.compact_json(answer)
        == '{"data":{"token":"SECRET","acls":["all","a b"],"n":null},"reason":"\u201cx\u201d\\n"}\n'
    )


@pytest.mark.parametrize(
    ("text", "printed"),
    [
        ("alice", "alice"), ("a b", "a b"), ("", "''"), (" ", '" "'), ("a ", '"a "'),
        ("a: b", '"a: b"'), ("a:b", "a:b"), ("a:", '"a:"'), (":a", '":a"'), ("a #b", '"a #b"'), ("#a", '"#a"'), ("a#b", "a#b"),
        ("1.5", "'1.5'"), ("1e5", "'1e5'"), ("007", "'007'"), ("-0", "'-0'"), ("12345678901", "'12345678901'"),
        ("127.0.0.1", "127.0.0.1"), ("fc00::1", "fc00::1"), ("::1", '"::1"'), ("2620:0000:28a4::/48", "2620:0000:28a4::/48"),
        ("null", "'null'"), ("~", "'~'"), ("True", "'True'"), ("no", "'no'"), ("y", "'y'"), ("Off", "'Off'"),
        ("-", '"-"'), ("- a", '"- a"'), ("-a", "-a"), ("--", "--"), ("? a", '"? a"'), ("?a", "?a"),
        ("[a]", '"[a]"'), ("{a}", '"{a}"'), ("a[b]", "a[b]"), ("!a", '"!a"'), ("&a", '"&a"'), ("*", '"*"'), ("@a", '"@a"'),
        ("%20", '"%20"'), ("|", '"|"'), (">a", '">a"'), ("^a", '"^a"'), ("'a", '"\'a"'), ('"a"', '"\\"a\\""'), ('a"b', 'a"b'),
        ("a\nb\n", '"a\\nb\\n"'), ("\ta", '"\\ta"'), ("\x01\0\x1b[0m\x7f", '"\\x01\\0\\e[0m\\x7F"'), ("a\\b", "a\\b"),
        ("\u201cx\u201d", "\u201cx\u201d"), ("https://a.example/x", "https://a.example/x"), ("OK", "OK"), ("...", "..."),
    ],
)  # fmt: skip
def test_text_is_quoted_as_by_syck(text: str, printed: str) -> None:
    assert formats.yaml({"k": text}) == f"---\nk: {printed}\n"


@pytest.mark.parametrize(
    "text", ["1", "-1", "0", "0x1f", "1_000", "12:30", "2026-01-01", ".inf", "=", "<<", ",a", "a\tb", "a\rb"]
)
def test_text_stays_text_where_syck_would_lose_that(text: str) -> None:
    assert yaml.safe_load(formats.yaml({"k": text, text: 1})) == {"k": text, text: 1}


_SCALARS = (
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text()
    | st.text("0123456789-+.:_exTZ ", max_size=20)
    | st.text("-?:[]{},#&*!|>'\"%@` \n\t~=<a", max_size=6)
)
_KEYS = st.text(max_size=60) | st.text("-?:[]{},#&*!|>'\"%@` \n\t~=<a0", max_size=4)
_ANSWERS = st.dictionaries(
    _KEYS,
    st.recursive(_SCALARS, lambda inner: st.lists(inner, max_size=4) | st.dictionaries(_KEYS, inner, max_size=4)),
    max_size=4,
)


@given(_ANSWERS)
@example({"--- 0": None, "... 0": 1})
@example({"a": 1e20, "b": 1e-7, "c": 0.1})
@example({"\u2028": "\x85\ufeff\u2029\ufffe"})
def test_every_format_loads_back_equal(answer: dict[str, object]) -> None:
    assert yaml.safe_load(formats.yaml(answer)) == answer
    assert json.loads(formats.pretty_json(answer)) == answer
    assert json.loads(formats.compact_json(answer)) == answer
    assert formats.compact_json(answer).count("\n") == 1
