# Copyright (c) 2026 panelops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""POSIX access control lists of the files that secrets are stored in: they stay, and nobody else can read the next secret."""

from __future__ import annotations

import os
import stat
from pathlib import Path

import pytest

from tests.support.delivering import NEW, OLD, STRANGER, acl_of, deliver, give_acl
from tests.support.stored import Case

USER, GROUP, MASK = (2, STRANGER), (4, 0xFFFFFFFF), (16, 0xFFFFFFFF)
"""Entries of a list: one more user, the file's group, the mask."""


def copy_at(path: Path, **sink: object) -> dict:
    path.write_text(f"{OLD}\n")
    path.chmod(0o600)
    give_acl(path, STRANGER)
    checked = deliver(path, "check", recognize="raw", **sink)
    assert checked["ok"], checked
    return deliver(path, "deliver", content=f"{NEW}\n", before=checked["before"], **sink)


def test_a_sink_keeps_the_list(tmp_path: Path) -> None:
    path = tmp_path / "copy"
    told = copy_at(path)
    assert told["ok"], told
    assert path.read_text() == f"{NEW}\n"
    kept = acl_of(path)
    assert (kept[USER], kept[GROUP], kept[MASK]) == (4, 0, 4)
    back = deliver(path, "restore", after=told["after"], previous="b2xkCg==")
    assert back["ok"], back
    assert acl_of(path) == kept


def test_a_mode_of_a_sink_does_to_the_list_what_chmod_does(tmp_path: Path) -> None:
    assert copy_at(tmp_path / "copy", mode="0640")["ok"]
    kept = acl_of(tmp_path / "copy")
    assert (kept[USER], kept[GROUP], kept[MASK]) == (4, 0, 4)


def test_what_the_mask_took_away_is_not_given_back(tmp_path: Path) -> None:
    path = tmp_path / "copy"
    path.write_text(f"{OLD}\n")
    give_acl(path, STRANGER, mask=0, group=4)
    checked = deliver(path, "check", mode="0640", recognize="raw")
    assert deliver(path, "deliver", content=f"{NEW}\n", before=checked["before"], mode="0640")["ok"]
    kept = acl_of(path)
    assert (kept[USER], kept[GROUP]) == (0, 0)


def test_an_empty_file_with_a_list_does_not_decide_who_reads_the_secret(tmp_path: Path) -> None:
    path = tmp_path / "copy"
    path.touch()
    give_acl(path, STRANGER)
    told = deliver(path, "check", recognize="raw")
    assert not told["ok"]
    assert "holds no secret yet" in told["msg"]


@pytest.mark.parametrize("mode", [None, "0640"])
def test_a_list_that_a_folder_hands_on_is_not_taken(tmp_path: Path, mode: str | None) -> None:
    """A mode would make it count."""
    give_acl(tmp_path, STRANGER, kind="system.posix_acl_default")
    path = tmp_path / "copy"
    assert deliver(path, "deliver", content=f"{NEW}\n", before="absent", mode=mode)["ok"]
    assert acl_of(path) == {}
    assert stat.S_IMODE(path.stat().st_mode) == int(mode or "0600", 8)


def test_a_token_file_keeps_the_list(case: Case) -> None:
    assert case.process()["changed"]
    give_acl(case.path, STRANGER)
    checked = case.process(check_mode=True)
    assert not checked["changed"], checked
    assert not case.process()["changed"]
    secret = case.stored()
    for _turn in range(2):
        assert case.process(recreate="always")["changed"]
        kept = acl_of(case.path)
        assert (kept[USER], kept[GROUP], kept[MASK]) == (4, 0, 4)
        assert case.stored() != secret
    assert case.alone()


def test_the_default_mode_of_a_token_file_is_for_its_group_and_others(case: Case) -> None:
    case.process()
    give_acl(case.path, STRANGER, group=4)
    assert case.process(check_mode=True)["changed"]
    assert case.process()["changed"]
    kept = acl_of(case.path)
    assert (kept[USER], kept[GROUP], kept[MASK]) == (4, 0, 4)
    assert not case.process()["changed"]


def test_a_token_file_without_a_secret_has_no_list_to_keep(case: Case) -> None:
    case.path.touch()
    give_acl(case.path, STRANGER)
    assert case.process()["changed"]
    assert acl_of(case.path) == {}
    assert stat.S_IMODE(case.path.stat().st_mode) == 0o600


@pytest.mark.parametrize("kind", ["a FIFO", "a symbolic link", "a device"])
def test_what_is_no_regular_file_is_no_token_file(case: Case, kind: str) -> None:
    """For a token that is to be made, and for one that lives; opening it would hang."""
    if kind == "a FIFO":
        os.mkfifo(case.path)
    elif kind == "a symbolic link":
        case.path.symlink_to("elsewhere")
    else:
        case.path.symlink_to("/dev/null")
        kind = "a symbolic link"
    for exists in (False, True):
        if exists:
            case.make("t")
        case.server.forget_counters()
        result = case.process(prefix=("timeout", "20"))
        assert result["failed"]
        assert f"token_file: {case.path} is {kind}" in result["msg"]
        assert case.server.commits() == {}


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can make files of others")
def test_the_list_of_somebody_elses_file_is_not_kept(case: Case) -> None:
    case.process()
    os.chown(case.path, STRANGER, STRANGER)
    give_acl(case.path, STRANGER + 1)
    assert case.process(recreate="always")["changed"]
    assert acl_of(case.path) == {}
    assert (case.path.stat().st_uid, stat.S_IMODE(case.path.stat().st_mode)) == (0, 0o600)
