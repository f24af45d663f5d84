# Copyright (c) 2026 panelops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""cpanel_api_token through real ansible-playbook runs, by each of the ways to an account's tokens."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.support.playbooks import Run, TaskResult, run_playbook, task
from tests.support.server import Server
from tests.support.users import BOB, RESELLER, SUSPENDED, user

AS_RESELLER = dict(account="bob", username=RESELLER.name, password=RESELLER.password)
WAYS = {
    "as the account": ("alice", {}),
    "through WHM as root": ("alice", dict(account="alice")),
    "through WHM as the reseller who owns it": ("bob", AS_RESELLER),
    "on the command line": ("alice", dict(account="alice", transport="cli")),
}
DAY = 2_053_900_799
"""The last second of 2035-01-31 UTC."""


def play(*tasks: dict, **keywords: object) -> dict:
    return {"tasks": list(tasks), **keywords}


def environment_of(server: Server, options: dict) -> dict[str, str]:
    """Without any connection for the command line: it needs none."""
    return server.on_the_server if options.get("transport") == "cli" else server.environment


@pytest.mark.parametrize("way", WAYS)
def test_check_do_repeat_rename_alter_delete(server: Server, tmp_path: Path, way: str) -> None:
    account, whose = WAYS[way]
    wish = dict(name="t", expires_at="2035-01-31", **whose)
    alter = dict(name="u", readonly=True, expires_at="never", recreate="if_changed", **whose)
    run = run_playbook(
        play(
            task("check", "cpanel_api_token", **wish, _check_mode=True),
            task("do", "cpanel_api_token", **wish),
            task("repeat", "cpanel_api_token", **wish),
            task("check rename", "cpanel_api_token", name="u", rename_from="t", **whose, _check_mode=True),
            task("rename", "cpanel_api_token", name="u", rename_from="t", **whose),
            task("rename again", "cpanel_api_token", name="u", rename_from="t", **whose),
            task("check alter", "cpanel_api_token", **alter, _check_mode=True),
            task("alter", "cpanel_api_token", **alter),
            task("alter again", "cpanel_api_token", **alter),
            task("info", "cpanel_api_token_info", **whose),
            task("check delete", "cpanel_api_token", name="u", state="absent", **whose, _check_mode=True),
            task("delete", "cpanel_api_token", name="u", state="absent", **whose),
            task("delete again", "cpanel_api_token", name="u", state="absent", **whose),
        ),
        tmp_path,
        environment_of(server, whose),
        ("--diff",),
    )
    assert run.status == 0, run.output
    changes = {"check", "do", "check rename", "rename", "check alter", "alter", "check delete", "delete"}
    assert {each.name for each in run.tasks if each.changed} == changes
    assert [each.name for each in run.tasks if "token" in each.data] == ["do", "alter"]
    for doing in ("rename", "alter", "delete"):
        assert run[f"check {doing}"].diff == run[doing].diff
    assert run["check"].diff == run["do"].diff
    made = run["do"].data["cpanel_api_token"]
    assert (made["expires_at"], made["readonly"]) == (DAY, False)
    assert run["rename"].data["cpanel_api_token"]["create_time"] == made["create_time"]
    (listed,) = run["info"].data["cpanel_api_tokens"]
    assert {**run["alter"].data["cpanel_api_token"], **listed} == listed
    assert (listed["account"], listed["expires_at"], listed["readonly"]) == (account, None, True)
    assert run["delete"].data["cpanel_api_token"] is None
    assert server.uapi_tokens(user(account)) == {}
    assert not server.uapi_accepts(run["do"].data["token"], account)
    assert not server.uapi_accepts(run["alter"].data["token"], account)


@pytest.mark.parametrize("way", [way for way in WAYS if way != "on the command line"])
def test_a_second_run_only_reads(server: Server, tmp_path: Path, way: str) -> None:
    """By the server's counters: the command line's calls are not among them, for each is a process of its own."""
    account, whose = WAYS[way]
    tasks = [
        task("plain", "cpanel_api_token", name="plain", **whose),
        task("limited", "cpanel_api_token", name="limited", readonly=True, expires_in="30d", **whose),
        task("gone", "cpanel_api_token", name="gone", state="absent", **whose),
    ]
    server.uapi_token("gone", user(account))
    server.forget_counters()
    first = run_playbook(play(*tasks), tmp_path, server.environment)
    assert [each.changed for each in first.tasks] == [True, True, True], first.output
    assert server.commits() == {"Tokens::create_full_access": 2, "Tokens::revoke": 1}
    server.forget_counters()
    second = run_playbook(play(*tasks), tmp_path, server.environment)
    assert [each.changed for each in second.tasks] == [False, False, False], second.output
    calls = server.calls()
    assert calls.pop("Tokens::list") == 3
    assert calls == ({} if way == "as the account" else {"uapi_cpanel": 3})


