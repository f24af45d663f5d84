# Copyright (c) 2026 panelops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The action plugin of M(panelops.cpanel.api_token_rotation)."""

from __future__ import annotations

import json

from ansible.module_utils.common.arg_spec import ArgumentSpecValidator
from ansible_collections.panelops.cpanel.plugins.module_utils._errors import PanelopsError
from ansible_collections.panelops.cpanel.plugins.module_utils._modules.api_token_rotation import ARGUMENT_SPEC
from ansible_collections.panelops.cpanel.plugins.module_utils._modules.api_token_rotation import run as core
from ansible_collections.panelops.cpanel.plugins.plugin_utils._in_process import InProcessAction
from ansible_collections.panelops.cpanel.plugins.plugin_utils._sinks.claims import claim_places
from ansible_collections.panelops.cpanel.plugins.plugin_utils._sinks.controller import Controller
from ansible_collections.panelops.cpanel.plugins.plugin_utils._sinks.fleeting import warnings_of
from ansible_collections.panelops.cpanel.plugins.plugin_utils._sinks.kinds import on_controller


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
        step = self._task.args.get("step")
        # Through JSON, which leaves plain data: without the tags that Ansible attaches to text.
        options = json.loads(json.dumps(self._task.args, default=str))
        validation = ArgumentSpecValidator(ARGUMENT_SPEC).validate(options)
        if validation.error_messages or step not in ("decide", "stage"):
            return super().run(tmp, task_vars)
        params = validation.validated_parameters
        try:
            claim_places(params, self.environ(), str(controller.variables.get("inventory_hostname")))
            warnings = warnings_of(params, self.environ(), controller.variables) if step == "decide" else []
        except PanelopsError as error:
            return dict(failed=True, msg=str(error))
        result: dict = super().run(tmp, task_vars)
        if warnings:
            result["warnings"] = [*result.get("warnings", []), *warnings]
        return result
