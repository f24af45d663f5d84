# Copyright (c) 2026 panelops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A reissue that fails or is interrupted: which token has the name afterwards, and what is said of the old one."""

from __future__ import annotations

from dataclasses import replace

import pytest
from ansible_collections.panelops.cpanel.plugins.module_utils._engine import apply
from ansible_collections.panelops.cpanel.plugins.module_utils._engine.apply import Engine
from ansible_collections.panelops.cpanel.plugins.module_utils._engine.entry import Entry
from ansible_collections.panelops.cpanel.plugins.module_utils._errors import PanelopsError
from ansible_collections.panelops.cpanel.plugins.module_utils._model.expiry import DesiredExpiry
from ansible_collections.panelops.cpanel.plugins.module_utils._model.plan import Create, DesiredToken, Plan, plan_token

from tests.unit.engine.model import (
    NOW,
    TokenServer,
    done_and_lost,
    done_and_refused,
    good,
    interrupted,
    lost,
    refused,
    unusable,
    whm,
)

OLD = whm()
NO = "The server refused fun: no"
UNCHANGED = "The old token is unchanged."
ABSENT = "The token t was not there when last looked at, but a late call may still create it. Run again."


@pytest.fixture(autouse=True)
def no_waiting(monkeypatch: pytest.MonkeyPatch) -> None:
    """A call that is late in these tests is late by calls, not by seconds."""
    monkeypatch.setattr(apply, "LATE", 0.0)


def reissue(server: TokenServer, owner: str | None = None, **desired: object) -> Entry:
    wanted = DesiredToken(**{"name": "t", "recreate": "always", **desired})
    return Entry(plan_token(dict(server.of(owner)), wanted, NOW), owner)


ASIDE, WAITING = "t--old-tro640", "t--old-ztro640"  # stamped with the time of creation


def applied(server: TokenServer, owner: str | None = None, **desired: object) -> Entry:
    entry = reissue(server, owner, **desired)
    Engine(server).apply([entry])
    return entry


def kinds(server: TokenServer) -> list[str]:
    return [call[0] for call in server.calls]


def test_a_reissue() -> None:
    server = TokenServer(OLD)
    entry = applied(server)
    assert server.calls == [("update", "t", ASIDE), ("create", "t"), ("revoke", ASIDE), ("read", None)]
    assert server.live == {"t": whm(create_time=NOW)}
    assert (entry.token, entry.secret, entry.changed) == (whm(create_time=NOW), "secret of t", True)
    assert (entry.error, entry.revoked, entry.warnings) == (None, [ASIDE], [])


def test_a_reissue_of_an_expired_token_takes_its_name_at_the_end() -> None:
    server = TokenServer(whm(expires_at=NOW))
    entry = applied(server, expiry=DesiredExpiry(given=True, at=None))
    looks = ("read", None)
    assert server.calls == [("create", WAITING), looks, ("revoke", "t"), looks, ("update", WAITING, "t")]
    assert server.live == {"t": whm(create_time=NOW)}
    assert (entry.token, entry.error) == (whm(create_time=NOW), None)


def test_the_last_step_of_such_a_reissue_fails() -> None:
    server = TokenServer(whm(expires_at=NOW), update=[refused])
    entry = applied(server, expiry=DesiredExpiry(given=True, at=None))
    assert (str(entry.error), entry.secret, list(server.live)) == (NO, f"secret of {WAITING}", [WAITING])


@pytest.mark.parametrize(
    ("faults", "error", "calls"),
    [
        (dict(update=[refused]), f"{NO} {UNCHANGED}", ["update"]),
        (dict(create=[refused]), f"{NO} {UNCHANGED}", ["update", "create", "update"]),
        (
            dict(update=[lost, lost]),
            "The answer to fun was lost twice (cut). The old token was unchanged when last looked at. Run again.",
            ["update", "read", "update", "read"],
        ),
        (
            dict(create=[unusable]),
            "The secret in the server's answer to fun cannot be one, and was thrown away: a secret is 8 to 128 letters, "
            f"digits, dashes and underscores. The token t was revoked. {UNCHANGED}",
            ["update", "create", "revoke", "update"],
        ),
        (
            dict(create=[refused], update=[good, done_and_refused]),
            f"{NO} {UNCHANGED}",
            ["update", "create", "update", "read"],
        ),
        (
            dict(create=[refused], update=[good, lost]),
            f"{NO} {UNCHANGED}",
            ["update", "create", "update", "read", "update"],
        ),
        (
            dict(create=[lost, lost]),
            f"The answer to fun was lost twice (cut). {ABSENT} {UNCHANGED}",
            ["update", "create", "read", "create", "read", "read", "update", "read"],
        ),
    ],
)
def test_a_failed_reissue_leaves_the_old_token_as_it_was(faults: dict, error: str, calls: list[str]) -> None:
    server = TokenServer(OLD, **faults)
    entry = applied(server)
    assert str(entry.error) == error
    assert kinds(server) == calls
    assert server.live == {"t": OLD}
    assert (entry.secret, entry.changed) == (None, False)
    if len(calls) > 2 and "create" in calls:
        assert entry.token == OLD


