# Copyright (c) 2026 panelops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The action plugin of M(panelops.cpanel.api_token_rotation)."""

from __future__ import annotations

from collections.abc import Mapping

from ansible.errors import AnsibleError
from ansible.plugins.loader import module_loader
from ansible_collections.panelops.cpanel.plugins.module_utils._argspec import API_TOKEN_ROTATION
from ansible_collections.panelops.cpanel.plugins.module_utils._modules.api_token_rotation import run as core
from ansible_collections.panelops.cpanel.plugins.plugin_utils._in_process import InProcessAction

_WRITER = "community.hashi_vault.vault_kv2_write"


class ActionModule(InProcessAction):
    """See the module. Besides, what the controller must have is made sure of before anything is done."""

    ARGUMENT_SPEC = API_TOKEN_ROTATION
    core = staticmethod(core)

    def run(self, tmp: str | None = None, task_vars: dict | None = None) -> dict:
        """The task's result, or a sentence on what is missing."""
        tokens = self._task.args.get("tokens")
        for token in tokens if isinstance(tokens, list) else []:
            for sink in token.get("sinks") or []:
                missing = self._missing(sink)
                if missing:
                    return dict(failed=True, msg=f"The {sink['type']} sink of {token.get('name')} {missing}")
        return super().run(tmp, task_vars)

    def _missing(self, sink: Mapping) -> str:
        """The rest of a sentence on what a sink needs and the controller has not got."""
        if sink.get("type") == "hashi_vault" and not module_loader.find_plugin(_WRITER):
            return (
                "needs the collection community.hashi_vault on the controller. "
                "Install it: ansible-galaxy collection install community.hashi_vault"
            )
        if sink.get("type") == "tasks" and sink.get("tasks"):
            try:
                self._find_needle("tasks", sink["tasks"])
            except AnsibleError:
                return f"needs the file {sink['tasks']}, which is not there. Give its path from the playbook's folder."
        return ""
