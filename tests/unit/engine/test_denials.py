# Copyright (c) 2026 panelops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Denied changes: a proxy can deny what the server has done, so the state decides, and nothing is sent again."""

from __future__ import annotations

from dataclasses import replace

import pytest
from ansible_collections.panelops.cpanel.plugins.module_utils._engine import apply
from ansible_collections.panelops.cpanel.plugins.module_utils._engine.apply import Engine
from ansible_collections.panelops.cpanel.plugins.module_utils._engine.changes import Creation, Revocation
from ansible_collections.panelops.cpanel.plugins.module_utils._engine.entry import Entry
from ansible_collections.panelops.cpanel.plugins.module_utils._errors import AnswerLost, NotAuthenticated, Refused
from ansible_collections.panelops.cpanel.plugins.module_utils._model.plan import Create, Plan, Revoke, Update

from tests.unit.engine.model import (
    NOW,
    TokenServer,
    denied,
    done_and_denied,
    good,
    interrupted,
    lost,
    refused,
    whm,
)

NEW = whm(create_time=None)
MADE = whm(create_time=NOW)
AFTER = whm(expires_at=NOW + 9)
DENIED = "Not accepted."
MADE_ALL_THE_SAME = f"{DENIED} The token t was created all the same. Nobody has its secret, so it was revoked."
UNKNOWN = "The state could not be read either, so it is not known whether the change was made."
ADVICE = "Look at the tokens before the next run: if one was created just now, nobody has its secret."


@pytest.fixture(autouse=True)
def no_waiting(monkeypatch: pytest.MonkeyPatch) -> None:
    """A call that is late in these tests is late by calls, not by seconds."""
    monkeypatch.setattr(apply, "LATE", 0.0)


def creating(name: str = "t") -> Entry:
    token = replace(NEW, name=name)
    return Entry(Plan(None, token, (Create(token),)))


def done(server: TokenServer, *entries: Entry) -> list[str]:
    """Apply; the kinds of the calls that were made."""
    Engine(server).apply(entries)
    return [call[0] for call in server.calls]


def test_a_denial_counts_as_one_call_that_may_have_been_carried_out() -> None:
    change = Creation(creating(), Create(NEW), NOW)
    assert (change.denials, change.doubts) == (0, 0)
    assert change.is_doubtful(NotAuthenticated(DENIED)) is True
    assert (change.denials, change.losses, change.doubts) == (1, 0, 1)
    assert change.may_be_sent_again() is False
    change.settle({"t": MADE})
    assert (change.orphaned, change.may_be_sent_again()) == (True, False)
    change.settle({"t": MADE})
    assert (change.orphaned, change.taken) == (False, True), "one call makes one token"
    assert change.is_doubtful(AnswerLost("fun", "cut")) is True
    assert (change.denials, change.losses, change.doubts) == (1, 1, 2)


def test_a_denied_revocation_is_doubtful() -> None:
    assert Revocation(None, []).is_doubtful(NotAuthenticated(DENIED)) is True


@pytest.mark.parametrize(
    ("creates", "calls", "error", "is_lost"),
    [
        ([denied], ["create", "read"], DENIED, False),
        ([done_and_denied], ["create", "read", "revoke"], MADE_ALL_THE_SAME, False),
        ([lost, denied], ["create", "read", "create", "read", "read"], DENIED, True),
        ([lost, done_and_denied], ["create", "read", "create", "read", "revoke"], MADE_ALL_THE_SAME, True),
    ],
)
def test_a_creation(creates: list, calls: list[str], error: str, is_lost: bool) -> None:
    server, entry = TokenServer(create=creates), creating()
    assert done(server, entry) == calls
    assert str(entry.error) == error
    assert (entry.secret, entry.changed, entry.lost, server.live) == (None, False, is_lost, {})


def test_another_token_of_the_name_is_left_alone() -> None:
    server, entry = TokenServer(create=[denied]), creating()
    server.live["t"] = whm()
    assert done(server, entry) == ["create", "read"]
    assert str(entry.error) == DENIED
    assert server.live == {"t": whm()}


@pytest.mark.parametrize("create", [denied, done_and_denied])
@pytest.mark.parametrize(
    ("read", "why"),
    [
        (denied, UNKNOWN),
        (refused, f"{UNKNOWN} The server refused fun: no"),
    ],
)
def test_a_creation_of_which_nothing_can_be_learned(create: object, read: object, why: str) -> None:
    """The same sentence is not said twice."""
    server, entry = TokenServer(create=[create], read=[read]), creating()
    assert done(server, entry) == ["create", "read"]
    assert str(entry.error) == f"{DENIED} {why} {ADVICE}"
    assert entry.lost is True


