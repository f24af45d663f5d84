# Copyright (c) 2026 panelops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The kind C(tasks): a file of the user's own tasks, which the role runs."""

from __future__ import annotations

from collections.abc import Mapping

from ansible.errors import AnsibleError
from ansible_collections.panelops.cpanel.plugins.module_utils._errors import PanelopsError

from .controller import Controller, RunsOn, SinkOnTasks
from .task_files import TaskFile


class TasksSink:
    """See ``SinkOnTasks``."""

    def missing(self, options: Mapping, controller: Controller) -> str:
        """The file, if Ansible does not find it, or what would keep the role from knowing that its tasks went well."""
        if not options.get("tasks"):
            return ""
        try:
            TaskFile.read(controller.find("tasks", options["tasks"]), controller)
        except AnsibleError:
            return f"needs the file {options['tasks']}, which is not there. Give its path from the playbook's folder."
        except PanelopsError as error:
            return f"cannot use the file {options['tasks']}: it {error}"
        return ""

    def runs_on(self, options: Mapping, controller: Controller) -> list[RunsOn]:
        """The hosts that its tasks run on, as far as that is known before."""
        return TaskFile.read(controller.find("tasks", options["tasks"]), controller).hosts


SINK: SinkOnTasks = TasksSink()
