# Copyright (c) 2026 panelops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Folders of the repository that tests name."""

from __future__ import annotations

from pathlib import Path

REPOSITORY = Path(__file__).resolve().parents[2]

COMMANDS = REPOSITORY / "token_server" / "bin"
"""What a cPanel & WHM server has in its ``PATH``: ``whmapi1``, ``uapi`` and the like."""

CALLBACKS = Path(__file__).parent / "callback_plugins"
"""The callback plugin that writes task results down."""

OTHERS = REPOSITORY / ".cache" / "collections"
"""Collections of others that ``make setup-dev`` gets; a further entry of ``ANSIBLE_COLLECTIONS_PATH``."""
