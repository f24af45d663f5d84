# Copyright (c) 2026 panelops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The result of a core as the plain result of a task: the same for a module and for a run in Ansible's own process."""

from __future__ import annotations

import os
import traceback
from collections.abc import Callable, Mapping
from typing import Any

from .._errors import PanelopsError

Result = dict[str, Any]
"""A task's result: plain data, as Ansible defines it."""

CREDENTIALS = ("WHM_API_TOKEN", "WHM_PASSWORD", "CPANEL_API_TOKEN", "CPANEL_PASSWORD")

_ADDRESSES = ("host", "port", "cpanel_port", "ca_path")
"""Options in whose place somebody may give a whole URL, with the credential in it."""


def outcome(
    core: Callable[..., Result],
    params: Mapping[str, Any],
    check_mode: bool,
    environ: Mapping[str, str],
    **files: object,
) -> Result:
    """Run a core and return its result; if it fails, its sentence (``msg``) with ``failed``, never an exception.

    :param core: ``run(params, check_mode, environ, ...) -> result``, raising ``PanelopsError``.
    :param files: what the core needs besides, for options that name files.
    """
    try:
        return core(params, check_mode, environ, **files)
    except PanelopsError as error:
        return dict(error.result, failed=True, msg=str(error))
    except Exception as error:
        return dict(failed=True, msg=_fault(error))


def credentials_in(environ: Mapping[str, str], params: Mapping[str, Any]) -> set[str]:
    """The credentials in an environment, and addresses that hold one: as secret as those in options, so Ansible must censor them too.

    Both as they stand there and as they are used: without white space around them.
    """
    values = {environ[name] for name in CREDENTIALS if environ.get(name)}
    values |= {str(params[name]) for name in _ADDRESSES if "@" in str(params.get(name))}
    return {text for value in values for text in (value, value.strip()) if text}


def _fault(error: Exception) -> str:
    """A sentence for an unforeseen exception: its place and its class only, because its text may hold a secret."""
    place = traceback.extract_tb(error.__traceback__)[-1]
    where = f"{os.path.basename(place.filename)}:{place.lineno}"
    return f"A fault in panelops.cpanel: {type(error).__name__} at {where}. Please report this line."
