# Copyright (c) 2026 panelops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A file of a user's own tasks, read before it is run: does anything in it keep the role from knowing that all of it went well?

Tasks that a run leaves out by their tags, and hosts that end early, look the same as tasks that have gone well. What a file includes
is read too; what cannot be read before is refused, for a ``meta: end_play`` in it would end the run without a result.
"""

from __future__ import annotations

import os
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

from ansible import constants
from ansible.errors import AnsibleError
from ansible.parsing.mod_args import ModuleArgsParser
from ansible.playbook.task import Task
from ansible.plugins.loader import action_loader
from ansible_collections.panelops.cpanel.plugins.module_utils._errors import PanelopsError

from .controller import Controller, RunsOn
from .roles import dependencies, role_folder, task_file

_ENDS = ("end_batch", "end_host", "end_play", "end_role")
_CONTROLLER_ONLY = (
    *(
        "add_host",
        "assert",
        "debug",
        "fail",
        "group_by",
        "import_role",
        "import_tasks",
        "include_role",
        "include_tasks",
    ),
    *("include_vars", "meta", "pause", "set_fact", "set_stats", "validate_argument_spec"),
)
_BUILTIN = ("ansible.builtin.", "ansible.legacy.")
_SET_BY = ("include_vars", "set_fact")


@dataclass(frozen=True)
class _Context:
    """What tasks have from the blocks and includes around them."""

    folder: str
    tags: tuple[str, ...] = ()
    delegate_to: object = None
    conditional: bool = False
    run_once: bool = False
    variables: Mapping[str, object] = field(default_factory=dict)
    files: tuple[str, ...] = ()
    """The files around it, and its own."""


@dataclass
class TaskFile:
    """A file that has been read. ``hosts`` are those of tasks that run in any case, as far as that is known.

    ``changing`` are the variables that its tasks set themselves.
    """

    controller: Controller
    hosts: list[RunsOn] = field(default_factory=list)
    tasks: int = 0
    changing: set[str] = field(default_factory=set)

    @classmethod
    def read(cls, path: str, controller: Controller) -> TaskFile:
        """Read it.

        :raises PanelopsError: the rest of a sentence on why the role could not rely on it.
        """
        read = cls(controller)
        inherited = tuple(str(tag) for tag in controller.task.tags or ())
        read._file(
            path, _Context(os.path.dirname(path), inherited, getattr(controller.task._parent, "delegate_to", None))
        )
        if not read.tasks:
            raise PanelopsError("has no task, so the secret would be delivered nowhere.")
        return read

    def _file(self, path: str, context: _Context) -> None:
        if path in context.files:
            return  # It is being read.
        context = replace(context, files=(*context.files, path))
        try:
            content = self.controller.loader.load_from_file(path)
        except AnsibleError:
            raise PanelopsError(f"is not valid: {path} cannot be read as YAML.") from None
        if content is not None and not isinstance(content, list):
            raise PanelopsError(f"is not valid: {path} is not a list of tasks.")
        self._list(content or (), context)

    def _list(self, content: Sequence[object], context: _Context) -> None:
        for each in content:
            if not isinstance(each, Mapping):
                raise PanelopsError("is not valid: it is not a list of tasks.")
            inner = replace(
                context,
                tags=(*context.tags, *_tags(each)),
                delegate_to=each.get("delegate_to", context.delegate_to),
                conditional=context.conditional or "when" in each,
                run_once=context.run_once or bool(each.get("run_once")),
                variables={**context.variables, **_mapping(each.get("vars"))},
            )
            if "block" in each:
                for part in ("block", "rescue", "always"):
                    self._list(each.get(part) or (), replace(inner, conditional=inner.conditional or part == "rescue"))
            else:
                self._task(each, inner)

    def _task(self, task: Mapping, context: _Context) -> None:
        try:
            action, arguments, local = ModuleArgsParser(dict(task)).parse(skip_action_validation=True)
        except AnsibleError as error:
            raise PanelopsError(f"is not valid: {str(error).splitlines()[0]}") from None
        name = str(task.get("name") or action)
        if "never" in context.tags:
            return
        if self._is_left_out(context.tags):
            raise PanelopsError(
                f"has the task {name}, which this run leaves out because of its tags. Then the secret might be delivered nowhere. "
                "Run it without --skip-tags."
            )
        self.tasks += 1
        self._refuse_unseen(name, task, context)
        short = next((action[len(prefix) :] for prefix in _BUILTIN if action.startswith(prefix)), action)
        words = str(arguments.get("_raw_params") or "").split()
        if short == "meta" and words and words[0] in _ENDS:
            raise PanelopsError(
                f"has the task {name}, meta: {words[0]}. The role would end with it, and promote nothing. Use when: for the tasks after it."
            )
        self._note_changing(short, task, arguments)
        if short in ("import_tasks", "include_tasks", "import_role", "include_role"):
            self._each_included(name, short, task, arguments, context)
        elif short not in _CONTROLLER_ONLY and not context.conditional and not task.get("ignore_unreachable"):
            self._runs_on(name, action, local or context.delegate_to, context)

    def _note_changing(self, short: str, task: Mapping, arguments: Mapping) -> None:
        """Note which variables a task sets: what they are before it runs says nothing about the tasks after it."""
        if task.get("register"):
            self.changing.add(str(task["register"]))
        if short in _SET_BY:
            self.changing |= {str(key) for key in arguments}
        if short == "include_vars":
            self.changing.add("")

    def _refuse_unseen(self, name: str, task: Mapping, context: _Context) -> None:
        """Refuse a task that the role could not see the end of, or that Ansible does for one host and calls done for all."""
        if context.run_once and len(self.controller.variables.get("ansible_play_hosts_all") or ()) > 1:
            raise PanelopsError(
                f"has the task {name} with run_once, so that only the secret of the first host of the play would be delivered. Leave "
                "run_once out: the tasks run for each host that has a new secret."
            )
        if task.get("async") and not self._is_waited_for(task, context):
            raise PanelopsError(
                f"has the task {name} with poll: 0, which nobody waits for. Give the seconds of poll as a number, so that the role "
                "sees how it ends."
            )

    def _is_waited_for(self, task: Mapping, context: _Context) -> bool:
        """Does Ansible ask a task with ``async`` how it goes? What is not known before it runs counts as no."""
        default = constants.config.get_config_value("DEFAULT_POLL_INTERVAL")
        given = self._templated(str(task.get("poll", default)), context)
        try:
            return int(float(given or 0)) > 0
        except ValueError:
            return False

    def _each_included(self, name: str, short: str, task: Mapping, arguments: Mapping, context: _Context) -> None:
        """Read what a task includes: for each item, if it has a loop whose items are known."""
        static, own = short.startswith("import"), _tags(task)
        reads = self._included if short.endswith("tasks") else self._role
        items = next((task[key] for key in ("loop", "with_items", "with_list") if key in task), None)
        variable = str(_mapping(task.get("loop_control")).get("loop_var") or "item")
        for item in items if isinstance(items, list) and items else [None]:
            more = {} if item is None else {variable: item}
            reads(name, arguments, static, own, replace(context, variables={**context.variables, **more}))

    def _included(self, name: str, arguments: Mapping, static: bool, own: Sequence[str], context: _Context) -> None:
        file = self._templated(arguments.get("file") or arguments.get("_raw_params"), context)
        if file is None:
            raise _unknown(name, "a file")
        path = self._found(file, context)
        if path is None:
            raise PanelopsError(f"has the task {name}, and the file {file} that it includes is not there.")
        self._file(path, _inside(context, path, arguments, static, own))

    def _role(self, name: str, arguments: Mapping, static: bool, own: Sequence[str], context: _Context) -> None:
        role = self._templated(arguments.get("name") or arguments.get("role"), context)
        tasks_from = self._templated(arguments.get("tasks_from") or "main", context)
        if role is None or tasks_from is None:
            raise _unknown(name, "a role")
        folder = role_folder(role, self.controller)
        if folder is None:
            raise PanelopsError(f"has the task {name}, and the role {role} that it includes is not there.")
        inside = _inside(context, os.path.join(folder, "tasks", "main.yml"), arguments, static, own)
        if folder not in context.files:
            for needed in dependencies(folder, self.controller):
                self._role(name, {"name": needed}, True, (), replace(inside, files=(*inside.files, folder)))
        path = task_file(folder, tasks_from)
        if path is not None:
            self._file(path, inside)

    def _found(self, file: str, context: _Context) -> str | None:
        for folder in (context.folder, *map(os.path.dirname, reversed(context.files))):
            if os.path.isfile(os.path.join(folder, file)):
                return os.path.join(folder, file)
        try:
            return self.controller.find("tasks", file)
        except AnsibleError:
            return None

    def _is_left_out(self, tags: Sequence[str]) -> bool:
        variables = self.controller.variables
        asked, skipped = (frozenset(variables.get(f"ansible_{word}_tags") or ()) for word in ("run", "skip"))
        task = Task(block=self.controller.task._parent)
        task.tags = list(tags)
        return not task.evaluate_tags(asked or frozenset(["all"]), skipped, dict(variables))

    def _runs_on(self, name: str, action: str, delegate_to: object, context: _Context) -> None:
        own = action_loader.find_plugin(action) and not action.startswith(_BUILTIN) and "." in action
        if delegate_to is None and own:
            return  # An action plugin of somebody else's may need no connection.
        host = (
            self._templated(delegate_to, context)
            if delegate_to
            else str(self.controller.variables["inventory_hostname"])
        )
        if host and host != "localhost" and host not in [each.host for each in self.hosts]:
            self.hosts.append(RunsOn(name, host))

    def _templated(self, text: object, context: _Context) -> str | None:
        """A text with its variables; ``None`` if they are not known yet."""
        if not isinstance(text, str):
            return None
        if "{{" not in text and "{%" not in text:
            return text
        if "" in self.changing or any(re.search(rf"\b{re.escape(name)}\b", text) for name in self.changing):
            return None
        try:
            made = self.controller.text_of(text, context.variables)
        except AnsibleError:
            return None
        return None if "{{" in made else made


def _inside(context: _Context, path: str, arguments: Mapping, static: bool, own: Sequence[str]) -> _Context:
    """What the tasks of a file have from the one that includes it."""
    # Only a static import hands its own tags on.
    tags = context.tags if static else context.tags[: len(context.tags) - len(own)]
    return replace(context, folder=os.path.dirname(path), tags=(*tags, *_tags(_mapping(arguments.get("apply")))))


def _unknown(name: str, what: str) -> PanelopsError:
    return PanelopsError(
        f"has the task {name}, which includes {what} whose name is not known before the task runs. A meta task in there could end the "
        "play without a result. Name it literally, or with variables that are set before the role starts."
    )


def _mapping(value: object) -> Mapping:
    return value if isinstance(value, Mapping) else {}


def _tags(task: Mapping) -> tuple[str, ...]:
    tags = task.get("tags") or ()
    listed = tags.split(",") if isinstance(tags, str) else tags
    return tuple(str(tag).strip() for tag in listed)
