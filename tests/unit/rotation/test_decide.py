# Copyright (c) 2026 panelops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The first step of a rotation: what it says of each token, what it revokes, and the work that it hands on."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from types import SimpleNamespace

import pytest
from ansible_collections.panelops.cpanel.plugins.module_utils._delivery.evidence import Place
from ansible_collections.panelops.cpanel.plugins.module_utils._engine.entry import Entry
from ansible_collections.panelops.cpanel.plugins.module_utils._errors import PanelopsError, Refused
from ansible_collections.panelops.cpanel.plugins.module_utils._model.names import retired_name
from ansible_collections.panelops.cpanel.plugins.module_utils._model.plan import Plan, Update
from ansible_collections.panelops.cpanel.plugins.module_utils._model.token import CpanelToken
from ansible_collections.panelops.cpanel.plugins.module_utils._rotation.decide import Chosen, begin, decide
from ansible_collections.panelops.cpanel.plugins.module_utils._rotation.entries import State, present_wave
from ansible_collections.panelops.cpanel.plugins.module_utils._rotation.options import ConsumerOptions, RotationOptions
from ansible_collections.panelops.cpanel.plugins.module_utils._rotation.result import StepResult
from ansible_collections.panelops.cpanel.plugins.module_utils._rotation.rotating import RotatingToken
from ansible_collections.panelops.cpanel.plugins.module_utils._rotation.server import Server
from ansible_collections.panelops.cpanel.plugins.module_utils._rotation.sinks import KINDS, VERIFYING, TokenSink
from ansible_collections.panelops.cpanel.plugins.module_utils._rotation.state import AHEAD, KEPT, DesiredRotation
from ansible_collections.panelops.cpanel.plugins.module_utils._rotation.urgency import BlastRadius
from ansible_collections.panelops.cpanel.plugins.module_utils._rotation.window import Window

from tests.unit.engine.model import NOW, TokenServer, good, refused, whm

LIMITS = {"acls": ["ssl"], "whitelist_ips": []}
OVER = whm("t--prev-1", create_time=1, expires_at=NOW - KEPT)


def rotating(name: str = "t", owner: str | None = None, sinks: tuple = (), **desired: object) -> RotatingToken:
    return RotatingToken(owner, DesiredRotation(name, **desired), sinks, ("restart",))


def decided(
    tokens: TokenServer,
    *wanted: RotatingToken,
    check_mode: bool = False,
    server: type[Server] = Server,
    radius: BlastRadius | None = None,
) -> StepResult:
    return decide(server_of(tokens, radius or BlastRadius(), server), Chosen(wanted), check_mode)


def server_of(tokens: TokenServer, radius: BlastRadius, server: type[Server] = Server) -> Server:
    options = RotationOptions("whm", 100, False, ConsumerOptions(), radius=radius)
    connection = SimpleNamespace(host="s", port=2087, username="root", ca_path=None, validate_certs=True, timeout=30)
    return server(SimpleNamespace(now=tokens.now), connection, tokens, options, 2083, 2083, None)


def test_a_token_that_is_not_due() -> None:
    tokens = TokenServer(whm(expires_at=NOW + 300))
    assert decided(tokens, rotating(lifetime=300)).as_result() == {
        "changed": False,
        "rotation": [
            {
                **{"account": None, "name": "t", "state": "fine", "create_time": NOW - 3600, "expires_at": NOW + 300},
                **{"next_due": NOW + 200, "retired": [], "offered": False, "withdrawn": False},
            }
        ],
        "report": [
            {
                **{"name": "t", "state": "fine", "create_time": NOW - 3600, "expires_at": NOW + 300},
                **{"next_due": NOW + 200, "retired": []},
            }
        ],
        "hosts": [],
        "stores": [],
        "task_sinks": [],
        "notify": {},
        "suspended": [],
    }
    assert tokens.runs == [(1, False)]


def test_a_token_that_is_due_says_why_and_what_the_next_one_is_like() -> None:
    (entry,) = decided(TokenServer(whm(expires_at=NOW + 9)), rotating(lifetime=300)).as_result()["rotation"]
    assert entry == {
        **{"account": None, "name": "t", "state": "due", "create_time": NOW - 3600, "expires_at": NOW + 9},
        **{"reason": "rotate_before", "detail": "it expires at 2027-01-15T08:00:09Z", "next_due": NOW - 91},
        **{"retired": [], "offered": False, "withdrawn": False, "successor": {"limits": LIMITS, "lifetime": 300}},
    }
    result = decided(TokenServer(), rotating(limits={"acls": frozenset({"ssl"})}))
    assert result.changed is False, "the step that creates it says so"
    assert decided(TokenServer(), rotating(limits={"acls": frozenset({"ssl"})}), check_mode=True).changed is True
    (entry,) = result.as_result()["rotation"]
    assert entry == {
        **{"account": None, "name": "t", "state": "due", "reason": "missing", "detail": "it does not exist"},
        **{"retired": [], "offered": False, "withdrawn": False},
        **{"successor": {"limits": {"acls": ["ssl"]}, "lifetime": None}},
    }


