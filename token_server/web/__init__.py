# Copyright (c) 2026 panelops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The page "Manage API Tokens", as people see it with a browser, on the TLS ports of both services.

It has no rules of its own: it calls the functions that clients call (``tokens``), so that privileges, ownership, planned faults,
counters and the audit log are the same.
"""
