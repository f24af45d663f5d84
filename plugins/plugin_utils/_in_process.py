# Copyright (c) 2026 panelops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Run a module's core in Ansible's own worker process, where the module would run on this machine anyway.

Starting a module costs a new Python with all its imports, again for every item of a loop. The core needs none of that. A task
whose result could differ here runs as the module.
"""

from __future__ import annotations

import json
import os
import sys
import warnings
from collections.abc import Callable, Mapping
from datetime import date
from types import ModuleType

from ansible import constants
from ansible.module_utils.common.arg_spec import ArgumentSpecValidator, ValidationResult
from ansible.module_utils.common.parameters import remove_values
from ansible.module_utils.errors import UnsupportedError
from ansible.plugins.action.normal import ActionModule as ModuleAction
from ansible.plugins.loader import lookup_loader
from ansible.utils.display import Display
from ansible_collections.panelops.cpanel.plugins.module_utils._task.outcome import credentials_in, outcome

from ._target_environment import TargetEnvironment, credential_as_option
from ._target_python import TargetPython


def _loaded_requests() -> ModuleType | None:
    try:
        import requests
    except ImportError:
        return None
    return requests


# Loaded here and not later, because all workers are forked from the process that loads this.
requests = _loaded_requests()
# For the same reason: these tasks use the lookup, in every worker.
lookup_loader.get("panelops.cpanel.ci_token", class_only=True)

display = Display()

_OWN_VARIABLES = ("WHM_", "CPANEL_")


class InProcessAction(TargetEnvironment, TargetPython, ModuleAction):
    """The action plugin of a module: a subclass sets the two attributes."""

    ARGUMENT_SPEC: dict
    core: Callable

    def run(self, tmp: str | None = None, task_vars: dict | None = None) -> dict:
        """The task's result, from here or from the module."""
        task_vars = task_vars or {}
        environment: dict = {}
        self._compute_environment_string(environment)
        why = self._why_a_module(environment, task_vars) or _why_these_options(self._task.args, environment)
        if why and self._has_unknown_options():
            return self._result(json.loads(_as_json(self._task.args)), self.environ(), task_vars)
        if why:
            display.vvv(f"{self._task.action} runs as a module: {why}")
            too_old = self.python_is_too_old(task_vars)
            if too_old:
                return dict(failed=True, msg=too_old)
            is_cpanel = "cpanel_port" in self.ARGUMENT_SPEC and self._task.args.get("service") != "whm"
            moved = credential_as_option(self._task.args, environment, is_cpanel)
            self._task.args = {**self._task.args, **moved}
            result: dict = super().run(tmp, task_vars)
            # As the task gave them.
            told = result.get("invocation", {}).get("module_args", {})
            told.update({option: None for option in moved if option in told})
            too_old = self.python_was_too_old(result, task_vars)
            return dict(failed=True, msg=too_old) if too_old else result
        display.vvv(f"{self._task.action} runs in the process {os.getpid()} of Ansible")
        return self._result(json.loads(_as_json(self._task.args)), self.environ(), task_vars)

    def _why_a_module(self, environment: Mapping, task_vars: Mapping) -> str:
        """Why this task must run as a module because of how it is run; empty if it need not."""
        if self._connection.transport != "local":
            return f"its connection is {self._connection.transport}"
        if self._connection.become:
            return "become is used"
        if self._task.async_val:
            return "async is used"
        foreign = [name for name in environment if not str(name).startswith(_OWN_VARIABLES)]
        if foreign:
            return f"{foreign[0]} is set in its environment"
        interpreter = self.interpreter(task_vars)
        if not _is_this_python(interpreter):
            return f"its Python interpreter is {interpreter or 'to be discovered'}"
        if requests is None:
            return "the Python library requests is missing"
        if sys.platform == "darwin":
            return "macOS cannot be asked for its proxies in a forked process"
        return ""

    def _has_unknown_options(self) -> bool:
        """Are there options that the module does not have? It would show their values, and a misspelled one may hold a secret."""
        try:
            args = json.loads(_as_json(self._task.args))
        except TypeError:
            return False
        return _is_unsupported(ArgumentSpecValidator(self.ARGUMENT_SPEC).validate(args))

    def _tells_arguments(self, task_vars: Mapping) -> bool:
        """Do results hold the arguments? ansible-core 2.21 made that a setting; before, they always did."""
        if constants.config.get_configuration_definition("INJECT_INVOCATION") is None:
            return True
        return bool(constants.config.get_config_value("INJECT_INVOCATION", variables=task_vars))

    def _result(self, params: dict, environ: Mapping, task_vars: Mapping) -> dict:
        """The result as the module's ``exit_json`` or ``fail_json`` returns it, censored in the same way."""
        validation = ArgumentSpecValidator(self.ARGUMENT_SPEC).validate(params)
        params.update(validation.validated_parameters)
        if validation.error_messages:
            kind = f"Unsupported parameters for ({self._task.action}) module: "
            result = dict(
                failed=True,
                msg=f"{kind if isinstance(validation.errors[0], UnsupportedError) else ''}{validation.errors.msg}",
            )
        else:
            with warnings.catch_warnings():
                # A module's standard error is not shown either; urllib3 warns there of validate_certs: false.
                warnings.simplefilter("ignore")
                result = outcome(self.core, params, self._task.check_mode, environ)
        if not self._task.diff:
            # Ansible would print it under --diff, also for a task that says diff: false.
            result.pop("diff", None)
        if not result.get("warnings"):
            result.pop("warnings", None)
        if self._tells_arguments(task_vars) and not _is_unsupported(validation):
            result["invocation"] = dict(module_args=params)
        plain = {key: value for key, value in result.items() if value is None or isinstance(value, bool)}
        secrets = validation._no_log_values | credentials_in(environ, params)
        return dict(remove_values(result, secrets), **plain)


