# Copyright (c) 2026 panelops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The kind C(tasks): a file of the user's own tasks, which the role runs."""

from __future__ import annotations

from collections.abc import Mapping

from ansible.errors import AnsibleError

from .controller import Controller, SinkOnController


class TasksSink:
    """See ``SinkOnController``."""

    def missing(self, options: Mapping, controller: Controller) -> str:
        """The file, if Ansible does not find it."""
        if options.get("tasks"):
            try:
                controller.find("tasks", options["tasks"])
            except AnsibleError:
                return (
                    f"needs the file {options['tasks']}, which is not there. Give its path from the playbook's folder."
                )
        return ""


SINK: SinkOnController = TasksSink()
