# Copyright (c) 2026 panelops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the agent is told, which has a working directory of its own."""

from __future__ import annotations

from pathlib import Path

import pytest
from ansible_collections.panelops.cpanel.plugins.plugin_utils._ci.client import absolute_path


def test_a_path_is_the_one_that_the_system_takes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Behind a link, ``..`` is the folder above what the link leads to."""
    (tmp_path / "there" / "folder").mkdir(parents=True)
    (tmp_path / "link").symlink_to(tmp_path / "there" / "folder")
    monkeypatch.chdir(tmp_path)
    for given in ("link/../ca.pem", f" {tmp_path}/link/../ca.pem "):
        path = Path(absolute_path(given))
        assert path.is_absolute()
        assert path.resolve() == tmp_path.resolve() / "there" / "ca.pem"


def test_no_path_stays_none() -> None:
    assert absolute_path(" ") == ""