@pytest.mark.parametrize("revoke", [refused, denied])
def test_what_was_created_and_cannot_be_revoked_is_told(revoke: object) -> None:
    server, entry = TokenServer(create=[done_and_denied], revoke=[revoke]), creating()
    assert done(server, entry) == ["create", "read", "revoke", "read"]
    assert "The token t was created all the same and nobody has its secret, but it could not be revoked:" in str(
        entry.error
    )
    assert (entry.changed, entry.lost, list(server.live)) == (True, True, ["t"])


@pytest.mark.parametrize(
    ("update", "error"),
    [(done_and_denied, None), (denied, DENIED)],
)
def test_an_update(update: object, error: str | None) -> None:
    server, entry = TokenServer(whm(), update=[update]), Entry(Plan(whm(), AFTER, (Update("t", AFTER),)))
    assert done(server, entry) == ["update", "read"]
    assert (str(entry.error) if entry.error else None, entry.changed) == (error, error is None)
    assert server.live == {"t": AFTER if error is None else whm()}


def test_an_update_of_which_nothing_can_be_learned() -> None:
    server = TokenServer(whm(), update=[done_and_denied], read=[denied])
    entry = Entry(Plan(whm(), AFTER, (Update("t", AFTER),)))
    assert done(server, entry) == ["update", "read"]
    assert str(entry.error) == f"{DENIED} {UNKNOWN}"


@pytest.mark.parametrize(
    ("revoke", "error", "gone"),
    [(done_and_denied, None, ["a", "b"]), (denied, DENIED, [])],
)
def test_a_revocation(revoke: object, error: str | None, gone: list[str]) -> None:
    server, entry = TokenServer(whm("a"), whm("b"), revoke=[revoke]), Entry(Plan(None, None, (Revoke(("a", "b")),)))
    assert done(server, entry) == ["revoke", "read"]
    assert (str(entry.error) if entry.error else None, entry.revoked, entry.changed) == (error, gone, bool(gone))


def test_of_a_batch_each_change_is_settled_by_its_own_state() -> None:
    server = TokenServer(create=[done_and_denied, denied, good])
    entries = [creating("a"), creating("b"), creating("c")]
    assert done(server, *entries) == ["create", "create", "create", "read", "revoke"]
    assert [str(entry.error) if entry.error else None for entry in entries] == [
        f"{DENIED} The token a was created all the same. Nobody has its secret, so it was revoked.",
        DENIED,
        None,
    ]
    assert list(server.live) == ["c"]


def reissuing() -> Entry:
    steps = (Update("t", replace(whm(), name="aside")), Create(NEW), Revoke(("aside",)))
    return Entry(Plan(whm(), NEW, steps))


@pytest.mark.parametrize(
    ("faults", "error"),
    [
        ({"update": [denied]}, f"{DENIED} The old token is unchanged."),
        ({"create": [denied]}, f"{DENIED} The old token is unchanged."),
        ({"create": [done_and_denied]}, f"{MADE_ALL_THE_SAME} The old token is unchanged."),
        ({"create": [done_and_denied], "read": [denied]}, f"{DENIED} {UNKNOWN} {ADVICE} The old token is unchanged."),
    ],
)
def test_a_reissue_leaves_the_old_token_as_it_was(faults: dict, error: str) -> None:
    server, entry = TokenServer(whm(), **faults), reissuing()
    done(server, entry)
    assert str(entry.error) == error
    assert (server.live, entry.changed) == ({"t": whm()}, False)


def test_a_token_that_appears_after_the_state_was_read_is_not_that_of_a_denied_creation() -> None:
    """While a reissue fails, somebody takes the old name: a denial comes from nowhere late."""
    theirs = whm(create_time=NOW)

    def taken(make: object) -> object:
        server.live["t"] = theirs
        return make()

    server, entry = TokenServer(whm(), create=[denied], update=[good, taken]), reissuing()
    done(server, entry)
    assert server.live["t"] == theirs
    assert "is now named aside." in str(entry.error)


@pytest.mark.parametrize(
    ("read", "revoked"),
    [(good, True), (denied, False)],
)
def test_what_a_denied_creation_made_is_looked_for_when_the_task_is_interrupted(read: object, revoked: bool) -> None:
    server, entry = TokenServer(create=[done_and_denied], read=[interrupted, read]), creating()
    with pytest.raises(KeyboardInterrupt):
        Engine(server).apply([entry])
    assert (entry.lost, "t" in server.live) == (True, not revoked)


def test_a_refusal_is_certain_and_costs_no_read() -> None:
    server, entry = TokenServer(create=[refused]), creating()
    assert done(server, entry) == ["create"]
    assert isinstance(entry.error, Refused)
