# Copyright (c) 2026 panelops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The options of an audit break no rule, or the message names it."""

from __future__ import annotations

import re

import pytest
from ansible_collections.panelops.cpanel.plugins.module_utils._errors import InvalidOption
from ansible_collections.panelops.cpanel.plugins.plugin_utils._audit.files import checked_mode
from ansible_collections.panelops.cpanel.plugins.plugin_utils._audit.fixable import fixable

from tests.support.audit_policies import policy


@pytest.mark.parametrize(
    ("given", "rule"),
    [
        ({"name_pattern": "("}, "name_pattern: '(' is not a regular expression"),
        ({"expiring_within": "soon"}, "expiring_within: 'soon' is not a duration"),
        ({"unused_for": "0"}, "unused_for: '0' has no unit"),
        ({"abandoned_after": "-1d"}, "abandoned_after: '-1d' is not a duration"),
        ({"severities": {"expird": "low"}}, "severities: expird is no kind of finding. There are unreadable_server,"),
        (
            {"severities": {"expired": "bad"}},
            "severities: expired: bad is no severity. Give low, medium, high or none.",
        ),
        ({"accept": [{"kinds": ["expird"], "reason": "x"}]}, "accept[0].kinds: expird is no kind of finding."),
        ({"accept": [{"kinds": [], "reason": "x"}]}, "accept[0].kinds: empty is no kind of finding."),
        ({"accept": [{"kinds": ["*"], "reason": " "}]}, "accept[0].reason: is empty."),
        (
            {"accept": [{"kinds": ["*"], "reason": "x", "until": "soon"}]},
            "accept[0].until: expires_at: 'soon' is not a time.",
        ),
    ],
)
def test_what_breaks_a_rule_is_refused_with_it(given: dict, rule: str) -> None:
    with pytest.raises(InvalidOption, match=f"^{re.escape(rule)}"):
        policy(**given)


@pytest.mark.parametrize("mode", ["640", "416", "u=rw", "0888", "00640", ""])
def test_a_mode_that_could_be_misread_is_refused(mode: str) -> None:
    with pytest.raises(InvalidOption, match=r"^mode: .* Give one in quotes, such as '0640'\.$"):
        checked_mode(mode)
    assert checked_mode("0640") == 0o640


def test_the_filter_checks_what_is_accepted() -> None:
    with pytest.raises(InvalidOption, match=r"^accept: missing required arguments: reason"):
        fixable({}, "web1", [{"kinds": ["*"]}])
