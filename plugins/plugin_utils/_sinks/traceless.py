# Copyright (c) 2026 panelops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Runs a module of any collection on the controller, with secrets in its options, so that nothing of them is left anywhere.

What it is given passes through a pipe to its standard input. Of its result only the message of a failure is kept, and that without secrets.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from ansible import constants
from ansible.errors import AnsibleError
from ansible.executor import module_common
from ansible.playbook.play_context import PlayContext
from ansible.playbook.task import Task
from ansible.plugins import loader as plugins
from ansible.plugins.action import ActionBase
from ansible_collections.panelops.cpanel.plugins.module_utils._errors import PanelopsError
from ansible_collections.panelops.cpanel.plugins.module_utils._task.outcome import CREDENTIALS

from .controller import Controller
from .quiet import quiet
from .scrubbing import scrubbed, secrets_in
from .store import NotBegun

_KEPT = "would be left in a file with the secret by ANSIBLE_KEEP_REMOTE_FILES (keep_remote_files in ansible.cfg). Unset it for rotations."


@dataclass(frozen=True)
class Found:
    """A module that Ansible knows. ``action`` is the plugin that runs it."""

    name: str
    action: str


def find(module: str) -> Found | None:
    """The module of a full name, wherever the name is redirected to; ``None`` if Ansible knows none."""
    context = plugins.module_loader.find_plugin_with_context(module)
    name = str(context.resolved_fqcn) if context.resolved else module
    if context.resolved and context.action_plugin:
        return Found(name, context.action_plugin)
    if plugins.action_loader.has_plugin(name):
        return Found(name, name)
    return Found(name, "ansible.builtin.normal") if context.resolved else None


def why_not(found: Found) -> str:
    """The rest of a sentence on why a module would leave a trace; empty if it would not."""
    if constants.config.get_config_value("DEFAULT_KEEP_REMOTE_FILES"):
        return _KEPT
    path = plugins.module_loader.find_plugin(found.name)
    if path is None:
        return ""  # The plugin alone does the work.
    with open(path, "rb") as source:
        is_new = module_common.NEW_STYLE_PYTHON_MODULE_RE.search(source.read())
    return "" if is_new else "is not written in Python with Ansible's library, so its options would be left in a file."


def with_defaults(found: Found, args: Mapping[str, object], controller: Controller) -> dict[str, Any]:
    """Options of a module, with those that ``module_defaults`` of the play give to it and to its groups.

    :raises AnsibleError: one of them cannot be templated.
    """
    apply = getattr(module_common, "_apply_action_arg_defaults", None)
    if apply is not None:
        return dict(apply(found.name, controller.task, dict(args), controller.templar))
    # Before ansible-core 2.19.
    older = vars(module_common)["get_action_args_with_defaults"]
    groups = vars(vars(controller.task._parent)["_play"])["_action_groups"]
    return dict(older(found.name, dict(args), controller.task.module_defaults, controller.templar, groups))


def run(found: Found, args: Mapping[str, object], secret: str, controller: Controller) -> None:
    """Run a module.

    :param args: all of its options. :param secret: the one that is delivered.
    :raises NotBegun: it was not started. :raises PanelopsError: it failed; the message holds no secret.
    """
    secrets = [secret, *secrets_in(args)]
    with quiet(), _environment(controller):
        try:
            action = _action(found, args, controller)
        except AnsibleError as error:
            raise NotBegun(f"{found.name} cannot be run: {scrubbed(error, secrets)}") from None
        variables = {**controller.variables, "ansible_python_interpreter": sys.executable}
        try:
            result = action.run(task_vars=variables)
        except Exception as error:
            # A plugin of somebody else's may raise anything, and its traceback would show what it was given.
            raise PanelopsError(f"{found.name} failed: {scrubbed(error, secrets) or type(error).__name__}") from None
        finally:
            action._connection.close()
    why = _failure(result)
    if why is not None:
        raise PanelopsError(f"{found.name} failed: {scrubbed(why, secrets) or 'it does not say why.'}")


def _failure(result: Mapping[str, Any]) -> object | None:
    """What a result says of a failure; ``None`` if it is a success."""
    if result.get("skipped"):
        return f"it did nothing. {result.get('msg') or ''}"
    failed = result.get("failed", result.get("rc") not in (None, 0, "0"))
    return (result.get("msg") or "") if failed or result.get("unreachable") else None


def _action(found: Found, args: Mapping[str, object], controller: Controller) -> ActionBase:
    task: Task = controller.task.copy(exclude_parent=True)
    task._parent = controller.task._parent
    task.action, task.args = found.name, dict(args)
    task.no_log, task.check_mode, task.diff, task.become = True, False, False, False
    task.async_val, task.environment, task.delegate_to = 0, [], None
    context = PlayContext()
    connection = plugins.connection_loader.get("ansible.builtin.local", context, os.devnull)
    connection.set_options(direct={"pipelining": True})
    connection._shell.set_options()
    connection.put_file = _refuse_files
    action: ActionBase = plugins.action_loader.get(
        found.action,
        task=task,
        connection=connection,
        play_context=context,
        loader=controller.loader,
        templar=controller.templar,
        shared_loader_obj=plugins,
    )
    return action


def _refuse_files(in_path: str, out_path: str) -> None:
    raise AnsibleError("it would put what it was given into a file on the way.")


@contextmanager
def _environment(controller: Controller) -> Iterator[None]:
    """Give the environment of the task to the process itself, for Ansible would put it on a command line."""
    kept = dict(os.environ)
    os.environ.update({name: value for name, value in controller.environ.items() if name not in CREDENTIALS})
    for name in CREDENTIALS:
        os.environ.pop(name, None)
    try:
        yield
    finally:
        os.environ.clear()
        os.environ.update(kept)
