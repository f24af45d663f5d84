# Copyright (c) 2026 panelops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""POSIX access control lists: who may use a file besides its owner, its group and others.

With such a list the group bits of a file's mode are not those of its group but the mask of the list (acl(5)). They must not be given
to a file without it: its group could read the secret.
"""

from __future__ import annotations

import errno
import os
import struct
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import NamedTuple

_NAME = "system.posix_acl_access"
_VERSION = 2
_HEADER, _ENTRY = struct.Struct("<I"), struct.Struct("<HHI")
_OWNER, _USER, _GROUP, _NAMED_GROUP, _MASK, _OTHER = 0x01, 0x02, 0x04, 0x08, 0x10, 0x20
_NONE = (errno.ENODATA, errno.ENOTSUP, errno.EOPNOTSUPP, errno.ENOSYS)


class Entry(NamedTuple):
    """One line of a list: whom it is for, and what it allows (read 4, write 2, execute 1)."""

    tag: int
    allowed: int
    who: int


@dataclass(frozen=True)
class AccessList:
    """The list of a file that has more than a mode."""

    entries: tuple[Entry, ...]

    @property
    def mask(self) -> int:
        """The most that the list allows anyone but the owner and others."""
        return next((entry.allowed for entry in self.entries if entry.tag == _MASK), 7)

    def effective(self) -> AccessList:
        """The list with what counts of it, so that another mask gives nobody more."""
        limited = (_USER, _GROUP, _NAMED_GROUP)
        return self._changed(lambda entry: entry.allowed & self.mask if entry.tag in limited else entry.allowed)

    def private(self) -> AccessList:
        """The list with the mode 0600: nothing for the file's group and others, and what counts for all whom it names."""
        modes = {_OWNER: 6, _GROUP: 0, _OTHER: 0}
        return self.effective()._changed(lambda entry: modes.get(entry.tag, entry.allowed))

    def packed(self) -> bytes:
        """As the kernel takes it."""
        return _HEADER.pack(_VERSION) + b"".join(_ENTRY.pack(*entry) for entry in self.entries)

    def _changed(self, allowed: Callable[[Entry], int]) -> AccessList:
        return replace(self, entries=tuple(entry._replace(allowed=allowed(entry)) for entry in self.entries))


def access_list_of(handle: int) -> AccessList | None:
    """The list of an open file; ``None`` if it has but a mode.

    :raises OSError: that cannot be read.
    """
    if not hasattr(os, "getxattr"):
        return None
    try:
        value = os.getxattr(handle, _NAME)
    except OSError as error:
        if error.errno in _NONE:
            return None
        raise
    entries = tuple(Entry(*fields) for fields in _ENTRY.iter_unpack(value[_HEADER.size :]))
    return AccessList(entries) if any(entry.tag == _MASK for entry in entries) else None


def give_access_list(handle: int, given: AccessList | None) -> None:
    """Give an open file a list, or take away the one that it has: a new file gets the one that its folder hands on.

    :raises OSError: that is not possible.
    """
    if given is not None:
        os.setxattr(handle, _NAME, given.packed())
    elif access_list_of(handle) is not None:
        os.removexattr(handle, _NAME)
