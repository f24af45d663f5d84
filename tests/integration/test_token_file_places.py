# Copyright (c) 2026 panelops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""token_file: a file that cannot be replaced shows before a secret is created, and what fails after that leaves no token behind."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.support.processes import result_of, start
from tests.support.stored import Case
from tests.support.waiting import until

NOT_THEIR_OWNER = ("setpriv", "--bounding-set=-fowner", "--inh-caps=-fowner")
"""A command that takes away root's right to act as the owner of any file."""


def _or_skip(*command: str) -> None:
    if shutil.which(command[0]) is None:
        pytest.skip(f"there is no {command[0]}")
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode != 0:
        pytest.skip(f"{command[0]} cannot be used here: {done.stderr.strip()}")


@contextmanager
def bind_mounted(path: Path) -> Iterator[tuple[str, ...]]:
    _or_skip("mount", "--bind", str(path), str(path))
    try:
        yield ()
    finally:
        subprocess.run(["umount", str(path)], check=True)


@contextmanager
def immutable(path: Path) -> Iterator[tuple[str, ...]]:
    _or_skip("chattr", "+i", str(path))
    try:
        yield ()
    finally:
        subprocess.run(["chattr", "-i", str(path)], check=True)


@contextmanager
def somebody_elses_in_a_sticky_folder(path: Path) -> Iterator[tuple[str, ...]]:
    if os.geteuid() != 0 or shutil.which("setpriv") is None:
        pytest.skip("only root can give files away, and setpriv takes away its right to replace them")
    path.chmod(0o644)
    path.parent.chmod(0o1777)
    for each in (path, path.parent):
        shutil.chown(each, "nobody")
    yield NOT_THEIR_OWNER


FIXED: dict[str, Callable] = {
    "bind-mounted": bind_mounted,
    "immutable": immutable,
    "in a sticky folder": somebody_elses_in_a_sticky_folder,
}


@pytest.mark.parametrize("exists", [False, True], ids=["new", "live"])
@pytest.mark.parametrize("how", FIXED)
def test_a_file_that_cannot_be_replaced(case: Case, how: str, exists: bool) -> None:
    secret = case.make("t") if exists else "A" * 32
    case.path.write_text(secret + "\n")
    case.path.chmod(0o600)
    case.server.forget_counters()
    with FIXED[how](case.path) as prefix:
        for check_mode in (True, False, False):
            failed = case.process(recreate="always", check_mode=check_mode, prefix=prefix)
            assert failed.get("failed"), how
            assert f"token_file: {case.path} cannot be replaced" in failed["msg"]
        assert case.server.commits() == {}
        assert case.create not in case.server.calls()
        assert case.alone()
    assert case.path.read_text() == secret + "\n"


def fail_to_write(case: Case, **options: object) -> dict:
    """Run a task while somebody puts a folder into the place of the file, after it was made sure of."""
    calls = case.server.calls().get(case.create, 0)
    case.server.fault(case.create, "delay:1")
    process = start(case.module, case.server.environment, dict(case.wish, **options))
    until(lambda: case.server.calls().get(case.create, 0) > calls)
    case.path.unlink(missing_ok=True)
    case.path.mkdir()
    failed = result_of(process)
    case.path.rmdir()
    assert failed["failed"]
    assert "The secret could not be written" in failed["msg"]
    assert "token" not in failed
    return failed


def test_a_first_secret_that_could_not_be_written(case: Case) -> None:
    """However often: its token does not stay."""
    for _run in range(3):
        failed = fail_to_write(case)
        assert "The token t was revoked." in failed["msg"]
        assert not failed.get("changed")
        assert case.tokens() == []
        assert list(case.path.parent.iterdir()) == []
    assert case.run()["changed"]
    assert case.works(case.stored())


def test_a_reissue_whose_secret_could_not_be_written(case: Case) -> None:
    """The old token gets its name back, and works on."""
    case.run()
    old = case.stored()
    for _run in range(2):
        failed = fail_to_write(case, recreate="always")
        assert "The old token is unchanged." in failed["msg"]
        assert case.tokens() == ["t"]
        assert case.works(old)
    case.path.write_text(old + "\n")
    case.path.chmod(0o600)
    assert not case.run()["changed"]


@pytest.mark.parametrize("revoke", [1, 2], ids=["first", "reissue"])
def test_a_token_that_could_not_be_revoked_either(case: Case, revoke: int) -> None:
    """Then its secret is in the result: one that exists is not lost."""
    if revoke == 2:
        case.run()
    function = "api_token_revoke" if case.create == "api_token_create" else "Tokens::revoke"
    for call in range(1, 9):
        case.server.fault(function, "drop_before_commit", call)
    case.server.fault(case.create, "delay:1")
    process = start(case.module, case.server.environment, dict(case.wish, recreate="always"))
    calls = revoke - 1
    until(lambda: case.server.calls().get(case.create, 0) > calls)
    case.path.unlink(missing_ok=True)
    case.path.mkdir()
    failed = result_of(process)
    assert failed["failed"]
    assert "its secret is in token" in failed["msg"]
    assert case.works(failed["token"])


@pytest.mark.parametrize("options", [dict(owner="nobody-of-this-name"), dict(group="no-such-group"), dict(mode="rwx")])
def test_check_mode_sees_attributes_that_cannot_be(case: Case, options: dict) -> None:
    """Of a file that is yet to be created."""
    checked = case.process(check_mode=True, **options)
    assert checked.get("failed")
    assert checked["msg"] == case.process(**options)["msg"]
    assert list(case.path.parent.iterdir()) == []
    assert case.server.commits() == {}


@pytest.mark.parametrize("check_mode", [True, False])
def test_a_name_that_is_too_long_for_the_files_beside_it(case: Case, check_mode: bool) -> None:
    case.path = case.path.with_name("n" * 250)
    failed = case.run(check_mode=check_mode)
    assert failed.get("failed"), failed
    assert failed["msg"].startswith(f"token_file: the name of {case.path} is too long"), failed["msg"]
    assert case.tokens() == []


@pytest.mark.parametrize("check_mode", [True, False])
def test_a_folder_where_the_lock_must_be(case: Case, check_mode: bool) -> None:
    (case.path.parent / f".{case.path.name}.panelops-lock").mkdir()
    failed = case.run(check_mode=check_mode)
    assert failed.get("failed"), failed
    assert "is a folder" in failed["msg"], failed["msg"]
    assert case.tokens() == []
