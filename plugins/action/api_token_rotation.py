# Copyright (c) 2026 panelops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The action plugin of M(panelops.cpanel.api_token_rotation)."""

from __future__ import annotations

from typing import Any

from ansible import constants
from ansible_collections.panelops.cpanel.plugins.module_utils._modules.api_token_rotation import ARGUMENT_SPEC
from ansible_collections.panelops.cpanel.plugins.module_utils._modules.api_token_rotation import run as core
from ansible_collections.panelops.cpanel.plugins.plugin_utils._in_process import InProcessAction
from ansible_collections.panelops.cpanel.plugins.plugin_utils._sinks.controller import Controller
from ansible_collections.panelops.cpanel.plugins.plugin_utils._sinks.kinds import on_controller

_KEPT = (
    "ANSIBLE_KEEP_REMOTE_FILES (keep_remote_files in ansible.cfg) would leave the credential and new secrets in files on the host that "
    "runs this step. Unset it for rotations."
)


class ActionModule(InProcessAction):
    """See the module. Besides, what the controller must have is checked before anything is done."""

    ARGUMENT_SPEC = ARGUMENT_SPEC
    core = staticmethod(core)

    def run(self, tmp: str | None = None, task_vars: dict | None = None) -> dict:
        """The task's result, or a sentence on what is missing."""
        controller = Controller(self._loader, self._templar, self._find_needle, task_vars or {})
        tokens = self._task.args.get("tokens")
        for token in tokens if isinstance(tokens, list) else []:
            for sink in token.get("sinks") or []:
                # A type that does not exist is refused with all other options.
                kind = on_controller(sink.get("type"))
                missing = kind.missing(sink, controller) if kind else ""
                if missing:
                    return dict(failed=True, msg=f"The {sink['type']} sink of {token.get('name')} {missing}")
        return super().run(tmp, task_vars)

    def _execute_module(self, *args: Any, **kwargs: Any) -> dict:
        """Run the step as a module, unless Ansible would leave the module behind: with the credential, and a later one with new secrets.

        Refused at the first step too, which makes no token: so it is found before one is created.
        """
        if constants.config.get_config_value("DEFAULT_KEEP_REMOTE_FILES"):
            return dict(failed=True, msg=_KEPT)
        return super()._execute_module(*args, **kwargs)
