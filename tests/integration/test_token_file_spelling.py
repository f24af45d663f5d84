# Copyright (c) 2026 panelops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""token_file: a path is what the system makes of it, whatever it looks like, so nothing is created for one that cannot be written."""

from __future__ import annotations

from pathlib import Path

import pytest
from ansible_collections.panelops.cpanel.plugins.module_utils._errors import PanelopsError
from ansible_collections.panelops.cpanel.plugins.module_utils._task.lock import held

from tests.support.cores import result_of_core
from tests.support.server import Server
from tests.support.stored import Case


@pytest.fixture
def link(tmp_path: Path) -> Path:
    """A link to a folder that is in another one; the folder above what it leads to is ``elsewhere``."""
    (tmp_path / "elsewhere" / "inner").mkdir(parents=True)
    (tmp_path / "link").symlink_to(tmp_path / "elsewhere" / "inner")
    return tmp_path / "link"


@pytest.mark.parametrize("check_mode", [True, False])
@pytest.mark.parametrize("exists", [False, True], ids=["new", "live"])
@pytest.mark.parametrize("end", ["/", "/.."])
def test_the_path_of_a_folder_that_is_not_there(case: Case, end: str, exists: bool, check_mode: bool) -> None:
    if exists:
        case.run()
    commits = case.server.commits()
    path = f"{case.path.parent}/{case.path.name if exists else 'new'}{end}"
    failed = case.run(token_file=path, check_mode=check_mode, recreate="always")
    assert failed["msg"] == f"token_file: {path} is the path of a folder. Give the path of a file."
    assert case.server.commits() == commits


@pytest.mark.parametrize("check_mode", [True, False])
def test_a_folder_that_is_not_there_and_left_again(case: Case, check_mode: bool) -> None:
    folder = f"{case.path.parent}/none/.."
    failed = case.run(token_file=f"{folder}/t", check_mode=check_mode)
    assert failed["msg"] == f"token_file: there is no folder {folder}. Create it before."
    assert case.server.commits() == {}


def test_above_what_a_link_leads_to(case: Case, link: Path) -> None:
    """The lock, the note and the private file are beside the file, not where the path would be without its dots."""
    before = sorted(link.parent.iterdir())
    case.path = link / ".." / "t"
    assert case.run()["changed"]
    assert not case.run()["changed"]
    assert case.works((link.parent / "elsewhere" / "t").read_text().strip())
    assert sorted(link.parent.iterdir()) == before


def test_two_paths_have_one_lock(link: Path) -> None:
    path = str(link.parent / "elsewhere" / "t")
    with held(path), pytest.raises(PanelopsError, match="Another run has been writing"), held(f"{link}/../t", 0):
        pytest.fail("both hold it")


def test_two_paths_of_one_file_in_one_task(server: Server, link: Path) -> None:
    paths = {"a": f"{link}/../t", "b": str(link.parent / "elsewhere" / "t")}
    tokens = [dict(name=name, acls=["list-accts"], token_file=path) for name, path in paths.items()]
    failed = result_of_core("whm_api_tokens", server.environment, tokens=tokens)
    assert failed["msg"] == f"token_file: {paths['a']} is that of a and b. Give each token a file of its own."
    assert server.commits() == {}