def ignoring(server: Server, folder: Path, *tasks: dict) -> Run:
    return run_playbook(play(*tasks, ignore_errors=True), folder, server.environment)


def test_what_cannot_change_in_place_is_refused_or_reissued(server: Server, tmp_path: Path) -> None:
    secret = server.uapi_token("t", expires_at=DAY)
    server.forget_counters()
    limits = dict(name="t", expires_at="2036-01-31")
    run = ignoring(
        server,
        tmp_path,
        task("refused", "cpanel_api_token", **limits),
        task("never", "cpanel_api_token", **limits, recreate="never"),
        task("readonly", "cpanel_api_token", name="t", readonly=True),
        task("too long", "cpanel_api_token", name="t", expires_in="1d"),
        task("as it is", "cpanel_api_token", name="t", expires_at=DAY, readonly=False),
    )
    for name in ("refused", "never", "readonly", "too long"):
        assert run[name].failed
        assert "cannot be changed without a new secret" in run[name].msg
        assert "recreate: if_changed" in run[name].msg
    assert "expires_at and readonly" not in run["refused"].msg
    assert "readonly of the token t" in run["readonly"].msg
    assert not run["as it is"].changed
    assert server.commits() == {}
    assert server.uapi_accepts(secret)
    issued = ignoring(server, tmp_path, task("t", "cpanel_api_token", **limits, recreate="if_changed"))["t"]
    assert issued.changed
    assert list(server.uapi_tokens()) == ["t"]
    assert server.uapi_accepts(issued.data["token"])
    assert not server.uapi_accepts(secret)


def test_an_expired_token_is_reissued(server: Server, tmp_path: Path) -> None:
    wish = dict(name="t", expires_in="1d")
    first = run_playbook(play(task("t", "cpanel_api_token", **wish)), tmp_path, server.environment)["t"]
    server.advance(2 * 86400)
    assert not server.uapi_accepts(first.data["token"])
    run = ignoring(
        server,
        tmp_path,
        task("never", "cpanel_api_token", **wish, recreate="never"),
        task("until when", "cpanel_api_token", name="t"),
        task("check", "cpanel_api_token", **wish, _check_mode=True),
        task("t", "cpanel_api_token", **wish),
        task("again", "cpanel_api_token", **wish),
    )
    assert "cannot be changed without a new secret" in run["never"].msg
    assert "the token t expired at" in run["until when"].msg
    assert run["check"].changed
    assert run["t"].changed
    assert not run["again"].changed
    assert server.uapi_accepts(run["t"].data["token"])
    assert list(server.uapi_tokens()) == ["t"]


def test_renewal_means_a_new_secret_and_must_be_asked_for(server: Server, tmp_path: Path) -> None:
    lasting = dict(name="t", expires_in="90d", renew_before="14d")
    refused = ignoring(server, tmp_path, task("t", "cpanel_api_token", **lasting))["t"]
    assert "renew_before: cPanel cannot prolong a token's life without a new secret" in refused.msg
    assert server.http_requests() == 0
    wish = play(task("t", "cpanel_api_token", **lasting, recreate="if_changed"))
    began = server.now()
    first = run_playbook(wish, tmp_path, server.environment)["t"].data
    server.advance(75 * 86400)
    assert not run_playbook(wish, tmp_path, server.environment)["t"].changed
    server.advance(86400 + 10)
    renewed = run_playbook(wish, tmp_path, server.environment)["t"]
    assert renewed.changed
    later = renewed.data["cpanel_api_token"]["expires_at"] - first["cpanel_api_token"]["expires_at"]
    # As much later as the second run was after the first, however long each took; the seconds of both are rounded.
    assert 76 * 86400 + 9 <= later <= server.now() - began + 1
    assert server.uapi_accepts(renewed.data["token"])
    assert not server.uapi_accepts(first["token"])


