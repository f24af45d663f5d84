# Copyright (c) 2026 panelops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Where a file with a secret is, and opening it: never a link, a FIFO or a device, and never waiting for somebody."""

from __future__ import annotations

import os
import stat
from typing import BinaryIO

from .._errors import InvalidOption

_KINDS = (
    (stat.S_ISDIR, "a folder", "Give the path of a file."),
    (stat.S_ISLNK, "a symbolic link", "Give the path that it leads to, or remove it."),
    (stat.S_ISFIFO, "a FIFO", "Give the path of a file."),
    (stat.S_ISSOCK, "a socket", "Give the path of a file."),
    (stat.S_ISCHR, "a device", "Give the path of a file."),
    (stat.S_ISBLK, "a device", "Give the path of a file."),
)


def folder_and_name(path: str) -> tuple[str, str]:
    """The folder of a file, as an absolute path, and the name of the file in it.

    Nothing is taken out of the path: ``os.path.abspath`` would take ``link/..`` for nothing, and it is the folder above what the link leads
    to. What lies beside a file must be in its folder, and each file must have one place, whatever its path looks like.
    """
    return os.path.split(path if os.path.isabs(path) else os.path.join(os.getcwd(), path))


def real_place(path: str) -> str:
    """The path of a file without links and dots in its folders: the same for every path of the file."""
    folder, name = folder_and_name(path)
    return os.path.join(os.path.realpath(folder), name)


def opened_file(path: str, option: str) -> BinaryIO | None:
    """The file at a path, to be read, or ``None`` if nothing is there.

    :param option: what messages call the path.
    :raises InvalidOption: it is no regular file, or cannot be read.
    """
    try:
        refuse_other_kinds(os.lstat(path), path, option)
        refuse_folders(path, option)
        # What is there may have changed since: a FIFO is not waited for, and a link not followed.
        handle = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_NOFOLLOW | os.O_CLOEXEC)
    except (FileNotFoundError, NotADirectoryError):
        refuse_folders(path, option)
        return None
    except OSError as error:
        raise InvalidOption(option, f"{path} cannot be read ({error.strerror}).") from None
    try:
        refuse_other_kinds(os.fstat(handle), path, option)
    except InvalidOption:
        os.close(handle)
        raise
    return os.fdopen(handle, "rb")


def is_at(status: os.stat_result, path: str) -> bool:
    """Is a file still the one of that name? A link to it is not.

    :param status: that of the open file.
    """
    try:
        return os.path.samestat(status, os.lstat(path))
    except OSError:
        return False


def refuse_folders(path: str, option: str) -> None:
    """:raises InvalidOption: the path can only be that of a folder, whether there is one or not."""
    if folder_and_name(path)[1] in ("", os.curdir, os.pardir):
        raise InvalidOption(option, f"{path} is the path of a folder.", "Give the path of a file.")


def refuse_other_kinds(status: os.stat_result, path: str, option: str) -> None:
    """:raises InvalidOption: it is no regular file."""
    for is_kind, name, remedy in _KINDS:
        if is_kind(status.st_mode):
            raise InvalidOption(option, f"{path} is {name}.", remedy)