@pytest.mark.parametrize(
    ("read", "said", "live"),
    [
        (None, f"The old token still works, but is now named {ASIDE}.", [ASIDE]),
        (refused, f"Whether the old token is named t or {ASIDE} now is not known.", [ASIDE]),
    ],
)
def test_an_old_token_that_does_not_get_its_name_back(read: object, said: str, live: list[str]) -> None:
    server = TokenServer(OLD, create=[refused], update=[good, refused], read=[read] if read else [])
    entry = applied(server)
    assert str(entry.error) == f"{NO} {said} {NO}"
    assert list(server.live) == live
    assert (entry.changed, entry.secret) == (True, None)


@pytest.mark.parametrize("holder", [None, whm(create_time=NOW)])
def test_an_old_token_that_something_else_has_taken_away(holder: object) -> None:
    server = TokenServer(OLD, create=[refused])

    def vanishes(make: object) -> object:
        server.live.clear()
        if holder is not None:
            server.live["t"] = holder
        return refused(make)

    server.faults["update"] = [good, vanishes]
    entry = applied(server)
    assert str(entry.error) == f"{NO} The old token is gone: something else has revoked or renamed it. {NO}"


def test_a_late_creation_that_holds_the_old_tokens_name_is_revoked_first() -> None:
    server = TokenServer(OLD, create=[lost, lost])

    def arrives(make: object) -> object:
        server.live["t"] = whm(create_time=NOW)
        return make()

    server.faults["update"] = [good, arrives]
    entry = applied(server)
    assert server.calls[-4:] == [("update", ASIDE, "t"), ("read", None), ("revoke", "t"), ("update", ASIDE, "t")]
    assert server.live == {"t": OLD}
    assert str(entry.error) == f"The answer to fun was lost twice (cut). {ABSENT} {UNCHANGED}"
    assert (entry.changed, entry.token) == (False, OLD)


def test_a_late_creation_that_cannot_be_revoked_keeps_the_name() -> None:
    server = TokenServer(OLD, create=[lost, lost], revoke=[refused])

    def arrives(make: object) -> object:
        server.live["t"] = whm(create_time=NOW)
        return make()

    server.faults["update"] = [good, arrives]
    entry = applied(server)
    assert str(entry.error) == (
        f"The answer to fun was lost twice (cut). {ABSENT} The old token still works, but is now named {ASIDE}. "
        "The server refused fun: no such token, or the name is taken"
    )
    assert entry.changed is True


def test_an_interrupted_creation_is_revoked_and_the_old_token_has_its_name_back() -> None:
    server = TokenServer(OLD, create=[done_and_lost], read=[interrupted])
    entry = reissue(server)
    with pytest.raises(KeyboardInterrupt):
        Engine(server).apply([entry])
    assert kinds(server) == ["update", "create", "read", "read", "revoke", "update", "read"]
    assert server.live == {"t": OLD}
    assert str(entry.error) == f"The task was interrupted. {UNCHANGED}"
    assert (entry.secret, entry.changed, entry.token) == (None, False, OLD)


def test_of_an_interrupted_task_only_a_secret_that_is_stored_stays() -> None:
    def entry(name: str, **more: object) -> Entry:
        token = whm(name, create_time=None)
        return Entry(Plan(None, token, (Create(token),)), **more)

    def keep(_secret: str) -> None:
        return None

    server = TokenServer(whm("gone"), revoke=[interrupted])
    given, stored = entry("given"), entry("stored", keep=keep)
    revoking = Entry(replace(plan_token(dict(server.live), DesiredToken("gone", present=False), NOW)))
    with pytest.raises(KeyboardInterrupt):
        Engine(server).apply([given, stored, revoking])
    assert server.calls == [("create", "given"), ("create", "stored"), ("revoke", "gone"), ("revoke", "given")]
    assert sorted(server.live) == ["gone", "stored"]
    assert (given.secret, str(given.error)) == (None, "The task was interrupted.")
    assert (stored.secret, stored.error) == ("secret of stored", None)


@pytest.mark.parametrize(("read", "revoked"), [(good, True), (refused, False)])
def test_what_a_lost_creation_made_is_looked_for_when_the_task_is_interrupted(read: object, revoked: bool) -> None:
    token = whm(create_time=None)
    entry = Entry(Plan(None, token, (Create(token),)))
    server = TokenServer(create=[done_and_lost], read=[interrupted, read])
    with pytest.raises(KeyboardInterrupt):
        Engine(server).apply([entry])
    assert (server.live == {}) is revoked
    assert str(entry.error) == "The task was interrupted."