def _is_unsupported(validation: ValidationResult) -> bool:
    return any(isinstance(error, UnsupportedError) for error in validation.errors.errors)


def _why_these_options(args: Mapping, environment: Mapping) -> str:
    """Why this task must run as a module because of its options; empty if it need not."""
    if args.get("transport", "https") != "https":
        return "its transport is not https"
    if any(isinstance(item, Mapping) and item.get("token_file") is not None for item in (args, *_items(args))):
        return "owner and mode of a token_file are a module's work"
    if not _is_settled(args, environment):
        return "its ca_path is not absolute"
    try:
        _as_json(args)
    except TypeError as error:
        return f"its options hold something unusual ({error})"
    return ""


def _is_settled(args: Mapping, environment: Mapping) -> bool:
    """Does ``ca_path`` name the same file here as in a module, whose working directory is the playbook's?

    A module also expands variables in the option, those of the task's environment among them.
    """
    option = str(args.get("ca_path") or "/")
    names = [f"{prefix}CA_PATH" for prefix in _OWN_VARIABLES]
    paths = [os.path.expanduser(option), *(str(environment.get(name) or os.environ.get(name) or "/") for name in names)]
    return "$" not in option and all(os.path.isabs(path) for path in paths)


def _items(args: Mapping) -> list:
    tokens = args.get("tokens")
    return tokens if isinstance(tokens, list) else []


def _as_json(args: Mapping) -> str:
    """The options as a module gets them: plain, without the tags that Ansible attaches to text.

    :raises TypeError: they hold something that JSON does not have.
    """
    return json.dumps(args, default=_json_of)


def _json_of(value: object) -> str:
    if isinstance(value, date):
        return value.isoformat()
    if getattr(value, "__ENCRYPTED__", False):
        return str(value)
    raise TypeError(type(value).__name__)


def _is_this_python(interpreter: str) -> bool:
    """Is it the Python that runs this? The folder counts too: a virtual environment's interpreter is a link to another one."""
    return os.path.isabs(interpreter) and _place(interpreter) == _place(sys.executable)


def _place(interpreter: str) -> tuple[str, str]:
    return os.path.realpath(os.path.dirname(interpreter)), os.path.realpath(interpreter)
