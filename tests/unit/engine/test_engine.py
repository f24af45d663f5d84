# Copyright (c) 2026 panelops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the engine makes of plans when answers are lost, refused or late: which calls it makes, and what it leaves in the entries."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest
from ansible_collections.panelops.cpanel.plugins.module_utils._engine import apply
from ansible_collections.panelops.cpanel.plugins.module_utils._engine.apply import (
    STILL_THERE,
    Engine,
    apply_one,
    grouped,
)
from ansible_collections.panelops.cpanel.plugins.module_utils._engine.entry import Entry
from ansible_collections.panelops.cpanel.plugins.module_utils._errors import AnswerLost, PanelopsError, Refused
from ansible_collections.panelops.cpanel.plugins.module_utils._model.plan import Create, Plan, Revoke, Update
from ansible_collections.panelops.cpanel.plugins.module_utils._model.token import WhmToken

from tests.unit.engine.model import (
    NOW,
    TokenServer,
    denied,
    done_and_lost,
    done_and_refused,
    good,
    lost,
    refused,
    unusable,
    whm,
)

NEW = whm(create_time=None)
MADE = whm(create_time=NOW)
NO = "The server refused fun: no"
ABSENT = "The token t was not there when last looked at, but a late call may still create it. Run again."
UNREADABLE = "The state could not be read either:"
ADVICE = "Look at the tokens before the next run: if one was created just now, nobody has its secret."


@pytest.fixture(autouse=True)
def no_waiting(monkeypatch: pytest.MonkeyPatch) -> None:
    """A call that is late in these tests is late by calls, not by seconds."""
    monkeypatch.setattr(apply, "LATE", 0.0)


def creating(name: str = "t", owner: str | None = None) -> Entry:
    token = replace(NEW, name=name)
    return Entry(Plan(None, token, (Create(token),)), owner)


def updating(before: WhmToken, after: WhmToken) -> Entry:
    return Entry(Plan(before, after, (Update(before.name, after),)))


def revoking(*names: str, owner: str | None = None) -> Entry:
    return Entry(Plan(None, None, (Revoke(names),)), owner)


def done(server: TokenServer, *entries: Entry) -> list[str]:
    """Apply; the kinds of the calls that were made."""
    Engine(server).apply(entries)
    return [call[0] for call in server.calls]


def test_a_token_is_created() -> None:
    server, entry = TokenServer(), creating()
    assert done(server, entry) == ["create"]
    assert (entry.token, entry.secret, entry.changed, entry.error) == (MADE, "secret of t", True, None)
    assert (entry.done, entry.warnings, entry.lost) == ([Create(NEW)], [], False)
    assert server.runs == [(1, True)]


def test_nothing_to_do_makes_no_call_and_asks_for_no_time() -> None:
    server, entry = TokenServer(), Entry(Plan(whm(), whm()))
    del server.clock
    assert done(server, entry) == []
    assert (entry.token, entry.changed) == (whm(), False)


def test_what_the_server_made_otherwise_is_warned_of() -> None:
    server, entry = TokenServer(), creating()
    server.alter = lambda token: replace(token, acls=frozenset({"a"}), whitelist_ips=("::1",))
    entry.warnings = ["One from before."]
    done(server, entry)
    assert entry.warnings == [
        "One from before.",
        "The server made the token t with acls ['a'] instead of ['ssl'], whitelist_ips ['::1'] instead of [].",
    ]
    server, failed = TokenServer(whm(), update=[done_and_refused]), updating(whm(), whm(expires_at=NOW + 9))
    done(server, failed)
    assert failed.warnings == []


def test_what_could_not_be_stored_is_not_warned_of() -> None:
    def keep(secret: str) -> None:
        raise PanelopsError("The disk is full.")

    server, entry = TokenServer(), creating()
    server.alter = lambda token: replace(token, acls=frozenset())
    entry.keep = keep
    done(server, entry)
    assert (entry.warnings, str(entry.error), entry.secret) == ([], "The disk is full. The token t was revoked.", None)
    assert (server.live, entry.changed) == ({}, False)


