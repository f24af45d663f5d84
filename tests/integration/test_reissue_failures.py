# Copyright (c) 2026 panelops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a failed reissue says of the old token is true: compared with the server's list and with the old secret itself.

A reissue renames the old token, creates the new one and revokes the old one. If the create fails, the old name is given back;
that can fail too, or its response can be lost, or nothing can be read any more.
"""

from __future__ import annotations

import re

import pytest

from tests.integration.desired import SERVICES, Service
from tests.support.server import Server

pytestmark = pytest.mark.usefixtures("hurried")

REISSUE = {"name": "t", "recreate": "always"}
REFUSED = "status:401"
BEFORE, AFTER = "drop_before_commit", "drop_after_commit"

CREATES = {
    "refused": {"create": [REFUSED]},
    "lost twice": {"create": [BEFORE, BEFORE]},
    "done and lost": {"create": [AFTER], "revoke": [REFUSED]},
}
"""How the create fails. In the last case a token without a holder has taken the name of the old one, and cannot be revoked."""

RENAMES = {
    "renamed back": [],
    "cannot be renamed back": [REFUSED],
    "first try lost": [BEFORE],
    "lost but done": [AFTER],
    "lost twice": [BEFORE, BEFORE],
    "lost twice but done": [BEFORE, AFTER],
}
"""What happens to the calls that rename the old token back."""

UNCHANGED = re.compile(r"[Tt]he old token is (as it was|unchanged)")
RENAMED = re.compile(r"is (?:now|still) named ([A-Za-z0-9_-]+)")
WORKS = re.compile(r"old token still works")
GONE = re.compile(r"old token is gone")


class Reissue:
    """A token that shall be reissued, and the truth about it."""

    def __init__(self, server: Server, service: Service) -> None:
        self.server = server
        self.service = service
        self.secret = service.make(server, "t")
        self._created = service.tokens(server)["t"]["create_time"]
        # So that no other token has the same time of creation: cPanel has no better way to tell whose name that is.
        server.advance(100)

    def fails(self, many: bool, faults: dict[str, list[str]], unreadable: int = 0) -> str:
        """Run the task, which must fail; what it says of the token.

        :param faults: by kind of call, the fault of its first call, its second, and so on.
        :param unreadable: how many calls for the list fail, after the first one.
        """
        for kind, kinds in faults.items():
            # The first update is the one that renames the old token; it succeeds.
            for call, fault in enumerate(kinds, 2 if kind == "update" else 1):
                self.server.fault(getattr(self.service, kind), fault, call)
        for call in range(2, 2 + unreadable):
            self.server.fault(self.service.list, "status:503", call)
        failed = self.service.run(self.server, REISSUE, many=many)
        self.server.control("DELETE", "/faults")
        assert failed.failed, failed.result
        return failed.entries[0]["msg"]

    def is_unchanged(self) -> bool:
        """Has the old token its old name, and does its secret authenticate?"""
        row = self.service.tokens(self.server).get("t")
        return (
            row is not None
            and row["create_time"] == self._created
            and self.service.is_secret_of(self.server, self.secret, "t")
        )

    def assert_true(self, message: str) -> None:
        """What the message says of the old token is so."""
        live = self.service.tokens(self.server)
        if UNCHANGED.search(message):
            assert self.is_unchanged(), f"{message}\n{live}"
        for name in RENAMED.findall(message):
            assert live.get(name, {}).get("create_time") == self._created, f"{message}\n{live}"
        if WORKS.search(message):
            assert self.service.authenticates(self.server, self.secret), f"{message}\n{live}"
        if GONE.search(message):
            assert not self.service.authenticates(self.server, self.secret), f"{message}\n{live}"

    def assert_converges(self, many: bool) -> None:
        """The next run ends with one token, whose secret it returns."""
        done = self.service.run(self.server, REISSUE, many=many)
        assert not done.failed, done.result
        assert list(self.service.tokens(self.server)) == ["t"]
        assert self.service.is_secret_of(self.server, done.secrets["t"], "t")


@pytest.mark.parametrize("many", [False, True], ids=["single", "bulk"])
@pytest.mark.parametrize("name", SERVICES)
@pytest.mark.parametrize("create", CREATES)
def test_what_is_said_is_true(server: Server, create: str, name: str, many: bool) -> None:
    for renames in RENAMES.values():
        server.reset()
        reissue = Reissue(server, SERVICES[name])
        message = reissue.fails(many, {**CREATES[create], "update": renames})
        reissue.assert_true(message)
        assert reissue.is_unchanged() is bool(UNCHANGED.search(message)), message
        assert SERVICES[name].authenticates(server, reissue.secret), "no secret is given up before there is a new one"
        reissue.assert_converges(many)


@pytest.mark.parametrize("many", [False, True], ids=["single", "bulk"])
@pytest.mark.parametrize("unreadable", [3, 20], ids=["at first", "to the end"])
@pytest.mark.parametrize("renames", RENAMES)
@pytest.mark.parametrize("name", SERVICES)
def test_nothing_is_said_that_cannot_be_known(
    server: Server, name: str, renames: str, unreadable: int, many: bool
) -> None:
    """The create is refused, and then the list cannot be read: once, with the two repetitions of a read, or any more."""
    reissue = Reissue(server, SERVICES[name])
    message = reissue.fails(many, {"create": [REFUSED], "update": RENAMES[renames]}, unreadable)
    reissue.assert_true(message)
    reissue.assert_converges(many)


@pytest.mark.parametrize("many", [False, True], ids=["single", "bulk"])
@pytest.mark.parametrize("name", SERVICES)
@pytest.mark.parametrize("kinds", [[BEFORE, BEFORE], [BEFORE, AFTER], [AFTER]], ids=["not done", "done late", "done"])
def test_a_first_rename_that_is_lost(server: Server, kinds: list[str], name: str, many: bool) -> None:
    """The very first step: whether the old token has another name is not known until the list is read."""
    service = SERVICES[name]
    reissue = Reissue(server, service)
    for call, kind in enumerate(kinds, 1):
        server.fault(service.update, kind, call)
    server.fault(service.create, REFUSED)
    message = reissue.fails(many, {})
    reissue.assert_true(message)
    assert reissue.is_unchanged(), message
    reissue.assert_converges(many)


@pytest.mark.parametrize("many", [False, True], ids=["single", "bulk"])
@pytest.mark.parametrize("kinds", [[REFUSED], [BEFORE, BEFORE]], ids=["refused", "lost twice"])
def test_a_new_token_that_cannot_take_the_name_of_an_expired_one(server: Server, kinds: list[str], many: bool) -> None:
    """The expired token has been revoked by then, so it is not unchanged; the new one is there, and its secret in the result."""
    service = SERVICES["whm"]
    server.whm_token("t", acl="list-accts", expires_at=server.now() + 60)
    server.advance(120)
    for call, kind in enumerate(kinds, 1):
        server.fault(service.update, kind, call)
    failed = service.run(server, {**REISSUE, "expires_in": "1d"}, many=many)
    assert failed.failed, failed.result
    (name,) = service.tokens(server)
    assert name != "t"
    assert service.is_secret_of(server, failed.secrets["t"], name)
    assert not UNCHANGED.search(failed.entries[0]["msg"]), failed.result
    done = service.run(server, {"name": "t", "expires_in": "1d"}, many=many)
    assert not done.failed, done.result
    assert list(service.tokens(server)) == ["t"]
