# Copyright (c) 2026 panelops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Whose a file is that a secret is to replace, and who could read the secret if its owner, group and mode stayed."""

from __future__ import annotations

import os
import stat
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from .._model.stored import Origin
from .._task.access_list import AccessList
from .._task.token_file import Permissions, user_id


@dataclass(frozen=True)
class Found:
    """A file as it was found, read and looked at by one handle."""

    content: bytes = field(repr=False)
    owner: int
    group: int
    mode: int
    access_list: AccessList | None
    mark: Origin | None = None
    """What its secret was issued for, if the file says so."""

    def permissions(self, options: Mapping[str, Any]) -> Permissions:
        """Owner, group and mode as the options give them; what they leave out as it is here."""
        present = dict(owner=str(self.owner), group=str(self.group), mode=f"0{self.mode:o}")
        return Permissions(**{key: value if options[key] is None else options[key] for key, value in present.items()})

    def is_strangers(self, options: Mapping[str, Any]) -> bool:
        """Does it belong to neither root nor us nor the owner that the options name?"""
        return self.owner not in (0, os.geteuid(), user_id(options["owner"]))

    def lets_others_in(self, options: Mapping[str, Any]) -> bool:
        """Could anybody but us and those that the options name read a file with what they leave out as it is here?"""
        if self.is_strangers(options) and (options["owner"] is None or options["group"] is None):
            return True
        return options["mode"] is None and (self.mode & 0o077 != 0 or self.access_list is not None)


def is_closed(path: str) -> bool:
    """Can nobody but root and us have put a file at a path?"""
    folder = os.path.dirname(os.path.realpath(path))
    closed = _is_closed(folder, sticky_does=False)
    while closed and folder != os.path.dirname(folder):
        folder = os.path.dirname(folder)
        closed = _is_closed(folder, sticky_does=True)
    return closed


def _is_closed(folder: str, sticky_does: bool) -> bool:
    """
    :param sticky_does: in a sticky folder nobody can replace what is another's; but anybody can put a file there.
    """
    status = os.stat(folder)
    if status.st_uid not in (0, os.geteuid()):
        return False
    return not status.st_mode & 0o022 or (sticky_does and bool(status.st_mode & stat.S_ISVTX))
