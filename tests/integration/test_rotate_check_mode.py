# Copyright (c) 2026 panelops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Check mode looks at the sinks as a real run does, and fails with the same sentence; it writes nothing anywhere."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.missing import missing
from tests.support.rotating import Rotation, result_of, sentence_of, sink
from tests.support.server import Server

WRONG: dict[str, dict] = {
    "no folder": {"path": "missing/copy"},
    "no owner": {"path": "copy", "owner": "no-such-user"},
    "no group": {"path": "copy", "group": "no-such-group"},
    "other content": {"path": "other"},
    "a name that leaves no room for one beside it": {"path": "n" * 240},
    "a folder in the place of the lock": {"path": "locked"},
    "something in the place of the lock": {"path": "kept"},
    "a folder": {"path": "folder"},
    "no such file of a template": {"path": "copy", "format": "template", "template": "nowhere.j2"},
    "no host": {"path": "copy", "hosts": ["far.invalid"]},
    "no vault password": {"path": "copy", "type": "vault", "key": "token"},
}


@pytest.mark.parametrize("case", WRONG)
def test_what_a_real_run_refuses_check_mode_refuses(server: Server, tmp_path: Path, case: str) -> None:
    sinks = tmp_path / "sinks"
    (sinks / "folder").mkdir(parents=True)
    (sinks / ".locked.panelops-lock").mkdir()
    (sinks / ".kept.panelops-lock").write_text("somebody's\n")
    (sinks / "other").write_text("several words that nobody\nwants to lose\n")
    options = {"type": "file", "hosts": ["consumer1"], **WRONG[case]}
    options["path"] = str(sinks / options["path"])
    tokens = [{"name": "t", "acls": ["list-accts"], "sinks": [options]}]
    environment = {"ANSIBLE_TIMEOUT": "2"}
    before = sinks.stat().st_mtime_ns
    checked = Rotation(server, tmp_path, tokens).run("--check", environment=environment)
    assert sinks.stat().st_mtime_ns == before, "nothing is written there, not even for a moment"
    real = Rotation(server, tmp_path, tokens).run(environment=environment)
    assert sentence_of(checked) == sentence_of(real)
    assert sentence_of(checked).startswith("1 of 1 token did not rotate. t: the ")
    assert [one["name"] for one in result_of(checked)["failed"]] == ["t"]
    assert result_of(checked)["due"] == []
    assert server.commits() == {}


@pytest.fixture(params=["mounted", "immutable"])
def irreplaceable(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Path]:
    """A file that nothing can be renamed onto; skips where this machine does not let us make one."""
    copy, source = tmp_path / "copy", tmp_path / "source"
    for path in (copy, source):
        path.write_text("")
        path.chmod(0o600)
    begin, end = {
        "mounted": (["mount", "--bind", str(source), str(copy)], ["umount", str(copy)]),
        "immutable": (["chattr", "+i", str(copy)], ["chattr", "-i", str(copy)]),
    }[request.param]
    try:
        subprocess.run(begin, check=True, capture_output=True)
    except (OSError, subprocess.CalledProcessError) as error:
        missing(f"no file can be {request.param} here: {error}")
    yield copy
    subprocess.run(end, check=True)


def test_a_file_that_cannot_be_replaced(server: Server, tmp_path: Path, irreplaceable: Path) -> None:
    tokens = [{"name": "t", "acls": ["list-accts"], "sinks": [sink(irreplaceable)]}]
    checked = Rotation(server, tmp_path, tokens).run("--check")
    real = Rotation(server, tmp_path, tokens).run()
    assert f"path: {irreplaceable} cannot be replaced, because " in sentence_of(checked)
    assert sentence_of(checked) == sentence_of(real)
    assert server.commits() == {}


def test_a_good_sink_is_due_and_untouched(server: Server, tmp_path: Path) -> None:
    """Its folder is not even written to for a moment."""
    folder = tmp_path / "sinks"
    folder.mkdir()
    (folder / "copy").write_text("")
    os.chmod(folder / "copy", 0o600)
    touched = folder.stat().st_mtime_ns
    tokens = [{"name": "t", "acls": ["list-accts"], "sinks": [sink(folder / "copy")]}]
    run = Rotation(server, tmp_path, tokens).run("--check")
    assert run.status == 0, run.output
    assert [one["name"] for one in result_of(run)["due"]] == ["t"]
    assert folder.stat().st_mtime_ns == touched
    assert server.commits() == {}


def test_an_error_is_shown_once(server: Server, tmp_path: Path) -> None:
    tokens = [{"name": "t", "acls": ["list-accts"], "sinks": [sink(tmp_path / "copy")], "rotate_before": "1d"}]
    run = Rotation(server, tmp_path, tokens).run()
    assert len([task for task in run.tasks if task.failed]) == 1
    assert sentence_of(run) == "tokens[0] (t): rotate_before: means something only with expires_in."


def test_a_first_issue_that_fails_says_nothing_of_an_old_token(server: Server, tmp_path: Path) -> None:
    tokens = [{"name": "t", "acls": ["no-such-privilege"], "sinks": [sink(tmp_path / "copy")]}]
    said = sentence_of(Rotation(server, tmp_path, tokens).run())
    assert said.startswith("1 of 1 token did not rotate. t: ")
    assert "old token" not in said
    server.whm_token("t", acl="list-accts")
    assert "The old token is unchanged." in sentence_of(Rotation(server, tmp_path, tokens).run())
