# Copyright (c) 2026 panelops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The reference in docs/ is what the plugins say of themselves now."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path

from tests.support.paths import REPOSITORY


def test_the_reference_is_in_step(tmp_path: Path) -> None:
    subprocess.run(
        [REPOSITORY / "dev" / "reference.sh", tmp_path], cwd=REPOSITORY, check=True, stdin=subprocess.DEVNULL
    )
    made = {path.name: path.read_text(encoding="utf-8") for path in tmp_path.glob("*.rst")}
    kept = {path.name: path.read_text(encoding="utf-8") for path in (REPOSITORY / "docs" / "reference").glob("*.rst")}
    assert made.keys() == kept.keys()
    stale = [name for name, text in made.items() if text != kept[name]]
    assert not stale, "`make docs` writes them anew"


def test_no_text_is_mangled_by_ansible_doc() -> None:
    """It takes a word before two colons for a directive of reStructuredText, and removes it with the two letters before it."""
    directive = re.compile(r"\S\S [A-Za-z]+::")
    folders = ("modules", "lookup", "callback", "filter", "doc_fragments")
    found = [
        f"{path.name}: {line}"
        for folder in folders
        for path in sorted((REPOSITORY / "plugins" / folder).glob("*.py"))
        for line in path.read_text(encoding="utf-8").splitlines()
        if directive.search(line)
    ]
    assert found == []