def test_a_token_that_cannot_be_created_fails_and_no_other() -> None:
    result = decided(TokenServer(whm("u")), rotating(), rotating("u"))
    one, two = result.as_result()["report"]
    assert one == {
        **{"name": "t", "state": "failed", "retired": []},
        **{"msg": "acls: the token t does not exist, and none are given to create it with."},
    }
    assert two["state"] == "fine"
    assert result.changed is False


def test_an_owner_that_cannot_be_read_fails_alone() -> None:
    tokens = TokenServer(whm(), read=[good, refused])
    tokens.of("alice")["t"] = OVER
    one, two = decided(tokens, rotating(), rotating(owner="alice")).as_result()["report"]
    assert one["state"] == "fine"
    assert two == {
        **{"account": "alice", "name": "t", "state": "failed", "retired": []},
        **{"msg": "The server refused fun: no"},
    }


def test_where_nothing_can_be_read_the_step_fails() -> None:
    def down(make: object) -> object:
        raise PanelopsError("down")

    with pytest.raises(Refused, match=r"refused fun: no$"):
        decided(TokenServer(read=[refused, down]), rotating(), rotating(owner="alice"))


@pytest.mark.parametrize("check_mode", [False, True])
def test_what_is_over_is_revoked_but_not_in_check_mode(check_mode: bool) -> None:
    tokens = TokenServer(whm(), OVER)
    result = decided(tokens, rotating(), check_mode=check_mode)
    assert (list(tokens.live), result.changed) == (["t", "t--prev-1"] if check_mode else ["t"], True)
    (entry,) = result.as_result()["report"]
    assert (entry["state"], entry["retired"]) == ("fine", ["t--prev-1"])
    assert result.warnings == []


def test_the_overlap_decides_on_cpanel() -> None:
    tokens = TokenServer()
    tokens.of("alice").update(t=CpanelToken("t", create_time=5))
    for name in ("t--prev-tro8t8", "t--prev-tro8t9"):  # retired 100 and 99 seconds ago
        tokens.of("alice")[name] = CpanelToken(name, create_time=1)
    decided(tokens, rotating(owner="alice", kind=CpanelToken))
    assert list(tokens.of("alice")) == ["t", "t--prev-tro8t9"]


def test_a_token_that_was_retired_in_the_future_is_planned_as_a_change_of_that_token() -> None:
    tokens, applied = TokenServer(), []
    late = CpanelToken(retired_name("t", NOW + AHEAD + 1, ()), create_time=1)
    tokens.of("alice").update({"t": CpanelToken("t", create_time=5), late.name: late})

    class Recording(Server):
        def apply(self, entries: Sequence[Entry]) -> None:
            applied.extend(entries)
            super().apply(entries)

    decided(tokens, rotating(owner="alice", kind=CpanelToken), server=Recording)
    (entry,) = applied
    after = replace(late, name="t--prev-tro8w0")
    assert entry.plan == Plan(late, after, (Update(late.name, after),))
    assert sorted(tokens.of("alice")) == ["t", "t--prev-tro8w0"]


def test_what_is_over_and_cannot_be_revoked_is_warned_of() -> None:
    tokens = TokenServer(whm(), OVER, whm("u"), whm("u--prev-1", create_time=1, expires_at=1), revoke=[refused])
    tokens.revokes_many = lambda owner: False
    result = decided(tokens, rotating(), rotating("u"))
    assert result.warnings == ["The retired tokens of t could not be revoked: The server refused fun: no"]
    assert [entry["retired"] for entry in result.as_result()["report"]] == [[], ["u--prev-1"]]
    assert result.changed is True


AHEAD_OF_IT = "its create time 2027-01-16T08:00:00Z is ahead of the server's clock (2027-01-15T08:00:00Z), which was set back since."


def test_a_token_from_the_future_is_rotated_for_its_age_with_a_warning() -> None:
    tokens = TokenServer(whm(create_time=NOW + 86400), whm("u", create_time=NOW + 86400), whm("v"))
    tokens.of("alice").update(t=CpanelToken("t", create_time=NOW + 86400))
    tokens.of("alice")["t--prev-tro8w0"] = CpanelToken("t--prev-tro8w0", create_time=1)
    of_alice = rotating(owner="alice", kind=CpanelToken, max_age=60)
    result = decided(tokens, rotating(max_age=60), rotating("u"), rotating("v", max_age=86400), of_alice)
    told = [(entry["name"], entry["state"], entry.get("reason")) for entry in result.as_result()["report"]]
    assert told == [("t", "due", "max_age"), ("u", "fine", None), ("v", "fine", None), ("t", "fine", None)]
    assert result.warnings == [
        f"t: {AHEAD_OF_IT} Its age is not known, so it is rotated.",
        f"alice/t: {AHEAD_OF_IT} Its age is not known, so it is rotated once the overlap of what it has replaced is over.",
    ]