@pytest.mark.parametrize(
    ("creates", "calls", "error"),
    [
        ([refused], ["create"], NO),
        ([lost], ["create", "read", "create"], None),
        ([done_and_lost], ["create", "read", "revoke", "create"], None),
        (
            [lost, lost],
            ["create", "read", "create", "read", "read"],
            f"The answer to fun was lost twice (cut). {ABSENT}",
        ),
        (
            [done_and_lost, done_and_lost],
            ["create", "read", "revoke", "create", "read", "revoke"],
            f"The answer to fun was lost twice (cut). {ABSENT}",
        ),
        ([lost, refused], ["create", "read", "create", "read", "read"], NO),
        ([lost, done_and_refused], ["create", "read", "create", "read", "revoke", "create"], None),
        (
            [lost, done_and_refused, refused],
            ["create", "read", "create", "read", "revoke", "create", "read", "read"],
            NO,
        ),
        (
            [unusable],
            ["create", "revoke"],
            "The secret in the server's answer to fun cannot be one, and was thrown away: "
            "a secret is 8 to 128 letters, digits, dashes and underscores. The token t was revoked.",
        ),
    ],
)
def test_a_creation_that_goes_wrong(creates: list, calls: list[str], error: str | None) -> None:
    server, entry = TokenServer(create=creates), creating()
    assert done(server, entry) == calls
    if error is None:
        assert (entry.token, entry.secret, entry.error, entry.lost) == (MADE, "secret of t", None, False)
        assert server.live == {"t": MADE}
    else:
        assert str(entry.error) == error
        assert (entry.secret, entry.changed, entry.lost) == (None, False, lost in creates or done_and_lost in creates)
        assert server.live == {}


def test_what_a_lost_creation_made_late_is_found_and_revoked() -> None:
    server, entry = TokenServer(create=[lost, lost]), creating()

    def arrives(make: object) -> object:
        server.live["t"] = MADE
        return make()

    server.faults["read"] = [good, good, arrives]
    assert done(server, entry) == ["create", "read", "create", "read", "read", "revoke"]
    assert server.live == {}
    assert str(entry.error) == f"The answer to fun was lost twice (cut). {ABSENT}"


def test_a_last_look_that_fails_changes_nothing() -> None:
    server, entry = TokenServer(create=[lost, lost], read=[good, good, refused]), creating()
    assert done(server, entry) == ["create", "read", "create", "read", "read"]
    assert str(entry.error) == f"The answer to fun was lost twice (cut). {ABSENT}"


def test_what_a_lost_creation_made_and_cannot_be_revoked_is_told() -> None:
    server, entry = TokenServer(create=[done_and_lost], revoke=[refused]), creating()
    assert done(server, entry) == ["create", "read", "revoke", "read"]
    assert str(entry.error) == (
        "The answer to fun was lost (cut), so it may or may not have happened. The token t was created all the same and "
        f"nobody has its secret, but it could not be revoked: {NO}"
    )
    assert entry.changed is True
    assert list(server.live) == ["t"]


def test_what_a_lost_creation_made_is_revoked_on_its_own_account() -> None:
    server, entry = TokenServer(whm(), create=[done_and_lost]), creating(owner="alice")
    done(server, entry)
    assert (server.of("alice"), server.live, entry.error) == ({"t": MADE}, {"t": whm()}, None)


def test_another_token_of_the_name_is_left_alone() -> None:
    server, entry = TokenServer(create=[lost]), creating()
    server.live["t"] = whm()
    assert done(server, entry) == ["create", "read", "read"]
    assert str(entry.error) == (
        "The answer to fun was lost (cut). Another token t is there, so it is left alone. Run again."
    )
    assert server.live == {"t": whm()}


@pytest.mark.parametrize("fault", [lost, done_and_lost])
def test_a_creation_of_which_nothing_can_be_learned(fault: object) -> None:
    server, entry = TokenServer(create=[fault], read=[refused]), creating()
    assert done(server, entry) == ["create", "read"]
    assert str(entry.error) == f"{AnswerLost('fun', 'cut')} {UNREADABLE} {NO} {ADVICE}"
    assert entry.lost is True


