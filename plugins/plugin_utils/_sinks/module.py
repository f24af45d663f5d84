# Copyright (c) 2026 panelops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The kind C(module): any module of any collection, with values in its options."""

from __future__ import annotations

from .module_sink import ModuleSink
from .store import BlindStore

SINK: BlindStore = ModuleSink()
