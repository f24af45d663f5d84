# Copyright (c) 2026 panelops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Privileges that no token of the caller can have: the server's refusal is quoted, and says how to see which ones there are."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.support.cores import result_of_core
from tests.support.dialects import Answer, Dialect, objects
from tests.support.playbooks import run_playbook, task
from tests.support.proxy import speaking
from tests.support.server import Server
from tests.support.users import RESELLER, ROOT

HOW = "A token can have only privileges that its owner has: WHM's function myprivs lists them."
AS_RESELLER = {"username": RESELLER.name, "password": RESELLER.password}
REFUSED = {
    "unknown": ({"acls": ["list-accts", "no-such-acl"]}, "The privilege (ACL) \u201cno-such-acl\u201d is unknown to this server."),
    "not held": (
        {"acls": ["ssl"], **AS_RESELLER},
        "You cannot give the privilege (ACL) \u201cssl\u201d to a token, because you do not have it yourself.",
    ),
}  # fmt: skip


@pytest.mark.parametrize("there", [False, True], ids=["create", "update"])
@pytest.mark.parametrize("many", [False, True], ids=["single", "bulk"])
@pytest.mark.parametrize("why", REFUSED)
def test_a_privilege_that_cannot_be_given(server: Server, why: str, many: bool, there: bool) -> None:
    given, reason = REFUSED[why]
    if there:
        server.whm_token("t", RESELLER if "username" in given else ROOT, acl="list-accts")
    server.forget_counters()
    token = {"name": "t", "acls": given["acls"]}
    connection = {key: value for key, value in given.items() if key != "acls"}
    if many:
        result = result_of_core("whm_api_tokens", server.environment, tokens=[token], **connection)
    else:
        result = result_of_core("whm_api_token", server.environment, **token, **connection)
    function = "api_token_update" if there else "api_token_create"
    assert f"The server refused {function}: {reason} {HOW}" in result["msg"]
    assert "myprivs" not in server.calls()


def test_in_a_playbook(server: Server, tmp_path: Path) -> None:
    wrong = task("t", "whm_api_token", name="t", acls=["no-such-acl"])
    run = run_playbook({"tasks": [wrong]}, tmp_path, server.environment)
    assert run["t"].failed
    assert run["t"].msg.endswith(HOW)


def test_among_others_only_the_one_that_is_refused_says_so(server: Server) -> None:
    tokens = [{"name": "a", "acls": ["no-such-acl"]}, {"name": "b", "acls": ["ssl"]}]
    entries = result_of_core("whm_api_tokens", server.environment, tokens=tokens)["whm_api_tokens"]
    assert [each.get("msg", "").endswith(HOW) for each in entries] == [True, False]
    assert entries[1]["changed"]


def saying(words: str) -> Dialect:
    """A server that says it otherwise."""

    def dialect(answer: Answer) -> None:
        for each in objects(answer):
            if each.get("result") == 0:
                each["reason"] = words

    return dialect


@pytest.mark.parametrize(
    ("words", "told"),
    [
        ("\u201cno-such-acl\u201d is not valid", f"\u201cno-such-acl\u201d is not valid. {HOW}"),
        ("Invalid ACLs were given!", f"Invalid ACLs were given! {HOW}"),
        ("Give other privileges", f"Give other privileges. {HOW}"),
        ("The name \u201cno-such-acl-2\u201d is taken", "The name \u201cno-such-acl-2\u201d is taken"),
        ("The disk is full", "The disk is full"),
        ("The oracle is down", "The oracle is down"),
    ],
)
def test_other_words_of_a_server(server: Server, words: str, told: str) -> None:
    """Versions differ, so what counts is whether it speaks of privileges, or names one that was asked for."""
    with speaking(server, saying(words)) as environment:
        failed = result_of_core("whm_api_token", environment, name="t", acls=["no-such-acl"])
    assert failed["msg"] == f"The server refused api_token_create: {told}"


def test_a_caller_that_may_not_manage_tokens_is_not_told_of_other_privileges(server: Server) -> None:
    """That is said of the caller, not of what it asked for. Here the list is let through, as only the create is refused."""
    words = "Permission denied: this needs the privilege manage-api-tokens."
    with speaking(server, saying(words)) as environment:
        failed = result_of_core("whm_api_token", environment, name="t", acls=["no-such-acl"])
    assert failed["msg"] == f"The server refused api_token_create: {words}"
