# Copyright (c) 2026 panelops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The runner of facts: it finds what differs, skips what it must not do, removes what it created, and shows no secret."""

from __future__ import annotations

from dataclasses import replace

import pytest

from tests.conformance.expectations import MATCHERS, MISSING, at, differs
from tests.conformance.facts import Fact, read_section
from tests.conformance.probe import run
from tests.conformance.test_facts import target_of
from tests.support.server import Server
from tests.support.users import ROOT


def fact(steps: str, touches: str = "tokens") -> Fact:
    """Return a fact with these steps."""
    head = f"section: C2\ntitle: T\nfacts:\n  - {{id: C2.01, says: S., source: ours, touches: {touches}, steps: [{steps}]}}"
    return read_section(head).facts[0]


@pytest.mark.parametrize(
    ("steps", "why"),
    [
        ("{call: version, outcome: refused}", "step 1, version as root: ok, expected refused"),
        ("{call: nothing, expect: {data: 1}}", "refused, expected ok"),
        ("{call: version, as: stranger, expect: {data: 1}}", "denied, expected ok"),
        ("{call: version, expect: {data.version: '0'}}", 'expected "0"'),
        ("{call: version, expect: {data.nothing: 1}}", 'data.nothing is "nothing"'),
        ("{call: version, as: stranger, status: 200}", "HTTP 401, expected 200"),
        ("{call: version, as: a, expect: {data: 1}}", "no secret"),
    ],
)
def test_what_differs_is_found(server: Server, steps: str, why: str) -> None:
    result = run(fact(steps, "reads"), target_of(server))
    assert result.kind == "differs"
    assert why in result.why


def test_a_server_that_does_not_answer_differs(server: Server) -> None:
    server.fault("version", "drop_after_commit")
    result = run(fact("{call: version, expect: {data: 1}}", "reads"), target_of(server))
    assert (result.kind, "no answer" in result.why) == ("differs", True)


@pytest.mark.parametrize("expect", ["{data: 1}", "{text: nothing}"])
def test_no_secret_is_shown(server: Server, expect: str) -> None:
    result = run(fact(f"{{make: a, expect: {expect}}}"), target_of(server))
    assert result.kind == "differs"
    assert "********" in result.why
    assert ROOT.password not in result.why


def test_what_a_fact_created_is_removed_even_if_it_fails(server: Server) -> None:
    server.whm_token("mine")
    steps = "{make: a}, {make: b, as: reseller}, {make: c, port: cpanel}, {call: version, outcome: refused}"
    server.forget_counters()
    assert run(fact(steps), target_of(server)).kind == "differs"
    created = [server.counters(name)[1] for name in ("api_token_create", "Tokens::create_full_access")]
    assert created == [2, 1]
    assert set(server.whm_tokens()) == {"mine"}
    assert server.whm_tokens(("reseller", "reseller-canary-7Yq2mW")) == {}
    assert server.uapi_tokens() == {}


def test_a_target_with_less_skips_with_a_reason(server: Server) -> None:
    whole = target_of(server)
    reading = fact("{call: version, as: reseller, status: 200}", "reads")
    skipped = [
        (fact("{advance: 1}, {call: version, status: 200}"), replace(whole, advance=None), "clock"),
        (fact("{call: version, status: 200}", "accounts"), replace(whole, changes_accounts=False), "changes accounts"),
        (fact("{call: version, status: 200}", "reference"), replace(whole, reference=False), "reference server only"),
        (reading, replace(whole, credentials={"root": ROOT}), "role reseller"),
        (
            fact("{call: version, port: whm_plain, status: 200}"),
            replace(whole, urls={"whm": whole.urls["whm"]}),
            "whm_plain",
        ),
    ]
    for one, target, why in skipped:
        assert run(one, whole).kind == "holds"
        result = run(one, target)
        assert (result.kind, why in result.why) == ("skipped", True), result


def test_a_target_with_tokens_sends_them(server: Server) -> None:
    target = replace(target_of(server), with_tokens=True, credentials={"root": ("root", server.whm_token("t"))})
    assert run(fact("{call: api_token_list, expect: {data.tokens: {has: [t]}}}", "reads"), target).kind == "holds"


@pytest.mark.parametrize(
    ("matcher", "good", "bad"),
    [
        ({"is": {"a": 1}}, {"a": "1"}, {"a": 1, "b": 2}),
        ({"not": 1}, 2, "1"),
        ({"type": "integer"}, "12", "12a"),
        ({"type": "number"}, "0.5", "a"),
        ({"type": "never"}, "", 1),
        ({"type": "text"}, "", 1),
        ({"type": "list"}, [], {}),
        ({"type": "object"}, {}, []),
        ({"regex": "^a"}, "ab", "ba"),
        ({"one_of": [1, None]}, None, 2),
        ({"absent": True}, MISSING, None),
        ({"empty": True}, {}, [1]),
        ({"has": ["a"]}, {"a": 1, "b": 2}, ["b"]),
        ({"lacks": ["a"]}, {"b": 2}, ["a"]),
        ({"keys": ["a", "b"]}, ["b", "a"], ["a"]),
        ({"length": 2}, [1, 2], [1]),
        ({"min": 2}, 2, 1),
        ({"max": 2}, "2", 3),
    ],
)
def test_matchers(matcher: dict[str, object], good: object, bad: object) -> None:
    assert (differs(good, matcher), differs(bad, matcher)) == (False, True)


def test_every_matcher_is_tried() -> None:
    (marks,) = [mark for mark in test_matchers.pytestmark if mark.name == "parametrize"]
    assert {key for matcher, *_values in marks.args[1] for key in matcher} == set(MATCHERS)


def test_paths() -> None:
    document = {"a": {"b-c": [{"name": "x", "n": 1}, {"name": "y", "n": 2}]}}
    found = [at(path, document) for path in ("a.b-c.1.n", "a.b-c[name=y].n", "a.b-c[name=z].n", "a.b-c.2", "a.x.y")]
    assert found == [2, 2, MISSING, MISSING, MISSING]
