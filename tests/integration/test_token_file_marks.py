# Copyright (c) 2026 panelops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""token_file: the mark of a file counts also where no secret is issued, after a renaming, and on the command line."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest

from tests.support.cores import result_of_core
from tests.support.processes import result_of, start
from tests.support.server import Server, serving
from tests.support.stored import Case

MARK = "user.panelops.cpanel"

ON_A_HOST = """
import os
real = os.uname()
os.uname = lambda: os.uname_result((real.sysname, {name!r}, *real[2:]))
"""


def mark_of(path: Path) -> dict:
    return json.loads(os.getxattr(path, MARK))


@pytest.mark.parametrize("check_mode", [True, False])
def test_a_file_with_the_secret_of_another_token(case: Case, check_mode: bool) -> None:
    """Nobody has the secret of u, so a task that says that all is well hides a loss."""
    case.make("u")
    case.run()
    commits = case.server.commits()
    failed = case.run(name="u", check_mode=check_mode)
    assert failed.get("failed"), failed
    assert f"token_file: {case.path} holds the secret" in failed["msg"]
    assert case.server.commits() == commits
    assert case.works(case.stored())


def test_never_leaves_it_so(server: Server, tmp_path: Path) -> None:
    server.uapi_token("u")
    wish = dict(account="alice", token_file=str(tmp_path / "t"))
    result_of_core("cpanel_api_token", server.environment, name="t", **wish)
    left = result_of_core("cpanel_api_token", server.environment, name="u", recreate="never", **wish)
    assert not left["changed"]
    assert left["warnings"] == [f"{tmp_path}/t holds the secret of the token t, and recreate: never leaves it so."]


@pytest.mark.parametrize("many", [False, True], ids=["single", "bulk"])
def test_a_renamed_token_is_named_in_its_mark(case: Case, many: bool) -> None:
    """Tokens of one task have one time of creation, so after a renaming the time alone does not say whose secret it is."""
    case.run()
    before = mark_of(case.path)
    token = dict(case.wish, name="new", rename_from="t")
    if many:
        assert result_of_core(f"{case.module}s", case.server.environment, tokens=[token])["changed"]
    else:
        assert case.run(name="new", rename_from="t")["changed"]
    assert mark_of(case.path) == dict(before, name="new")
    # As if it were of the same second.
    assert not case.run(name="new")["changed"]
    assert case.run(name="new", recreate="always")["warnings"] == []


def on_host(server: Server, name: str, **options: object) -> dict:
    """Run the module on a host of this name, through the commands of the server."""
    arguments = dict(name="t", acls=["list-accts"], transport="cli", **options)
    return result_of(start("whm_api_token", server.on_the_server, arguments, ON_A_HOST.format(name=name)))


def test_a_file_of_another_server_on_the_command_line(server: Server, tmp_path: Path) -> None:
    """A shared folder, or a disk that was moved: both servers have a token of that name."""
    path = tmp_path / "t"
    assert on_host(server, "one.example.com", token_file=str(path))["changed"]
    assert mark_of(path)["server"] == "cli:one.example.com"
    assert not on_host(server, "one.example.com", token_file=str(path))["changed"]
    (tmp_path / "second").mkdir()
    with serving(tmp_path / "second") as second:
        second.advance(60)
        second.whm_token("t", acl="list-accts")
        for recreate in ("if_expired", "always"):
            failed = on_host(second, "two.example.com", token_file=str(path), recreate=recreate)
            assert failed.get("failed"), failed
            assert f"{path} holds the secret that a task stored for the token t of root on cli:one" in failed["msg"]
    assert server.whm_accepts(path.read_text().strip())


def test_a_server_whose_host_has_another_name_by_now(server: Server, tmp_path: Path) -> None:
    path = tmp_path / "t"
    assert on_host(server, "one.example.com", token_file=str(path))["changed"]
    assert not on_host(server, "two.example.com", token_file=str(path))["changed"]
    done = on_host(server, "two.example.com", token_file=str(path), recreate="always")
    assert done["changed"], done
    assert mark_of(path)["server"] == "cli:two.example.com"


def test_a_mark_that_does_not_name_the_host(server: Server, tmp_path: Path) -> None:
    """As it was written before."""
    path = tmp_path / "t"
    assert on_host(server, "one.example.com", token_file=str(path))["changed"]
    os.setxattr(path, MARK, json.dumps(dict(mark_of(path), server="cli")).encode())
    kept = on_host(server, "one.example.com", token_file=str(path))
    assert (kept["changed"], kept["warnings"]) == (False, [])
    done = on_host(server, "one.example.com", token_file=str(path), recreate="always")
    assert (done["changed"], done["warnings"]) == (True, [])
    assert mark_of(path)["server"] == "cli:one.example.com"


def test_a_file_with_an_earlier_secret_on_the_command_line(server: Server, tmp_path: Path) -> None:
    """The command line cannot say whose secret it is, but no token was created when the one of the file was."""
    path = tmp_path / "t"
    assert on_host(server, "one.example.com", token_file=str(path))["changed"]
    server.whm_ok("api_token_revoke", token_name="t")
    server.advance(5)
    server.whm_token("t", acl="list-accts")
    left = on_host(server, "one.example.com", token_file=str(path))
    assert not left["changed"]
    assert [warning for warning in left["warnings"] if f"{path} holds an earlier secret of t, by its mark" in warning]
    assert on_host(server, "one.example.com", token_file=str(path), recreate="always")["warnings"] == []
    assert server.whm_accepts(path.read_text().strip())