def test_a_state_that_cannot_be_read_at_all() -> None:
    class Down(TokenServer):
        def run(self, calls: list, mutation: bool) -> list:
            if not mutation:
                raise PanelopsError("It is down.")
            return super().run(calls, mutation)

    server, entry = Down(whm(), update=[lost]), updating(whm(), whm(expires_at=NOW + 9))
    assert done(server, entry) == ["update"]
    assert str(entry.error) == f"{AnswerLost('fun', 'cut')} {UNREADABLE} It is down."


AFTER = whm(expires_at=NOW + 9)


@pytest.mark.parametrize(
    ("updates", "calls", "error"),
    [
        ([], ["update"], None),
        ([lost], ["update", "read", "update"], None),
        ([done_and_lost], ["update", "read"], None),
        ([lost, done_and_lost], ["update", "read", "update", "read"], None),
        ([lost, done_and_refused], ["update", "read", "update", "read"], None),
        ([refused], ["update"], NO),
        ([lost, refused], ["update", "read", "update", "read"], NO),
        (
            [lost, lost],
            ["update", "read", "update", "read"],
            "The answer to fun was lost twice (cut). The token t was not as asked when last looked at. Run again.",
        ),
    ],
)
def test_an_update_that_goes_wrong(updates: list, calls: list[str], error: str | None) -> None:
    server, entry = TokenServer(whm(), update=updates), updating(whm(), AFTER)
    assert done(server, entry) == calls
    assert (str(entry.error) if entry.error else None) == error
    assert entry.changed is (error is None)
    assert server.live == {"t": AFTER if error is None else whm()}
    assert entry.token == AFTER
    assert entry.done == ([] if error else [Update("t", AFTER)])


@pytest.mark.parametrize(
    ("revokes", "calls", "error", "gone"),
    [
        ([], ["revoke", "read"], None, ["a", "b"]),
        ([lost], ["revoke", "read", "revoke", "read"], None, ["a", "b"]),
        ([done_and_lost], ["revoke", "read"], None, ["a", "b"]),
        ([done_and_refused], ["revoke", "read"], None, ["a", "b"]),
        ([refused], ["revoke", "read"], NO, []),
        (
            [lost, lost],
            ["revoke", "read", "revoke", "read"],
            "The answer to fun was lost twice (cut). Still there: a, b. Run again.",
            [],
        ),
    ],
)
def test_a_revocation_that_goes_wrong(revokes: list, calls: list[str], error: str | None, gone: list[str]) -> None:
    server, entry = TokenServer(whm("a"), whm("b"), whm("c"), revoke=revokes), revoking("a", "b")
    assert done(server, entry) == calls
    assert (str(entry.error) if entry.error else None, entry.revoked, entry.changed) == (error, gone, bool(gone))
    assert sorted(server.live) == sorted({"a", "b", "c"} - set(gone))


def answered_only(make: Callable[[], object]) -> None:
    """The server answers that it has revoked, and keeps the tokens."""


def test_what_is_still_there_after_an_answer_was_not_revoked() -> None:
    """The calls of an account are about one token each, so that one of them can take effect alone."""
    server = TokenServer(revoke=[answered_only, good])
    server.of("alice").update(a=whm("a"), b=whm("b"))
    entry = revoking("a", "b", owner="alice")
    assert done(server, entry) == ["revoke", "revoke", "read"]
    assert (
        str(entry.error)
        == f"The server answered that it revoked the token a, but the token is still there. {STILL_THERE}"
    )
    assert (entry.revoked, entry.changed) == (["b"], True)


def test_if_all_are_still_there_nothing_has_changed() -> None:
    server, entry = TokenServer(whm("a"), whm("b"), revoke=[answered_only]), revoking("a", "b")
    done(server, entry)
    assert (entry.error is None, entry.revoked, entry.changed) == (False, [], False)


@pytest.mark.parametrize(
    ("create_time", "is_another"), [(None, False), (NOW - 1, False), (NOW, False), (NOW + 1, True)]
)
def test_a_younger_token_of_the_name_is_another_ones(create_time: int | None, is_another: bool) -> None:
    def replaced(_make: Callable[[], object]) -> None:
        server.live["a"] = whm("a", create_time=create_time)

    server, entry = TokenServer(whm("a"), revoke=[replaced]), revoking("a")
    done(server, entry)
    assert (entry.error is None, entry.revoked) == (is_another, ["a"] if is_another else [])


