# Copyright (c) 2026 panelops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What libraries say of a failure, as the end of a sentence."""

from __future__ import annotations

import os
from collections.abc import Mapping

from ansible_collections.panelops.cpanel.plugins.module_utils._errors import InvalidOption

from .settings import is_true


def cause(error: BaseException) -> str:
    """The innermost reason for which a request failed: the others repeat addresses and memory of the libraries."""
    reasons: list[BaseException] = [error]
    while reasons[-1].args and isinstance(reasons[-1].args[0], BaseException):
        reasons.append(reasons[-1].args[0])
    reason = getattr(reasons[-1], "reason", None)
    return str(reason if isinstance(reason, Exception) else reasons[-1])


def verify(given: Mapping[str, str], authorities: str) -> bool | str:
    """Whether a certificate must be trusted, or the file with the authorities to trust.

    :param authorities: the setting that names the file.
    :raises InvalidOption: ``validate_certs`` is no switch, or the file cannot be read.
    """
    if not is_true(given.get("validate_certs", "true"), "connection.validate_certs"):
        return False
    if authorities not in given:
        return True
    path = os.path.expanduser(given[authorities])
    if not os.path.exists(path) or not os.access(path, os.R_OK):
        raise InvalidOption(f"connection.{authorities}", f"{path} cannot be read.")
    return path


def seconds(text: str) -> float:
    """:raises InvalidOption: the time limit is no number, or none that makes sense."""
    try:
        number = float(text)
    except ValueError:
        number = 0
    if not 0 < number <= 600:
        raise InvalidOption("connection.timeout", f"{text} is not a number of seconds from 1 to 600.")
    return number
