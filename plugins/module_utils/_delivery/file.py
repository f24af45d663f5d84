# Copyright (c) 2026 panelops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The file of a sink: that of one token, which other runs may be about to write too."""

from __future__ import annotations

import hashlib
import os
import stat
from collections.abc import Mapping
from contextlib import AbstractContextManager
from typing import Any

from .._errors import InvalidOption, PanelopsError
from .._model.stored import Origin
from .._task.access_list import AccessList, access_list_of
from .._task.lock import held
from .._task.mark import give_mark, mark_of
from .._task.regular_file import folder_and_name, opened_file, real_place
from .._task.token_file import Attributes, TokenFile
from .ownership import Found

_BOOT = "/proc/sys/kernel/random/boot_id"


class TakenOver(PanelopsError):
    """Another run has delivered since this one looked."""

    def __init__(self) -> None:
        super().__init__("Another run has delivered meanwhile.")


class DeliveryFile(TokenFile):
    """The file of one sink. What its options leave out of owner, group and mode is 0600 of our own, unless ``keep`` says otherwise."""

    def __init__(self, options: Mapping[str, Any], attributes: Attributes) -> None:
        self._given = options["path"] or ""
        self._options = options
        self._list: AccessList | None = None
        super().__init__(dict(options, path=os.path.expanduser(self._given)), attributes, "path")

    @property
    def place(self) -> str:
        """The path without links in its folders: the same for every path of the file."""
        return real_place(self.path)

    def identity(self) -> str | None:
        """The same for every name of this host, and for every path that leads to the file; ``None`` where the host has no such thing.

        Containers have the kernel in common, but no folders; so the folder's number tells them apart.
        """
        folder, name = folder_and_name(self.path)
        try:
            with open(_BOOT, encoding="ascii") as stream:
                boot = stream.read().strip()
            status = os.stat(folder)
        except OSError:
            return None
        return hashlib.sha256(f"{boot} {status.st_dev} {status.st_ino} {name}".encode("utf-8", "replace")).hexdigest()

    def look(self) -> Found | None:
        """The file as it is, ``None`` if there is none.

        :raises InvalidOption: its path is not absolute, it is no regular file, or it cannot be read.
        """
        if not os.path.isabs(self.path):
            raise InvalidOption(
                "path",
                f"{self._given} is not absolute.",
                "Begin it with / (or with ~, the home folder on the consumer).",
            )
        stream = opened_file(self.path, "path")
        if stream is None:
            return None
        try:
            with stream:
                status = os.fstat(stream.fileno())
                listed = access_list_of(stream.fileno())
                mark = mark_of(stream.fileno())
                return Found(stream.read(), status.st_uid, status.st_gid, stat.S_IMODE(status.st_mode), listed, mark)
        except OSError as error:
            raise InvalidOption("path", f"{self.path} cannot be read ({error.strerror}).") from None

    def keep(self, found: Found) -> None:
        """Leave what the options do not give as it was found: whoever reads the file must be able to go on reading it."""
        self._permissions, self._has_mode = found.permissions(self._options), True
        listed = found.access_list
        self._list = listed.effective() if listed is not None and self._options["mode"] is not None else listed

    def give_mark(self, origin: Origin | None) -> None:
        """Let what was filled in say what its secret was issued for, as far as the file system can."""
        if origin is not None and self._stream is not None:
            give_mark(self._stream.fileno(), origin)

    def locked(self) -> AbstractContextManager[None]:
        """Keep other runs away from this file, as ``held`` does."""
        return held(self.path)

    def lets_others_in(self, found: Found) -> bool:
        """Could others read the secret if ``keep`` were called?"""
        return found.lets_others_in(self._options)

    def is_strangers(self, found: Found) -> bool:
        """Does the file that was found belong to neither root nor us nor the owner that the options name?"""
        return found.is_strangers(self._options)

    def _kept_list(self) -> AccessList | None:
        return self._list
