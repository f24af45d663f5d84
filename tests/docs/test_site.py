# Copyright (c) 2026 panelops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The web site of the documentation is built without a warning, and has every page."""

from __future__ import annotations

import subprocess
from pathlib import Path

from tests.support.paths import REPOSITORY


def test_the_site_has_every_page(tmp_path: Path) -> None:
    folder = tmp_path / "site"
    subprocess.run([REPOSITORY / "dev" / "site.sh", folder], cwd=REPOSITORY, check=True, stdin=subprocess.DEVNULL)
    guides = {path.stem for path in (REPOSITORY / "docs").glob("*.md")}
    made = {path.stem for path in folder.glob("*.html")}
    assert guides <= made
    home = (folder / "index.html").read_text(encoding="utf-8")
    assert [guide for guide in guides if f'href="{guide}.html"' not in home] == []
    modules = {path.stem for path in (REPOSITORY / "plugins" / "modules").glob("[a-z]*.py")}
    assert modules <= {path.stem.removesuffix("_module") for path in (folder / "reference").glob("*_module.html")}
