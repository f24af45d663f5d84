# Copyright (c) 2026 panelops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""From an AnsibleModule to a core and back."""

from __future__ import annotations

import os
import traceback
from typing import Callable

from ansible.module_utils.basic import AnsibleModule
from ansible_collections.panelops.cpanel.plugins.module_utils._errors import PanelopsError
from ansible_collections.panelops.cpanel.plugins.module_utils._token_file import TokenFile

CREDENTIALS = ("WHM_API_TOKEN", "WHM_PASSWORD", "CPANEL_API_TOKEN", "CPANEL_PASSWORD")


def run_module(argument_spec: dict, core: Callable) -> None:
    """Run a core as a module: its result or its sentence, never a traceback.

    :param core: ``run(params, check_mode, environ, ...) -> result``, raising ``PanelopsError``; a core with the option
        ``token_file`` is given the ``TokenFile`` too.
    """
    module = AnsibleModule(argument_spec=argument_spec, supports_check_mode=True)
    # A credential from the environment is as secret as one from an option.
    module.no_log_values.update(os.environ[name] for name in CREDENTIALS if os.environ.get(name))
    files = {"token_file": TokenFile(module.params["token_file"], module)} if module.params.get("token_file") else {}
    try:
        result = core(module.params, module.check_mode, os.environ, **files)
    except PanelopsError as error:
        module.fail_json(msg=str(error), **error.result)
    except Exception as error:
        module.fail_json(msg=fault(error))
    for warning in result.pop("warnings", ()):
        module.warn(warning)
    module.exit_json(**result)


def fault(error: Exception) -> str:
    """A sentence for an exception that nobody foresaw: the place and the kind only, its text may hold a secret."""
    place = traceback.extract_tb(error.__traceback__)[-1]
    where = f"{os.path.basename(place.filename)}:{place.lineno}"
    return f"A fault in panelops.cpanel: {type(error).__name__} at {where}. Please report this line."
