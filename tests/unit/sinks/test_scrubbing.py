# Copyright (c) 2026 panelops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a module says of its failure holds no secret, in whatever form it repeats what it was given."""

from __future__ import annotations

import base64
import json
from urllib.parse import quote, urlencode

import pytest
from ansible_collections.panelops.cpanel.plugins.plugin_utils._sinks.scrubbing import LONGEST, scrubbed, secrets_in
from hypothesis import given
from hypothesis import strategies as st

# The mask itself is no secret.
SECRETS = st.text(st.characters(min_codepoint=33, max_codepoint=126, exclude_characters="*"), min_size=8, max_size=40)


@given(SECRETS, st.text(max_size=7), st.text(max_size=7))
def test_no_form_of_a_secret_is_left(secret: str, before: str, after: str) -> None:
    whole = f"{before}{secret}{after}"
    forms = {
        "plain": whole,
        "json": json.dumps({"password": whole}),
        "repr": repr({"password": whole}),
        "bytes": repr(whole.encode()),
        "url": urlencode({"q": whole}),
        "path": quote(whole),
    }
    for name, form in forms.items():
        plain = scrubbed(f"said {form} about it", [secret])
        assert secret not in plain, name
        assert quote(secret, safe="") not in plain, name
        assert json.dumps(secret)[1:-1] not in plain, name


@given(SECRETS, st.binary(max_size=9), st.binary(max_size=9))
def test_base64_of_it_tells_nothing_wherever_it_begins(secret: str, before: bytes, after: bytes) -> None:
    """Of what is left, no six bits in a row are the secret's: only its ends share a group with its neighbors."""
    said = scrubbed(base64.b64encode(before + secret.encode() + after).decode(), [secret])
    assert "********" in said
    left = "".join(said.split("********"))
    assert len(left) <= -(-4 * (len(before) + len(after)) // 3) + 8


@pytest.mark.parametrize(
    ("said", "kept"),
    [
        ("HTTP 403, {'Authorization': 'Basic YWRtaW46Y2FuYXJ5'}", "HTTP 403, {'Authorization': 'Basic ********'}"),
        ("Authorization: Bearer abcdef0123456789", "Authorization: Bearer ********"),
        ("token ABCDEFGHIJKLMNOPQRSTUVWXYZ012345 refused", "token ******** refused"),
        ("Bad credentials: token is invalid", "Bad credentials: token is invalid"),
        ("two\nlines\t of  it", "two lines of it"),
        (["a list"], "['a list']"),
    ],
)
def test_what_looks_like_a_secret_goes_and_the_rest_stays(said: object, kept: str) -> None:
    assert scrubbed(said, []) == kept


def test_a_long_message_ends() -> None:
    assert len(scrubbed("word " * 1000, [])) == LONGEST + 4


def test_a_short_secret_does_not_tear_words_apart() -> None:
    assert scrubbed("root is not allowed", ["o"]) == "root is not allowed"


def test_secrets_are_found_by_the_names_above_them() -> None:
    args = {
        "url": "https://example.com",
        "api_token": "one",
        "inputs": {"host": "h", "password": ["two", {"any": "three"}]},
        "auth": {"user": "four"},
        "update_secrets": True,
        "key_id": 5,
        "private": None,
    }
    assert sorted(secrets_in(args)) == ["5", "four", "one", "three", "two"]
