# Copyright (c) 2026 panelops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The file of a sink where others can be first: what kind of file it is, whose it is, and who may read it."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.support.delivering import NEW, OLD, STRANGER, deliver, options_of, step_of
from tests.support.server import Server

AS_ROOT = pytest.mark.skipif(os.geteuid() != 0, reason="only root can make files of others")


def foreign(path: Path, content: str, mode: int = 0o600) -> None:
    path.write_text(content)
    path.chmod(mode)
    os.chown(path, STRANGER, STRANGER)


def device(path: Path) -> None:
    try:
        os.mknod(path, 0o600 | 0o020000, os.makedev(1, 3))
    except PermissionError:
        pytest.skip("no device can be made here")


NO_FILES: dict[str, Callable[[Path], object]] = {
    "a symbolic link": lambda path: path.symlink_to(path.parent / "elsewhere"),
    "a FIFO": os.mkfifo,
    "a device": device,
}


@pytest.mark.parametrize("step", ["check", "deliver", "restore"])
@pytest.mark.parametrize("kind", NO_FILES)
def test_what_is_no_regular_file_is_refused_and_not_waited_for(tmp_path: Path, kind: str, step: str) -> None:
    (tmp_path / "elsewhere").write_text(f"{OLD}\n")
    path = tmp_path / "copy"
    NO_FILES[kind](path)
    told = deliver(path, step, content=f"{NEW}\n", before="absent", after="absent")
    assert not told["ok"]
    assert told["msg"].startswith(f"path: {path} is {kind}")
    assert os.path.lexists(path), "it is left alone"
    assert (tmp_path / "elsewhere").read_text() == f"{OLD}\n"
    assert len(list(tmp_path.iterdir())) == 2, "and nothing is left beside it"


@AS_ROOT
@pytest.mark.parametrize("content", ["", " \n"])
@pytest.mark.parametrize("options", [{}, {"mode": "0640"}, {"owner": "root"}], ids=["", "mode", "owner"])
def test_an_empty_file_of_somebody_else_does_not_decide_who_reads_the_secret(
    tmp_path: Path, content: str, options: dict
) -> None:
    foreign(tmp_path / "copy", content, 0o644)
    told = deliver(tmp_path / "copy", "check", recognize="raw", **options)
    assert not told["ok"]
    assert "holds no secret yet" in told["msg"]
    assert "owner, group and mode" in told["msg"]


@AS_ROOT
def test_all_of_owner_group_and_mode_are_the_tasks(tmp_path: Path) -> None:
    path = tmp_path / "copy"
    foreign(path, "", 0o666)
    given = {"owner": "root", "group": "root", "mode": "0600", "recognize": "raw"}
    checked = deliver(path, "check", **given)
    assert checked["ok"], checked
    told = deliver(path, "deliver", content=f"{NEW}\n", before=checked["before"], **given)
    assert told["ok"], told
    assert (path.stat().st_uid, path.stat().st_gid, path.stat().st_mode & 0o777) == (0, 0, 0o600)


@AS_ROOT
def test_a_file_that_appears_after_the_check_does_not_decide_either(tmp_path: Path) -> None:
    """The secret is not even written beside a file that is not the one that was checked."""
    path = tmp_path / "copy"
    checked = deliver(path, "check")
    foreign(path, "", 0o666)
    watch = "import os; chown = os.lchown; os.lchown = lambda *given: (open('seen', 'w').close(), chown(*given))"
    sink = options_of(path, content=f"{NEW}\n", before=checked["before"])
    told = step_of("deliver", sink, before=f"import os; os.chdir({str(tmp_path)!r}); {watch}")["sinks"][0]
    assert (told["ok"], told["taken_over"]) == (False, True)
    assert not (tmp_path / "seen").exists(), "no copy was given to its owner"
    assert path.read_text() == ""


