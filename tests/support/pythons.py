# Copyright (c) 2026 panelops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The Pythons of this machine, and virtual environments of them that are kept in the project's cache."""

from __future__ import annotations

import fcntl
import os
import shutil
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

TARGETS = ("3.9", "3.10", "3.11", "3.12", "3.13")
"""The versions that the modules run on."""

CACHE = Path(os.environ["HOME"]).parent
"""The project's cache: the home folder of the tests is in it."""


def interpreter(version: str) -> str | None:
    """Return the path of a Python that runs, if there is one. Behind the stubs of a version manager, the real ones are tried too."""
    folders = os.environ["PATH"].split(os.pathsep)
    for folder in list(folders):
        if Path(folder).name == "shims":
            folders += map(str, sorted(Path(folder).parent.glob(f"versions/{version}.*/bin")))
    for folder in folders:
        path = shutil.which(f"python{version}", path=folder)
        if path and subprocess.run([path, "-c", ""], capture_output=True, check=False).returncode == 0:
            return path
    return None


def environment(name: str, python: str, requirements: Sequence[str]) -> Path:
    """Return the folder of a virtual environment that holds only what is required; it is created again when that changes."""
    folder = CACHE / name
    ready, wanted = folder / "ready", "\n".join([python, *requirements])
    folder.parent.mkdir(parents=True, exist_ok=True)
    with folder.with_name(f"{folder.name}.lock").open("w") as lock:
        # Tests run in several processes, which may need it at the same time.
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not ready.exists() or ready.read_text() != wanted:
            subprocess.run([python, "-m", "venv", "--clear", str(folder)], check=True)
            pip = [str(folder / "bin" / "python"), "-m", "pip", "install", "-q", "--disable-pip-version-check"]
            required = [line for line in requirements if not line.startswith("#")]
            subprocess.run([*pip, *required], check=True)
            ready.write_text(wanted)
    return folder


def path_with_plain_python(folder: Path) -> str:
    """Return a ``PATH`` whose ``python3`` is in ``folder``: Ansible's pip module creates environments only with a path without spaces."""
    python = folder / "python3"
    if not python.exists():
        python.symlink_to(Path(sys.base_prefix) / "bin" / "python3")
    return f"{folder}{os.pathsep}{os.environ['PATH']}"
