# Copyright (c) 2026 panelops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Command lines as people type them: the guides' own curl calls and shell lines, and the tools of the server."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path
from urllib.parse import urlsplit

from tests.support.paths import COMMANDS
from tests.support.server import Server

SEED_HOSTS = ("your-server.example.com", "example.com")
"""The hosts of the guides' examples; the server has them in its certificate."""


def bash(server: Server, lines: str, caller: str = "root") -> subprocess.CompletedProcess[str]:
    """Run lines in bash on the machine of the server, as the user ``caller``."""
    environment = {
        **os.environ,
        "PATH": f"{COMMANDS}{os.pathsep}{os.environ['PATH']}",
        "TOKEN_SERVER_STATE": str(server.state),
        "TOKEN_SERVER_CALLER": caller,
    }
    return subprocess.run(
        ["bash", "-c", lines], env=environment, capture_output=True, text=True, timeout=30, check=False
    )


def remote_bash(server: Server, lines: str, home: Path) -> subprocess.CompletedProcess[str]:
    """Run lines in bash on any machine, whose curl finds the guides' hosts at the server.

    The lines stay as the guides have them: what differs from a real server stands in curl's configuration file.
    """
    port = urlsplit(server.ready["cpanel"]).port
    configuration = ["silent", "show-error", f'cacert = "{server.ready["ca_file"]}"']
    configuration += [f'connect-to = "{host}:2083:127.0.0.1:{port}"' for host in SEED_HOSTS]
    (home / ".curlrc").write_text("\n".join(configuration) + "\n", encoding="utf-8")
    environment = {**os.environ, "CURL_HOME": str(home), "HOME": str(home)}
    return subprocess.run(
        ["bash", "-c", lines], env=environment, capture_output=True, text=True, timeout=30, check=False
    )
