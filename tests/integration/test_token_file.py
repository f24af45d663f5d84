# Copyright (c) 2026 panelops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""token_file: the secret goes there whole and private, is proved at each run, and is never issued for a place that cannot hold it."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.support.cores import result_of_core, run_core
from tests.support.playbooks import run_playbook, task
from tests.support.processes import ORDINARY
from tests.support.server import Server
from tests.support.speaking import dialects
from tests.support.stored import SERVICES, Case, mode_of


def test_written_once_private_and_whole(case: Case) -> None:
    checked = case.run(check_mode=True)
    assert checked["changed"]
    assert not case.path.exists()
    assert case.server.commits() == {}
    done = case.run()
    assert done["changed"]
    assert "token" not in done
    assert done["diff"] == checked["diff"]
    assert len(case.stored()) == 32
    assert case.works(case.stored())
    assert mode_of(case.path) == 0o600
    assert case.alone()
    secret = case.stored()
    case.server.forget_counters()
    again = case.run(return_token=True)
    assert not again["changed"]
    assert "token" not in again
    assert again["warnings"] == []
    assert case.stored() == secret
    assert case.server.commits() == {}


def test_returned_too_if_wished(case: Case) -> None:
    assert case.run(return_token=True)["token"] == case.stored()


def test_owner_and_mode(case: Case) -> None:
    case.run(mode="0640")
    secret = case.stored()
    assert mode_of(case.path) == 0o640
    assert not case.run(mode="0640")["changed"]
    wish = dict(mode="u=rw,g=,o=") | (dict(owner="nobody", group="nogroup") if os.geteuid() == 0 else {})
    checked = case.run(check_mode=True, **wish)
    assert checked["changed"]
    assert mode_of(case.path) == 0o640
    assert case.run(**wish)["diff"] == checked["diff"]
    assert not case.run(**wish)["changed"]
    assert mode_of(case.path) == 0o600
    if os.geteuid() == 0:
        assert (case.path.owner(), case.path.group()) == ("nobody", "nogroup")
    assert case.stored() == secret
    assert case.server.commits() == {case.create: 1}


SPOILT: dict[str, Callable[[Path], object]] = {
    "gone": Path.unlink,
    "empty": lambda path: path.write_text(""),
    "mistyped": lambda path: path.write_text("A" * 32 + "\n"),
}


@dialects("denied")
@pytest.mark.parametrize("how", SPOILT)
def test_a_secret_that_is_lost(case: Case, how: str) -> None:
    case.run()
    old = case.stored()
    SPOILT[how](case.path)
    spoilt = case.path.read_bytes() if case.path.exists() else None
    case.server.forget_counters()
    left = case.run(recreate="never")
    assert not left["changed"]
    assert "The stored secret is not that of t" in left["warnings"][0]
    assert (case.path.read_bytes() if case.path.exists() else None) == spoilt
    checked = case.run(check_mode=True, recreate="if_unusable")
    assert checked["changed"]
    assert case.server.commits() == {}
    issued = case.run(recreate="if_unusable")
    assert issued["changed"]
    assert issued["diff"] == checked["diff"]
    assert case.works(case.stored())
    assert not case.works(old)
    assert case.tokens() == ["t"]
    assert case.alone()
    assert not case.run()["changed"]


def test_the_secret_of_another_token(case: Case) -> None:
    """WHM can tell; cPanel cannot, so a secret that works is kept there, as the documentation says."""
    case.run()
    other = case.make("other")
    case.path.write_text(other)
    result = case.run()
    assert bool(result.get("failed")) is (case.module == "whm_api_token")
    assert not result.get("changed")
    assert case.stored() == other
    assert sorted(case.tokens()) == ["other", "t"]


def test_a_server_that_cannot_be_asked_is_no_dead_token(case: Case) -> None:
    case.run()
    secret = case.stored()
    case.server.forget_counters()
    ask, first = ("api_token_get_details", 1) if case.module == "whm_api_token" else ("Tokens::list", 2)
    for call in range(first, first + 3):
        case.server.fault(ask, "drop_before_commit", call)
    failed = case.run()
    assert failed["failed"]
    assert "the connection broke off" in failed["msg"]
    assert case.server.calls()[ask] == first + 2, "asked three times"
    assert case.server.commits() == {}
    assert case.stored() == secret
    assert case.works(secret)


def refused(case: Case, message: str, run: Callable | None = None, **options: object) -> None:
    """Both for a token that is to be made and for one whose secret is to be made anew, nothing is changed."""
    for exists in (False, True):
        if exists:
            case.make("t")
        case.server.forget_counters()
        result = (run or case.run)(**options)
        assert result["failed"]
        assert message in result["msg"]
        assert case.server.commits() == {}
        assert case.create not in case.server.calls()


def test_places_that_hold_no_file(case: Case) -> None:
    file = case.path.parent / "file"
    file.write_text("")
    refused(case, "there is no folder", token_file=str(case.path.parent / "missing" / "t"))
    case.server.reset()
    refused(case, "is a folder", token_file=str(case.path.parent))
    case.server.reset()
    refused(case, "there is no folder", token_file=str(file / "t"))
    assert list(case.path.parent.iterdir()) == [file]


