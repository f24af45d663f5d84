#!/usr/bin/python
# Copyright (c) 2026 panelops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
"""

EXAMPLES = r"""
"""

RETURN = r"""
"""

from ansible_collections.panelops.cpanel.plugins.module_utils._api_token_rotation import run
from ansible_collections.panelops.cpanel.plugins.module_utils._argspec import API_TOKEN_ROTATION
from ansible_collections.panelops.cpanel.plugins.module_utils._module import run_module


def main():
    run_module(API_TOKEN_ROTATION, run)


if __name__ == "__main__":
    main()
