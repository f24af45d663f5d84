# Copyright (c) 2026 panelops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What answers calls: one function for each function of the vendor's APIs, and the dispatcher that calls them.

``permissions`` says which functions exist and who may call them; modules named ``whm_...`` and ``uapi_...`` implement them.
"""
