# Copyright (c) 2026 panelops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Whether a file can be replaced by another one: found out without touching it."""

from __future__ import annotations

import contextlib
import errno
import os
import re
import tempfile

from .._errors import InvalidOption

_REFUSALS = (errno.EPERM, errno.EACCES, errno.EBUSY, errno.EROFS)
_ESCAPED = re.compile(r"\\([0-7]{3})")


def refuse_irreplaceable(path: str, option: str) -> None:
    """Try to rename an empty folder onto the file. That never succeeds, but says whether anything may be renamed onto it.

    A file may be immutable, or somebody else's in a sticky folder. A mount point says nothing of itself in this way, so it is looked for.

    :raises InvalidOption: no file can take its place. :raises OSError: nothing can be created beside it.
    """
    if not os.path.lexists(path):
        return
    folder, name = os.path.split(os.path.abspath(path))
    if os.path.join(os.path.realpath(folder), name) in _mount_points():
        raise InvalidOption(
            option, f"{path} cannot be replaced, because something is mounted there.", "Mount its folder instead."
        )
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
