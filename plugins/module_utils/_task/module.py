# Copyright (c) 2026 panelops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""From an AnsibleModule to a core and back."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from dataclasses import asdict
from typing import NoReturn

from ansible.module_utils.basic import AnsibleModule

from .._errors import PanelopsError
from .outcome import credentials_in, outcome
from .token_file import Attributes, Permissions, TokenFile


class _FileModule(AnsibleModule):
    """The part of an AnsibleModule that sets attributes of files. What it cannot set is an error, and not the end of the process.

    Others of the same task may have created secrets, which are lost if the process ends.
    """

    def __init__(self, module: AnsibleModule, only_look: bool) -> None:
        # Its own constructor would read the arguments of the process once more.
        vars(self).update(vars(module))
        self.check_mode = only_look

    def fail_json(self, msg: str, **details: object) -> NoReturn:
        """Called where an attribute cannot be set.

        :raises PanelopsError: always.
        """
        raise PanelopsError(msg)


class ModuleAttributes:
    """Sets owner, group and mode of files by what an AnsibleModule knows of them (see ``Attributes``)."""

    def __init__(self, module: AnsibleModule) -> None:
        self._looking = _FileModule(module, only_look=True)
        self._setting = _FileModule(module, only_look=False)

    def set(self, path: str, permissions: Permissions, only_look: bool) -> bool:
        """Give a file its permissions, or see whether it has them; whether something differed.

        :raises PanelopsError: that is not possible; the text says why.
        """
        module = self._looking if only_look else self._setting
        arguments = module.load_file_common_arguments(dict(asdict(permissions), path=path), path=path)
        try:
            return bool(module.set_fs_attributes_if_different(arguments, False))
        except (OSError, OverflowError, ValueError) as error:
            raise PanelopsError(getattr(error, "strerror", None) or type(error).__name__) from None


def run_module(
    argument_spec: dict, core: Callable[..., dict], files: Callable[[Mapping, Attributes], TokenFile] | None = None
) -> None:
    """Run a core as a module: its result or its sentence, never a traceback.

    :param core: ``run(params, check_mode, environ, ...) -> result``, raising ``PanelopsError``; a core with the option
        ``token_file`` is given the ``TokenFile`` too, one with the option ``tokens[].token_file`` what makes them.
    :param files: makes, of a sink's options, the file that the core needs.
    """
    module = AnsibleModule(argument_spec=argument_spec, supports_check_mode=True)
    module.no_log_values.update(credentials_in(os.environ, module.params))
    attributes = ModuleAttributes(module)
    more: dict = {}
    if files:
        more["files"] = lambda options: files(options, attributes)
    elif "token_file" in argument_spec.get("tokens", {}).get("options", {}):
        more["token_files"] = lambda options: TokenFile(options, attributes)
    elif module.params.get("token_file"):
        more["token_file"] = TokenFile(module.params, attributes)
    result = outcome(core, module.params, module.check_mode, os.environ, **more)
    if not module._diff:
        # Ansible would print it under --diff, also for a task that says diff: false.
        result.pop("diff", None)
    if result.pop("failed", False):
        module.fail_json(**result)
    for warning in result.pop("warnings", ()):
        module.warn(warning)
    module.exit_json(**result)
