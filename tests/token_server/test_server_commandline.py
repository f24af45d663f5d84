# Copyright (c) 2026 panelops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The tools whmapi1 and uapi on the state of a server, running or not."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
import yaml

from tests.support.limits import patience
from tests.support.paths import COMMANDS
from tests.support.server import Server
from tests.support.users import ALICE, BOB, RESELLER


def run_tool(
    server: Server, tool: str | Path, *arguments: str | bytes, **variables: str
) -> subprocess.CompletedProcess[str]:
    """Run a tool with the interpreter of the tests first in the path, from a strange folder."""
    environment = {
        "PATH": f"{Path(sys.executable).parent}:/usr/bin:/bin",
        "TOKEN_SERVER_STATE": str(server.state),
        **variables,
    }
    return subprocess.run(
        [COMMANDS / tool, *arguments],
        env=environment,
        cwd="/",
        capture_output=True,
        text=True,
        timeout=patience(20),
        check=False,
    )


def _json(server: Server, tool: str, *arguments: str, **variables: str) -> dict:
    done = run_tool(server, tool, "--output=json", *arguments, **variables)
    assert (done.returncode, done.stderr) == (0, "")
    return json.loads(done.stdout)


def test_the_first_token_of_a_server(server: Server) -> None:
    answer = _json(
        server, "whmapi1", "api_token_create", "token_name=first", "acl-0=list-accts", "acl-1=passwd",
        "whitelist_ip=fc00%3A%3Af", f"expires_at={server.now() + 60}",
    )  # fmt: skip
    assert answer["metadata"] == {"command": "api_token_create", "reason": "OK", "result": 1, "version": 1}
    assert answer["data"]["acls"] == ["list-accts", "passwd"]
    assert answer["data"]["whitelist_ips"] == ["fc00:0000:0000:0000:0000:0000:0000:000f"]
    assert server.whm_ok("api_token_get_details", token=answer["data"]["token"])["name"] == "first"
    line = server.audit()[-2]
    assert (line["service"], line["user"], line["peer"]) == ("cli", "root", None)


def test_changes_hold_at_once_in_the_running_server(server: Server) -> None:
    header = f"whm root:{server.whm_token('t')}"
    for _number in range(3):
        assert server.status("whm", header) == 200
        assert list(server.whm_tokens()) == ["t"]
    _json(server, "whmapi1", "api_token_revoke", "token_name=t")
    assert server.status("whm", header) == 401
    assert server.whm_tokens() == {}
    _json(server, "whmapi1", "suspendacct", "user=alice")
    assert server.status("cpanel", ALICE) == 401
    secret = _json(server, "uapi", "--user=bob", "Tokens", "create_full_access", "name=t")["result"]["data"]["token"]
    assert server.status("cpanel", f"cpanel bob:{secret}") == 200


def test_the_formats(server: Server) -> None:
    for options in ((), ("--output=yaml",)):
        done = run_tool(server, "whmapi1", *options, "version")
        assert done.stdout.startswith("---\n")
        assert yaml.safe_load(done.stdout)["metadata"]["result"] == 1
    pretty = run_tool(server, "whmapi1", "--output=jsonpretty", "version").stdout
    assert pretty.count("\n") > 5
    assert '\n      "command" : "version",\n' in pretty
    assert json.loads(pretty)["data"]["version"]
    assert run_tool(server, "whmapi1", "version", "--output=json").stdout.startswith(
        '{"metadata":{"command":"version",'
    )
    assert "\n  errors: ~\n" in run_tool(server, "uapi", "--user=alice", "Tokens", "list").stdout


def test_text_is_printed_as_it_is_in_every_format(server: Server) -> None:
    for output in ("json", "jsonpretty", "yaml"):
        assert "Unknown app (\u201cö\u201d)" in run_tool(server, "whmapi1", "ö", f"--output={output}").stdout


