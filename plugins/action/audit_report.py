# Copyright (c) 2026 panelops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The action plugin of M(panelops.cpanel.audit_report), which runs on the controller only."""

from __future__ import annotations

import hashlib
import json
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from ansible import constants
from ansible.errors import AnsibleError
from ansible.module_utils.common.arg_spec import ArgumentSpecValidator
from ansible.playbook.task_include import TaskInclude
from ansible.plugins.action import ActionBase
from ansible.plugins.loader import lookup_loader
from ansible.template import Templar
from ansible_collections.panelops.cpanel.plugins.module_utils._errors import refuse_nul
from ansible_collections.panelops.cpanel.plugins.module_utils._task.outcome import outcome
from ansible_collections.panelops.cpanel.plugins.plugin_utils._audit.options import ARGUMENT_SPEC
from ansible_collections.panelops.cpanel.plugins.plugin_utils._audit.run import Coverage, run
from ansible_collections.panelops.cpanel.plugins.plugin_utils._audit.turns import Turn, in_order

_KEPT = "_audit_read"
"""The fact in which the role keeps what it has read of a host."""


class ActionModule(ActionBase):
    """See the module's documentation."""

    TRANSFERS_FILES = False
    _requires_connection = False

    def run(self, tmp: str | None = None, task_vars: dict | None = None) -> dict:
        """The task's result."""
        super().run(tmp, task_vars)
        # Through JSON, which leaves plain data: without the tags that Ansible attaches to text.
        validation = ArgumentSpecValidator(ARGUMENT_SPEC).validate(_plain(self._task.args))
        if validation.error_messages:
            return dict(failed=True, msg=validation.errors.msg)
        params = validation.validated_parameters
        if params["servers"] is None:
            return self._for_the_play(params, task_vars or {})
        result = self._report(params, Coverage(params["servers"], params["pending"]))
        return dict(result, turn=dict(play=str(self._task.get_play()._uuid), invocation=str(self._task._uuid)))

    def _report(self, params: Mapping, coverage: Coverage) -> dict:
        def core(params: Mapping, check_mode: bool, environ: Mapping) -> dict:
            refuse_nul("dest", params["dest"])
            folder = Path(self._loader.path_dwim(params["dest"]))
            return run(params, coverage, folder, check_mode, int(time.time()))

        result = outcome(core, params, self._task.check_mode, {})
        if not self._task.diff:
            # Ansible would print it under --diff, also for a task that says diff: false.
            result.pop("diff", None)
        return result

    def _for_the_play(self, params: Mapping, task_vars: Mapping) -> dict:
        """The report on all hosts of the play, if it is for this host to write."""
        hosts = _Hosts(task_vars)
        turn = self._turn(task_vars)
        writer = turn.writer(hosts.kept)
        if writer != turn.host:
            return dict(skipped=True, skip_reason=f"{writer} writes it for all hosts.", writer=writer)
        reads = turn.reads(hosts.kept)
        pending = turn.to_come(reads, lambda host: self._runs(hosts.variables(host)))
        coverage = Coverage(_plain(reads), pending, turn.left_out)
        if turn.lockstep or self._task.check_mode:
            return dict(self._report(params, coverage), writer=writer)
        name = hashlib.sha256(f"{turn.play} {params['dest']}".encode()).hexdigest()[:16]
        # A folder of this run alone, which Ansible removes. It sets this constant as it loads, unseen by those who read its source.
        folder = Path(str(vars(constants)["DEFAULT_LOCAL_TMP"]))
        with in_order(folder / f"audit-{name}", len(coverage.read)) as newest:
            return dict(self._report(params, coverage if newest else coverage.overtaken()), writer=writer)

    def _turn(self, task_vars: Mapping) -> Turn:
        play = self._task.get_play()
        everyone = list(task_vars["ansible_play_hosts_all"])
        return Turn(
            host=task_vars["inventory_hostname"],
            play=str(play._uuid),
            everyone=everyone,
            alive=list(task_vars["ansible_play_hosts"]),
            batch=list(task_vars["ansible_play_batch"]),
            left_out=self._left_out(play.hosts, everyone, task_vars),
            order=play.order,
            lockstep=str(play.strategy).rpartition(".")[2] in ("linear", "debug", "mitogen_linear"),
        )

    def _left_out(self, pattern: str | Sequence[str], everyone: Sequence[str], task_vars: Mapping) -> list[str]:
        """The hosts that the pattern of the play names and the limit of the run leaves out."""
        if not task_vars.get("ansible_limit"):
            return []
        lookup = lookup_loader.get("ansible.builtin.inventory_hostnames", loader=self._loader, templar=self._templar)
        patterns = self._templar.template(pattern)
        names = lookup.run([patterns] if isinstance(patterns, str) else list(patterns), variables=task_vars)
        return sorted({str(name) for name in names} - set(everyone))

    def _runs(self, variables: dict[str, Any]) -> bool:
        """Do the conditions of this task, of the role and of what includes it hold for a host, as far as can be known?"""
        conditions, parent = list(self._task.when), self._task._parent
        while parent is not None:
            if isinstance(parent, TaskInclude):
                conditions += parent.when
            parent = parent._parent
        templar = self._templar.copy_with_new_env(available_variables=variables)
        return all(_holds(condition, templar) for condition in conditions)


class _Hosts:
    """The hosts of the run."""

    def __init__(self, task_vars: Mapping) -> None:
        self._task_vars = task_vars

    def kept(self, host: str) -> Mapping:
        """What the role has kept of a host, as it came: no template in it is run."""
        return self._raw(host).get(_KEPT) or {}

    def variables(self, host: str) -> dict[str, Any]:
        """The variables of a host. Those of the play, which Ansible gives to nobody else, are taken from this task."""
        return {**self._task_vars, **self._raw(host)}

    def _raw(self, host: str) -> Mapping:
        return self._task_vars["hostvars"].raw_get(host) or {}


def _holds(condition: str | bool, templar: Templar) -> bool:
    """Does a condition hold, as far as can be known?"""
    try:
        if hasattr(templar, "evaluate_conditional"):
            return bool(templar.evaluate_conditional(condition))
        if isinstance(condition, bool):
            return condition
        # ansible-core 2.18
        return str(templar.template(f"{{{{ (({condition}) | bool) }}}}")) == "True"
    except AnsibleError:
        return True  # It may hold once the host has come so far.


def _plain(value: object) -> Any:
    return json.loads(json.dumps(value, default=str))
