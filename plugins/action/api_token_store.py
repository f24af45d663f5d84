# Copyright (c) 2026 panelops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The action plugin of M(panelops.cpanel.api_token_store): speaks with stores from Ansible's own process, so no secret touches a disk."""

from __future__ import annotations

import base64
import json
from collections.abc import Mapping

from ansible.module_utils.common.arg_spec import ArgumentSpecValidator
from ansible_collections.panelops.cpanel.plugins.module_utils._argspec import API_TOKEN_STORE
from ansible_collections.panelops.cpanel.plugins.module_utils._delivery.evidence import Evidence
from ansible_collections.panelops.cpanel.plugins.module_utils._delivery.sink import CHECK, READ
from ansible_collections.panelops.cpanel.plugins.plugin_utils._sinks.controller import Controller
from ansible_collections.panelops.cpanel.plugins.plugin_utils._sinks.stores import Stores
from ansible_collections.panelops.cpanel.plugins.plugin_utils._target_environment import TargetEnvironment


class ActionModule(TargetEnvironment):
    """See the module."""

    ARGUMENT_SPEC = API_TOKEN_STORE
    _supports_check_mode = True
    _supports_async = False
    _requires_connection = False

    def run(self, tmp: str | None = None, task_vars: dict | None = None) -> dict:
        """The task's result."""
        super().run(tmp, task_vars)
        # Through JSON, which leaves plain data: without the tags that Ansible attaches to text.
        options = json.loads(json.dumps(self._task.args, default=str))
        validation = ArgumentSpecValidator(API_TOKEN_STORE).validate(options)
        if validation.error_messages:
            return dict(failed=True, msg=validation.errors.msg)
        params = validation.validated_parameters
        controller = Controller(
            self._loader, self._templar, self._find_needle, task_vars or {}, self._task, self.environ()
        )
        stores = Stores(controller, params["tokens"] or (), dict(params["sessions"] or {}))
        step, sinks = params["step"], params["sinks"] or []
        if step == "close":
            stores.close()
            return dict(changed=False, sinks=[], copies=[], sessions={})
        if self._task.check_mode and step not in (READ, CHECK):
            return dict(changed=False, sinks=[], copies=[], sessions={})
        stopped = frozenset(
            (each.get("account"), each["name"]) for each in params["evidence"] or () if not each.get("ok")
        )
        stores.independent = params["independent"]
        told = stores.take(step, sinks, params["copies"] or (), frozenset() if params["independent"] else stopped)
        return dict(
            changed=any(each.restored or not each.unchanged for each in told),
            sinks=[_told(each, step) for each in told],
            copies=[_copy(each) for each in told if each.previous is not None],
            sessions=stores.tickets,
        )


def _told(evidence: Evidence, step: str) -> Mapping[str, object]:
    """What came of a sink; of one that was read also its secret, which is to be proven."""
    told = evidence.as_result()
    return dict(told, held=evidence.held) if step == READ and evidence.held else told


def _copy(evidence: Evidence) -> Mapping[str, object]:
    previous = base64.b64encode(evidence.previous or b"").decode("ascii")
    return dict(evidence.place.as_dict(), previous=previous)