def test_no_format_needs_a_package(server: Server) -> None:
    code = (
        "import sys; sys.modules['yaml'] = None; from token_server.tools import main; "
        "sys.exit(main('whmapi1', ['version']))"
    )
    environment = dict(os.environ, TOKEN_SERVER_STATE=str(server.state), PYTHONPATH=str(COMMANDS.parents[1]))
    done = subprocess.run([sys.executable, "-c", code], env=environment, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")
    assert yaml.safe_load(done.stdout)["metadata"]["result"] == 1


def test_the_answer_of_uapi_is_wrapped(server: Server) -> None:
    answer = _json(server, "uapi", "--user=alice", "Tokens", "list")
    assert answer == {
        "apiversion": 3, "module": "Tokens", "func": "list",
        "result": {"status": 1, "data": [], "errors": None, "messages": None, "warnings": None, "metadata": {}},
    }  # fmt: skip


def test_as_a_reseller(server: Server) -> None:
    users = [row["user"] for row in _json(server, "whmapi1", "--user=reseller", "listaccts")["data"]["acct"]]
    assert users == ["reseller", "bob"]
    assert _json(server, "whmapi1", "--user=reseller", "setacls")["metadata"]["result"] == 0
    assert run_tool(server, "whmapi1", "--user=alice", "version").returncode == 1


@pytest.mark.parametrize("place", [0, 1, 2])
def test_options_stand_anywhere(server: Server, place: int) -> None:
    words = ["api_token_create", "token_name=x"]
    words.insert(place, "--user=reseller")
    words.insert(place, "--output=json")
    done = run_tool(server, "whmapi1", *words)
    assert (done.returncode, done.stderr) == (0, "")
    secret = json.loads(done.stdout)["data"]["token"]
    assert f'"token":"{secret}"' in done.stdout
    # The token is the reseller's, with the reseller's privileges, and root has got none.
    assert server.status("whm", f"whm reseller:{secret}") == 200
    assert server.whm_tokens(RESELLER)["x"]["acls"]["all"] == 0
    assert server.whm_tokens() == {}


def test_options_of_uapi_stand_anywhere(server: Server) -> None:
    done = run_tool(server, "uapi", "Tokens", "--output=json", "create_full_access", "name=x", "--user=bob")
    assert json.loads(done.stdout)["result"]["status"] == 1
    assert list(server.uapi_tokens(BOB)) == ["x"]


@pytest.mark.parametrize(
    "arguments", [["--help"], ["version", "--help"], ["api_token_revoke", "token_name=t", "--help"]]
)
def test_help_prints_and_calls_nothing(server: Server, arguments: list[str]) -> None:
    server.whm_token("t")
    for tool in ("whmapi1", "uapi"):
        done = run_tool(server, tool, *arguments, TOKEN_SERVER_STATE="")
        assert (done.returncode, done.stderr) == (0, "")
        for option in ("--output=", "--user=", "--help", f"{tool} [options]"):
            assert option in done.stdout
    assert run_tool(server, "whmapi1", *arguments).returncode == 0
    assert list(server.whm_tokens()) == ["t"]


def test_root_is_told_in_the_vendors_words_to_name_an_account(server: Server) -> None:
    done = run_tool(server, "uapi", "Tokens", "list")
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr == "[uapi] This program must be passed the --user flag when run by root!\n"


def test_a_refusal_is_an_answer(server: Server) -> None:
    assert "Unknown app" in _json(server, "whmapi1", "no_such")["metadata"]["reason"]
    assert _json(server, "uapi", "--user=alice", "Tokens", "nope")["result"]["status"] == 0
    assert _json(server, "whmapi1", "batch", "command=version", "command-1=no_such")["data"]["result"][1]


@pytest.mark.parametrize(
    ("tool", "arguments", "words"),
    [
        ("whmapi1", [], "Usage"),
        ("uapi", ["--user=alice", "Tokens"], "Usage"),
        ("uapi", ["Tokens", "list"], "--user"),
        ("uapi", ["--user=nobody", "Tokens", "list"], "\u201cnobody\u201d"),
        ("uapi", ["--user=root", "Tokens", "list"], "no cPanel account"),
        ("uapi", [b"--user=\xff\xfe", "Tokens", "list"], "no account"),
        ("whmapi1", ["--output=xml", "version"], "jsonpretty"),
        ("whmapi1", ["--bogus", "version"], "--bogus"),
        ("whmapi1", ["version", "--bogus=1"], "--bogus"),
        ("whmapi1", ["api_token_create", "token_name=x", "--acl=all"], "--acl"),
        ("whmapi1", ["version", "--"], '"--"'),
        ("whmapi1", ["version", "--output", "json"], "--output=VALUE"),
        ("whmapi1", ["api_token_revoke", "token_name=x", "--user="], "names nobody"),
        ("uapi", ["Tokens", "list", "--output=xml"], "jsonpretty"),
        ("whmapi1", ["version", "word"], "key=value"),
        ("whmapi1", ["version", "=x"], "key=value"),
    ],
)
def test_a_call_that_cannot_be_made(server: Server, tool: str, arguments: list, words: str) -> None:
    done = run_tool(server, tool, *arguments)
    assert (done.returncode, done.stdout) == (1, "")
    assert words in done.stderr
    assert done.stderr.startswith(f"[{tool}] ")
    assert done.stderr.count("\n") == 1


def test_without_a_state(server: Server, tmp_path: Path) -> None:
    for value, words in (("", "TOKEN_SERVER_STATE"), (str(tmp_path), "start the server once")):
        done = run_tool(server, "whmapi1", "version", TOKEN_SERVER_STATE=value)
        assert done.returncode == 1
        assert words in done.stderr


def test_odd_bytes(server: Server) -> None:
    for output in ("json", "yaml"):
        done = run_tool(server, "whmapi1", f"--output={output}", b"no\xff", b"a=\xfe%ff%00", LC_ALL="C", PYTHONUTF8="0")
        assert (done.returncode, done.stderr) == (0, "")
    done = run_tool(server, "whmapi1", "--output=json", "api_token_create", "token_name=%ff%00")
    assert "50 characters" in done.stdout


def test_an_ordinary_user(server: Server) -> None:
    alice = {"TOKEN_SERVER_CALLER": "alice"}
    answer = _json(server, "uapi", "Tokens", "create_full_access", "name=t", **alice)["result"]
    assert answer["status"] == 0
    assert answer["errors"] == ["Tokens::create_full_access requires root access."]
    assert server.uapi_tokens() == {}
    secret = server.uapi_token("t")
    assert [row["name"] for row in _json(server, "uapi", "--user=alice", "Tokens", "list", **alice)["result"]["data"]]
    assert _json(server, "uapi", "Tokens", "revoke", "name=t", **alice)["result"]["data"] == 1
    assert server.status("cpanel", f"cpanel alice:{secret}") == 401
    for tool, arguments in (("uapi", ["--user=bob", "Tokens", "list"]), ("whmapi1", ["version"])):
        done = run_tool(server, tool, *arguments, **alice)
        assert done.returncode == 1
        assert "root" in done.stderr


def test_found_through_a_link_and_spaces(server: Server, tmp_path: Path) -> None:
    folder = tmp_path / "with a space"
    folder.mkdir()
    for tool in ("whmapi1", "uapi"):
        (folder / tool).symlink_to(COMMANDS / tool)
    package = folder / "token_server"
    package.symlink_to(COMMANDS.parent)
    for path in (folder / "whmapi1", package / "bin" / "whmapi1"):
        done = run_tool(server, path, "--output=json", "version")
        assert (done.returncode, done.stderr) == (0, "")


def test_nothing_heavy_is_imported(server: Server) -> None:
    code = (
        "import sys; from token_server.tools import main; main('whmapi1', ['--output=json', 'version']); "
        "heavy = {'starlette', 'uvicorn', 'yaml', 'trustme', 'asyncio', 'ssl'} & set(sys.modules); "
        "sys.exit(', '.join(heavy) or 0)"
    )
    environment = dict(os.environ, TOKEN_SERVER_STATE=str(server.state), PYTHONPATH=str(COMMANDS.parents[1]))
    done = subprocess.run([sys.executable, "-c", code], env=environment, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")
    assert json.loads(done.stdout)["metadata"]["result"] == 1


def test_they_share_the_clock(server: Server) -> None:
    server.control("POST", "/clock", {"set": 3_000_000_000})
    answer = _json(server, "whmapi1", "api_token_create", "token_name=t")
    assert 0 <= answer["data"]["create_time"] - 3_000_000_000 < 60
