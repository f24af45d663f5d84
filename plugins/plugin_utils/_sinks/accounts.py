# Copyright (c) 2026 panelops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The entries of a task for the controller, which needs them as the user wrote them: one for each account."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from ansible_collections.panelops.cpanel.plugins.module_utils._rotation.accounts import from_rotation, one_by_one


def for_each_account(tokens: Sequence[Mapping], rotation: object) -> list[Mapping]:
    """The entries, one for each account that the step before has found where an entry gives patterns.

    :param rotation: what that step has returned; of anything else such entries are left out.
    """
    meant = from_rotation(rotation if isinstance(rotation, list) else ())
    return [each for token in tokens for each in one_by_one(token, meant)]
