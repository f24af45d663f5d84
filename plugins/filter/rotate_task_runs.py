# Copyright (c) 2026 panelops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The filter P(panelops.cpanel.rotate_task_runs#filter)."""

from __future__ import annotations

from collections.abc import Callable, Mapping

DOCUMENTATION = r"""
name: rotate_task_runs
short_description: Note that a task of a C(tasks) sink runs
version_added: 1.0.0
author:
  - panelops contributors (@panelops)
description:
  - The role C(rotate) has this filter in the C(environment) of a user's own tasks. Ansible evaluates it for each task that is not skipped, so
    the role knows whether any task of the sink ran. It is of no use elsewhere.
  - Tasks that deliver nothing are not noted, such as M(ansible.builtin.debug), and tasks in check mode.
positional: host
options:
  _input:
    description:
      - The place of the sink.
    type: dict
    required: true
  host:
    description:
      - The host of the play.
    type: str
    required: true
"""

EXAMPLES = r"""
- name: Run the tasks of a sink
  environment: "{{ {'name': 'billing', 'sink': 0} | panelops.cpanel.rotate_task_runs(inventory_hostname) }}"
  block:
    - name: Deliver the secret
      ansible.builtin.command: "true"
"""

RETURN = r"""
_value:
  description: No variables, so that the environment stays as it is.
  type: dict
  sample: {}
"""

from ansible_collections.panelops.cpanel.plugins.plugin_utils._sinks import ran


def rotate_task_runs(place: Mapping, host: str) -> dict:
    """See the documentation."""
    ran.note(place, str(host))
    return {}


class FilterModule:
    """What Ansible looks for."""

    def filters(self) -> dict[str, Callable]:
        """The filters by name."""
        return {"rotate_task_runs": rotate_task_runs}