@pytest.mark.parametrize("kind", ["status:401", "drop_before_commit", "drop_after_commit"])
def test_a_create_that_fails_leaves_the_old_token_as_it_was(server: Server, tmp_path: Path, kind: str) -> None:
    secret = server.uapi_token("t")
    before = server.uapi_tokens()
    for call in (1, 2):
        server.fault("Tokens::create_full_access", kind, call)
    again = task("t", "cpanel_api_token", name="t", recreate="always", account="alice")
    failed = ignoring(server, tmp_path, again)["t"]
    assert failed.failed
    assert "The old token is unchanged." in failed.msg
    assert "token" not in failed.data
    assert server.uapi_tokens() == before
    assert server.uapi_accepts(secret)


def test_accounts_that_are_not_ours_to_manage(server: Server, tmp_path: Path) -> None:
    server.uapi_token("kept")
    server.forget_counters()
    others = {**AS_RESELLER, "account": "alice"}
    run = ignoring(
        server,
        tmp_path,
        task("another's account", "cpanel_api_token", name="t", **others),
        task("another's token", "cpanel_api_token", name="kept", state="absent", **others),
        task("another's list", "cpanel_api_token_info", **others),
        task("nobody", "cpanel_api_token", name="t", account="nobody"),
        task("suspended", "cpanel_api_token", name="t", account="suspended"),
        task("suspended itself", "cpanel_api_token", name="t", username=SUSPENDED.name, password=SUSPENDED.password),
        task("no command line", "cpanel_api_token", name="t", transport="cli"),
        task("whose by command line", "cpanel_api_token", name="t", transport="cli", account="alice"),
    )
    assert all(each.failed for each in run.tasks), run.output
    assert "Traceback" not in run.output
    for name in ("another's account", "another's token", "another's list"):
        assert "The server refused uapi_cpanel" in run[name].msg
        assert "alice" in run[name].msg
    assert "The server refused uapi_cpanel" in run["nobody"].msg
    assert "suspended" in run["suspended"].msg
    assert "did not accept password of suspended" in run["suspended itself"].msg
    assert "account: is not given" in run["no command line"].msg
    assert "There is no command uapi" in run["whose by command line"].msg
    assert server.commits() == {}


def test_a_readonly_token_can_look_but_not_touch(server: Server, tmp_path: Path) -> None:
    made = run_playbook(
        play(task("t", "cpanel_api_token", name="t", readonly=True, expires_in="1h")), tmp_path, server.environment
    )["t"]
    itself = {"CPANEL_PASSWORD": "", "CPANEL_API_TOKEN": made.data["token"]}
    run = run_playbook(
        play(task("look", "cpanel_api_token_info"), task("touch", "cpanel_api_token", name="u"), ignore_errors=True),
        tmp_path,
        server.environment | itself,
    )
    assert [token["name"] for token in run["look"].data["cpanel_api_tokens"]] == ["t"]
    assert "read-only" in run["touch"].msg
    assert made.data["token"] not in run.output


def names(result: TaskResult) -> list[tuple[str, str]]:
    return [(token["account"], token["name"]) for token in result.data["cpanel_api_tokens"]]


def test_info_of_many_accounts(server: Server, tmp_path: Path) -> None:
    for account, name in (("alice", "ci-a"), ("alice", "web"), ("bob", "ci-b"), ("bob", "ci-c")):
        server.uapi_token(name, user(account))
    server.forget_counters()
    reseller = {**AS_RESELLER, "account": None}
    run = run_playbook(
        play(
            task("all", "cpanel_api_token_info", accounts=["*"]),
            task("some", "cpanel_api_token_info", accounts=["a*", "bob"], pattern="ci-*"),
            task("one", "cpanel_api_token_info", account="bob", name="ci-c"),
            task("the reseller's", "cpanel_api_token_info", accounts=["*"], **reseller),
            task("itself", "cpanel_api_token_info", username="bob", password=BOB.password),
            task("on the server", "cpanel_api_token_info", accounts=["*"], transport="cli"),
            task("nobody", "cpanel_api_token_info", accounts=["alice", "nobody"], _ignore_errors=True),
        ),
        tmp_path,
        server.environment | server.on_the_server,
    )
    everyone = [("alice", "ci-a"), ("alice", "web"), ("bob", "ci-b"), ("bob", "ci-c")]
    assert names(run["all"]) == names(run["on the server"]) == everyone
    assert names(run["some"]) == [("alice", "ci-a"), ("bob", "ci-b"), ("bob", "ci-c")]
    assert names(run["one"]) == [("bob", "ci-c")]
    assert names(run["the reseller's"]) == names(run["itself"]) == [("bob", "ci-b"), ("bob", "ci-c")]
    assert "The tokens of the account nobody could not be listed" in run["nobody"].msg
    assert server.commits() == {}
    assert not any(each.changed for each in run.tasks)
