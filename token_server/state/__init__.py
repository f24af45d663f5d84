# Copyright (c) 2026 panelops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the server keeps: the state folder and everything in it, and what lives in memory only (planned faults, counters).

``engine.Engine`` is all of it, opened. Nothing here knows of calls, of pages or of HTTP.
"""
