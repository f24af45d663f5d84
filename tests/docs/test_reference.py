# Copyright (c) 2026 panelops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The reference in docs/ is what the plugins say of themselves now."""

from __future__ import annotations

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
