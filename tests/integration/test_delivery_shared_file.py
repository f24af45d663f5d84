# Copyright (c) 2026 panelops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Two names of one machine, or one network folder on two: the copy that the first got is the second's too."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.support.delivering import NEW, OLD, deliver
from tests.support.rotating import Rotation
from tests.support.server import Server


def test_two_names_of_one_machine(server: Server, tmp_path: Path) -> None:
    old = server.whm_token("t", acl="list-accts")
    path = tmp_path / "copy"
    path.write_text(f"{old}\n")
    sink = {"type": "file", "hosts": ["consumer1", "consumer2"], "path": str(path)}
    token = {"name": "t", "acls": ["list-accts"], "sinks": [sink]}
    result = Rotation(server, tmp_path, [token], {"force": True}).rotated()
    assert [each["name"] for each in result["rotated"]] == ["t"]
    assert result["taken_over"] == []
    assert server.whm("api_token_get_details", token=path.read_text().strip())["data"]["name"] == "t"


def test_a_file_of_variables_that_two_names_share(server: Server, tmp_path: Path) -> None:
    """Encrypted twice, it is the same text, so that the second copy can be told from another run's."""
    (tmp_path / "password").write_text("vault password\n")
    sink = {"type": "vault", "hosts": ["consumer1", "consumer2"], "path": str(tmp_path / "vault.yml"), "key": "k"}
    token = {"name": "t", "acls": ["list-accts"], "sinks": [sink]}
    rotation = Rotation(server, tmp_path, [token], {"force": True})
    for _turn in range(2):
        result = rotation.rotated("--vault-password-file", str(tmp_path / "password"))
        assert [each["name"] for each in result["rotated"]] == ["t"]


@pytest.mark.parametrize("before", [f"{OLD}\n", None])
def test_it_is_rolled_back_once_and_counts_twice(tmp_path: Path, before: str | None) -> None:
    path = tmp_path / "copy"
    if before:
        path.write_text(before)
    checked = deliver(path, "check")
    told = [deliver(path, "deliver", content=f"{NEW}\n", before=checked["before"]) for _host in range(2)]
    assert [each["ok"] for each in told] == [True, True], told
    assert told[0]["after"] == told[1]["after"]
    for each in told:
        back = deliver(path, "restore", before=each["before"], after=each["after"], previous=checked["previous"])
        assert (back["ok"], back["unchanged"], back["restored"]) == (True, True, True), back
    assert (path.read_text() if path.exists() else None) == before


def test_a_template_that_differs_by_host_counts_by_the_secret_in_it(tmp_path: Path) -> None:
    path = tmp_path / "copy"
    checked = deliver(path, "check")
    contents = [f"# for {host}\n{NEW}\n" for host in ("consumer1", "consumer2")]
    told = [deliver(path, "deliver", content=each, token=NEW, before=checked["before"]) for each in contents]
    assert [each["ok"] for each in told] == [True, True], told
    assert path.read_text() == contents[0]
    back = deliver(path, "restore", before=told[1]["before"], after=told[1]["after"])
    assert (back["ok"], path.exists()) == (True, False)


def test_a_copy_of_another_run_still_is_another_runs(tmp_path: Path) -> None:
    path = tmp_path / "copy"
    checked = deliver(path, "check")
    path.write_text(f"{OLD}\n")
    told = deliver(path, "deliver", content=f"{NEW}\n", before=checked["before"])
    assert (told["ok"], told["taken_over"]) == (False, True)
    assert path.read_text() == f"{OLD}\n"
