# Copyright (c) 2026 panelops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Which Python a module would run on, and a sentence if it is too old: there our modules cannot even be read, so none can say it."""

from __future__ import annotations

import re
from collections.abc import Mapping

from ansible import constants
from ansible.plugins.action import ActionBase

LEAST = (3, 9)
"""The oldest Python that our modules run on."""

Version = tuple[int, int]

_TO_BE_DISCOVERED = ("", "auto", "auto_legacy", "auto_silent", "auto_legacy_silent")
_IN_NAME = re.compile(r"(?:^|/)python(\d)\.(\d+)$")
_ASK = "import sys; sys.stdout.write('panelops:%d.%d:' % sys.version_info[:2])"
_TOLD = re.compile(r"panelops:(\d+)\.(\d+):")
_asked: dict[tuple[str, str], Version | None] = {}
"""By host and interpreter, for the items of a loop."""


def refusal(interpreter: str, version: Version | None) -> str:
    """Why no module is sent to an interpreter of this version; empty if it does, or if the version is not known."""
    if version is None or version >= LEAST:
        return ""
    return (
        f"The Python interpreter {interpreter} of this host is Python {version[0]}.{version[1]}; the modules of panelops.cpanel need "
        f"Python {LEAST[0]}.{LEAST[1]} or newer. Install one there, and name it with ansible_python_interpreter."
    )


def known_version(interpreter: str, facts: Mapping) -> Version | None:
    """The version that the interpreter's name or the facts of the host tell, ``None`` if they do not."""
    named = _IN_NAME.search(interpreter)
    if named:
        return int(named[1]), int(named[2])
    python = facts.get("python")
    if isinstance(python, Mapping) and python.get("executable") == interpreter:
        version = python.get("version") or {}
        if "major" in version and "minor" in version:
            return int(version["major"]), int(version["minor"])
    return None


class TargetPython(ActionBase):
    """What action plugins do before and after a module, because of the Python that it runs on."""

    def interpreter(self, task_vars: Mapping) -> str:
        """The Python that the module would run on; empty if Ansible has not discovered one yet."""
        host_vars = self._host_vars(task_vars)
        configured = constants.config.get_config_value("INTERPRETER_PYTHON", variables=host_vars)
        interpreter = str(self._templar.template(configured)).strip()
        if interpreter in _TO_BE_DISCOVERED:
            interpreter = host_vars.get("ansible_facts", {}).get("discovered_interpreter_python") or ""
        return interpreter

    def python_is_too_old(self, task_vars: Mapping) -> str:
        """Why no module must be sent; empty if it may be, or if Ansible has yet to discover an interpreter."""
        interpreter = self.interpreter(task_vars)
        if not interpreter:
            return ""
        version = known_version(interpreter, self._host_vars(task_vars).get("ansible_facts") or {})
        return refusal(interpreter, version or self._told_version(interpreter))

    def python_was_too_old(self, result: Mapping, task_vars: Mapping) -> str:
        """Why a module failed on an interpreter that Ansible discovered only for it; empty if that is not the cause."""
        return self.python_is_too_old(task_vars) if result.get("failed") and self._discovered_interpreter else ""

    def _told_version(self, interpreter: str) -> Version | None:
        key = (self._task.delegate_to or "", interpreter)
        if key not in _asked:
            done = self._low_level_execute_command(f'{interpreter} -c "{_ASK}"')
            told = _TOLD.search(done.get("stdout") or "")
            _asked[key] = (int(told[1]), int(told[2])) if told else None
        return _asked[key]

    def _host_vars(self, task_vars: Mapping) -> Mapping:
        delegated: Mapping = task_vars.get("ansible_delegated_vars", {}) if self._task.delegate_to else {}
        host_vars: Mapping = delegated.get(self._task.delegate_to, task_vars)
        return host_vars
