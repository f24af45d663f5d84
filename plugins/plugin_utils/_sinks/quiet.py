# Copyright (c) 2026 panelops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Keeps Ansible from writing about a module while it is given secrets: ``no_log`` is about results only."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from ansible import constants
from ansible.utils.display import Display


@contextmanager
def without_debug() -> Iterator[None]:
    """Turn ``ANSIBLE_DEBUG`` off in this worker: it shows the options of modules and what they answer."""
    settings = vars(constants)
    kept = settings["DEFAULT_DEBUG"]
    settings["DEFAULT_DEBUG"] = False
    try:
        yield
    finally:
        settings["DEFAULT_DEBUG"] = kept


@contextmanager
def quiet() -> Iterator[None]:
    """Turn ``-v`` off too, which plugins and modules of others may take for a wish to see everything."""
    display = Display()
    kept = display.verbosity, display.log_verbosity
    display.verbosity, display.log_verbosity = 0, 0
    try:
        with without_debug():
            yield
    finally:
        display.verbosity, display.log_verbosity = kept
