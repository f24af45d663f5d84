# Copyright (c) 2026 panelops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What an action plugin has at hand on the controller, without a playbook around it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from ansible.errors import AnsibleError
from ansible.parsing.dataloader import DataLoader
from ansible.playbook.task import Task
from ansible.template import Templar
from ansible_collections.panelops.cpanel.plugins.plugin_utils._sinks.controller import Controller


def controller(
    environ: Mapping[str, str] | None = None,
    variables: Mapping[str, object] | None = None,
    module_defaults: Sequence[Mapping] = (),
) -> Controller:
    """A controller with this environment and these variables. ``module_defaults`` are those of the play and its blocks, outermost first."""
    loader, task = DataLoader(), Task()
    task.module_defaults = list(module_defaults)
    known = _trusted(dict(variables or {}))
    return Controller(loader, Templar(loader, variables=known), _find, known, task, dict(environ or {}))


def _find(folder: str, name: str) -> str:
    raise AnsibleError(f"there is no {folder}/{name}")


def _trusted(variables: dict) -> dict:
    """As those of a playbook, which may be templates. Before ansible-core 2.19 all text may."""
    try:
        from ansible.template import trust_as_template
    except ImportError:
        return variables
    return {key: trust_as_template(value) if isinstance(value, str) else value for key, value in variables.items()}
