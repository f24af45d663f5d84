# Copyright (c) 2026 panelops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Let ansible-test make its virtual environments where its download of get-pip is impossible.

It fetches a get-pip file from its makers before anything else. Where their host cannot be reached, a stand-in is put into
ansible-test's cache: it runs the pip that every Python brings along (ensurepip). Where it can be reached, nothing is done.
"""

from __future__ import annotations

import re
import socket
from pathlib import Path

from ansible_test._internal import python_requirements

HOST = "ci-files.testing.ansible.com"

STAND_IN = '''\
"""Stand-in for get-pip: installs with the pip that this Python brings along."""
import glob
import os
import runpy
import sys

import ensurepip

sys.path.insert(0, glob.glob(os.path.join(os.path.dirname(ensurepip.__file__), "_bundled", "pip-*.whl"))[0])
sys.argv = ["pip", "install"] + [arg for arg in sys.argv[1:] if arg not in ("--no-setuptools", "--no-wheel")]
runpy.run_module("pip", run_name="__main__", alter_sys=True)
'''


def main() -> None:
    """Put the stand-in where ansible-test looks for what it has downloaded before."""
    try:
        with socket.create_connection((HOST, 443), timeout=5):
            return
    except OSError:
        pass
    text = Path(python_requirements.__file__).read_text(encoding="utf-8")
    cache = Path.home() / ".ansible" / "test" / "cache"
    cache.mkdir(parents=True, exist_ok=True)
    for version in re.findall(r"pip='([0-9.]+)'", text):
        (cache / f"get_pip_{version.replace('.', '_')}.py").write_text(STAND_IN, encoding="utf-8")


if __name__ == "__main__":
    main()
