# Copyright (c) 2026 panelops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What came of a core, as the plain result of a task: the same for a module and for a run in Ansible's own process."""

from __future__ import annotations

import os
import traceback
from collections.abc import Callable, Mapping

from .._errors import PanelopsError

CREDENTIALS = ("WHM_API_TOKEN", "WHM_PASSWORD", "CPANEL_API_TOKEN", "CPANEL_PASSWORD")


def outcome(core: Callable, params: Mapping, check_mode: bool, environ: Mapping, **files: object) -> dict:
    """Run a core: its result, or its sentence with ``failed``; never an exception.

    :param core: ``run(params, check_mode, environ, ...) -> result``, raising ``PanelopsError``.
    :param files: what the core needs besides, for options that name files.
    """
    try:
        return core(params, check_mode, environ, **files)
    except PanelopsError as error:
        return dict(error.result, failed=True, msg=str(error))
    except Exception as error:
        return dict(failed=True, msg=_fault(error))


def credentials_in(environ: Mapping) -> set[str]:
    """A credential from the environment is as secret as one from an option."""
    return {environ[name] for name in CREDENTIALS if environ.get(name)}


def _fault(error: Exception) -> str:
    """A sentence for an exception that nobody foresaw: the place and the kind only, its text may hold a secret."""
    place = traceback.extract_tb(error.__traceback__)[-1]
    where = f"{os.path.basename(place.filename)}:{place.lineno}"
    return f"A fault in panelops.cpanel: {type(error).__name__} at {where}. Please report this line."
