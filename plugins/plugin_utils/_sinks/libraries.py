# Copyright (c) 2026 panelops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Libraries of Python that only some kinds of sinks need, asked for before anything is created."""

from __future__ import annotations

import sys
from importlib import import_module
from types import ModuleType

from ansible_collections.panelops.cpanel.plugins.module_utils._errors import PanelopsError


def library(name: str) -> ModuleType:
    """The library.

    :raises PanelopsError: it is not installed.
    """
    try:
        return import_module(name)
    except ImportError:
        raise PanelopsError(f"the Python library {name} is missing on the controller.") from None


def why_missing(name: str, package: str) -> str:
    """The rest of a sentence on a library that a sink needs; empty if it is there."""
    try:
        import_module(name)
    except ImportError:
        return (
            f"needs the Python library {name} on the controller, for the Python that runs Ansible. "
            f"Install it: {sys.executable} -m pip install {package}"
        )
    return ""
