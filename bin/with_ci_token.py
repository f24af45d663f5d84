# Copyright (c) 2026 panelops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Run a command with a short-lived API token in its environment: ``python3 .../bin/with_ci_token.py --help``."""

from __future__ import annotations

import sys
from pathlib import Path

if __name__ == "__main__":
    sys.path[0] = str(Path(__file__).resolve().parents[1] / "plugins" / "plugin_utils")
    from _standalone import main

    sys.exit(main(["_ci.command", *sys.argv[1:]]))