@pytest.mark.parametrize("check_mode", [False, True])
def test_what_was_retired_in_the_future_is_retired_now_but_not_in_check_mode(check_mode: bool) -> None:
    tokens = TokenServer()
    tokens.of("alice").update(t=CpanelToken("t", create_time=5))
    tokens.of("alice")["t--prev-ts0000"] = CpanelToken("t--prev-ts0000", create_time=1)
    result = decided(tokens, rotating(owner="alice", kind=CpanelToken), check_mode=check_mode)
    assert list(tokens.of("alice")) == ["t", "t--prev-ts0000" if check_mode else "t--prev-tro8w0"]
    assert result.changed is True
    (warning,) = result.warnings
    assert warning.startswith("alice/t: By its name t--prev-ts0000 was retired at 20")


def test_an_overlap_that_cannot_be_put_right_is_warned_of() -> None:
    late = whm("t--prev-1", create_time=1, expires_at=NOW + 9999)
    tokens = TokenServer(whm(create_time=NOW + 9999), late, update=[refused])
    result = decided(tokens, rotating())
    assert result.warnings == [
        "t: The overlap of t--prev-1 could not be counted from now: The server refused fun: no",
    ]
    assert tokens.live["t--prev-1"] == late


def sink(kind: str, name: str = "t", number: int = 0, host: str = "", **options: object) -> TokenSink:
    return TokenSink(Place(None, name, number, host), KINDS[kind], options)


def test_the_sinks_of_what_is_due_are_handed_on() -> None:
    in_store = sink("hashi_vault", number=1, path="p", key="k")
    own = sink("tasks", number=2, tasks="x.yml")
    verifying = TokenSink(Place(None, "t", -1, "web"), VERIFYING, verifies=True)
    on_host = sink("file", host="app", path="/a")
    due = rotating(sinks=(on_host, in_store, own, verifying), force=True)
    fine = rotating("u", sinks=(sink("file", "u", host="app", path="/b"), sink("hashi_vault", "u", path="q", key="k")))
    result = decided(TokenServer(whm(), whm("u")), due, fine).as_result()
    verify = {
        **{"service": "whm", "host": "s", "port": 2087, "username": "root"},
        **{"ca_path": None, "validate_certs": True, "timeout": 30},
    }
    assert result["hosts"] == [
        {"host": "app", "implied": False, "sinks": [on_host.as_work()]},
        {"host": "web", "implied": False, "sinks": [{**verifying.as_work(), "verify": verify}]},
    ]
    assert result["stores"] == [in_store.as_work()]
    assert result["task_sinks"] == [], "nobody can look into these before"


def test_a_consumer_of_an_accounts_token_verifies_it_with_the_account() -> None:
    verifying = TokenSink(Place("alice", "t", -1, "web"), VERIFYING, verifies=True)
    wanted = rotating(owner="alice", sinks=(verifying,), kind=CpanelToken)
    (host,) = decided(TokenServer(), wanted).as_result()["hosts"]
    (work,) = host["sinks"]
    reached = work["verify"]
    assert (reached["service"], reached["port"], reached["username"]) == ("cpanel", 2083, "alice")


@pytest.mark.parametrize(("age", "state"), [(99, "failed"), (100, "due")])
def test_a_delivery_that_nobody_can_look_at_holds_the_next_token_back_for_an_overlap(age: int, state: str) -> None:
    silent, told = sink("tasks", tasks="x.yml"), sink("file", "u", host="app", path="/a")
    staged = [whm(f"{name}--next-zbc123", create_time=NOW - age) for name in ("t", "u")]
    tokens = TokenServer(whm(), whm("u"), *staged)
    one, two = decided(tokens, rotating(sinks=(silent,)), rotating("u", sinks=(told,))).as_result()["report"]
    assert (one["state"], two["state"]) == (state, "due")
    if state == "failed":
        assert one["msg"] == (
            "t--next-zbc123 of an earlier run may have been delivered: its sink could not say how far it came. Another token is "
            "staged when the overlap of that one is over, at 2027-01-15T08:00:01Z. To go on at once, revoke t--next-zbc123 if no "
            "consumer holds it. The old token is unchanged."
        )


CLOSED = BlastRadius(Window(frozenset([5]), 0, 24 * 60))
"""A window that opens 16 hours after ``NOW``."""


def states(result: StepResult) -> list[str]:
    return [each["state"] for each in result.as_result()["report"]]


