# Copyright (c) 2026 panelops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Which modules can be given a secret."""

from __future__ import annotations

import pytest
from ansible_collections.panelops.cpanel.plugins.plugin_utils._sinks.unfit import why_unfit


@pytest.mark.parametrize(
    ("module", "reason"),
    [
        ("ansible.builtin.copy", "writes what it is given to files"),
        ("ansible.legacy.template", "writes what it is given to files"),
        ("ansible.builtin.blockinfile", "writes what it is given to files"),
        ("ansible.builtin.lineinfile", "writes what it is given to files"),
        ("ansible.builtin.assemble", "writes what it is given to files"),
        ("community.general.ini_file", "writes what it is given to files"),
        ("ansible.builtin.command", "stands on a command line"),
        ("ansible.builtin.shell", "stands on a command line"),
        ("ansible.builtin.raw", "stands on a command line"),
        ("ansible.builtin.script", "stands on a command line"),
        ("ansible.builtin.set_fact", "keeps it in variables"),
        ("ansible.builtin.debug", "keeps it in variables"),
        ("ansible.builtin.add_host", "keeps it in variables"),
        ("ansible.builtin.include_tasks", "delivers nothing"),
        ("ansible.builtin.meta", "delivers nothing"),
        ("ansible.builtin.user", "of ansible.builtin only uri"),
        ("ansible.legacy.ping", "of ansible.builtin only uri"),
    ],
)
def test_refused(module: str, reason: str) -> None:
    assert reason in why_unfit(module, {})


def test_uri_is_refused_only_where_it_writes_a_file() -> None:
    assert why_unfit("ansible.builtin.uri", {"url": "https://example.com"}) == ""
    assert "dest" in why_unfit("ansible.builtin.uri", {"dest": "/tmp/answer"})  # noqa: S108 - nothing is written there


def test_nothing_is_known_against_others() -> None:
    assert why_unfit("community.general.github_secrets", {"dest": "x"}) == ""
