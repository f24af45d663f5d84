# Copyright (c) 2026 panelops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The action plugin of M(panelops.cpanel.audit_report), which runs on the controller only."""

from __future__ import annotations

import json
import time
from collections.abc import Mapping
from pathlib import Path

from ansible.module_utils.common.arg_spec import ArgumentSpecValidator
from ansible.plugins.action import ActionBase
from ansible_collections.panelops.cpanel.plugins.module_utils._task.outcome import outcome
from ansible_collections.panelops.cpanel.plugins.plugin_utils._audit.options import ARGUMENT_SPEC
from ansible_collections.panelops.cpanel.plugins.plugin_utils._audit.run import run


class ActionModule(ActionBase):
    """See the module's documentation."""

    TRANSFERS_FILES = False
    _requires_connection = False

    def run(self, tmp: str | None = None, task_vars: dict | None = None) -> dict:
        """The task's result."""
        super().run(tmp, task_vars)
        # Through JSON, which leaves plain data: without the tags that Ansible attaches to text.
        validation = ArgumentSpecValidator(ARGUMENT_SPEC).validate(json.loads(json.dumps(self._task.args, default=str)))
        if validation.error_messages:
            return dict(failed=True, msg=validation.errors.msg)
        params = validation.validated_parameters

        def core(params: Mapping, check_mode: bool, environ: Mapping) -> dict:
            folder = Path(self._loader.path_dwim(params["dest"]))
            return run(params, folder, check_mode, int(time.time()))

        result = outcome(core, params, self._task.check_mode, {})
        if not self._task.diff:
            # Ansible would print it under --diff, also for a task that says diff: false.
            result.pop("diff", None)
        return result
