# Copyright (c) 2026 panelops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A module as a process of its own, as Ansible runs it on a target, without a playbook around it: fast, and easy to kill."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Mapping

from tests.support.limits import patience

ORDINARY = ("setpriv", "--bounding-set=-dac_override,-dac_read_search", "--inh-caps=-dac_override,-dac_read_search")
"""A command that takes away root's right to ignore file modes."""

_RUN = "import runpy; runpy.run_module({module!r}, run_name='__main__', alter_sys=True)"


def start(
    module: str, environment: Mapping[str, str], arguments: Mapping, before: str = "", prefix: tuple[str, ...] = ()
) -> subprocess.Popen[str]:
    """Start a module; its arguments are sent through standard input, because they hold secrets.

    :param before: Python that is executed in the process before the module.
    :param prefix: the command that runs the process.
    """
    code = f"{before}\n{_RUN.format(module=f'ansible_collections.panelops.cpanel.plugins.modules.{module}')}"
    process = subprocess.Popen(
        [*prefix, sys.executable, "-c", code],
        env={**os.environ, "PYTHONPATH": os.environ["ANSIBLE_COLLECTIONS_PATH"], **environment},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    assert process.stdin is not None
    process.stdin.write(json.dumps({"ANSIBLE_MODULE_ARGS": dict(arguments)}))
    process.stdin.close()
    process.stdin = None
    return process


def result_of(process: subprocess.Popen[str], limit: float | None = None) -> dict:
    """Read until the process ends and return the module's result, however long it is.

    :param limit: seconds; left out, it is far more than any module takes.
    :raises subprocess.TimeoutExpired: the process did not end within them.
    """
    output, errors = process.communicate(timeout=patience(60) if limit is None else limit)
    assert "Traceback" not in output + errors, errors
    result = json.loads(output)
    assert (process.returncode != 0) == bool(result.get("failed"))
    # As text, whichever way this version of Ansible carries them.
    result["warnings"] = [json.dumps(warning) for warning in result.get("warnings", ())]
    return result


def run_module(
    module: str,
    environment: Mapping[str, str],
    /,
    *,
    check_mode: bool = False,
    prefix: tuple[str, ...] = (),
    **options: object,
) -> dict:
    """Run a module and return its result."""
    arguments = dict(options, _ansible_check_mode=check_mode, _ansible_diff=True)
    return result_of(start(module, environment, arguments, prefix=prefix))
