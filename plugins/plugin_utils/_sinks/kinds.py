# Copyright (c) 2026 panelops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The table of what the controller does for each kind of sinks. What the kinds are like is in ``_rotation/sinks.py``."""

from __future__ import annotations

from collections.abc import Mapping

from .controller import FileOnController, SinkOnController
from .file import FileSink
from .hashi_vault import HashiVaultSink
from .tasks import TasksSink
from .vault import VaultSink

FILES: Mapping[str, FileOnController] = {"file": FileSink(), "vault": VaultSink()}
"""Those that are files on consumers' hosts."""

SINKS: Mapping[str, SinkOnController] = {**FILES, "hashi_vault": HashiVaultSink(), "tasks": TasksSink()}
