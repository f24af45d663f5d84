# Copyright (c) 2026 panelops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A process that has imported Ansible, and forks for each run of ``ansible-playbook``.

It is started by ``tests.support.warm``, on a socket as its standard input. Each request is JSON, with two open files: where the output
goes, and a socket that hears the process number and then the status.
"""

from __future__ import annotations

import atexit
import contextlib
import functools
import importlib
import json
import os
import shutil
import socket
import sys
import tempfile
from typing import Any, NoReturn

LONGEST = 1 << 20
"""Bytes of a request at most."""

LIBRARIES = ("requests", "cryptography.hazmat.primitives.ciphers.aead", "hvac")
"""What plugins of the collection import in each of the processes that Ansible forks for its tasks."""


def _serve() -> None:
    from ansible.cli import playbook
    from ansible.executor import playbook_executor  # noqa: F401
    from ansible.plugins.strategy import linear  # noqa: F401
    from ansible.utils.collection_loader import _collection_finder as finder

    # The first folder is that of this script, where modules have the names of libraries.
    sys.path[0] = os.path.dirname(shutil.which("ansible-playbook") or sys.executable)
    for name in LIBRARIES:
        with contextlib.suppress(ImportError):
            importlib.import_module(name)
    # The table of what has moved out of ansible.builtin takes longer to read than all the rest of a small playbook. Each process forked
    # here has its own copy of what was read.
    finder._meta_yml_to_dict = functools.cache(finder._meta_yml_to_dict)
    _read_table(finder)
    requests = socket.socket(fileno=os.dup(0))
    nothing = os.open(os.devnull, os.O_RDWR)
    for number in range(3):
        os.dup2(nothing, number)
    while True:
        text, handles, _flags, _address = socket.recv_fds(requests, LONGEST, 2)
        _bury()
        if not text:
            return
        if os.fork() == 0:
            requests.close()
            _watch(playbook, json.loads(text), *handles)
        for handle in handles:
            os.close(handle)


def _read_table(finder: Any) -> None:
    import ansible

    with open(os.path.join(os.path.dirname(ansible.__file__), "config", "ansible_builtin_runtime.yml"), "rb") as table:
        text = table.read()
    finder._meta_yml_to_dict(text, ("ansible.builtin", "runtime.yml"))


def _bury() -> None:
    """Take note of the ends of processes forked before."""
    with contextlib.suppress(ChildProcessError):
        while os.waitpid(-1, os.WNOHANG)[0]:
            pass


def _watch(playbook: Any, request: dict, output: int, told: int) -> NoReturn:
    """Run one playbook in a process of its own, and tell its number and its status."""
    process = os.fork()
    if process == 0:
        os.close(told)
        _run(playbook, request, output)
    os.close(output)
    try:
        os.write(told, f"{process}\n".encode())
        _process, status = os.waitpid(process, 0)
        os.write(told, f"{os.waitstatus_to_exitcode(status)}\n".encode())
    finally:
        os._exit(0)


def _run(playbook: Any, request: dict, output: int) -> NoReturn:
    from ansible import constants

    os.dup2(output, 1)
    os.dup2(output, 2)
    os.close(output)
    os.chdir(request["folder"])
    os.environ.clear()
    os.environ.update(request["environment"])
    # What is registered there, such as the removal of the folder of temporary files, belongs to the process that was forked.
    atexit._clear()
    vars(constants)["DEFAULT_LOCAL_TMP"] = _own_folder(constants)
    sys.argv = request["arguments"]
    status: object = 1
    try:
        status = playbook.main(sys.argv)
    except SystemExit as end:
        status = end.code
    except BaseException:
        sys.excepthook(*sys.exc_info())
    finally:
        with contextlib.suppress(BaseException):
            atexit._run_exitfuncs()
        for stream in (sys.stdout, sys.stderr):
            with contextlib.suppress(OSError):
                stream.flush()
        os._exit(status if isinstance(status, int) else int(bool(status)))


def _own_folder(constants: Any) -> str:
    from ansible.config import manager

    tempfile.tempdir = None
    above = os.path.dirname(vars(constants)["DEFAULT_LOCAL_TMP"])
    folder = tempfile.mkdtemp(prefix=f"ansible-local-{os.getpid()}", dir=above)
    atexit.register(manager.cleanup_tmp_file, folder, warn=True)
    return folder


if __name__ == "__main__":
    _serve()
