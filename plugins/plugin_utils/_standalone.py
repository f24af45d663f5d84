# Copyright (c) 2026 panelops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Use the collection's Python from a process that is not Ansible's.

``python .../plugin_utils/_standalone.py NAME ARGUMENT...`` runs the module ``NAME`` of this folder: its ``main(arguments)``.
"""

from __future__ import annotations

import importlib
import os
import sys
import types

_COLLECTION = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))


def make_importable() -> None:
    """Make ``ansible_collections.panelops.cpanel`` mean the collection that this file is part of, wherever that lies.

    Not by ``sys.path``: another installation of collections on it could hide this one.
    """
    name, path = "", os.path.dirname(os.path.dirname(os.path.dirname(_COLLECTION)))
    for part in ("ansible_collections", "panelops", "cpanel"):
        name = f"{name}.{part}" if name else part
        path = _COLLECTION if part == "cpanel" else os.path.join(path, part)
        package = types.ModuleType(name)
        package.__path__ = [path]
        sys.modules[name] = package


def main(arguments: list[str]) -> int:
    """Run a module of this folder and answer its exit status."""
    # The folder of a script stands first: its files must not hide modules of the same names.
    sys.path.pop(0)
    make_importable()
    module = importlib.import_module(f"ansible_collections.panelops.cpanel.plugins.plugin_utils.{arguments[0]}")
    return module.main(arguments[1:])


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
