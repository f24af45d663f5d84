# Copyright (c) 2026 panelops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The file of a sink: that of one token, which other runs may be about to write too."""

from __future__ import annotations

import fcntl
import hashlib
import os
import stat
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from .._errors import InvalidOption, PanelopsError
from .._task.token_file import Attributes, TokenFile

ABSENT = "absent"
"""In place of the fingerprint of a file that does not exist."""


class TakenOver(PanelopsError):
    """Another run has delivered since this one looked."""


class DeliveryFile(TokenFile):
    """Owner, group and mode that the options leave out stay as they are: whoever reads the file must be able to go on reading it."""

    def __init__(self, options: Mapping[str, Any], attributes: Attributes) -> None:
        super().__init__(dict(options, **_present(options)), attributes, "path")

    def read(self) -> bytes | None:
        """The content, ``None`` if there is no file.

        :raises InvalidOption: it cannot be read.
        """
        try:
            with open(self.path, "rb") as stream:
                return stream.read()
        except FileNotFoundError:
            return None
        except OSError as error:
            raise InvalidOption("path", f"{self.path} cannot be read ({error.strerror}).") from None

    def replace_if(self, expected: str | None) -> None:
        """Compare and swap: of two runs that deliver at the same time only the first finds the copy that both have seen.

        :param expected: the fingerprint of what the file must hold.
        :raises TakenOver: it holds something else.
        """
        with self.locked():
            self._refuse_other(expected)
            self.commit()

    def remove_if(self, expected: str | None) -> None:
        """Remove the file if it holds what is expected, as ``replace_if`` does.

        :raises TakenOver: it holds something else.
        """
        with self.locked():
            self._refuse_other(expected)
            os.unlink(self.path)

    def _refuse_other(self, expected: str | None) -> None:
        if fingerprint(self.read()) != expected:
            raise TakenOver("Another run has delivered meanwhile.")

    @contextmanager
    def locked(self) -> Iterator[None]:
        """Keep other runs on this host away from the files of the same folder.

        :raises InvalidOption: its file system has no such locks, so that two runs could both deliver.
        """
        folder = os.path.dirname(os.path.abspath(self.path))
        handle = os.open(folder, os.O_RDONLY)
        try:
            try:
                fcntl.flock(handle, fcntl.LOCK_EX)
            except OSError as error:
                raise InvalidOption(
                    "path",
                    f"the folder {folder} cannot be locked ({error.strerror}).",
                    "Use one on a local file system.",
                ) from None
            yield
        finally:
            os.close(handle)


def fingerprint(content: bytes | None) -> str:
    """Tells two copies apart, and says no more about them."""
    return ABSENT if content is None else hashlib.sha256(content).hexdigest()


def _present(options: Mapping[str, Any]) -> dict[str, str]:
    try:
        status = os.stat(options["path"])
    except OSError:
        return {}
    present = dict(owner=str(status.st_uid), group=str(status.st_gid), mode=f"0{stat.S_IMODE(status.st_mode):o}")
    return {key: value for key, value in present.items() if options[key] is None}
