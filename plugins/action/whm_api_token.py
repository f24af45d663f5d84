# Copyright (c) 2026 panelops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The action plugin of M(panelops.cpanel.whm_api_token)."""

from __future__ import annotations

from ansible_collections.panelops.cpanel.plugins.module_utils._argspec import WHM_API_TOKEN
from ansible_collections.panelops.cpanel.plugins.module_utils._modules.whm_api_token import run
from ansible_collections.panelops.cpanel.plugins.plugin_utils._in_process import InProcessAction


class ActionModule(InProcessAction):
    """See the module."""

    ARGUMENT_SPEC = WHM_API_TOKEN
    core = staticmethod(run)
