# Copyright (c) 2026 panelops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Run the tool that the first argument names, from the package that this file lies in, in any working directory."""

from __future__ import annotations

import sys
from pathlib import Path


def launch() -> int:
    """Run the tool and return its exit status."""
    # In place of this file's own folder, which Python has put there.
    sys.path[0] = str(Path(__file__).resolve().parents[2])
    from token_server.tools import main

    return main(sys.argv[1], sys.argv[2:])


sys.exit(launch())
