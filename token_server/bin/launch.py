# Copyright (c) 2026 panelops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Find the package by the place of this file, whatever the working directory, and run the tool named first."""

from __future__ import annotations

import sys
from importlib import import_module
from pathlib import Path

# In place of this file's own folder, which Python has put there.
sys.path[0] = str(Path(__file__).resolve().parents[2])

sys.exit(import_module("token_server.commandline").main(sys.argv[1], sys.argv[2:]))
