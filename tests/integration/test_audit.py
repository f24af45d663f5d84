# Copyright (c) 2026 panelops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The role audit, by real runs against real servers."""

from __future__ import annotations

from pathlib import Path

from tests.integration.audits import audit
from tests.integration.server import Server


def test_one_server(server: Server, tmp_path: Path) -> None:
    server.create("t")
    run, report = audit(tmp_path, {"web1": server})
    assert run.status == 0, run.output
    assert report["summary"]["tokens"] == 1
