# Copyright (c) 2026 panelops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Roles that a user's own tasks include: where they are, and which files of tasks they run."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping

from ansible.errors import AnsibleError
from ansible.playbook.role.definition import RoleDefinition

from .controller import Controller

_ENDINGS = ("", ".yml", ".yaml", ".json")


def role_folder(name: str, controller: Controller) -> str | None:
    """The folder of a role, where Ansible finds it; ``None`` if it does not."""
    definition = RoleDefinition(loader=controller.loader, collection_list=list(controller.task.collections or ()))
    try:
        definition.preprocess_data(name)
    except AnsibleError:
        return None
    return str(definition.get_role_path())


def task_file(folder: str, name: str) -> str | None:
    """The file of tasks of a role that has a name; ``None`` if there is none, for a role needs no tasks."""
    return _named(os.path.join(folder, "tasks", name))


def dependencies(folder: str, controller: Controller) -> Iterator[str]:
    """The roles that a role runs before its own tasks.

    :raises AnsibleError: the file that says so cannot be read.
    """
    path = _named(os.path.join(folder, "meta", "main"))
    said = controller.loader.load_from_file(path) if path else None
    for each in (said.get("dependencies") if isinstance(said, Mapping) else None) or ():
        name = (each.get("role") or each.get("name")) if isinstance(each, Mapping) else each
        if name:
            yield str(name)


def _named(path: str) -> str | None:
    return next((path + ending for ending in _ENDINGS if os.path.isfile(path + ending)), None)
