# Copyright (c) 2026 panelops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The files of a report: written whole or not at all."""

from __future__ import annotations

import os
import re
import tempfile
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path

from ansible_collections.panelops.cpanel.plugins.module_utils._errors import InvalidOption, PanelopsError

NAME = "api-tokens"
_PARTIAL = f"{NAME}.partial"
_DIGEST = re.compile("[0-9a-f]{64}")


def checked_mode(mode: str) -> int:
    """:raises InvalidOption: it is no mode of a file."""
    if not re.fullmatch("0[0-7]{3}", mode):
        raise InvalidOption("mode", f"{mode} is not an octal mode.", "Give one in quotes, such as '0640'.")
    return int(mode, 8)


class ReportFiles:
    """The files of a report in one folder.

    :param formats: the ends of their names. :param mode: of each file. :param partial: the report leaves out servers, so it
        has another name and does not replace one on all of them.
    """

    def __init__(self, folder: Path, formats: list[str], mode: int, partial: bool = False) -> None:
        self._folder = folder
        self._mode = mode
        self.paths = {each: folder / f"{_PARTIAL if partial else NAME}.{each}" for each in formats}

    def old(self, kind: str) -> str:
        """The text that an earlier run wrote; empty if there is none."""
        try:
            return self.paths[kind].read_bytes().decode("utf-8")
        except (KeyError, OSError, ValueError):
            return ""

    def differ(self, texts: Mapping[str, str], digest: str) -> bool:
        """Would writing change more than times?

        :param texts: by format. :param digest: of the report; the formats that hold times hold it too.
        """
        return any(self._differs(kind, text, digest) for kind, text in texts.items())

    def _differs(self, kind: str, text: str, digest: str) -> bool:
        old = self.old(kind)
        same = digest in _DIGEST.findall(old) if digest in text else old == text
        return not same or self.paths[kind].stat().st_mode & 0o777 != self._mode

    def write(self, texts: Mapping[str, str]) -> None:
        """Write all files.

        :raises PanelopsError: a file cannot be written; the message names it.
        """
        for kind, text in texts.items():
            try:
                self._folder.mkdir(mode=0o750, parents=True, exist_ok=True)
                self._write(self.paths[kind], text.encode("utf-8"))
            except OSError as error:
                raise PanelopsError(
                    f"The report {self.paths[kind]} could not be written ({error.strerror}). Check dest and its free space."
                ) from None

    def _write(self, path: Path, content: bytes) -> None:
        """:raises OSError: that failed. :raises PanelopsError: another file has the name of ours."""
        handle, name = tempfile.mkstemp(prefix=f".{path.name}.", dir=self._folder)
        try:
            with os.fdopen(handle, "wb") as stream:
                stream.write(content)
                stream.flush()
                # By the handle: whoever may rename files in this folder could put a link to another file under that name.
                os.fchmod(stream.fileno(), self._mode)
                os.fsync(stream.fileno())
                written = os.fstat(stream.fileno())
            if not os.path.samestat(written, os.lstat(name)):
                raise PanelopsError(
                    f"The report {path} could not be written: somebody has exchanged the new file before it could take its place. "
                    "Give dest a folder that nobody else can change."
                )
            os.replace(name, path)
        except BaseException:
            with suppress(OSError):
                os.unlink(name)
            raise
