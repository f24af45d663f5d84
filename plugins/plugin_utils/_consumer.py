# Copyright (c) 2026 panelops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Why a module gets no answer from a consumer's host, in a sentence: the time limit, pipelining, sudo."""

from __future__ import annotations

import os
import signal
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path

from ansible import constants
from ansible.module_utils.parsing.convert_bool import boolean
from ansible.plugins.action import ActionBase

_TTY = "you must have a tty"
"""Of sudo's message where ``requiretty`` is set."""


def is_time_limit(error: BaseException) -> bool:
    """Has Ansible ended the task because of its ``timeout``? The class is in another file in each version of ansible-core."""
    return type(error).__name__ == "TaskTimeoutError"


def end_children() -> None:
    """End the programs that this process has started, such as ssh, which a time limit leaves behind. Known on Linux only."""
    with suppress(OSError, ValueError):
        mine = Path(f"/proc/self/task/{os.getpid()}/children").read_text(encoding="ascii")
        for number in mine.split():
            with suppress(OSError):  # It has ended, or runs as another user.
                os.kill(int(number), signal.SIGKILL)


def sentence(error: BaseException) -> str:
    """What Ansible says of an error, with a full stop."""
    return f"{str(error).strip().rstrip('.')}."


class Consumer(ActionBase):
    """What an action plugin can say of the host that it works on."""

    def out_of_time(self) -> str:
        """The sentence for a host that did not answer in time."""
        return (
            f"the host did not answer within {self._task.timeout} seconds. "
            "If it is only slow, or has very many sinks, raise rotate_consumer_timeout."
        )

    def look_where(self, task_vars: Mapping) -> str:
        """The sentence on what to do about a host that cannot be reached: one that the inventory does not have is probably misspelled."""
        known = (task_vars.get("groups") or {}).get("all") or ()
        if self._task.delegate_to is None or str(self._task.delegate_to) in (*known, "localhost"):
            return "The module ansible.builtin.ping shows why."
        return "The inventory of this run does not have it. Add it there, or correct its name in hosts or verify_from of the token."

    def no_pipelining(self, host_vars: Mapping) -> str:
        """What keeps modules from coming through a pipe; empty if they do."""
        if self._is_pipelining_enabled("new"):
            return ""
        return f"Without pipelining secrets would be left in files on the way. {self._obstacle(host_vars)}"

    def _obstacle(self, host_vars: Mapping) -> str:
        connection = self._connection
        name = str(connection.ansible_name).rpartition(".")[2]
        if not connection.has_pipelining:
            return f"The connection plugin {name} does not allow it. Choose another one for this host with ansible_connection."
        for variable in _variables(name):
            if variable in host_vars and not _is_true(self._templar.template(host_vars[variable])):
                return f"{variable} is false for this host, and goes before ansible_pipelining. Set it to true, or remove it."
        if constants.config.get_config_value("DEFAULT_KEEP_REMOTE_FILES"):
            return "ANSIBLE_KEEP_REMOTE_FILES (keep_remote_files in ansible.cfg) forbids it. Unset it for rotations."
        method = str(connection.become.name).rpartition(".")[2] if connection.become is not None else ""
        # Before 2.19 ansible-core knows only of su.
        if method and not getattr(connection.become, "pipelining", method != "su"):
            return f"The become method {method} does not allow it. Choose another one with ansible_become_method, such as sudo."
        return "Set ansible_pipelining: true for this host."


def needs_terminal(result: Mapping) -> str:
    """The sentence for a module that sudo did not run, because no terminal was there; empty if that is not the cause."""
    if "sinks" in result:
        return ""
    said = "".join(str(result.get(key) or "") for key in ("msg", "module_stderr", "module_stdout"))
    if _TTY not in said:
        return ""
    return (
        "sudo on this host demands a terminal (requiretty), which there is none of where secrets come through a pipe. "
        "Put a line such as 'Defaults:NAME !requiretty' into its sudoers, with the name of the user that Ansible logs in as."
    )


def _variables(connection: str) -> list[str]:
    """The variables that set pipelining for one connection plugin alone."""
    options = constants.config.get_configuration_definitions("connection", connection)
    variables = [entry["name"] for entry in options.get("pipelining", {}).get("vars", ())]
    return [variable for variable in variables if variable != "ansible_pipelining"]


def _is_true(value: object) -> bool:
    return bool(boolean(value, strict=False))
