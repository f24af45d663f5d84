# Copyright (c) 2026 panelops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""token_file: one file for two API tokens, of one account, of two accounts or of two servers: the first one's secret stays."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.cores import result_of_core
from tests.support.server import Server, serving
from tests.support.stored import Case


@pytest.fixture(scope="module")
def second_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    with serving(tmp_path_factory.mktemp("second")) as server:
        yield server


@pytest.mark.parametrize("recreate", ["if_expired", "if_unusable", "always"])
@pytest.mark.parametrize("exists", [False, True], ids=["new", "live"])
def test_two_servers(case: Case, second_server: Server, exists: bool, recreate: str) -> None:
    case.run()
    second_server.reset()
    other = Case(second_server, case.module, case.options, case.create, case.path)
    if exists:
        other.make("t")
    second_server.forget_counters()
    for check_mode in (True, False):
        failed = other.run(check_mode=check_mode, recreate=recreate)
        assert failed["failed"]
        assert f"token_file: {case.path} " in failed["msg"]
    assert second_server.commits() == {}
    assert case.works(case.stored())
    assert not case.run()["changed"]


def test_two_accounts(server: Server, tmp_path: Path) -> None:
    options = dict(name="t", token_file=str(tmp_path / "t"))
    assert result_of_core("cpanel_api_token", server.environment, account="alice", **options)["changed"]
    failed = result_of_core("cpanel_api_token", server.environment, account="bob", **options)
    address = f"127.0.0.1:{server.cpanel_port}"
    assert failed["msg"] == (
        f"token_file: {tmp_path}/t holds the secret that a task stored for the token t of alice on {address}. It may be live. "
        "Give each token a file of its own, or empty this one if nobody needs that secret."
    )
    assert server.uapi_accepts((tmp_path / "t").read_text().strip())


def test_two_tokens_of_an_account_that_both_exist(case: Case) -> None:
    """cPanel does not say whose secret it is; the mark of the file does."""
    case.make("u")
    case.run()
    failed = case.run(name="u", recreate="always")
    assert failed["failed"]
    assert f"{case.path} holds the secret" in failed["msg"]
    assert case.works(case.stored())
    assert sorted(case.tokens()) == ["t", "u"]
    # Once t is no more, nobody needs its secret.
    case.run(state="absent")
    done = case.run(name="u", recreate="always")
    assert done["changed"]
    assert case.works(case.stored())


def test_a_server_under_another_name(case: Case) -> None:
    """Its address has changed, the token and the account have not: a new secret is issued as before."""
    case.run()
    environment = {**case.server.environment, "WHM_HOST": "localhost", "WHM_VALIDATE_CERTS": "false"}
    done = result_of_core(case.module, environment, **case.wish, recreate="always")
    assert done["changed"]
    assert done["warnings"] == []
    assert case.works(case.stored())


def test_a_renamed_token_keeps_its_file(case: Case) -> None:
    case.run()
    assert case.run(name="new", rename_from="t")["changed"]
    assert case.run(name="new", recreate="always")["warnings"] == []
    assert case.works(case.stored())
    assert case.tokens() == ["new"]


@pytest.mark.parametrize("how", ["no mark", "mark of another content", "mark that is none"])
def test_whose_secret_it_was_cannot_be_known(case: Case, how: str) -> None:
    """It has the vendor's form, and this server does not take it. A warning says so."""
    case.run()
    case.run(state="absent")
    if how == "no mark":
        for name in os.listxattr(case.path):
            os.removexattr(case.path, name)
    elif how == "mark that is none":
        for name in os.listxattr(case.path):
            os.setxattr(case.path, name, b'{"server": 1}')
    else:
        case.path.write_text("A" * 32 + "\n")
        os.utime(case.path, (0, 0))
    checked = case.run(check_mode=True)
    done = case.run()
    assert done["changed"]
    assert done["warnings"] == checked["warnings"]
    (warning,) = done["warnings"]
    assert f"whose secret {case.path} held" in warning
    assert case.works(case.stored())


def test_who_was_marked_is_not_warned_of(case: Case) -> None:
    case.run()
    case.run(state="absent")
    assert case.run()["warnings"] == []
    assert case.run(recreate="always")["warnings"] == []


def test_the_mark_holds_no_secret(case: Case) -> None:
    case.run()
    marks = {name: os.getxattr(case.path, name) for name in os.listxattr(case.path)}
    assert marks
    assert case.stored() not in str(marks)


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can mount")
def test_one_folder_under_two_names_in_one_task(case: Case, tmp_path: Path) -> None:
    """A link in the path, and a folder that is mounted twice."""
    (tmp_path / "link").symlink_to(case.path.parent)
    again = tmp_path / "again"
    again.mkdir()
    if subprocess.run(["mount", "--bind", case.path.parent, again], check=False).returncode:
        pytest.skip("nothing can be mounted here")
    try:
        for folder in (tmp_path / "link", again):
            tokens = [case.wish, dict(case.wish, name="u", token_file=str(folder / "t"))]
            failed = result_of_core(f"{case.module}s", case.server.environment, tokens=tokens)
            assert failed["failed"]
            assert "Give each token a file of its own" in failed["msg"]
    finally:
        subprocess.run(["umount", again], check=True)
    assert case.tokens() == []
