# Copyright (c) 2026 panelops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a module that runs elsewhere gets of its task's environment: everything but credentials.

Ansible sets an environment by a shell, so all of it stands on a command line, which every user of the host can read and ``-vvv`` shows.
"""

from __future__ import annotations

import os
from collections.abc import Mapping

from ansible.plugins.action import ActionBase
from ansible_collections.panelops.cpanel.plugins.module_utils._task.outcome import CREDENTIALS


class TargetEnvironment(ActionBase):
    """Keeps credentials off command lines."""

    def _compute_environment_string(self, raw_environment_out: dict | None = None) -> str:
        """The words before a module's command. What is asked for besides (``raw_environment_out``) has the credentials too."""
        environment: dict = {} if raw_environment_out is None else raw_environment_out
        super()._compute_environment_string(environment)
        # Emptied and not left out: what the process inherits must not take the place of what the task says.
        kept = {name: "" if name in CREDENTIALS else value for name, value in environment.items()}
        return str(self._connection._shell.env_prefix(**kept))

    def environ(self) -> dict[str, str]:
        """The environment of the task, on this machine."""
        environment: dict = {}
        self._compute_environment_string(environment)
        return {**os.environ, **{name: str(value) for name, value in environment.items()}}


def credential_as_option(args: Mapping, environment: Mapping, is_cpanel: bool) -> dict[str, str]:
    """The credential of the task's environment, as the option that means the same; empty if the module would not use it.

    :param is_cpanel: does the task manage tokens of cPanel accounts? It connects to WHM if it names one.
    """
    if args.get("transport", "https") != "https" or any(_given(args.get(name)) for name in ("api_token", "password")):
        return {}
    tokens = args.get("tokens")
    items = [item for item in tokens if isinstance(item, Mapping)] if isinstance(tokens, list) else []
    through_whm = not is_cpanel or any(
        (args.get("account"), args.get("accounts"), *(item.get("account") for item in items))
    )
    prefix = "WHM" if through_whm else "CPANEL"
    for option in ("api_token", "password"):
        value = environment.get(f"{prefix}_{option.upper()}")
        if _given(value):
            return {option: str(value)}
    return {}


def _given(value: object) -> bool:
    return value is not None and bool(str(value).strip())
