# Copyright (c) 2026 panelops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The new token of an expired one waits under another name: when its secret is stored, and what becomes of it when that cannot be."""

from __future__ import annotations

import pytest
from ansible_collections.panelops.cpanel.plugins.module_utils._engine.apply import Engine
from ansible_collections.panelops.cpanel.plugins.module_utils._engine.changes import Creation
from ansible_collections.panelops.cpanel.plugins.module_utils._engine.entry import Entry
from ansible_collections.panelops.cpanel.plugins.module_utils._errors import PanelopsError
from ansible_collections.panelops.cpanel.plugins.module_utils._model.expiry import DesiredExpiry
from ansible_collections.panelops.cpanel.plugins.module_utils._model.plan import (
    Create,
    DesiredToken,
    Plan,
    TakeName,
    plan_token,
)

from tests.unit.engine.model import NOW, TokenServer, done_and_lost, good, interrupted, refused, whm

NO = "The server refused fun: no"
CHANGED = "Something else has changed the token t meanwhile."
ASIDE, WAITING = "t--old-tro640", "t--old-ztro640"  # stamped with the time of creation
OLD, EXPIRED = whm(), whm(expires_at=NOW)


def reissue(server: TokenServer, **more: object) -> Entry:
    wanted = DesiredToken("t", recreate="always", expiry=DesiredExpiry(given=True, at=None))
    return Entry(plan_token(dict(server.live), wanted, NOW), **more)


def full(_secret: str) -> None:
    raise PanelopsError("The disk is full.")


def test_the_secret_is_stored_after_a_last_look_and_before_the_old_token_is_revoked() -> None:
    server = TokenServer(EXPIRED)
    entry = reissue(server, keep=lambda secret: server.calls.append(("keep", secret)))
    Engine(server).apply([entry])
    kept = ("keep", f"secret of {WAITING}")
    looks = ("read", None)
    assert server.calls == [("create", WAITING), looks, kept, ("revoke", "t"), looks, ("update", WAITING, "t")]
    assert (entry.is_kept, entry.error, list(server.live)) == (True, None, ["t"])


@pytest.mark.parametrize(
    ("revoke", "said", "live", "secret"),
    [
        (good, f"The token {WAITING} was revoked.", ["t"], None),
        (refused, f"It could not be revoked: {NO}", ["t", WAITING], f"secret of {WAITING}"),
    ],
)
def test_without_a_last_look_the_new_token_is_revoked_and_its_secret_is_not_stored(
    revoke: object, said: str, live: list[str], secret: str | None
) -> None:
    kept: list[str] = []
    server = TokenServer(EXPIRED, read=[refused], revoke=[revoke])
    entry = reissue(server, keep=kept.append)
    Engine(server).apply([entry])
    assert str(entry.error) == f"{NO} {said}"
    assert (list(server.live), entry.secret, kept) == (live, secret, [])
    assert entry.changed is (secret is not None)
    assert ("revoke", "t") not in server.calls


def creation(before: object) -> Creation:
    step = Create(whm(WAITING, create_time=None))
    return Creation(Entry(Plan(before, whm(), (step, TakeName(WAITING, whm())))), step, NOW)


@pytest.mark.parametrize(
    ("before", "live", "useless"),
    [
        (EXPIRED, {"t": EXPIRED}, False),
        (EXPIRED, {"t": whm(create_time=NOW)}, True),
        (EXPIRED, {"t": whm(create_time=NOW - 7200)}, True),
        (EXPIRED, {}, False),
        (EXPIRED, {"u": whm("u", create_time=NOW)}, False),
        (None, {"t": whm(create_time=NOW)}, False),
    ],
)
def test_when_a_new_token_gives_way_to_that_of_another_run(before: object, live: dict, useless: bool) -> None:
    change = creation(before)
    assert change.is_useless is False
    assert change.give_way(live) is useless
    assert change.is_useless is useless
    assert str(change.entry.error) == (CHANGED if useless else "None")


@pytest.mark.parametrize(
    ("made", "live", "replaced"),
    [
        (NOW, {WAITING: whm(WAITING, create_time=NOW)}, False),
        (NOW, {WAITING: whm(WAITING, create_time=NOW + 1)}, True),
        (NOW, {}, False),
        (None, {WAITING: whm(WAITING, create_time=NOW)}, False),
    ],
)
def test_only_another_time_of_creation_proves_that_what_is_to_be_withdrawn_is_another_ones(
    made: int | None, live: dict, replaced: bool
) -> None:
    """It may be gone already, and not every answer to a create names the time."""
    change = creation(EXPIRED)
    change.succeed((whm(WAITING, create_time=made), "secret"))
    change.look_for(live)
    assert (change.is_replaced, change.stuck) == (replaced, None)


def test_a_secret_that_cannot_be_stored_stays_in_the_entry_if_its_token_cannot_be_revoked() -> None:
    """And the old token does not get its name back, for the new one has that."""
    server = TokenServer(OLD, revoke=[refused])
    entry = reissue(server, keep=full)
    Engine(server).apply([entry])
    assert str(entry.error) == f"The disk is full. It could not be revoked: {NO}"
    assert (entry.secret, entry.changed) == ("secret of t", True)
    assert server.live == {ASIDE: whm(ASIDE), "t": whm(create_time=NOW)}
    looked = ("read", None)
    assert server.calls == [("update", "t", ASIDE), ("create", "t"), looked, ("revoke", "t"), looked]


def test_one_token_that_cannot_be_revoked_does_not_stop_what_is_said_of_the_others() -> None:
    def made(name: str) -> Entry:
        token = whm(name, create_time=None)
        return Entry(Plan(None, token, (Create(token),)), keep=full)

    server = TokenServer(revoke=[refused])
    server.revokes_many = lambda owner: False
    one, two = made("a"), made("b")
    Engine(server).apply([one, two])
    assert str(one.error) == f"The disk is full. It could not be revoked: {NO}"
    assert str(two.error) == "The disk is full. The token b was revoked."
    assert (one.secret, one.changed, two.secret, two.changed) == ("secret of a", True, None, False)


@pytest.mark.parametrize("read", [good, refused])
def test_a_creation_whose_answer_was_lost_when_the_task_was_interrupted_is_noted_as_lost(read: object) -> None:
    token = whm(create_time=None)
    lost, other = Entry(Plan(None, token, (Create(token),))), Entry(Plan(OLD, OLD))
    server = TokenServer(create=[done_and_lost], read=[interrupted, read])
    with pytest.raises(KeyboardInterrupt):
        Engine(server).apply([lost, other])
    assert (lost.lost, other.lost) == (True, False)
