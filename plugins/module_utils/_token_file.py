# Copyright (c) 2026 panelops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The file that a secret is stored in: never readable by others, never half-written, its place made sure of beforehand."""

from __future__ import annotations

import contextlib
import os
import tempfile
from collections.abc import Mapping

from ansible_collections.panelops.cpanel.plugins.module_utils._errors import InvalidOption, PanelopsError

_ROOM = b" " * 4096


class TokenFile:
    """A secret's file on the host that runs the module.

    :param options: ``token_file``, ``owner``, ``group`` and ``mode`` of one token.
    :param module: the AnsibleModule, which knows how to set them.
    """

    def __init__(self, options: Mapping, module) -> None:
        self.path = path = options["token_file"]
        self._module = module
        arguments = dict(path=path, owner=options["owner"], group=options["group"], mode=options["mode"] or "0600")
        self._attributes = module.load_file_common_arguments(arguments, path=path)
        self._reserved: str | None = None

    def stored(self) -> str | None:
        """The secret that is there; ``None`` if there is no file or nothing in it.

        :raises InvalidOption: there is something that cannot be read.
        """
        try:
            with open(self.path, encoding="ascii") as stream:
                return stream.read(4096).strip() or None
        except FileNotFoundError:
            return None
        except (OSError, UnicodeDecodeError) as error:
            raise InvalidOption("token_file", f"{self.path} cannot be read ({_why(error)}).") from None

    def attributes_differ(self) -> bool:
        """Would owner, group or mode of the file that is there have to change?"""
        return os.path.exists(self.path) and self._set_attributes(check=True)

    def set_attributes(self) -> None:
        """Give the file owner, group and mode."""
        self._set_attributes(check=False)

    def check_place(self) -> None:
        """:raises InvalidOption: no file can be written there; found before a secret is created."""
        folder = os.path.dirname(os.path.abspath(self.path))
        if os.path.isdir(self.path):
            raise InvalidOption("token_file", f"{self.path} is a folder.", "Give the path of a file.")
        if not os.path.isdir(folder):
            raise InvalidOption("token_file", f"there is no folder {folder}.", "Create it before.")
        if not os.access(folder, os.W_OK | os.X_OK):
            raise InvalidOption(
                "token_file", f"the folder {folder} cannot be written to.", "Change its mode, or use become."
            )

    def reserve(self) -> None:
        """Make a private file beside it, with room for a secret: a full disk shows before the secret is created.

        :raises InvalidOption: that failed.
        """
        self.check_place()
        folder, name = os.path.split(os.path.abspath(self.path))
        try:
            handle, self._reserved = tempfile.mkstemp(prefix=f".{name}.", dir=folder)
            with os.fdopen(handle, "wb") as stream:
                stream.write(_ROOM)
                stream.flush()
                os.fsync(stream.fileno())
        except OSError as error:
            self.give_back()
            raise InvalidOption("token_file", f"nothing can be written beside {self.path} ({_why(error)}).") from None

    def write(self, secret: str) -> None:
        """Put the secret into the place reserved and move that to the path, at once and for good.

        :raises PanelopsError: that failed; the message does not hold the secret.
        """
        try:
            with open(str(self._reserved), "r+b") as stream:
                stream.write(secret.encode("ascii") + b"\n")
                stream.truncate()
                stream.flush()
                os.fsync(stream.fileno())
            os.replace(str(self._reserved), self.path)
            self._reserved = None
            self._set_attributes(check=False)
        except OSError as error:
            raise PanelopsError(f"The secret could not be written to {self.path} ({_why(error)}).") from None

    def give_back(self) -> None:
        """Remove what was reserved and not used."""
        if self._reserved is not None:
            with contextlib.suppress(OSError):
                os.unlink(self._reserved)
            self._reserved = None

    def _set_attributes(self, check: bool) -> bool:
        before, self._module.check_mode = self._module.check_mode, check
        try:
            return self._module.set_fs_attributes_if_different(self._attributes, False)
        finally:
            self._module.check_mode = before


def _why(error: Exception) -> str:
    return getattr(error, "strerror", None) or type(error).__name__


def no_token_file(options: Mapping) -> None:
    """For callers that run outside of a module: there is nobody to set owner and mode.

    :raises InvalidOption: a file is asked for.
    """
    raise InvalidOption("token_file", f"{options['token_file']} can only be written by a module.")