@pytest.mark.parametrize("options", [dict(owner="nobody-of-this-name"), dict(group="no-such-group"), dict(mode="rwx")])
def test_attributes_that_cannot_be(case: Case, options: dict) -> None:
    """They show on the file that is reserved, before there is a secret."""
    refused(case, "", run=case.process, **options)
    assert list(case.path.parent.iterdir()) == []


def test_a_folder_that_cannot_be_written_to(case: Case) -> None:
    if os.geteuid() == 0 and shutil.which("setpriv") is None:
        pytest.skip("root may write everywhere, and there is no setpriv to take that away")
    case.path.parent.chmod(0o555)
    try:
        refused(case, "cannot be written to", run=case.process, prefix=ORDINARY if os.geteuid() == 0 else ())
    finally:
        case.path.parent.chmod(0o755)


@contextmanager
def small_disk(place: Path, pages: int) -> Iterator[Path]:
    """A file system with so many pages."""
    place.mkdir()
    command = ["mount", "-t", "tmpfs", "-o", f"size={4 * pages}k", "tmpfs", str(place)]
    mounted = subprocess.run(command, capture_output=True, text=True, check=False)
    if mounted.returncode != 0:
        pytest.skip(f"no small file system can be mounted here: {mounted.stderr.strip()}")
    try:
        yield place
    finally:
        subprocess.run(["umount", str(place)], check=True)


def test_a_full_disk(case: Case, tmp_path: Path) -> None:
    with small_disk(tmp_path / "full", 1) as place:
        (place / "filler").write_bytes(b"x" * 4096)
        refused(case, "No space left on device", token_file=str(place / "t"), recreate="always")
        assert [path.name for path in place.iterdir()] == ["filler"]


def test_a_disk_with_room_for_the_secret_and_no_more(case: Case, tmp_path: Path) -> None:
    """The note beside it needs room too. Check mode says so, and nothing is left at any run."""
    with small_disk(tmp_path / "small", 1) as place:
        case.path = place / "t"
        for check_mode in (True, False):
            refused_now = case.run(check_mode=check_mode)
            assert "No space left on device" in refused_now.get("msg", ""), refused_now
            assert list(place.iterdir()) == []
        assert case.server.commits() == {}


def test_check_mode_needs_the_room_of_all_secrets_together(server: Server, tmp_path: Path) -> None:
    with small_disk(tmp_path / "small", 5) as place:
        tokens = [dict(name=name, acls=["list-accts"], token_file=str(place / name)) for name in ("a", "b", "c")]
        for check_mode in (True, False):
            refused_now = result_of_core("whm_api_tokens", server.environment, check_mode=check_mode, tokens=tokens)
            assert "No space left on device" in refused_now.get("msg", ""), refused_now
            assert list(place.iterdir()) == []
        assert server.commits() == {}


def test_a_create_that_fails_leaves_the_file_as_it_was(case: Case) -> None:
    case.run()
    secret = case.stored()
    case.server.fault(case.create, "status:401")
    assert "The old token is unchanged." in case.run(recreate="always")["msg"]
    assert case.stored() == secret
    assert case.works(secret)
    assert case.alone()


@pytest.mark.parametrize("kind", ["drop_before_commit", "drop_after_commit"])
def test_a_create_whose_answer_is_lost(case: Case, kind: str) -> None:
    case.server.fault(case.create, kind)
    assert case.run()["changed"]
    assert case.works(case.stored())
    assert case.tokens() == ["t"]
    assert case.alone()


def test_in_a_playbook_with_a_diff_and_no_secret_on_the_screen(server: Server, tmp_path: Path) -> None:
    files = {service: tmp_path / f"{service}-secret" for service in SERVICES}
    tasks = [
        task(f"{service} {turn}", module, name="t", token_file=str(files[service]), mode="0640", **options)
        for turn in ("first", "second")
        for service, (module, options, _create) in SERVICES.items()
    ]
    run = run_playbook({"tasks": tasks}, tmp_path, server.environment, ("--diff", "-vvv"))
    assert run.status == 0, run.output
    assert [each.changed for each in run.tasks] == [True, True, False, False]
    assert run["whm first"].diff["after"]["token_file"] == {"path": str(files["whm"]), "secret": "present"}
    for file in files.values():
        assert mode_of(file) == 0o640
        assert file.read_text().strip() not in run.output
    assert server.whm_accepts(files["whm"].read_text().strip())
    assert server.uapi_accepts(files["cpanel"].read_text().strip())


def test_hidden_files_of_others_stay(server: Server, tmp_path: Path) -> None:
    """What a killed run has left is removed; the names of other files only look alike."""
    others = [tmp_path / f".t.{word}" for word in ("password", "template", "lock", "new-password")]
    left = tmp_path / ".t.panelops-new-a1b2c3d4"
    for path in (*others, left):
        path.write_text("x")
        os.utime(path, (0, 0))
    run_core("whm_api_token", server.environment, name="t", acls=["ssl"], token_file=str(tmp_path / "t"))
    assert all(path.exists() for path in others)
    assert not left.exists()
