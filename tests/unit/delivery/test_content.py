# Copyright (c) 2026 panelops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Which files may be replaced as a whole: those of which nothing is lost but a secret and what belongs to it."""

from __future__ import annotations

import pytest
from ansible_collections.panelops.cpanel.plugins.module_utils._delivery.content import content_of, refuse_other_content
from ansible_collections.panelops.cpanel.plugins.module_utils._errors import InvalidOption
from hypothesis import given
from hypothesis import strategies as st

NAMES = ["KEY", "HOST"]
FORMATS = ("env", "yaml", "ini", "json")
WORDS = st.text("ABCxyz0189_.:@-", max_size=20)


def section_of(form: str) -> str | None:
    return "s" if form == "ini" else None


@given(st.sampled_from(FORMATS), st.fixed_dictionaries({"KEY": WORDS}, optional={"HOST": WORDS}))
def test_what_a_rotation_has_written_is_replaced_by_the_next(form: str, values: dict) -> None:
    content = content_of(form, values, section_of(form))
    refuse_other_content(form, NAMES, content, "/f", section_of(form))


@pytest.mark.parametrize(
    ("form", "content"),
    [
        ("env", b""),
        ("env", b"\r\n export KEY='x' \r\nHOST=\r\n"),
        ("yaml", b"---\nKEY: 'x'\n\nHOST: 1\n"),
        ("ini", b"[s]\n\nKEY=x\nHOST = 'y'\n"),
        ("json", b'{"HOST": null,\n "KEY": 5}\n'),
        ("raw", b" x\n"),
    ],
)
def test_a_file_that_holds_nothing_else_is_replaced(form: str, content: bytes) -> None:
    refuse_other_content(form, NAMES, content, "/f", section_of(form))


@pytest.mark.parametrize(
    ("form", "content"),
    [
        ("env", b"export KEY=x DB_PASSWORD=only-copy\n"),
        ("env", b"KEY=x; DB_PASSWORD=only-copy\n"),
        ("env", b"KEY=x DB_PASSWORD=only-copy\n"),
        ("env", b"KEY='x\nDB_PASSWORD=only-copy'\n"),
        ("env", b"KEY='x\n# DB_PASSWORD=only-copy'\n"),
        ("env", b"KEY=x & rm -f y\n"),
        ("env", b"KEY=$(cat /secret)\n"),
        ("env", b"KEY=x # remember me\n"),
        ("env", b"# remember me\nKEY=x\n"),
        ("env", b"; remember me\nKEY=x\n"),
        ("env", b"KEY='words to remember'\n"),
        ("env", b"KEY=\xe4\n"),
        ("env", b"KEY=x\nA=1\n"),
        ("yaml", b"# remember me\nKEY: x\n"),
        ("yaml", b"KEY: x # remember me\n"),
        ("yaml", b"--- # remember me\nKEY: x\n"),
        ("yaml", b"KEY: words to remember\n"),
        ("yaml", b"KEY: x\nA: 1\n"),
        ("yaml", b"# remember me\n"),
        ("ini", b"; remember me\n[s]\nKEY=x\n"),
        ("ini", b"[s] ; remember me\nKEY=x\n"),
        ("ini", b"[s]\nKEY=x # remember me\n"),
        ("ini", b"[s]\nKEY = words to remember\n"),
        ("ini", b"[s]\nKEY=x\n[t]\n"),
        ("ini", b"[s]\nKEY=x\nA=1\n"),
        ("json", b'{"KEY": "words to remember"}'),
        ("json", b'{"KEY": "\\ud800"}'),
        ("json", b'{"KEY": "x", "A": 1}'),
        ("raw", b"words to remember\n"),
    ],
)
def test_a_file_of_which_something_else_would_be_lost_is_refused(form: str, content: bytes) -> None:
    with pytest.raises(InvalidOption, match=r"^path: /f holds other things than KEY, HOST, which would be lost\."):
        refuse_other_content(form, NAMES, content, "/f", section_of(form))