def test_a_token_that_was_created_during_a_slow_revocation_is_another_ones(monkeypatch: pytest.MonkeyPatch) -> None:
    """The server's time is known from its answer only: 30 seconds after the call began."""
    moments = iter([100.0, 130.0])
    monkeypatch.setattr(apply.time, "monotonic", lambda: next(moments))

    def replaced(_make: Callable[[], object]) -> None:
        server.live["a"] = whm("a", create_time=NOW - 29)

    server, entry = TokenServer(whm("a"), revoke=[replaced]), revoking("a")
    done(server, entry)
    assert (entry.error, entry.revoked) == (None, ["a"])


def test_if_the_list_cannot_be_read_after_a_revocation_the_answer_counts() -> None:
    """Whoever has revoked the token that it authenticates with is denied from then on."""
    server, entry = TokenServer(whm("a"), read=[denied]), revoking("a")
    assert done(server, entry) == ["revoke", "read"]
    assert (entry.error, entry.revoked, entry.changed) == (None, ["a"], True)


def test_many_names_of_the_caller_go_together_and_those_of_an_account_alone() -> None:
    names = [f"n{number}" for number in range(51)]
    server = TokenServer(*map(whm, names))
    server.of("alice").update(a=whm("a"), b=whm("b"))
    one, two = revoking(*names), revoking("a", "b", owner="alice")
    done(server, one, two)
    reads = [("read", None), ("read", "alice")]
    assert server.calls == [("revoke", *names[:50]), ("revoke", "n50"), ("revoke", "a"), ("revoke", "b"), *reads]
    assert (one.revoked, two.revoked) == (names, ["a", "b"])
    assert server.runs == [(4, True), (2, False)]
    assert server.live == server.of("alice") == {}


def test_fifty_changes_go_together_and_one_that_fails_stops_no_other() -> None:
    entries = [creating(f"n{number}") for number in range(51)]
    server = TokenServer(create=[good, refused, lost])
    done(server, *entries)
    assert server.runs == [(50, True), (1, True), (1, False), (1, True)]
    assert [entry.secret is None for entry in entries] == [number == 1 for number in range(51)]
    assert [bool(entry.error) for entry in entries] == [number == 1 for number in range(51)]


def test_states_are_read_once_for_each_owner() -> None:
    server = TokenServer(create=[lost, lost, lost])
    entries = [creating("a"), creating("b"), creating("a", "alice")]
    done(server, *entries)
    assert [call for call in server.calls if call[0] == "read"] == [("read", None), ("read", "alice")]
    assert server.runs == [(3, True), (2, False), (3, True)]
    assert all(entry.secret for entry in entries)


def test_updates_go_first_then_creations_then_revocations() -> None:
    server = TokenServer(whm("old"), whm("u"))
    done(server, revoking("old"), creating("new"), updating(whm("u"), whm("v")))
    assert server.calls == [("update", "u", "v"), ("create", "new"), ("revoke", "old"), ("read", None)]


def test_one_plan_returns_its_entry_or_raises_its_error() -> None:
    plan = creating().plan
    assert apply_one(TokenServer(), plan).secret == "secret of t"
    with pytest.raises(Refused, match=r"^The server refused fun: no$"):
        apply_one(TokenServer(create=[refused]), plan)


def test_things_are_grouped_in_their_order() -> None:
    assert grouped(["b1", "a1", "b2"], lambda thing: thing[0]) == {"b": ["b1", "b2"], "a": ["a1"]}
    assert grouped([], len) == {}


@pytest.mark.parametrize("faults", [[good], [lost, good], [lost, lost], [refused]])
def test_each_create_is_announced_just_before_it_is_sent(faults: list) -> None:
    """Whoever keeps a note of it knows that a token may exist from then on, and not before."""
    server = TokenServer(create=faults)
    entry = replace(creating(), sending=lambda: server.calls.append(("sending", "t")))
    calls = [call for call in done(server, entry) if call in ("sending", "create")]
    assert calls == ["sending", "create"] * len(faults)
