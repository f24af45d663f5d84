# Copyright (c) 2026 panelops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Whether a file can be replaced by another one: found out without touching it."""

from __future__ import annotations

import contextlib
import errno
import fcntl
import os
import re
import stat
import struct
import tempfile

from .._errors import InvalidOption
from .regular_file import folder_and_name, real_place

_REFUSALS = (errno.EPERM, errno.EACCES, errno.EBUSY, errno.EROFS)
_ESCAPED = re.compile(r"\\([0-7]{3})")


_GET_FLAGS = 0x80086601 if struct.calcsize("l") == 8 else 0x80046601
_APPEND_ONLY, _IMMUTABLE = 0x20, 0x10
_LONGEST_AFFIX = len("..panelops-new-") + 8
"""So much longer than the file's own name is the longest one beside it."""


def look_irreplaceable(path: str, option: str) -> None:
    """Find out without writing anything, as far as that is possible, what ``refuse_irreplaceable`` and writing beside the file would.

    :raises InvalidOption: no file can take its place, or none can be written beside it.
    """
    folder, name = folder_and_name(path)
    with contextlib.suppress(OSError, ValueError):
        longest = os.pathconf(folder, "PC_NAME_MAX")
        if len(os.fsencode(name)) + _LONGEST_AFFIX > longest:
            raise InvalidOption(
                option,
                f"the name of {path} is too long: a file beside it has a name of {_LONGEST_AFFIX} bytes more, and {longest} are allowed.",
                f"Give it a name of at most {longest - _LONGEST_AFFIX} bytes.",
            )
    if os.path.lexists(path):
        _refuse_mounted(path, option)
    for place, flags in ((folder, _IMMUTABLE | _APPEND_ONLY), (path, _IMMUTABLE | _APPEND_ONLY)):
        if _flags_of(place) & flags:
            raise InvalidOption(
                option,
                f"{path} cannot be replaced, because {place} is immutable or append-only.",
                "See lsattr and chattr.",
            )


def look_lock_place(path: str, option: str) -> None:
    """:raises InvalidOption: something else is where the lock file beside a file must be. Nothing is written to find out."""
    folder, name = folder_and_name(path)
    lock = os.path.join(folder, f".{name}.panelops-lock")
    with contextlib.suppress(OSError):
        status = os.lstat(lock)
        if stat.S_ISDIR(status.st_mode) or (stat.S_ISREG(status.st_mode) and status.st_size):
            is_folder = stat.S_ISDIR(status.st_mode)
            what = "is a folder" if is_folder else "holds something"
            remedy = "Remove it." if is_folder else "Move it, or give another path."
            raise InvalidOption(option, f"{lock} is where our lock file must be, and {what}.", remedy)


def _flags_of(path: str) -> int:
    """The attributes of a file or folder, as lsattr shows them; 0 where nobody can say."""
    try:
        if not stat.S_ISREG(os.lstat(path).st_mode) and not stat.S_ISDIR(os.lstat(path).st_mode):
            return 0
        handle = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_NOFOLLOW | os.O_CLOEXEC)
    except OSError:
        return 0
    try:
        # The kernel writes an int, whatever the size that the number of the call names.
        return int(struct.unpack_from("i", fcntl.ioctl(handle, _GET_FLAGS, bytes(8)))[0])
    except OSError:
        return 0
    finally:
        os.close(handle)


def _refuse_mounted(path: str, option: str) -> None:
    if real_place(path) in _mount_points():
        raise InvalidOption(
            option, f"{path} cannot be replaced, because something is mounted there.", "Mount its folder instead."
        )


def refuse_irreplaceable(path: str, option: str) -> None:
    """Try to rename an empty folder onto the file. That never succeeds, but says whether anything may be renamed onto it.

    A file may be immutable, or somebody else's in a sticky folder. A mount point says nothing of itself in this way, so it is looked for.

    :raises InvalidOption: no file can take its place. :raises OSError: nothing can be created beside it.
    """
    if not os.path.lexists(path):
        return
    folder, name = folder_and_name(path)
    _refuse_mounted(path, option)
    trial = tempfile.mkdtemp(prefix=f".{name}.try-", dir=folder)
    try:
        os.rename(trial, path)
    except OSError as error:
        if error.errno in _REFUSALS:
            raise InvalidOption(
                option,
                f"{path} cannot be replaced ({error.strerror}).",
                "See who owns it and its folder, and whether it is immutable (lsattr).",
            ) from None
    else:
        # The file has vanished meanwhile.
        trial = path
    finally:
        with contextlib.suppress(OSError):
            os.rmdir(trial)


def _mount_points() -> set[str]:
    """Of this process, where the system lists them."""
    try:
        with open("/proc/self/mountinfo", encoding="utf-8", errors="surrogateescape") as lines:
            return {_ESCAPED.sub(lambda found: chr(int(found[1], 8)), line.split(" ")[4]) for line in lines}
    except (OSError, IndexError):
        return set()
