# Copyright (c) 2026 panelops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""transport: cli, with the reference server's own whmapi1 and uapi; and with stand-ins that lose answers."""

from __future__ import annotations

import os
import shlex
import stat
from pathlib import Path

import pytest

from tests.support.cores import run_core
from tests.support.paths import COMMANDS
from tests.support.playbooks import run_playbook, task
from tests.support.server import Server


def play(*tasks: dict, **keywords: object) -> dict:
    return {"tasks": list(tasks), **keywords}


def cli(title: str, module: str = "whm_api_token", /, **options: object) -> dict:
    return task(title, module, transport="cli", **options)


def test_the_first_token_of_a_server_without_any_credential(server: Server, tmp_path: Path) -> None:
    wish = dict(name="first", acls=["all"], whitelist_ips=["127.0.0.1", "2001:db8::f"], expires_in="1d")
    with_it = {"host": "127.0.0.1", "port": server.port, "ca_path": server.ready["ca_file"]}
    run = run_playbook(
        play(
            cli("check", **wish, _check_mode=True),
            cli("do", **wish, _register="first"),
            cli("repeat", **wish),
            task("use it", "whm_api_token", name="second", acls=["ssl"], api_token="{{ first.token }}", **with_it),
            cli("alter", name="first", acls=["list-accts"], whitelist_ips=[], expires_at="never"),
            cli("rename", name="renamed", rename_from="first"),
            cli("info", "whm_api_token_info"),
            cli("delete", name="renamed", state="absent"),
            cli("delete again", name="renamed", state="absent"),
        ),
        tmp_path,
        server.on_the_server,
    )
    assert run.status == 0, run.output
    assert {each.name for each in run.tasks if each.changed} == {"check", "do", "use it", "alter", "rename", "delete"}
    assert [token["name"] for token in run["info"].data["whm_api_tokens"]] == ["renamed", "second"]
    assert run["info"].data["whm_api_tokens"][0]["acls"] == ["list-accts"]
    assert list(server.whm_tokens()) == ["second"]
    assert not server.whm_accepts(run["do"].data["token"])


def test_a_resellers_tokens(server: Server, tmp_path: Path) -> None:
    run = run_playbook(
        play(
            cli("do", name="t", acls=["list-accts"], username="reseller"),
            cli("too much", name="u", acls=["ssl"], username="reseller", _ignore_errors=True),
            cli("list", "whm_api_token_info", username="reseller"),
            cli("roots", "whm_api_token_info"),
        ),
        tmp_path,
        server.on_the_server,
    )
    assert run.status == 0, run.output
    assert "ssl" in run["too much"].msg
    assert [token["name"] for token in run["list"].data["whm_api_tokens"]] == ["t"]
    assert run["roots"].data["whm_api_tokens"] == []
    assert server.whm_accepts(run["do"].data["token"], "reseller")


def test_what_is_wrong_with_the_commands_is_said(server: Server, tmp_path: Path) -> None:
    nowhere = {"PATH": "/usr/bin:/bin"}
    run = run_playbook(
        play(
            cli("no command", "whm_api_token_info", _environment=nowhere),
            cli("no command", "cpanel_api_token_info", account="alice", _environment=nowhere),
            cli("no state", "whm_api_token_info", _environment={"TOKEN_SERVER_STATE": str(tmp_path)}),
            cli("no such user", "whm_api_token_info", username="nobody"),
            cli("not a reseller", name="t", acls=["ssl"], username="alice"),
            cli("not allowed", name="t", acls=["ssl"], _environment={"TOKEN_SERVER_CALLER": "alice"}),
            ignore_errors=True,
        ),
        tmp_path,
        server.on_the_server,
    )
    assert "Traceback" not in run.output
    messages = [each.msg for each in run.tasks if each.failed]
    assert len(messages) == 6, run.output
    assert "There is no command whmapi1 in /usr/local/cpanel/bin or in the PATH" in messages[0]
    assert "There is no command uapi in /usr/local/cpanel/bin or in the PATH" in messages[1]
    assert "whmapi1 api_token_list ended with status 1: [whmapi1] There is no state" in messages[2]
    assert "There is no account named" in messages[3]
    assert "is not a reseller" in messages[4]
    assert "You must be root to run this program" in messages[5]
    assert server.whm_tokens() == {}


ENDINGS = {
    "garbage": 'echo "Killed by the weather"',
    "half an answer": 'printf %.40s "$answer"',
    "garbage and a status": 'echo "Out of memory"; exit 3',
    "a status alone": "exit 1",
    "a signal": "kill -KILL $$",
    "no end": "exec sleep 60",
}


def stand_in(folder: Path, command: str, function: str, ending: str, *, runs: bool) -> Path:
    """A command that does what the real one does, but once, at the call of one function, ends otherwise.

    :param runs: does the function run before that?
    """
    folder.mkdir()
    real, script = shlex.quote(str(COMMANDS / command)), folder / command
    run = f'answer=$({real} "$@")' if runs else "answer="
    script.write_text(
        f"""#!/bin/sh
case "$*" in
*{function}*)
    if mkdir {shlex.quote(str(folder))}/lost 2>/dev/null; then
        {run}
        {ending}
        exit
    fi ;;
esac
exec {real} "$@"
"""
    )
    script.chmod(script.stat().st_mode | stat.S_IXUSR)
    return folder


MUTATIONS = {
    "api_token_create": ("whmapi1", "whm_api_token", dict(name="t", acls=["list-accts"])),
    "create_full_access": ("uapi", "cpanel_api_token", dict(name="t", account="alice")),
    "api_token_revoke": ("whmapi1", "whm_api_token", dict(name="gone", state="absent")),
}
CASES = [(ending, runs) for ending in ENDINGS for runs in (True, False)]


@pytest.mark.parametrize(("ending", "runs"), CASES)
def test_an_answer_that_is_lost_is_settled_by_reading(server: Server, tmp_path: Path, ending: str, runs: bool) -> None:
    server.whm_token("gone", acl="list-accts")
    # Waiting for the end of time takes time: once is enough.
    functions = ["api_token_create"] if ending == "no end" else list(MUTATIONS)
    secrets = {}
    for function in functions:
        command, module, options = MUTATIONS[function]
        folder = stand_in(tmp_path / function, command, function, ENDINGS[ending], runs=runs)
        environment = server.on_the_server
        environment["PATH"] = f"{folder}{os.pathsep}{environment['PATH']}"
        wait = 5 if ending == "no end" else 60
        result = run_core(module, environment, transport="cli", timeout=wait, **options)
        assert result["changed"]
        assert (folder / "lost").is_dir(), "the answer was lost"
        secrets[function] = result.get("token")
    assert server.whm_accepts(secrets["api_token_create"])
    if len(functions) > 1:
        assert list(server.whm_tokens()) == ["t"]
        assert list(server.uapi_tokens()) == ["t"]
        assert server.uapi_accepts(secrets["create_full_access"])
