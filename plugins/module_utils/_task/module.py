# Copyright (c) 2026 panelops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""From an AnsibleModule to a core and back."""

from __future__ import annotations

import os
from typing import Callable

from ansible.module_utils.basic import AnsibleModule

from .outcome import credentials_in, outcome
from .token_file import TokenFile


def run_module(argument_spec: dict, core: Callable, files: Callable | None = None) -> None:
    """Run a core as a module: its result or its sentence, never a traceback.

    :param core: ``run(params, check_mode, environ, ...) -> result``, raising ``PanelopsError``; a core with the option
        ``token_file`` is given the ``TokenFile`` too, one with the option ``tokens[].token_file`` what makes them.
    :param files: makes, of a sink's options and the AnsibleModule, the file that the core needs.
    """
    module = AnsibleModule(argument_spec=argument_spec, supports_check_mode=True)
    module.no_log_values.update(credentials_in(os.environ))
    more = {}
    if files:
        more["files"] = lambda options: files(options, module)
    elif "token_file" in argument_spec.get("tokens", {}).get("options", {}):
        more["token_files"] = lambda options: TokenFile(options, module)
    elif module.params.get("token_file"):
        more["token_file"] = TokenFile(module.params, module)
    result = outcome(core, module.params, module.check_mode, os.environ, **more)
    if result.pop("failed", False):
        module.fail_json(**result)
    for warning in result.pop("warnings", ()):
        module.warn(warning)
    module.exit_json(**result)
