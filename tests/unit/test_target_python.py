# Copyright (c) 2026 panelops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""To which Pythons a module is sent."""

from __future__ import annotations

import pytest
from ansible_collections.panelops.cpanel.plugins.plugin_utils._target_python import known_version, refusal

USR = "/usr/bin/python3"


@pytest.mark.parametrize("version", [(2, 7), (3, 6), (3, 7), (3, 8)])
def test_none_is_sent_to_one_that_is_too_old(version: tuple[int, int]) -> None:
    told = f"Python {version[0]}.{version[1]}"
    assert refusal(USR, version) == (
        f"The Python interpreter {USR} of this host is {told}; the modules of panelops.cpanel need Python 3.9 or newer. "
        "Install one there, and name it with ansible_python_interpreter."
    )


@pytest.mark.parametrize("version", [(3, 9), (3, 10), (3, 13), (4, 0), None])
def test_one_is_sent_to_all_others_and_where_nobody_knows(version: tuple[int, int] | None) -> None:
    assert refusal(USR, version) == ""


@pytest.mark.parametrize(
    ("interpreter", "version"),
    [
        ("/usr/bin/python3.6", (3, 6)),
        ("python3.13", (3, 13)),
        ("/opt/python3.8/bin/python", None),
        ("/usr/bin/python3.6-wrapper", None),
        (USR, None),
    ],
)
def test_a_name_tells_the_version(interpreter: str, version: tuple[int, int] | None) -> None:
    assert known_version(interpreter, {}) == version


def test_facts_tell_that_of_the_interpreter_that_gathered_them() -> None:
    facts = {"python": {"executable": USR, "version": {"major": 3, "minor": 7, "micro": 1}}}
    assert known_version(USR, facts) == (3, 7)
    assert known_version("/usr/bin/python", facts) is None
    assert known_version(USR, {"python": {"executable": USR}}) is None
