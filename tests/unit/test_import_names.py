# Copyright (c) 2026 panelops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Each of our files is loaded under one name: a class that exists twice is missed by ``except`` and ``isinstance``."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

from tests.support.paths import REPOSITORY

REPORTER = """
import json, os, sys

def pytest_collection_finish(session):
    names, seen = {}, set()
    for name, module in list(sys.modules.items()):
        file = getattr(module, "__file__", None)
        if file and id(module) not in seen:
            seen.add(id(module))
            names.setdefault(os.path.realpath(file), []).append(name)
    with open(os.environ["NAMES_OF_FILES"], "w", encoding="utf-8") as stream:
        json.dump(names, stream)
"""


def names_of_files(folder: Path, root: Path, *suites: object) -> dict[str, list[str]]:
    """Let pytest collect suites; return the names of the modules that were loaded then, by the real path of a file below a root.

    What stands in the root's ``.cache`` is of others.
    """
    (folder / "reporter.py").write_text(REPORTER, encoding="utf-8")
    report = folder / "names.json"
    paths = [str(folder), os.environ["ANSIBLE_COLLECTIONS_PATH"], str(REPOSITORY)]
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-p", "reporter", "--collect-only", *map(str, suites)],
        cwd=REPOSITORY,
        env={**os.environ, "PYTHONPATH": os.pathsep.join(paths), "NAMES_OF_FILES": str(report)},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert done.returncode == 0, (done.stdout + done.stderr)[-2000:]
    names = json.loads(report.read_text(encoding="utf-8"))
    ours = {file: found for file, found in names.items() if Path(file).is_relative_to(root)}
    return {file: found for file, found in ours.items() if not Path(file).is_relative_to(root / ".cache")}


def loaded_twice(names: dict[str, list[str]]) -> dict[str, list[str]]:
    """Return the files that were loaded under more than one name."""
    return {file: found for file, found in names.items() if len(found) > 1}


def test_no_file_of_ours_is_loaded_under_two_names(tmp_path: Path) -> None:
    names = names_of_files(tmp_path, REPOSITORY, "tests")
    assert loaded_twice(names) == {}
    tops = {name.partition(".")[0] for found in names.values() for name in found}
    assert tops >= {"ansible_collections", "tests", "token_server"}, "all three were looked at"


def test_a_file_that_is_loaded_twice_is_noticed(tmp_path: Path) -> None:
    """By itself and as a member of a package; and through a symbolic link, as the tree of collections is one."""
    package = tmp_path / "house"
    package.mkdir()
    (package / "__init__.py").touch()
    (package / "room.py").touch()
    (tmp_path / "tree").symlink_to(package)
    (tmp_path / "test_house.py").write_text(
        "import house.room\nimport tree.room\n\ndef test(): ...\n", encoding="utf-8"
    )
    twice = loaded_twice(names_of_files(tmp_path, tmp_path, tmp_path / "test_house.py"))
    assert {Path(file).name: sorted(found) for file, found in twice.items()} == {
        "__init__.py": ["house", "tree"],
        "room.py": ["house.room", "tree.room"],
    }