@pytest.mark.parametrize(
    ("faults", "said"),
    [
        (dict(create=[refused]), f"{NO} {UNCHANGED}"),
        (dict(create=[lost, lost]), f"The answer to fun was lost twice (cut). {ABSENT} {UNCHANGED}"),
        (
            dict(create=[refused], update=[good, refused]),
            f"{NO} The old token still works, but is now named {ASIDE}. {NO}",
        ),
        (dict(create=[refused], update=[good, done_and_refused]), f"{NO} {UNCHANGED}"),
    ],
)
def test_a_failed_reissue_of_an_accounts_token(faults: dict, said: str) -> None:
    server = TokenServer(**faults)
    server.of("alice")["t"] = OLD
    assert str(applied(server, "alice").error) == said
    assert server.of("alice") == ({ASIDE: whm(ASIDE)} if ASIDE in said else {"t": OLD})
    assert server.live == {}


def test_a_late_creation_of_an_accounts_token_is_revoked_first() -> None:
    server = TokenServer(create=[lost, lost])
    server.of("alice")["t"] = OLD

    def arrives(make: object) -> object:
        server.of("alice")["t"] = whm(create_time=NOW)
        return make()

    server.faults["update"] = [good, arrives]
    entry = applied(server, "alice")
    assert server.of("alice") == {"t": OLD}
    assert str(entry.error) == f"The answer to fun was lost twice (cut). {ABSENT} {UNCHANGED}"


def test_a_young_old_token_that_has_its_name_back_is_not_taken_for_a_late_creation() -> None:
    young = whm(create_time=NOW - 1)
    server = TokenServer(young, create=[lost, lost])
    applied(server)
    assert server.live == {"t": young}


def test_a_late_creation_under_another_name_than_the_old_tokens_is_revoked_too() -> None:
    server = TokenServer(whm("before"), create=[lost, lost])

    def arrives(make: object) -> object:
        server.live["t"] = whm(create_time=NOW)
        return make()

    server.faults["update"] = [good, arrives]
    entry = applied(server, rename_from="before")
    assert server.calls[-3:] == [("update", ASIDE, "before"), ("read", None), ("revoke", "t")]
    assert server.live == {"before": whm("before")}
    assert str(entry.error) == f"The answer to fun was lost twice (cut). {ABSENT} {UNCHANGED}"


def test_an_old_token_without_its_name_and_a_state_that_cannot_be_read() -> None:
    server = TokenServer(OLD, create=[lost, lost], update=[good, refused], read=[good, good, good, refused, refused])
    assert str(applied(server).error) == (
        f"The answer to fun was lost twice (cut). {ABSENT} Whether the old token is named t or {ASIDE} now is not known. {NO}"
    )


def test_of_two_reissues_only_the_one_that_failed_is_undone() -> None:
    server = TokenServer(OLD, whm("u"), create=[good, refused])
    entries = [reissue(server), reissue(server, name="u")]
    Engine(server).apply(entries)
    assert [str(entry.error) for entry in entries] == ["None", f"{NO} {UNCHANGED}"]
    assert server.live == {"t": whm(create_time=NOW), "u": whm("u")}


def test_a_reissue_whose_secret_cannot_be_stored_is_undone() -> None:
    def keep(_secret: str) -> None:
        raise PanelopsError("The disk is full.")

    server = TokenServer(OLD)
    entry = reissue(server)
    entry.keep = keep
    Engine(server).apply([entry])
    assert str(entry.error) == f"The disk is full. The token t was revoked. {UNCHANGED}"
    assert (entry.secret, entry.changed, server.live) == (None, False, {"t": OLD})
    back = [("read", None), ("revoke", "t"), ("update", ASIDE, "t")]
    assert server.calls == [("update", "t", ASIDE), ("create", "t"), *back]


def test_a_token_that_another_run_has_put_in_its_place_is_not_revoked_for_its_name() -> None:
    theirs = whm(create_time=NOW + 1)

    def keep(_secret: str) -> None:
        server.live.clear()
        server.live["t"] = theirs
        raise PanelopsError("Another run was faster.")

    server = TokenServer(OLD)
    entry = reissue(server)
    entry.keep = keep
    Engine(server).apply([entry])
    assert server.live == {"t": theirs}
    assert str(entry.error).startswith(
        "Another run was faster. Something else has replaced the token t meanwhile, so it is left alone. The old token is gone"
    )
    assert entry.secret is None


def test_a_token_whose_place_cannot_be_seen_is_not_revoked_for_its_name() -> None:
    def keep(_secret: str) -> None:
        raise PanelopsError("The disk is full.")

    server = TokenServer(OLD, read=[refused])
    entry = reissue(server)
    entry.keep = keep
    Engine(server).apply([entry])
    assert str(entry.error) == "The disk is full. It could not be revoked: The server refused fun: no"
    assert entry.secret == "secret of t"
    assert set(server.live) == {"t", ASIDE}


def test_a_reissue_that_is_interrupted_at_its_end_is_undone() -> None:
    server = TokenServer(OLD, revoke=[interrupted])
    entry = reissue(server)
    with pytest.raises(KeyboardInterrupt):
        Engine(server).apply([entry])
    assert server.calls[2:] == [("revoke", ASIDE), ("revoke", "t"), ("update", ASIDE, "t")]
    assert server.live == {"t": OLD}
    assert (entry.secret, str(entry.error)) == (None, f"The task was interrupted. {UNCHANGED}")
