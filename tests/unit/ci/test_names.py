# Copyright (c) 2026 panelops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Names of CI tokens: always legal, always ours, and never taken for a user's."""

from __future__ import annotations

import re
import string

import pytest
from ansible_collections.panelops.cpanel.plugins.module_utils._errors import InvalidOption
from ansible_collections.panelops.cpanel.plugins.module_utils._model.token import checked_name
from ansible_collections.panelops.cpanel.plugins.plugin_utils._ci.names import (
    LONGEST_PURPOSE,
    checked_purpose,
    ci_name,
    free_ci_name,
    is_ci_name,
    run_label,
)
from hypothesis import given
from hypothesis import strategies as st

LETTERS = string.ascii_letters + string.digits
purposes = st.from_regex(rf"\A[A-Za-z0-9][A-Za-z0-9_-]{{0,{LONGEST_PURPOSE - 1}}}\Z")
pieces = st.text(string.digits + string.ascii_lowercase, min_size=4, max_size=4)
names = st.text(LETTERS + "-_", min_size=1, max_size=50)


@given(purposes, st.text(), pieces)
def test_every_name_is_legal_and_known_to_be_ours(purpose: str, label: str, piece: str) -> None:
    name = ci_name(checked_purpose(purpose), label, piece)
    assert checked_name(name) == name
    assert name.startswith(f"ci-{purpose}-")
    assert is_ci_name(name)


@given(purposes, st.text(LETTERS, min_size=1, max_size=13), pieces)
def test_a_label_of_13_characters_stands_in_the_name_whole(purpose: str, label: str, piece: str) -> None:
    assert f"-{label}-{piece}" in ci_name(purpose, label, piece)


@given(names)
def test_a_users_name_is_not_taken_for_ours(name: str) -> None:
    assert not is_ci_name(f"ci-{name}"[:50])


@given(purposes, st.text(LETTERS, max_size=20), pieces, st.integers(0, 49), st.sampled_from(LETTERS + "-_"))
def test_a_name_with_one_character_changed_is_not_ours(
    purpose: str, label: str, piece: str, place: int, letter: str
) -> None:
    name = ci_name(purpose, label, piece)
    place %= len(name)
    changed = name[:place] + letter + name[place + 1 :]
    assert changed == name or not is_ci_name(changed)


@given(purposes, st.text(LETTERS, max_size=20))
def test_a_free_name_is_free(purpose: str, label: str) -> None:
    taken: set[str] = set()
    for _number in range(20):
        name = free_ci_name(purpose, label, taken)
        assert name not in taken
        taken.add(name)


@pytest.mark.parametrize("purpose", ["", "-x", "_x", "a b", "a/b", "ä", "x" * (LONGEST_PURPOSE + 1), "a\n"])
def test_what_cannot_be_part_of_a_name_is_refused(purpose: str) -> None:
    with pytest.raises(InvalidOption, match="purpose"):
        checked_purpose(purpose)


@pytest.mark.parametrize(
    ("environ", "expected"),
    [
        ({"CI_JOB_ID": "123", "BUILD_NUMBER": "9"}, "123"),
        ({"GITHUB_RUN_ID": "12345678901", "GITHUB_RUN_ATTEMPT": "2"}, "12345678901-2"),
        ({"GITHUB_RUN_ID": "12345678901"}, "12345678901-1"),
        ({"BUILD_TAG": "jenkins-shop-7", "BUILD_NUMBER": "7"}, "jenkins-shop-7"),
        ({"BUILD_NUMBER": "7"}, "7"),
        ({"AWX_HOST": "https://awx.example", "JOB_ID": "5"}, "5"),
        ({"JOB_ID": "5"}, "host-t8mdj4"),
        ({}, "host-t8mdj4"),
    ],
)
def test_the_label_is_the_ci_jobs_number_or_host_and_time(environ: dict[str, str], expected: str) -> None:
    assert run_label(environ, "host.example.com", 1768000000) == expected


def test_of_a_long_label_the_end_counts() -> None:
    name = ci_name("deploy", "jenkins-a-very-long-folder-of-projects-web-shop-1234", "abcd")
    assert re.fullmatch(r"ci-deploy-[A-Za-z0-9_-]+-web-shop-1234-abcd[0-9a-z]{4}", name)
    assert len(name) == 50