@AS_ROOT
def test_in_a_folder_of_others_only_a_secret_that_works_proves_a_file_to_be_ours(
    server: Server, tmp_path: Path
) -> None:
    """Anybody can write 32 letters."""
    live = server.whm_token("t", acl="list-accts")
    folder = tmp_path / "open"
    folder.mkdir()
    folder.chmod(0o777)
    path = folder / "copy"
    port = int(server.environment["WHM_PORT"])
    service = {"service": "whm", "host": "127.0.0.1", "port": port, "username": "root"}
    verify = {**service, "ca_path": server.environment["WHM_CA_PATH"]}
    for secret, kept in ((OLD, False), (live, True)):
        foreign(path, f"{secret}\n", 0o640)
        checked = deliver(path, "check", recognize="raw", verify=verify)
        assert checked["ok"] is kept, checked
    told = deliver(path, "deliver", content=f"{live}\n", before=checked["before"], verify=verify)
    assert told["ok"], told
    assert (path.stat().st_uid, path.stat().st_mode & 0o777) == (STRANGER, 0o640)
    foreign(path, f"{OLD}\n", 0o640)
    told = deliver(path, "check", recognize="raw", verify=verify)
    assert told["msg"].startswith(f"path: {path} belongs to the user {STRANGER}, ")
    assert "owner, group and mode" in told["msg"]


@pytest.mark.parametrize("path", ["copy", "./copy", "$HOME/copy", "%h/copy"])
def test_a_relative_path_is_refused(path: str) -> None:
    told = deliver(path, "check")
    assert not told["ok"]
    assert told["msg"] == f"path: {path} is not absolute. Begin it with / (or with ~, the home folder on the consumer)."


def test_a_home_folder_is_the_consumers(tmp_path: Path) -> None:
    sink = options_of("~/copy", content=f"{NEW}\n", before="absent")
    told = step_of("deliver", sink, environment={"HOME": str(tmp_path)})["sinks"][0]
    assert told["ok"], told
    assert (tmp_path / "copy").read_text() == f"{NEW}\n"


def test_two_tokens_in_one_file_are_refused_by_their_real_paths(tmp_path: Path) -> None:
    (tmp_path / "folder").mkdir()
    (tmp_path / "link").symlink_to(tmp_path / "folder")
    paths = {"one": "folder/copy", "two": "link/copy", "three": "folder/other"}
    sinks = [options_of(tmp_path / path, **{"name": name}) for name, path in paths.items()]
    told = {each["name"]: each for each in step_of("check", *sinks)["sinks"]}
    assert {name: each["ok"] for name, each in told.items()} == {"one": False, "two": False, "three": True}
    assert told["two"]["msg"] == (
        f"path: {tmp_path}/link/copy is the same file as {tmp_path}/folder/copy, that of one. "
        "Give each token a file of its own."
    )


def test_two_tokens_in_one_file_above_what_a_link_leads_to(tmp_path: Path) -> None:
    (tmp_path / "elsewhere" / "inner").mkdir(parents=True)
    (tmp_path / "link").symlink_to(tmp_path / "elsewhere" / "inner")
    paths = {"one": f"{tmp_path}/elsewhere/copy", "two": f"{tmp_path}/link/../copy"}
    sinks = [options_of(path, name=name) for name, path in paths.items()]
    told = {each["name"]: each for each in step_of("check", *sinks)["sinks"]}
    assert told["two"]["msg"].startswith(f"path: {paths['two']} is the same file as {paths['one']}, that of one.")


@pytest.mark.parametrize("step", ["check", "deliver"])
def test_the_path_of_a_folder_that_is_not_there(tmp_path: Path, step: str) -> None:
    path = f"{tmp_path}/new/"
    (told,) = step_of(step, options_of(path, content=f"{NEW}\n", before="absent"))["sinks"]
    assert told["msg"] == f"path: {path} is the path of a folder. Give the path of a file."
    assert list(tmp_path.iterdir()) == []