def test_a_token_that_waits_is_no_change_and_says_until_when() -> None:
    result = decided(TokenServer(whm(expires_at=NOW + 9 * 86400)), rotating(lifetime=30 * 86400), radius=CLOSED)
    (entry,) = result.as_result()["rotation"]
    assert entry == {
        **{"account": None, "name": "t", "state": "waiting", "create_time": NOW - 3600, "expires_at": NOW + 9 * 86400},
        **{"reason": "rotate_before", "detail": "it expires at 2027-01-24T08:00:00Z", "next_due": NOW - 86400},
        **{"waits": "It waits for the window, which opens at 2027-01-16T00:00:00Z.", "waits_until": NOW + 16 * 3600},
        **{"retired": [], "offered": False, "withdrawn": False},
    }
    assert not result.changed
    assert not result.hosts


def test_a_window_delays_no_first_issue_no_repair_and_no_revocation() -> None:
    limits = {"acls": frozenset({"ssl"})}
    issued = decided(TokenServer(), rotating(limits=limits), radius=CLOSED)
    assert states(issued) == ["due"]
    dead = decided(TokenServer(whm(expires_at=NOW)), rotating(lifetime=9), radius=CLOSED)
    assert states(dead) == ["due"]
    left = decided(TokenServer(whm(), whm("t--next-abc")), rotating(), radius=CLOSED)
    assert states(left) == ["due"]
    forced = decided(TokenServer(whm(), OVER), rotating(force=True), radius=CLOSED)
    assert states(forced) == ["waiting"]
    assert forced.entries[None, "t"].retired == ["t--prev-1"]
    assert forced.changed


def test_first_issues_do_not_count_for_the_limit() -> None:
    names = ["a", "b", "c", "d"]
    limits = {"acls": frozenset({"ssl"})}
    tokens = TokenServer(whm("a", expires_at=NOW + 20), whm("b", expires_at=NOW + 19), whm("d", expires_at=NOW))
    wanted = [rotating(name, lifetime=90, limits=limits) for name in names]
    assert states(decided(tokens, *wanted, radius=BlastRadius(None, 1))) == ["waiting", "due", "due", "due"]


WAVES = BlastRadius(stop_after=1)


def in_waves(tokens: TokenServer) -> tuple[list[RotatingToken], StepResult]:
    """Three live tokens that are due, and one that is missing."""
    limits = {"acls": frozenset({"ssl"})}
    sink = TokenSink(Place(None, "b", 0, "c"), KINDS["file"], {"path": "/b"}, verifies=True)
    wanted = [rotating(name, limits=limits, force=True, sinks=(sink,) if name == "b" else ()) for name in "abcd"]
    return wanted, decided(tokens, *wanted, radius=WAVES)


def test_tokens_go_in_waves_and_first_issues_in_the_first_one() -> None:
    tokens = TokenServer(whm("a"), whm("b"), whm("c", expires_at=NOW + 9))
    wanted, result = in_waves(tokens)
    assert states(result) == ["queued", "queued", "due", "due"]
    plain = result.as_result()
    assert plain["waves"] == 3
    assert [each.get("wave") for each in plain["rotation"]] == [1, 2, None, None]
    assert present_wave(result.entries.values()) == 0
    for name in "cd":
        result.entries[None, name].state = State.PROMOTED
    second = begin(server_of(tokens, WAVES), wanted, result.entries)
    assert (states(second), second.changed, second.hosts) == (["due", "queued", "promoted", "promoted"], False, [])
    assert present_wave(result.entries.values()) == 1
    result.entries[None, "a"].state = State.PROMOTED
    third = begin(server_of(tokens, WAVES), wanted, result.entries)
    assert states(third) == ["promoted", "due", "promoted", "promoted"]
    assert [each.host for each in third.hosts] == ["c"]
    assert third.as_result()["hosts"][0]["sinks"][0]["verify"]["host"] == "s"


@pytest.mark.parametrize(("failed", "state"), [("c", "waiting"), ("d", "due")])
def test_once_so_many_have_failed_no_further_one_begins(failed: str, state: str) -> None:
    tokens = TokenServer(whm("a"), whm("b"), whm("c", expires_at=NOW + 9))
    wanted, result = in_waves(tokens)
    result.entries[None, "c"].state = State.PROMOTED
    result.entries[None, failed].fail("no")
    after = begin(server_of(tokens, WAVES), wanted, result.entries)
    assert states(after)[0] == state, "the first issue of a token does not count"
    if state == "waiting":
        assert states(after)[1] == "waiting"
        assert result.entries[None, "b"].waits == (
            "It waits for a later run, because 1 failed, and a run begins none after 1."
        )
        assert result.entries[None, "b"].waits_until is None
        assert present_wave(result.entries.values()) == 0
        assert begin(server_of(tokens, WAVES), wanted, result.entries).hosts == []
